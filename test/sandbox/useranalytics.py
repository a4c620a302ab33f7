"""Analytics of users and Pins: of the last 90 days, a few of which a request asks for."""

import datetime
import json
import re
import zlib

import draw
import errors
import lists
import organic
from schema import fields
from tablelists import TableList

HISTORY, LONGEST, MOST_PINS, MOST_TOP = 90, 90, 100, 50
SPLITS = {"NO_SPLIT": ("all",), "APP_TYPE": ("MOBILE", "TABLET", "WEB"),
          "OWNED_CONTENT": ("CLAIMED", "OTHER"), "SOURCE": ("YOUR_PINS", "OTHER_PINS"),
          "PIN_FORMAT": ("ORGANIC_IMAGE", "ORGANIC_VIDEO", "ADS_STANDARD")}
USER_METRICS = ("IMPRESSION", "ENGAGEMENT", "ENGAGEMENT_RATE", "PIN_CLICK",
                "PIN_CLICK_RATE", "OUTBOUND_CLICK", "OUTBOUND_CLICK_RATE", "SAVE",
                "SAVE_RATE", "CLOSEUP", "CLOSEUP_RATE", "PROFILE_VISIT",
                "VIDEO_MRC_VIEW", "VIDEO_START", "VIDEO_10S_VIEW",
                "QUARTILE_95_PERCENT_VIEW", "VIDEO_AVG_WATCH_TIME",
                "VIDEO_V50_WATCH_TIME")
PIN_METRICS = ("IMPRESSION", "PIN_CLICK", "OUTBOUND_CLICK", "SAVE", "SAVE_RATE",
               "USER_FOLLOW", "PROFILE_VISIT", "VIDEO_MRC_VIEW", "VIDEO_START",
               "VIDEO_10S_VIEW", "QUARTILE_95_PERCENT_VIEW", "VIDEO_AVG_WATCH_TIME",
               "VIDEO_V50_WATCH_TIME")
TOP_METRICS = tuple(one for one in USER_METRICS if one != "PROFILE_VISIT")
VIDEO_METRICS = ("IMPRESSION", "OUTBOUND_CLICK", "SAVE", "VIDEO_MRC_VIEW", "VIDEO_START",
                 "VIDEO_10S_VIEW", "QUARTILE_95_PERCENT_VIEW", "VIDEO_AVG_WATCH_TIME",
                 "VIDEO_V50_WATCH_TIME")
ASKED_OF_USERS = USER_METRICS[:9]
SORT_TOP = ("ENGAGEMENT", "IMPRESSION", "OUTBOUND_CLICK", "PIN_CLICK", "SAVE")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_ONE_OF = {"from_claimed_content": ("OTHER", "CLAIMED", "BOTH"),
           "pin_format": ("ALL", *SPLITS["PIN_FORMAT"]),
           "app_types": ("ALL", *SPLITS["APP_TYPE"]),
           "content_type": ("ALL", "PAID", "ORGANIC"),
           "source": ("ALL", *SPLITS["SOURCE"])}


def _metrics(names, revision, day, today, *of):
    """Metrics of a day, or None; what is missing is not the same as zero."""
    settled = 0 if (today - day).days > 4 else revision
    numbers = draw.words(draw.key_of(*of), b"%d %d" % (day.toordinal(), settled))
    if numbers[15] % 11 == 0:
        return None
    return {name: _value(name, numbers[place % 15] + place)
            for place, name in enumerate(names) if (numbers[14] + place) % 9}


def _value(name, number):
    if name.endswith("_RATE"):
        return (number % 10000) / 10000
    if name == "VIDEO_AVG_WATCH_TIME":
        return (number % 4000) / 4
    return 0 if number % 5 == 0 else number % 10 ** 7


def _status(metrics, day, today):
    if metrics is None:
        return "BEFORE_METRIC_START_DATE"
    return "PROCESSING" if day == today else "READY"


def _shown(name, value, variant):
    """A metric as the answer has it: whole numbers may look like others."""
    return float(value) if variant % 3 == 0 and not isinstance(value, float) else value


def days_of(today, count=HISTORY):
    """The days that Pinterest keeps, the oldest first."""
    return [today - datetime.timedelta(days=back) for back in range(count - 1, -1, -1)]


def _user_rows(advertiser, revision, today, days=None, splits=tuple(SPLITS)):
    for day in days or days_of(today):
        for split in splits:
            values = SPLITS[split]
            for value in values:
                metrics = _metrics(USER_METRICS, revision, day, today, advertiser.key,
                                   "user", split, value)
                yield {"date": day, "split_field": split, "split_value": value,
                       "data_status": _status(metrics, day, today),
                       "metrics": metrics or {}}


