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
    """Whether a boolean parameter is true."""
    value = single(given, name)
    # True is what Pinterest's own client for Python sends.
    if value not in (None, "true", "false", "True", "False"):
        raise invalid("Parameter '%s' was not boolean (was %s)" % (name, value))
    return value in ("true", "True")


def one_of(value, known):
    if value is not None and value not in known:
        raise invalid("'%s' is not one of %s" % (value, list(known)))


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


def ids_of(given, name, most=MOST_IDS):
    found = values_of(given, name)
    if found is None:
        return None
    for one in found:
        if not _ID.match(one):
            raise ApiError(400, 1, "'%s' value '%s' must match the pattern: "
                           "^\\d+$" % (name, one))
    if len(found) > most:
        raise invalid("'%s' has more than %d items" % (name, most))
    return set(found)


def choices_of(given, name, known):
    """The values of a parameter that takes several out of some, or None."""
    found = values_of(given, name)
    for one in found or ():
        one_of(one, known)
    return found


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


def page(items, given, context, bookmarks, fields, settings):
    """JSON text of one page of items."""
    return page_of(items, given, context, bookmarks, settings,
                   lambda item: entity(item, fields, settings.broken_texts))


def page_of(items, given, context, bookmarks, settings, write):
    """JSON text of one page of items; write: a function that makes JSON of one."""
    size, start = page_size(given), 0
    if settings.largest_page is not None:
        size = min(size, settings.largest_page)
    context = [context, {name: values for name, values in given.items()
                         if name not in ("bookmark", "page_size")}]
    bookmark = single(given, "bookmark")
    if bookmark is not None:
        start = bookmarks.read(bookmark, context)
    repeats = settings.repeated_items and size > 1
    if repeats and start:
        start -= 1
    shown = items[start:start + size]
    if repeats and start + size >= len(items):
        shown = shown + items[:1]
    body = '{"items":[%s]' % ",".join(map(write, shown))
    if start + size < len(items):
        body += ',"bookmark":"%s"' % bookmarks.make(start + size, context)
    elif len(shown) % 2 == 0:
        # The last page says so by null, or by saying nothing.
        body += ',"bookmark":null'
    return body + "}"


def _conditions(kind, given, tolerates):
    """What the parameters demand: pairs of a field and its allowed values."""
    wanted = [(field, ids_of(given, name))
              for name, field in kind.filters.items() if name in given]
    wanted += [(field, ids_of(given, name, 1))
               for name, field in kind.one_id.items() if name in given]
    if kind.only_one and len(wanted) > 1 and "several_id_filters" not in tolerates:
        raise invalid("only one of %s may be given"
                      % ", ".join([*kind.filters, *kind.one_id]))
    for name, (field, known) in kind.several.items():
        if name in given:
            wanted.append((field, choices_of(given, name, known)))
    if kind.statuses:
        statuses = choices_of(given, "entity_statuses", kind.statuses)
        wanted.append(("status", statuses or DEFAULT_STATUSES))
    return wanted


def entity_list(request, advertiser, kind, settings, bookmarks):
    """One of the lists below an ad account, or a page of it."""
    given = parameters(request, kind.parameters())
    flags = {name for name in kind.flags if flag(given, name)}
    wanted = _conditions(kind, given, settings.tolerates)
    for name in kind.texts:
        single(given, name)
    for name, known in kind.choices.items():
        one_of(single(given, name), known)
    order = single(given, "order")
    one_of(order, ("ASCENDING", "DESCENDING"))
    items = [item for item in kind.items(advertiser, advertiser.as_of(settings.revision))
             if all(item[field] in allowed for field, allowed in wanted)]
    if kind.select:
        items = kind.select(items, given, flags)
    if not kind.paged:
        return '{"items":[%s]}' % ",".join(
            entity(item, kind.fields, settings.broken_texts) for item in items)
    if order == "DESCENDING":
        items.reverse()
    return page(items, given, request.path, bookmarks, kind.fields, settings)
