"""Lists of entities: query parameters, filters, pages and bookmarks."""

import base64
import binascii
import hashlib
import hmac
import json
import re

from encoding import entity
from errors import ApiError, invalid

PAGE_SIZE, LARGEST_PAGE, MOST_IDS = 25, 250, 250
DEFAULT_STATUSES = ("ACTIVE", "PAUSED")
_ID = re.compile(r"\d{1,18}\Z", re.ASCII)


def parameters(request, known):
    """A request's query parameters; refuses all but the known ones."""
    given = request.query_lists()
    for name in given:
        if name not in known:
            raise invalid("unexpected query parameter '%s'" % name)
    return given


def single(given, name):
    """The only value of a parameter, or None."""
    values = given.get(name)
    if values is None:
        return None
    if len(values) > 1:
        raise invalid("query parameter '%s' is given twice" % name)
    return values[0]


def values_of(given, name):
    """All values of a list parameter, repeated or joined by commas, or None."""
    if name not in given:
        return None
    return [part for value in given[name] for part in value.split(",")]


def flag(given, name):
    if single(given, name) not in (None, "true", "false"):
        raise invalid("Parameter '%s' was not boolean (was %s)"
                      % (name, single(given, name)))


def page_size(given):
    value = single(given, "page_size")
    if value is None:
        return PAGE_SIZE
    if not re.match(r"\d{1,9}\Z", value, re.ASCII):
        raise ApiError(400, 1, "Parameter 'page_size' was not numeric (was %s)"
                       % value)
    if not 1 <= int(value) <= LARGEST_PAGE:
        raise invalid("Parameter 'page_size' must be between 1 and %d (was %s)"
                      % (LARGEST_PAGE, value))
    return int(value)


def ids_of(given, name):
    found = values_of(given, name)
    if found is None:
        return None
    for one in found:
        if not _ID.match(one):
            raise ApiError(400, 1, "'%s' value '%s' must match the pattern: "
                           "^\\d+$" % (name, one))
    if len(found) > MOST_IDS:
        raise invalid("'%s' has more than %d items" % (name, MOST_IDS))
    return set(found)


def statuses_of(given, known):
    found = values_of(given, "entity_statuses")
    if found is None:
        return set(DEFAULT_STATUSES)
    for one in found:
        if one not in known:
            raise invalid("'%s' is not one of %s" % (one, list(known)))
    return set(found)


class Bookmarks:
    """Opaque positions, good for the very list that they were made for."""

    def __init__(self, key):
        self._key = key

    def _signature(self, position, context):
        text = json.dumps([position, context], sort_keys=True).encode()
        return hmac.new(self._key, text, hashlib.sha256).digest()[:18]

    def make(self, position, context):
        plain = b"%d:" % position + self._signature(position, context)
        return base64.urlsafe_b64encode(plain).decode()

    def read(self, text, context):
        """The position that a bookmark stands for."""
        try:
            plain = base64.b64decode(text.encode("ascii"), b"-_", validate=True)
            number, _, signature = plain.partition(b":")
            position = int(number)
        except (ValueError, binascii.Error):
            raise invalid("bookmark is not valid") from None
        expected = self._signature(position, context)
        if not hmac.compare_digest(signature, expected):
            raise invalid("bookmark is not valid")
        return position


def page(items, given, context, bookmarks, fields):
    """JSON text of one page of items."""
    size, start = page_size(given), 0
    context = [context, {name: values for name, values in given.items()
                         if name not in ("bookmark", "page_size")}]
    bookmark = single(given, "bookmark")
    if bookmark is not None:
        start = bookmarks.read(bookmark, context)
    shown = items[start:start + size]
    body = '{"items":[%s]' % ",".join(entity(item, fields) for item in shown)
    if start + size < len(items):
        body += ',"bookmark":"%s"' % bookmarks.make(start + size, context)
    elif len(shown) % 2 == 0:
        # The last page says so by null, or by saying nothing.
        body += ',"bookmark":null'
    return body + "}"


def entity_list(request, advertiser, kind, revision, bookmarks):
    """A page of one of the lists below an ad account."""
    known = (["entity_statuses", "page_size", "order", "bookmark"]
             + list(kind.filters) + list(kind.flags))
    given = parameters(request, known)
    for name in kind.flags:
        flag(given, name)
    wanted = {name: ids_of(given, name) for name in kind.filters if name in given}
    if kind.only_one and len(wanted) > 1:
        raise invalid("only one of %s may be given" % ", ".join(kind.filters))
    statuses = statuses_of(given, kind.statuses)
    order = single(given, "order")
    if order not in (None, "ASCENDING", "DESCENDING"):
        raise invalid("'%s' is not one of ['ASCENDING', 'DESCENDING']" % order)
    items = [item for item in advertiser.items(kind.name, revision)
             if item["status"] in statuses
             and all(item[kind.filters[name]] in ids
                     for name, ids in wanted.items())]
    if order == "DESCENDING":
        items.reverse()
    return page(items, given, request.path, bookmarks, kind.fields)
