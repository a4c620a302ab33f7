"""The reports that are asked for, and the limits that are tried.

A kind of report has one or several orders: if Pinterest refuses the first, the
next one is sent, so that no more than one report of each kind is made.
"""

import datetime

METRICS = ("SPEND_IN_MICRO_DOLLAR", "TOTAL_IMPRESSION", "TOTAL_CLICKTHROUGH")
# What pinterest_fdw always asks for, so that all queries find the same rows
ALWAYS = ("SPEND_IN_MICRO_DOLLAR", "TOTAL_IMPRESSION", "TOTAL_CLICKTHROUGH",
          "TOTAL_ENGAGEMENT", "TOTAL_VIDEO_P0_COMBINED", "TOTAL_CONVERSIONS",
          "TOTAL_DESTINATION_VIEWS", "LEADS")
GROUPS = ("CAMPAIGN_ID", "AD_GROUP_ID")
ADS = ("AD_ID", "PIN_ID")
UNKNOWN_COLUMN = "PINTEREST_FDW_PROBE"


def order(today, level, granularity, first, last, columns=METRICS, **more):
    """The body of a request; first and last: days back from today."""
    day = lambda back: str(today - datetime.timedelta(days=back))
    return dict({"start_date": day(first), "end_date": day(last),
                 "granularity": granularity, "level": level,
                 "report_format": "JSON", "columns": list(columns)}, **more)


def in_the_middle(today):
    """Days back to a Wednesday that begins neither a week nor a month, and is
    followed by whole ones of each."""
    for back in range(40, 68):
        day = today - datetime.timedelta(days=back)
        if day.weekday() == 2 and 3 <= day.day <= 25:
            return back
    raise AssertionError("four weeks without such a Wednesday")


def reports(today):
    """The orders of each kind of report."""
    one = lambda *arguments, **more: order(today, *arguments, **more)
    back = in_the_middle(today)
    below = lambda level, *some: [
        one(level, "DAY", 2, 1, METRICS + GROUPS + ads)
        for ads in (ADS, *some, ())]
    return {
        "days": [one("ADVERTISER", "DAY", 186, 0),
                 one("ADVERTISER", "DAY", 185, 0),
                 one("ADVERTISER", "DAY", 90, 1)],
        "weeks": [one("ADVERTISER", "WEEK", back, 1)],
        "months": [one("ADVERTISER", "MONTH", back, 1)],
        "hours": [one("ADVERTISER", "HOUR", 4, 1),
                  one("ADVERTISER", "HOUR", 3, 1)],
        "local hours": [one("ADVERTISER", "HOUR", 3, 1,
                            reporting_timezone="AD_ACCOUNT_TIME_ZONE")],
        "by date": [one("CAMPAIGN", "DAY", 3, 1, METRICS + GROUPS[:1],
                        primary_sort="BY_DATE")],
        "keywords": below("KEYWORD"),
        "product groups": below("PRODUCT_GROUP"),
        "product items": below("PRODUCT_ITEM", ADS[1:]),
        "targeting": [one("CAMPAIGN_TARGETING", "DAY", 1, 1)],
        # Deleted drafts never did anything.
        "empty": [one("CAMPAIGN", "DAY", 1, 1, columns,
                      campaign_statuses=["DELETED_DRAFT"])
                  for columns in (ALWAYS, METRICS)],
    }


def of_today(today):
    """Today alone, to see whether it has grown."""
    return {"today": [order(today, "ADVERTISER", "DAY", 0, 0)]}


def without_ads(today):
    """The same as the reports whose keys may repeat, without other ids than those
    of ad groups, which pinterest_fdw always asks for."""
    return {kind: [order(today, level, "DAY", 2, 1, METRICS + GROUPS[1:])]
            for kind, level in (
        ("keywords alone", "KEYWORD"), ("product groups alone", "PRODUCT_GROUP"),
        ("product items alone", "PRODUCT_ITEM"))}


def limits(today):
    """Pairs of orders: one that is just beyond what pinterest_fdw asks for, and
    one that it asks for."""
    def history(level, granularity, days):
        return [order(today, level, granularity, back, back)
                for back in (days, days - 1)]
    return {
        "history": history("ADVERTISER", "DAY", 914),
        "history of items": history("PRODUCT_ITEM", "DAY", 92),
        "history by the hour": history("ADVERTISER", "HOUR", 8),
        "range of items": [order(today, "PRODUCT_ITEM", "DAY", days, 1)
                           for days in (32, 31)],
    }


def refused(today):
    """A report with a column that there is not."""
    return order(today, "ADVERTISER", "DAY", 1, 1, METRICS + (UNKNOWN_COLUMN,))
