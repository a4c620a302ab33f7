"""Report templates, as people make them in Ads Manager, and their reports."""

import datetime

import draw
import rules
from errors import ApiError, invalid
from schema import EntityList, by_id, fields

_CREATED = 1640995200           # 2022-01-01
# Level, columns, granularity, first and last day in days back, format, and
# what else is special about a template.
_PLANS = (
    ("CAMPAIGN", ("CAMPAIGN_ID", "CAMPAIGN_NAME", "SPEND_IN_DOLLAR",
                  "TOTAL_IMPRESSION", "TOTAL_CONVERSIONS"), "DAY", 7, 1, "JSON", {}),
    ("AD_GROUP", ("AD_GROUP_ID", "TOTAL_CLICKTHROUGH", "CTR"), "WEEK", 28, 1,
     "JSON", {"click_window_days": 7, "engagement_window_days": 7}),
    ("PIN_PROMOTION", ("AD_ID", "AD_NAME", "SPEND_IN_MICRO_DOLLAR"), "TOTAL", 30,
     1, "JSON", {"is_scheduled": True, "is_owned_by_user": False}),
    ("KEYWORD", ("SPEND_IN_MICRO_DOLLAR", "TOTAL_IMPRESSION"), "DAY", 14, 1,
     "JSON", {"conversion_report_time_type": "TIME_OF_CONVERSION"}),
    ("PRODUCT_ITEM", ("PRODUCT_ITEM_NAME", "TOTAL_IMPRESSION"), "DAY", 7, 1,
     "JSON", {"is_deleted": None}),
    ("ADVERTISER", ("SPEND_IN_DOLLAR",), "MONTH", 90, 1, "CSV", {}),
    ("CAMPAIGN", ("SPEND_IN_DOLLAR",), "DAY", 7, 1, "JSON", {"is_deleted": True}),
)
# A template's report may start and end where it likes in two and a half years.
_LONGEST = 914
PARAMETERS = ("start_date", "end_date", "granularity")


def _templates(advertiser, _):
    return by_id(advertiser.living("report_templates", advertiser.key, [
        _template(advertiser, index, *plan) for index, plan in enumerate(_PLANS)]))


def _template(advertiser, index, level, columns, granularity, start, end, form,
              special):
    key = advertiser.key + ("report template", index)
    # Of the two kinds of dates the one that is not meant is null or left out.
    dates = {"relative_date_range": {"type": "relative", "end_days_in_past": end,
                                     "start_days_in_past": start}}
    if index % 2:
        dates["absolute_date_range"] = None
    if index == 5:
        dates = {"dynamic_date_range": {"type": "dynamic",
                                        "range": "QUARTER_TO_DATE"}}
    return dict({
        "ad_account_id": advertiser.id, "ad_account_ids": [advertiser.id],
        "click_window_days": 30, "columns": list(columns),
        "conversion_report_time_type": "TIME_OF_AD_ACTION",
        "creation_source": draw.pick(("ADS_MANAGER_REPORTING_PAGE",
                                      "ADS_MANAGER_REPORT_BUILDER"), "source", key),
        "custom_column_ids": [] if index % 2 else None, "date_range": dates,
        "engagement_window_days": 30,
        "filters_json": "[]" if index % 3 == 1 else None,
        "granularity": granularity, "id": draw.digits(13, "id", key),
        "ingestion_sources": ["TAG", "CONVERSIONS_API"] if index % 3 == 0 else None,
        "is_deleted": False, "is_owned_by_user": True, "is_scheduled": False,
        "name": None if index == 4 else "Bericht „%s“ %d" % (level, index),
        "report_end_relative_days_in_past": end, "report_format": form,
        "report_level": level, "report_start_relative_days_in_past": start,
        "type": ("BULK", "TABLE", "OVERVIEW")[index % 3],
        "updated_time": _CREATED + draw.number("time", key) % 10 ** 7,
        "user_id": draw.digits(18, "owner", advertiser.key),
        "view_window_days": 1,
        # Newer than version 5.23; what kind two of them are is not documented.
        "ade_columns": ["SPEND"] if index % 3 == 1 else None,
        "attribution_type": ["INDIVIDUAL"] if index % 2 else None,
        "display_metadata": "{\"width\": \"50 %\"}" if index == 2 else None,
        "is_default": index == 0 or None,
        "reporting_time_zone": "PINTEREST_TIME_ZONE" if index % 2 else None,
        "sort_by": {"column": "DATE"} if index == 3 else None}, **special)


TEMPLATE_LIST = EntityList("report_template_id", fields("""
    ad_account_id id
    ad_account_ids json
    click_window_days integer
    columns json
    conversion_report_time_type text
    creation_source text
    custom_column_ids json null
    date_range json
    engagement_window_days integer
    filters_json text null
    granularity text
    id id
    ingestion_sources json null
    is_deleted boolean null
    is_owned_by_user boolean
    is_scheduled boolean
    name text null
    report_end_relative_days_in_past integer
    report_format text
    report_level text
    report_start_relative_days_in_past integer
    type text
    updated_time seconds
    user_id id
    view_window_days integer
    ade_columns json null
    attribution_type json null
    display_metadata text null
    is_default boolean null
    reporting_time_zone text null
    sort_by json null
"""), _templates, path="templates")


def report_query(advertiser, template_id, given, today):
    """The Query of a template's report, for the dates of a request.

    given: the request's parameters, each with its only value.  The dates come
    both from the request or both from the template.  today: see rules.py.
    """
    found = [one for one in _templates(advertiser, 0)
             if one["id"] == template_id and not one["is_deleted"]]
    if not found:
        raise ApiError(404, 404, "Template not found.")
    template = found[0]
    if ("start_date" in given) != ("end_date" in given):
        raise invalid("start_date and end_date must be given together.")

    def back(field):
        return str(today.utc - datetime.timedelta(days=template[field]))
    body = {
        "start_date": given.get("start_date")
                      or back("report_start_relative_days_in_past"),
        "end_date": given.get("end_date")
                    or back("report_end_relative_days_in_past"),
        "granularity": given.get("granularity", template["granularity"]),
        "level": template["report_level"], "columns": template["columns"],
        "report_format": template["report_format"],
        "conversion_report_time": template["conversion_report_time_type"]}
    for name in ("click_window_days", "engagement_window_days",
                 "view_window_days"):
        body[name] = template[name]
    return rules.report_query(body, today, _LONGEST)
