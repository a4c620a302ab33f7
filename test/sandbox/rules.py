"""What Pinterest accepts as a report request, in its strictest reading.

Where the documentation is ambiguous (are both ends of a range counted?) the
narrower meaning holds, so that a client that passes here passes there.
"""

import datetime
import re
from collections import namedtuple

from activity import DEFAULT_WINDOWS, Attribution
from columns import COLUMNS, ID, LEVELS, is_valid, valid_names
from errors import invalid
from grain import Filter
from reports import Query
from targeting import ONLY_AT, TYPES, usual_types_at

GRANULARITIES = ("TOTAL", "DAY", "HOUR", "WEEK", "MONTH")
SUMMARY_STATUSES = ("RUNNING", "PAUSED", "NOT_STARTED", "COMPLETED",
                    "ADVERTISER_DISABLED", "ARCHIVED", "DRAFT", "DELETED_DRAFT")
AD_STATUSES = ("APPROVED", "PAUSED", "PENDING", "REJECTED",
               "ADVERTISER_DISABLED", "ARCHIVED", "DRAFT", "DELETED_DRAFT")
PRODUCT_GROUP_STATUSES = ("RUNNING", "PAUSED", "EXCLUDED", "ARCHIVED")
OBJECTIVES = ("AWARENESS", "CONSIDERATION", "VIDEO_VIEW", "WEB_CONVERSION",
              "CATALOG_SALES", "WEB_SESSIONS", "VIDEO_COMPLETION", "APP_INSTALL",
              "SALES", "LEADS", "CTV_CONSIDERATION")
WINDOW_DAYS = (0, 1, 7, 14, 30, 60)
# Click, engagement and view windows that go together.
WINDOWS = frozenset(tuple(int(part) for part in one.split("/")) for one in (
    "60/60/60 60/60/30 60/60/7 60/60/1 60/30/30 60/30/7 60/30/1 60/7/7 60/7/1 "
    "60/1/1 30/60/1 30/30/30 30/30/7 30/30/1 30/7/7 30/7/1 30/1/1 7/7/7 7/7/1 "
    "7/1/1 1/1/1").split())

# Oldest start, in days back from today, and longest range, both ends counted.
HISTORY = {"HOUR": (7, 3), "PRODUCT_ITEM": (91, 31), None: (913, 186)}

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_DIGITS = re.compile(r"\d+\Z", re.ASCII)


def shown(value):
    """A value as an error message shows it."""
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "..."


def text(name, value):
    if not isinstance(value, str):
        raise invalid("%s: %s is not of type 'string'" % (name, shown(value)))
    return value


def integer(name, value):
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid("%s: %s is not of type 'integer'" % (name, shown(value)))
    return value


def boolean(name, value):
    if not isinstance(value, bool):
        raise invalid("%s: %s is not of type 'boolean'" % (name, shown(value)))
    return value


def identity(name, value):
    if not _DIGITS.match(text(name, value)):
        raise invalid("'%s' value '%s' must match the pattern: ^\\d+$"
                      % (name, value))
    return value


def one_of(*choices):
    def check(name, value):
        (integer if isinstance(choices[0], int) else text)(name, value)
        if value not in choices:
            raise invalid("%s: %s is not one of %s" % (name, shown(value),
                                                       list(choices)))
        return value
    return check


def list_of(check, most=None, least=1):
    def check_list(name, value):
        if not isinstance(value, list):
            raise invalid("%s: %s is not of type 'array'" % (name, shown(value)))
        if len(value) < least:
            raise invalid("%s: %s is too short" % (name, shown(value)))
        if most is not None and len(value) > most:
            raise invalid("%s: %s is too long" % (name, shown(value)))
        return [check(name, one) for one in value]
    return check_list


def date(name, value):
    if not _DATE.match(text(name, value)):
        raise invalid("%s: '%s' does not match '^(\\\\d{4})-(\\\\d{2})-(\\\\d{2})$'"
                      % (name, value))
    try:
        return datetime.datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise invalid("%s: '%s' is not a date" % (name, value)) from None