def _pin_rows(advertiser, revision, today, pins=None, days=None):
    if pins is None:
        pins = [row["id"] for row in organic.own_pins(advertiser, revision)]
    for identity in pins:
        for day in days or days_of(today):
            metrics = _metrics(PIN_METRICS, revision, day, today, "pin", identity)
            yield {"pin_id": identity, "date": day,
                   "data_status": _status(metrics, day, today), "metrics": metrics or {}}


def _top_rows(kind, names, sorts):
    def rows(advertiser, revision, today, days=None, wanted=sorts):
        pins = [row["id"] for row in organic.own_pins(advertiser, revision)][:60]
        for day in days or days_of(today):
            of_pins = [(_metrics(names, revision, day, today, kind, one) or {}, one)
                       for one in pins]
            for sort in wanted:
                best = sorted((one for one in of_pins if one[0].get(sort)),
                              key=lambda one: (-one[0][sort], one[1]))
                for place, (metrics, identity) in enumerate(best[:MOST_TOP]):
                    yield {"date": day, "sort_by": sort, "pin_id": identity,
                           "rank": place + 1, "metrics": metrics,
                           "data_status": {name: "READY" for name in metrics}}
    return rows


def _day(given, name):
    value = lists.single(given, name)
    if value is None:
        raise errors.invalid("'%s' is a required property" % name)
    try:
        if not _DATE.match(value):
            raise ValueError
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise errors.invalid("'%s' is not a date" % value) from None


class DatedList(TableList):
    """Analytics, of which each request asks for some days."""

    def __init__(self, path, scopes, fields, rows, metrics, answer, **more):
        super().__init__(path, scopes, fields, rows, account="query", **more)
        self.metrics, self._body = metrics, answer

    def answer(self, request, groups, api):
        given = lists.parameters(request, (
            *self.parameters, "start_date", "end_date", "metric_types", "ad_account_id"))
        identity = lists.single(given, "ad_account_id")
        advertiser = api.first_advertiser() if identity is None \
            else api.advertiser(identity)
        for name, known in _ONE_OF.items():
            lists.one_of(lists.single(given, name), known)
        today = api.settings.date()
        start, end = _day(given, "start_date"), _day(given, "end_date")
        if end < start or (end - start).days > LONGEST:
            raise errors.invalid("end_date must be within %d days of start_date" % LONGEST)
        if (today - start).days > HISTORY or end > today:
            raise errors.invalid("start_date cannot be more than %d days back from today"
                                 % HISTORY)
        days = [start + datetime.timedelta(days=place)
                for place in range((end - start).days + 1)]
        return json.dumps(self._body(
            advertiser, advertiser.as_of(api.settings.revision), today, days, given,
            groups, api), ensure_ascii=zlib.crc32(request.path.encode()) % 2 == 0)

    def table(self, advertisers, revision, value_text, today, start, plausible):
        names = [field.name for field in self.fields]
        yield ["advertiser_id"] + names + [name.lower() for name in self.metrics]
        for advertiser in advertisers:
            for row in self.rows(advertiser, revision, today):
                if start and row["date"] < start:
                    continue
                yield [advertiser.id] + [
                    value_text(field.kind, row[field.name]) for field in self.fields
                ] + [value_text("number", row["metrics"].get(name))
                     for name in self.metrics]


def _daily(rows, wanted):
    """The object of one split's value; days come in any order."""
    found = [{"date": str(row["date"]), "data_status": row["data_status"],
              "metrics": {name: _shown(name, value, row["date"].day)
                          for name, value in row["metrics"].items()
                          if wanted is None or name in wanted}}
             for row in rows]
    if len(found) > 3:
        found.insert(0, found.pop())
    return {"daily_metrics": found, "summary_metrics": {"IMPRESSION": 1}}


def _wanted(given, known, required):
    names = lists.values_of(given, "metric_types")
    if names is None and required:
        raise errors.invalid("'metric_types' is a required property")
    for one in names or ():
        lists.one_of(one, known)
    return names


def _user_answer(advertiser, revision, today, days, given, groups, api):
    split = lists.single(given, "split_field") or "NO_SPLIT"
    lists.one_of(split, tuple(SPLITS))
    wanted = _wanted(given, ASKED_OF_USERS, False)
    # A day that was not asked for comes as well now and then.
    shown = [days[0] - datetime.timedelta(days=1)] * (days[0].day % 2) + days
    rows = list(_user_rows(advertiser, revision, today, shown, (split,)))
    return {value: _daily([row for row in rows if row["split_value"] == value], wanted)
            for value in SPLITS[split]}


