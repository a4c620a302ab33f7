"""The synchronous analytics: what is asked is answered at once.

They take fewer columns and shorter ranges than reports, and ids where a report
takes filters.  What is not documented is as awkward here as it may be there:
some zeros are written, others left out, and so are rows that have nothing else;
ids of somebody else are refused.
"""

import datetime
import os
import re
import zlib
from collections import namedtuple

import lists
from activity import Attribution, DEFAULT_WINDOWS
from columns import COLUMNS, COUNT, METRICS, SUMS, Column, is_valid
from encoding import RowWriter, text
from errors import invalid
from grain import grains
from reports import Query, Report, Row
from rules import GRANULARITIES, WINDOW_DAYS, WINDOWS, date as read_date

# The endpoints by their paths below the ad account: level, the field and the
# parameter with the ids of its entities, and how long an id may be.
_Endpoint = namedtuple("_Endpoint", "level field ids digits types")
_TYPES = ("KEYWORD", "APPTYPE", "GENDER", "LOCATION", "PLACEMENT", "COUNTRY",
          "TARGETED_INTEREST", "PINNER_INTEREST", "AUDIENCE_INCLUDE", "GEO",
          "AGE_BUCKET", "REGION", "AGE_BUCKET_AND_GENDER")
# Types that the sandbox has no activity of.
_EMPTY_TYPES = ("QUIZ_RESULT", "CREATIVE_TYPE")
ENDPOINTS = {
    None: _Endpoint("ADVERTISER", "AD_ACCOUNT_ID", None, None, _TYPES),
    "campaigns": _Endpoint("CAMPAIGN", "CAMPAIGN_ID", "campaign_ids", 18,
                           _TYPES + ("CREATIVE_TYPE", "AUDIENCE_MULTIPLIER")),
    "ad_groups": _Endpoint("AD_GROUP", "AD_GROUP_ID", "ad_group_ids", 18,
                           _TYPES + ("CREATIVE_ENHANCEMENTS",)),
    "ads": _Endpoint("PIN_PROMOTION", "AD_ID", "ad_ids", None,
                     _TYPES + ("QUIZ_RESULT",)),
    "product_groups": _Endpoint("PRODUCT_GROUP", "PRODUCT_GROUP_ID",
                                "product_group_ids", None, ()),
}
_MOST_IDS, _MOST_PINS = 250, 100
_MOST_TYPES = {None: 15}
# Oldest start in days back from today, and longest range, both ends counted.
_HISTORY = {"HOUR": (7, 3), None: (89, 90)}

_COMMON = ("start_date", "end_date", "columns", "granularity",
           "click_window_days", "engagement_window_days", "view_window_days",
           "conversion_report_time", "reporting_timezone")
_DIGITS = re.compile(r"\d+\Z", re.ASCII)


