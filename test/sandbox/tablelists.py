"""Lists that became tables later: what they hold, and how they are asked for.

Each TableList has the rows that a table of an advertiser must hold, and says how
the API shows them: below an ad account, as the business of an ad account's owner,
or below other entities.  morelists.py has those of ads, organic.py those of users,
boards and Pins.
"""

import datetime
import functools
import re
import zlib

import errors
import lists
from encoding import entity, text

_TIMES = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S-00:00", "%Y-%m-%dT%H:%M:%SZ",
          "%Y-%m-%dT%H:%M:%S.000000")
_ID = re.compile(r"\d{1,20}\Z", re.ASCII)


def iso_time(seconds, variant=0):
    """A time in one of the notations that the API has for them, all of UTC."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime(_TIMES[variant % len(_TIMES)])


def remembered(function):
    """A function of (advertiser, revision), whose results stay with the advertiser."""
    @functools.wraps(function)
    def call(advertiser, revision):
        known = advertiser.__dict__.setdefault("made_up", {})
        key = (function.__module__, function.__name__, revision)
        if key not in known:
            known[key] = function(advertiser, revision)
        return known[key]
    return call


class TableList:
    """A list of the API that a table shows.

    path        expression that matches the path; its groups are given to "part"
    scopes      without which nothing is shown
    fields      of a row: schema.Field, in the order of the table's columns; the
                first ones, as many as "keys", make up its key after the advertiser
    rows        function of (advertiser, revision): all rows, as dicts
    account     "path": the ad account is part of the path, the first group;
                "query": the parameter ad_account_id names it; "nobody": there is none,
                and the first advertiser has the rows
    part        function of (rows, groups, parameters): rows that this answer has;
                it may raise an ApiError
    parameters  names of parameters besides those of pages
    check       function of the parameters that raises an ApiError if one is wrong
    shape       "pages", "items", "array" or "object"
    within      field of the items that holds the rows
    hidden      fields that the answer does not have, since the question says them
    columns     names of fields in the table, where they are others
    parents     function of (advertiser, revision): rows below which the lists are, of
                which the path names one
    made        function of a row: further columns of the table, as pairs
    order       whether there is a parameter order
    more        fields that only the answer has
    """

    def __init__(self, path, scopes, fields, rows, keys=1, account="path", part=None,
                 parameters=(), check=None, shape="pages", within=None, hidden=(),
                 columns=None, made=None, order=False, more=(), parents=None):
        self.pattern = re.compile(path + r"\Z")
        self.scopes, self.fields, self.rows, self.keys = scopes, fields, rows, keys
        self.account, self.part, self.parameters = account, part, parameters
        self.check, self.shape, self.within = check, shape, within
        self.hidden, self.columns, self.made = hidden, columns or {}, made
        self.order, self.more, self.parents = order, more, parents

    def _known(self):
        known = list(self.parameters)
        if self.shape == "pages":
            known += ["page_size", "bookmark"]
        if self.order:
            known.append("order")
        if self.account == "query":
            known.append("ad_account_id")
        return known

    def answer(self, request, groups, api):
        """JSON text of the answer to a request."""
        given = lists.parameters(request, self._known())
        if self.account == "path":
            advertiser, groups = api.advertiser(groups[0]), groups[1:]
        elif self.account == "nobody":
            advertiser = api.first_advertiser()
        else:
            identity = lists.single(given, "ad_account_id")
            advertiser = api.first_advertiser() if identity is None \
                else api.advertiser(identity)
        if self.check:
            self.check(given)
        lists.one_of(lists.single(given, "order"), ("ASCENDING", "DESCENDING"))
        for identity in groups:
            if not _ID.match(identity):
                raise errors.invalid("'%s' must match the pattern: ^\\d+$" % identity)
        revision = advertiser.as_of(api.settings.revision)
        if self.parents and not any(
                one["id"] == groups[0] for one in self.parents(advertiser, revision)):
            raise errors.ApiError(404, 50, "Not found.")
        rows = self.rows_of(advertiser, revision, api.settings.date(), api.plausible)
        if self.part:
            rows = self.part(rows, groups, given, api.scopes(request))
        return self._written(rows, request, given, api)

    def rows_of(self, advertiser, revision, today, plausible):
        """All rows, as of a day."""
        return self.rows(advertiser, revision)

    def _shown(self):
        return tuple(field for field in self.fields
                     if field.name not in self.hidden) + tuple(self.more)

    def _written(self, rows, request, given, api):
        fields = self._shown()
        if self.shape == "pages" and not self.within:
            if lists.single(given, "order") == "DESCENDING":
                rows = rows[::-1]
            return lists.page_of(
                rows, given, request.path, api.bookmarks, api.settings,
                lambda row: entity(self._as_shown(row), fields,
                                   api.settings.broken_texts))
        rows = [self._as_shown(row) for row in rows]
        if self.shape == "object":
            return entity(rows[0], fields)
        if self.shape == "array":
            return "[%s]" % ",".join(entity(row, fields) for row in rows)
        if self.within:
            # Some in one item, some in another, and items without any.
            rows = [{self.within: rows[place:place + 3], "errors": []}
                    for place in range(0, len(rows), 3)] + [{"errors": []}]
            rows = [dict(one, **{self.within: [
                {field.name: row[field.name] for field in fields
                 if row[field.name] is not None} for row in one[self.within]]})
                    if self.within in one else one for one in rows]
            return lists.page_of(list(enumerate(rows)), given, request.path,
                                 api.bookmarks, api.settings,
                                 lambda item: text(item[1], item[0]))
        return '{"items":[%s]}' % ",".join(entity(row, fields) for row in rows)

    def _as_shown(self, row):
        """A row with its times as the API writes them."""
        times = {field.name: iso_time(row[field.name], zlib.crc32(
            ("%s %s" % (field.name, row[field.name])).encode()))
                 for field in self.fields
                 if field.kind == "time" and row[field.name] is not None}
        return dict(row, **times)

    def table(self, advertisers, revision, value_text, today, start, plausible):
        """Yields the names of the table's columns, and then its rows.

        value_text: a function of a kind and a value; start: the first day, or None.
        """
        names = [self.columns.get(field.name, field.name) for field in self.fields]
        started = False
        nobodys = self.account == "nobody"
        for advertiser in advertisers[:1] if nobodys else advertisers:
            for row in self.rows_of(advertiser, revision, today, plausible):
                made = self.made(row) if self.made else []
                if not started:
                    yield ["advertiser_id"] * (not nobodys) + names + [name for name, _ in made]
                    started = True
                yield [advertiser.id] * (not nobodys) + [
                    value_text(field.kind, row[field.name]) for field in self.fields
                ] + [value for _, value in made]
