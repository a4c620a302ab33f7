"""The contents that foreign tables must have, as CSV.

Written as PostgreSQL's COPY ... CSV writes them: null is empty, an empty
string is quoted, jsonb in its canonical form, times in UTC.
"""

import datetime
import json

from columns import COLUMNS, valid_names
from entities import ADVERTISER_FIELDS, LISTS
from reports import Query, Report, plain_text

# At least one of these is not zero in every row that Pinterest has.
PRESENCE = ("SPEND_IN_MICRO_DOLLAR", "TOTAL_IMPRESSION", "TOTAL_CLICKTHROUGH",
            "TOTAL_ENGAGEMENT", "TOTAL_VIDEO_P0_COMBINED", "TOTAL_CONVERSIONS",
            "TOTAL_DESTINATION_VIEWS", "LEADS")

LEVELS = {"advertiser_report": ("ADVERTISER", None),
          "campaign_report": ("CAMPAIGN", "campaign_id"),
          "ad_group_report": ("AD_GROUP", "ad_group_id"),
          "ad_report": ("PIN_PROMOTION", "ad_id")}
RESOURCES = ("advertisers",) + tuple(LISTS) + tuple(LEVELS)

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
    if kind == "seconds":
        moment = datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
        return moment.strftime("%Y-%m-%d %H:%M:%S+00")
    if kind == "json":
        return json.dumps(_canonical(value), ensure_ascii=False)
    if kind == "boolean":
        return "t" if value else "f"
    return str(value)


def entities(advertisers, resource, revision, statuses):
    """Yields the lines of an entity table."""
    if resource == "advertisers":
        fields, key = ADVERTISER_FIELDS, None
    else:
        fields, key = LISTS[resource].fields, LISTS[resource].key
    rest = [field for field in fields
            if field.name not in (("id", "ad_account_id") if key else ("id",))]
    yield line(["advertiser_id"] + ([key] if key else [])
               + [field.name for field in rest])
    for advertiser in advertisers:
        items = ([advertiser.item] if key is None
                 else advertiser.items(resource, revision))
        for item in items:
            if statuses and item.get("status") not in statuses:
                continue
            yield line([advertiser.id] + ([item["id"]] if key else [])
                       + [_field_text(field.kind, item[field.name])
                          for field in rest])


def report(advertisers, resource, columns, start, end, today, granularity="DAY",
           revision=0, plausible=False, attribution=None, filters=None):
    """Yields the lines of a report table."""
    level, key = LEVELS[resource]
    names = list(columns) if columns else [
        name for name in valid_names(level)
        if name.lower() not in ("advertiser_id", key)]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise SystemExit("unknown report column: " + unknown[0])
    hourly, dated = granularity == "HOUR", granularity != "TOTAL"
    header = (["advertiser_id"] + ([key] if key else [])
              + (["date"] if dated else []) + (["hour"] if hourly else [])
              + [name.lower() for name in names])
    yield line(header)
    query = Query(level, names + list(PRESENCE), start, end, granularity,
                  attribution, filters)
    for advertiser in advertisers:
        rows = Report(advertiser, query, today, revision, plausible)
        for identity, of_entity in rows.entities():
            for row in of_entity:
                yield line(
                    [advertiser.id] + ([identity] if key else [])
                    + ([str(row.date)] if dated else [])
                    + ([str(row.hour)] if hourly else [])
                    + [plain_text(column, value, hourly) for column, value
                       in zip(query.columns[:len(names)], row.values)])