def metrics_filter(name, value):
    known = {"field": one_of("SPEND_IN_DOLLAR", "TOTAL_IMPRESSION"),
             "operator": one_of("LESS_THAN", "GREATER_THAN"),
             "values": list_of(_plain_number)}
    fields = fields_of(name, value, known, tuple(known))
    return fields["field"], fields["operator"], fields["values"]


def _plain_number(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid("%s: %s is not of type 'number'" % (name, shown(value)))
    return value


def fields_of(name, value, known, required):
    """The checked fields of an object."""
    if not isinstance(value, dict):
        raise invalid("%s: %s is not of type 'object'" % (name, shown(value)))
    for field in value:
        if field not in known:
            raise invalid("Additional properties are not allowed ('%s' was "
                          "unexpected)" % field)
    for field in required:
        if field not in value:
            raise invalid("'%s' is a required property" % field)
    return {field: known[field](field, one) for field, one in value.items()}


def _any(name, value):
    return value


_hour = one_of(*range(24))
_ids = list_of(identity, 500)
FIELDS = {
    "start_date": date, "end_date": date, "granularity": one_of(*GRANULARITIES),
    "level": one_of(*LEVELS), "columns": list_of(text),
    "click_window_days": one_of(*WINDOW_DAYS),
    "engagement_window_days": one_of(*WINDOW_DAYS),
    "view_window_days": one_of(*WINDOW_DAYS),
    "conversion_report_time": one_of("TIME_OF_AD_ACTION", "TIME_OF_CONVERSION"),
    "attribution_types": list_of(one_of("INDIVIDUAL", "HOUSEHOLD")),
    "campaign_ids": _ids, "ad_group_ids": _ids, "ad_ids": _ids,
    "product_group_ids": _ids, "product_item_ids": _ids,
    "campaign_statuses": list_of(one_of(*SUMMARY_STATUSES), 6),
    "ad_group_statuses": list_of(one_of(*SUMMARY_STATUSES), 6),
    "ad_statuses": list_of(one_of(*AD_STATUSES), 6),
    "product_group_statuses": list_of(one_of(*PRODUCT_GROUP_STATUSES), 6),
    "campaign_objective_types": list_of(one_of(*OBJECTIVES), 7),
    "campaign_brand_label": text, "campaign_custom_label": text,
    "targeting_types": list_of(one_of(*TYPES), 5),
    "metrics_filters": list_of(metrics_filter),
    "start_hour": _hour, "end_hour": _hour,
    "primary_sort": one_of("BY_ID", "BY_DATE"),
    "report_format": one_of("JSON", "CSV"),
    "reporting_timezone": one_of("PINTEREST_TIME_ZONE", "AD_ACCOUNT_TIME_ZONE"),
    "combine_targeting_types": boolean,
    "custom_conversion_event_metrics": list_of(_any, least=0),
}
REQUIRED = ("start_date", "end_date", "granularity", "level", "columns")
_PRODUCT_FILTERS = ("product_group_ids", "product_group_statuses",
                    "product_item_ids")


def _check_columns(given, tolerates):
    level, names = given["level"], given["columns"]
    if len(set(names)) < len(names):
        raise invalid("columns: %s has non-unique elements" % shown(names))
    for name in names:
        if name not in COLUMNS:
            raise invalid("'%s' is not one of %s" % (name, valid_names(level)))
    wrong = [name for name in names if not is_valid(COLUMNS[name], level)
             and not ("deep_ids" in tolerates and COLUMNS[name].kind == ID
                      and not level.startswith("PRODUCT_ITEM"))]
    if wrong:
        raise invalid("Columns %s are not available." % ", ".join(wrong))


def _check_dates(given, today, open_end, longest_range):
    start, end = given["start_date"], given["end_date"]
    level, granularity = given["level"], given["granularity"]
    if granularity == "HOUR":
        back, longest = HISTORY["HOUR"]
    elif level.startswith("PRODUCT_ITEM"):
        back, longest = HISTORY["PRODUCT_ITEM"]
    else:
        back, longest = HISTORY[None]
        longest = longest_range or longest
    if start > end:
        raise invalid("start_date must not be after end_date.")
    if end > today:
        raise invalid("end_date must not be in the future.")
    if end == today and not open_end:
        raise invalid("end_date must be before today.")
    if (today - start).days > back:
        raise invalid("start_date must be within %d days of today."
                      % (back + 1))
    if (end - start).days + 1 > longest:
        raise invalid("The date range must not exceed %d days." % longest)
    if granularity != "HOUR":
        for name in ("start_hour", "end_hour"):
            if name in given:
                raise invalid("%s is only allowed for hourly reports." % name)


def _check_targeting(given, tolerates):
    """What comes without targeting_types is not documented, so it is refused."""
    if "no_targeting_types" in tolerates and given["level"].endswith("_TARGETING"):
        given.setdefault("targeting_types", usual_types_at(given["level"]))
    level, types = given["level"], given.get("targeting_types", ())
    if types and not level.endswith("_TARGETING"):
        raise invalid("targeting_types requires a level ending in _TARGETING.")
    if level.endswith("_TARGETING") and not types:
        raise invalid("'targeting_types' is a required property at %s level."
                      % level)
    if len(set(types)) < len(types):
        raise invalid("targeting_types: %s has non-unique elements" % shown(types))
    for one, only in ONLY_AT.items():
        if one in types and level != only:
            raise invalid("%s is only available at %s level." % (one, only))
    if given.get("combine_targeting_types") and not types:
        raise invalid("combine_targeting_types requires targeting_types.")


def _check_filters(given):
    level = given["level"]
    if level.startswith("PRODUCT_ITEM"):
        for name in ("ad_ids", "ad_statuses"):
            if name in given:
                raise invalid("%s is not supported for product item level "
                              "reports." % name)
    elif not level.startswith("PRODUCT"):
        for name in _PRODUCT_FILTERS:
            if name in given:
                raise invalid("%s is not supported at %s level." % (name, level))


def _check_served(given):
    """Refuse what the sandbox cannot do, or only some advertisers have."""
    if given.get("report_format") == "CSV":
        raise invalid("The sandbox writes no CSV.")
    if given.get("combine_targeting_types"):
        raise invalid("combine_targeting_types is not available to your app.")
    if given.get("custom_conversion_event_metrics"):
        raise invalid("custom_conversion_event_metrics is not available to "
                      "your app.")


# When it is: the date in UTC, that of the ad account (None: reports by its own
# days are not for everybody), and whether today may be the end of a range.
Today = namedtuple("Today", "utc local open_end")


def report_query(body, today, longest_range=None, tolerates=()):
    """A Query and its sort order from the body of a report request.

    today: a Today; longest_range: days, where the usual limit does not hold;
    tolerates: see settings.py.
    """
    given = fields_of("body", body, FIELDS, REQUIRED)
    _check_columns(given, tolerates)
    local = given.get("reporting_timezone") == "AD_ACCOUNT_TIME_ZONE"
    if local and today.local is None:
        raise invalid("reporting_timezone is not available to your app.")
    _check_dates(given, today.local if local else today.utc, today.open_end,
                 longest_range)
    windows = tuple(given.get(name, usual) for name, usual in zip(
        ("click_window_days", "engagement_window_days", "view_window_days"),
        DEFAULT_WINDOWS))
    if windows not in WINDOWS:
        raise invalid("The attribution windows %d/%d/%d are not a valid "
                      "combination." % windows)
    _check_targeting(given, tolerates)
    _check_filters(given)
    _check_served(given)
    attribution = Attribution(
        windows, given.get("conversion_report_time") == "TIME_OF_CONVERSION",
        "HOUSEHOLD" in given.get("attribution_types", ()))
    query = Query(given["level"], given["columns"], given["start_date"],
                  given["end_date"], given["granularity"], attribution,
                  {name: given[name] for name in Filter.NAMES if name in given},
                  given.get("metrics_filters", ()),
                  (given.get("start_hour", 0), given.get("end_hour", 24)),
                  given.get("targeting_types", ()))
    query.by_local_days = local
    return query, given.get("primary_sort", "BY_ID")