def _load():
    """The columns; one of them is in no report."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        "synccolumns.txt")
    own = {"QUIZ_PIN_RESULT_OPEN": Column("QUIZ_PIN_RESULT_OPEN", COUNT,
                                          SUMS["QUIZ_COMPLETED"][1], None, False)}
    with open(path, encoding="ascii") as lines:
        return {name: own.get(name) or COLUMNS[name]
                for name in lines.read().split()}


SYNC_COLUMNS = _load()


def _required(given, name):
    value = lists.single(given, name)
    if value is None:
        raise invalid("'%s' is a required property" % name)
    return value


def _choice(given, name, known, usual=None):
    value = lists.single(given, name)
    lists.one_of(value, known)
    return usual if value is None else value


def _joined(given, name, most=None):
    """Values of a parameter that may not be repeated, or None."""
    value = lists.single(given, name)
    if value is None:
        return None
    found = value.split(",")
    if most is not None and len(found) > most:
        raise invalid("'%s' has more than %d items" % (name, most))
    if len(set(found)) < len(found):
        raise invalid("'%s' has non-unique items" % name)
    return found


def _ids(given, name, digits, most=_MOST_IDS):
    found = lists.values_of(given, name)
    if found is None:
        return None
    for one in found:
        if not _DIGITS.match(one) or digits and len(one) > digits:
            raise invalid("'%s' value '%s' must match the pattern: ^\\d+$"
                          % (name, one))
    if len(found) > most:
        raise invalid("'%s' has more than %d items" % (name, most))
    return found


def _columns(given, level):
    names = _joined(given, "columns")
    if names is None:
        raise invalid("'columns' is a required property")
    for name in names:
        if name not in SYNC_COLUMNS:
            raise invalid("'%s' is not one of %s" % (name, list(SYNC_COLUMNS)))
    wrong = [name for name in names
             if not is_valid(SYNC_COLUMNS[name], level)]
    if wrong:
        raise invalid("Columns %s are not available." % ", ".join(wrong))
    return [SYNC_COLUMNS[name] for name in names]


def _range(given, granularity, settings):
    today = settings.date()
    start = read_date("start_date", _required(given, "start_date"))
    end = read_date("end_date", _required(given, "end_date"))
    back, longest = _HISTORY.get(granularity, _HISTORY[None])
    if start > end:
        raise invalid("start_date must not be after end_date.")
    if end > today:
        raise invalid("end_date must not be in the future.")
    if end == today and settings.latest_end != "today":
        raise invalid("end_date must be before today.")
    if (today - start).days > back:
        raise invalid("start_date must be within %d days of today." % (back + 1))
    if (end - start).days + 1 > longest:
        raise invalid("The date range must not exceed %d days." % longest)
    return start, end


def _attribution(given, household):
    windows = []
    for name, usual in zip(("click_window_days", "engagement_window_days",
                            "view_window_days"), DEFAULT_WINDOWS):
        known = [str(days) for days in WINDOW_DAYS]
        windows.append(int(_choice(given, name, known, str(usual))))
    if tuple(windows) not in WINDOWS:
        raise invalid("The attribution windows %d/%d/%d are not a valid "
                      "combination." % tuple(windows))
    time = _choice(given, "conversion_report_time",
                   ("TIME_OF_AD_ACTION", "TIME_OF_CONVERSION"))
    return Attribution(tuple(windows), time == "TIME_OF_CONVERSION", household)


def _pins(given, advertiser):
    """Ids of the ads that show some pins in some campaigns."""
    pins = _ids(given, "pin_ids", None, _MOST_PINS)
    campaigns = _ids(given, "campaign_ids", 18)
    if pins is None or campaigns is None:
        raise invalid("The request must contain either ad_ids or both "
                      "campaign_ids and pin_ids.")
    return [ad["id"] for ad in advertiser.items("ads")
            if ad["pin_id"] in pins and ad["campaign_id"] in campaigns]


def _entities(given, endpoint, advertiser, revision):
    """Filters for the entities that are asked for."""
    if endpoint.ids is None:
        return {}
    found = _ids(given, endpoint.ids, endpoint.digits)
    if found is None and endpoint.ids == "ad_ids":
        found = _pins(given, advertiser)
    elif found is None:
        raise invalid("'%s' is a required property" % endpoint.ids)
    else:
        everything = Query(endpoint.level, (), datetime.date.min,
                           datetime.date.min)
        known = {one.id for one in grains(advertiser, everything, revision)}
        wrong = [one for one in found if one not in known]
        if wrong:
            raise invalid("%s: '%s' does not belong to the ad account"
                          % (endpoint.ids, wrong[0]))
    return {endpoint.ids: found}


def _query(given, endpoint, advertiser, types, household, settings):
    granularity = _required(given, "granularity")
    lists.one_of(granularity, GRANULARITIES)
    start, end = _range(given, granularity, settings)
    level = endpoint.level + ("_TARGETING" if types else "")
    query = Query(level, (), start, end, granularity,
                  _attribution(given, household),
                  _entities(given, endpoint, advertiser,
                            advertiser.as_of(settings.revision)),
                  targeting_types=[one for one in types or ()
                                   if one not in _EMPTY_TYPES])
    query.columns = _columns(given, level)
    zone = _choice(given, "reporting_timezone",
                   ("PINTEREST_TIME_ZONE", "AD_ACCOUNT_TIME_ZONE"))
    if zone == "AD_ACCOUNT_TIME_ZONE":
        raise invalid("reporting_timezone is not available to your app.")
    return query


def _checksum(*parts):
    return zlib.crc32("\x1f".join(str(part) for part in parts).encode())


class _Writer:
    """Writes rows, each with the id of its entity and some of its zeros."""

    def __init__(self, endpoint, query, hour_format):
        self._field, self._columns = endpoint.field, query.columns
        shown = Query(query.level, (), query.start, query.end, query.granularity)
        self._places = [place for place, column in enumerate(query.columns)
                        if column.name != endpoint.field]
        shown.columns = [query.columns[place] for place in self._places]
        self._zeros = [(place, column.name) for place, column
                       in enumerate(query.columns) if column.kind in METRICS
                       and not (query.granularity == "HOUR" and column.conversion)]
        self._writer = RowWriter(shown, hour_format)

    def write(self, row):
        values = [row.values[place] for place in self._places]
        written = self._writer.write(row._replace(values=values, targeting=None))
        parts = ['"%s":"%s"' % (self._field, row.id)]
        parts += ['"%s":0' % name for place, name in self._zeros
                  if not row.values[place]
                  and _checksum(row.id, row.date, row.hour, name) % 2]
        if written != "{}":
            parts.append(written[1:-1])
        return "{" + ",".join(parts) + "}"


def _zero_rows(report, query, revision, today):
    """Rows with nothing in them, of some entities on some days."""
    if query.granularity not in ("DAY", "TOTAL"):
        return
    last = min(query.end, today - datetime.timedelta(days=1))
    days = [None]
    if query.granularity == "DAY":
        days = [query.start + datetime.timedelta(days=number)
                for number in range((last - query.start).days + 1)]
    there = {(row.id, row.date) for row in report}
    for grain in grains(query.advertiser, query, revision):
        for day in days:
            if (grain.id, day) not in there and _checksum(grain.id, day) % 2:
                yield Row(grain.id, day, None, None,
                          [0 if column.kind in METRICS
                           else grain.chain[column.value.entity][column.value.field]
                           for column in query.columns])


def _rows(advertiser, query, settings, plausible):
    query.days = settings.days()
    query.row_split = settings.row_split
    report = Report(advertiser, query, settings.date(),
                    advertiser.as_of(settings.revision), plausible)
    return [row for _, rows in report.entities() for row in rows]


def analytics(request, advertiser, kind, settings, plausible):
    """JSON text of the rows of a kind of entity."""
    endpoint = ENDPOINTS[kind]
    known = list(_COMMON)
    if endpoint.ids:
        known.append(endpoint.ids)
    if kind in ("campaigns", "ad_groups"):
        known.append("aggregate_report_rows")
    if kind == "ads":
        known += ["campaign_ids", "pin_ids"]
    given = lists.parameters(request, known)
    if lists.flag(given, "aggregate_report_rows"):
        raise invalid("aggregate_report_rows is not available to your app.")
    query = _query(given, endpoint, advertiser, None, False, settings)
    query.advertiser = advertiser
    rows = _rows(advertiser, query, settings, plausible)
    rows += list(_zero_rows(rows, query, advertiser.as_of(settings.revision),
                            settings.date()))
    writer = _Writer(endpoint, query, settings.hour_format)
    return "[%s]" % ",".join(writer.write(row) for row in rows)


def targeting_analytics(request, advertiser, kind, settings, plausible):
    """JSON text of the rows of a kind of entity, by targeting values."""
    endpoint = ENDPOINTS[kind]
    known = list(_COMMON) + ["targeting_types", "attribution_types"]
    if endpoint.ids:
        known.append(endpoint.ids)
    given = lists.parameters(request, known)
    if endpoint.ids:
        _required_ids = lists.values_of(given, endpoint.ids)
        if _required_ids is None:
            raise invalid("'%s' is a required property" % endpoint.ids)
    types = _joined(given, "targeting_types", _MOST_TYPES.get(kind, 14))
    if types is None:
        raise invalid("'targeting_types' is a required property")
    for one in types:
        lists.one_of(one, endpoint.types)
    attributions = _joined(given, "attribution_types", 2) or ()
    for one in attributions:
        lists.one_of(one, ("INDIVIDUAL", "HOUSEHOLD"))
    query = _query(given, endpoint, advertiser, types,
                   "HOUSEHOLD" in attributions, settings)
    rows = [] if not query.targeting_types else _rows(advertiser, query, settings,
                                                      plausible)
    writer = _Writer(endpoint, query, settings.hour_format)
    return '{"data":[%s]}' % ",".join(
        '{"targeting_type":"%s","targeting_value":%s,"metrics":%s}'
        % (row.targeting[0], text(row.targeting[1], _checksum(*row.targeting)),
           writer.write(row)) for row in rows)