def _known_pins(advertiser, revision, identities):
    known = {row["id"] for row in organic.own_pins(advertiser, revision)}
    for one in identities:
        if one not in known:
            raise errors.ApiError(404, 50, "Pin not found.")


def _pins_answer(advertiser, revision, today, days, given, groups, api):
    if not api.settings.pins_analytics:
        raise errors.not_permitted()
    identities = lists.values_of(given, "pin_ids")
    if not identities or len(identities) > MOST_PINS:
        raise errors.invalid("'pin_ids' must have between 1 and %d items" % MOST_PINS)
    wanted = _wanted(given, (*PIN_METRICS, "TOTAL_COMMENTS", "TOTAL_REACTIONS"), True)
    _known_pins(advertiser, revision, identities)
    return {one: {"all": _daily(_pin_rows(advertiser, revision, today, [one], days),
                                wanted)} for one in identities}


def _pin_answer(advertiser, revision, today, days, given, groups, api):
    wanted = _wanted(given, (*PIN_METRICS, "TOTAL_COMMENTS", "TOTAL_REACTIONS"), True)
    _known_pins(advertiser, revision, groups)
    return {"all": dict(_daily(
        _pin_rows(advertiser, revision, today, groups, days), wanted),
        lifetime_metrics={"TOTAL_COMMENTS": 1})}


def _top_answer(rows, sorts):
    def answer(advertiser, revision, today, days, given, groups, api):
        sort = lists.single(given, "sort_by")
        if sort is None:
            raise errors.invalid("'sort_by' is a required property")
        lists.one_of(sort, sorts)
        count = lists.single(given, "num_of_pins") or "10"
        if not count.isdigit() or not 1 <= int(count) <= MOST_TOP:
            raise errors.invalid("'num_of_pins' must be between 1 and %d" % MOST_TOP)
        if len(days) > 1:
            raise errors.invalid("the sandbox has top Pins of single days only")
        return {"date_availability": {"is_realtime": False,
                                      "latest_available_timestamp": 1.6e12},
                "sort_by": sort,
                "pins": [{"pin_id": row["pin_id"], "data_status": row["data_status"],
                          "metrics": {name: _shown(name, value, row["rank"])
                                      for name, value in row["metrics"].items()}}
                         for row in rows(advertiser, revision, today, days, (sort,))
                         ][:int(count)]}
    return answer


_SORT_VIDEOS = VIDEO_METRICS
_TOP, _VIDEOS = (_top_rows("pin in top", TOP_METRICS, SORT_TOP),
                 _top_rows("video in top", VIDEO_METRICS, _SORT_VIDEOS))
_TOP_FIELDS = fields("""
    date text
    sort_by text
    pin_id id
    rank integer
    data_status json
""")
_TOP_PARAMETERS = (*_ONE_OF, "sort_by", "num_of_pins", "created_in_last_n_days")

USER_ANALYTICS = {
    "user_account_report": DatedList(
        "/v5/user_account/analytics", ("user_accounts:read",), fields("""
            date text
            split_field text
            split_value text
            data_status text
        """), _user_rows, USER_METRICS, _user_answer,
        parameters=(*_ONE_OF, "split_field")),
    "pin_report": DatedList(
        "/v5/pins/analytics", ("boards:read", "pins:read"), fields("""
            pin_id id
            date text
            data_status text
        """), _pin_rows, PIN_METRICS, _pins_answer, parameters=("pin_ids", "app_types")),
    "top_pins": DatedList(
        "/v5/user_account/analytics/top_pins", ("pins:read", "user_accounts:read"),
        _TOP_FIELDS, _TOP, TOP_METRICS, _top_answer(_TOP, SORT_TOP),
        parameters=_TOP_PARAMETERS),
    "top_video_pins": DatedList(
        "/v5/user_account/analytics/top_video_pins", ("pins:read", "user_accounts:read"),
        _TOP_FIELDS, _VIDEOS, VIDEO_METRICS, _top_answer(_VIDEOS, _SORT_VIDEOS),
        parameters=_TOP_PARAMETERS),
}
# What has no table of its own
MORE_ROUTES = (DatedList(
    "/v5/pins/([^/]*)/analytics", ("boards:read", "pins:read"), (), None, (), _pin_answer,
    parameters=("app_types", "split_field")),)
