"""The contents that foreign tables must have, as CSV.

Written as PostgreSQL's COPY ... CSV writes them: null is empty, an empty
string is quoted, jsonb in its canonical form, times in UTC.
"""

import datetime
import json

import resources
import targeting
from columns import COLUMNS, valid_names
from entities import ADVERTISER_FIELDS
from reports import Query, Report, plain_text
from tables import LISTS, TABLE_LISTS

# At least one of these is not zero in every row that Pinterest has.
PRESENCE = ("SPEND_IN_MICRO_DOLLAR", "TOTAL_IMPRESSION", "TOTAL_CLICKTHROUGH",
            "TOTAL_ENGAGEMENT", "TOTAL_VIDEO_P0_COMBINED", "TOTAL_CONVERSIONS",
            "TOTAL_DESTINATION_VIEWS", "LEADS")

# Level, the id column, and the filter that --statuses stands for.
LEVELS = {"advertiser_report": ("ADVERTISER", None, None),
          "campaign_report": ("CAMPAIGN", "campaign_id", "campaign_statuses"),
          "ad_group_report": ("AD_GROUP", "ad_group_id", "ad_group_statuses"),
          "ad_report": ("PIN_PROMOTION", "ad_id", "ad_statuses"),
          "keyword_report": ("KEYWORD", "keyword_id", None),
          "product_group_report": ("PRODUCT_GROUP", "product_group_id",
                                   "product_group_statuses"),
          "product_item_report": ("PRODUCT_ITEM", "product_item_id", None)}
# What several ad groups can share has the ad group in its key.
SHARED = ("KEYWORD", "PRODUCT_GROUP", "PRODUCT_ITEM")
for _name, (_level, _key, _filter) in tuple(LEVELS.items()):
    if _name != "keyword_report":
        LEVELS[_name.replace("_report", "_targeting_report")] = (
            _level + "_TARGETING", _key, _filter)
GLOBAL = ("metrics", "metrics_ready_state", "targeting_options")
RESOURCES = (("advertisers",) + tuple(LISTS) + GLOBAL + tuple(LEVELS)
             + tuple(TABLE_LISTS))

_NEEDS_QUOTES = frozenset(',"\r\n')


def cell(value):
    """One value as PostgreSQL writes it in CSV."""
    if value is None:
        return ""
    if value == "" or value == "\\." or _NEEDS_QUOTES.intersection(value):
        return '"%s"' % value.replace('"', '""')
    return value


def line(values):
    return ",".join(cell(value) for value in values) + "\n"


def _canonical(value):
    """Objects in jsonb's order of keys: shorter ones first."""
    if isinstance(value, dict):
        order = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
        return {name: _canonical(value[name]) for name in order}
    if isinstance(value, list):
        return [_canonical(one) for one in value]
    return value


def _field_text(kind, value):
    if value is None:
        return None
    if kind in ("seconds", "time"):
        moment = datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
        return moment.strftime("%Y-%m-%d %H:%M:%S+00")
    if kind == "milliseconds":
        text = _field_text("seconds", value // 1000)
        fraction = ("%03d" % (value % 1000)).rstrip("0")
        return text.replace("+", ".%s+" % fraction) if fraction else text
    if kind == "json":
        return json.dumps(_canonical(value), ensure_ascii=False)
    if kind == "boolean":
        return "t" if value else "f"
    return str(value)


def entities(advertisers, resource, revision, statuses):
    """Yields the lines of an entity table."""
    if resource == "advertisers":
        fields, key, has_status = ADVERTISER_FIELDS, None, False
    else:
        kind = LISTS[resource]
        fields, key = kind.fields + kind.asked, kind.key
        has_status = bool(kind.statuses)
    rest = [field for field in fields
            if field.name not in (("id", "ad_account_id") if key else ("id",))]
    yield line(["advertiser_id"] + ([key] if key else [])
               + [field.name for field in rest])
    for advertiser in advertisers:
        items = ([advertiser.item] if key is None
                 else LISTS[resource].items(advertiser, revision))
        for item in items:
            if statuses and has_status and item["status"] not in statuses:
                continue
            yield line([advertiser.id] + ([item["id"]] if key else [])
                       + [_field_text(field.kind, item[field.name])
                          for field in rest])


def table_list(advertisers, resource, revision, today, start, plausible):
    """Yields the lines of a table of one of the other lists.

    start: the first day, or None; of analytics.
    """
    for values in TABLE_LISTS[resource].table(advertisers, revision, _field_text,
                                              today, start, plausible):
        yield line(values)


def dictionary(dataset, resource, settings=None):
    """Yields the lines of a table that is the same for all advertisers."""
    if resource == "metrics_ready_state":
        yield line(["date"] + [field.name for field in resources.READY_FIELDS])
        for day, state in resources.ready_days(settings):
            yield line([day] + [_field_text("boolean", one) for one in state.values()])
        return
    if resource == "metrics":
        rest = [field.name for field in resources.METRIC_FIELDS
                if field.name != "name"]
        yield line(["name"] + rest)
        for metric in resources.metrics(dataset):
            yield line([metric["name"]] + [metric[name] for name in rest])
    else:
        yield line(["targeting_type", "code", "name"])
        for kind in targeting.OPTIONS:
            options = resources.options_of(dataset, kind) or {}
            for code, name in options.items():
                yield line([kind, code, name])


def _targeting_types(level, chosen):
    """The targeting types of a table, by default all that anybody has."""
    if not level.endswith("_TARGETING"):
        return ()
    known = targeting.types_at(level)
    wrong = [one for one in chosen or () if one not in known]
    if wrong:
        raise SystemExit("no such targeting type at this level: " + wrong[0])
    return tuple(chosen or targeting.usual_types_at(level))


def report(advertisers, resource, columns, start, end, today, granularity="DAY",
           revision=0, plausible=False, attribution=None, statuses=None,
           targeting_types=None, row_split="ad_group",
           days_of=None):
    """Yields the lines of a report table.

    days_of: a function of an advertiser that gives its Days and today.
    """
    level, key, status_filter = LEVELS[resource]
    names = list(columns) if columns else [
        name for name in valid_names(level)
        if name.lower() not in ("advertiser_id", key)]
    if level.startswith(SHARED) and "AD_GROUP_ID" not in names:
        names.insert(0, "AD_GROUP_ID")
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise SystemExit("unknown report column: " + unknown[0])
    types = _targeting_types(level, targeting_types)
    hourly, dated = granularity == "HOUR", granularity != "TOTAL"
    header = (["advertiser_id"] + ([key] if key else [])
              + (["date"] if dated else []) + (["hour"] if hourly else [])
              + (["targeting_type", "targeting_value"] if types else [])
              + [name.lower() for name in names])
    yield line(header)
    filters = {status_filter: statuses} if statuses and status_filter else {}
    query = Query(level, names + list(PRESENCE), start, end, granularity,
                  attribution, filters, targeting_types=types,
                  row_split=row_split)
    for advertiser in advertisers:
        if days_of:
            query.days, today = days_of(advertiser)
        rows = Report(advertiser, query, today, revision, plausible)
        for identity, of_entity in rows.entities():
            for row in of_entity:
                yield line(
                    [advertiser.id] + ([identity] if key else [])
                    + ([str(row.date)] if dated else [])
                    + ([str(row.hour)] if hourly else [])
                    + list(row.targeting or ())
                    + [plain_text(column, value, hourly) for column, value
                       in zip(query.columns[:len(names)], row.values)])
