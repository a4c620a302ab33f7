"""The report columns: what each one is, where it is valid, how it is computed.

The names stand in columns.txt.  What a column is follows from its name by the
tables and patterns below, so that every name yields a value of its own kind.
"""

import os
import re
from collections import namedtuple

# Kinds.  The first four are metrics, the rest describe the entity.
COUNT, MICRO, AMOUNT, RATIO = "count", "micro", "amount", "ratio"
ID, TEXT, NUMBER, FLAG, JSON = "id", "text", "number", "flag", "json"
METRICS = (COUNT, MICRO, AMOUNT, RATIO)

# Sources of a value: a sum of base metrics; conversions that fit a selection
# (None: any); the number of users reached; one of these divided by another.
Sum = namedtuple("Sum", "terms")
Conversions = namedtuple("Conversions", "what event attribution source devices")
Reach = namedtuple("Reach", "impressions")
Ratio = namedtuple("Ratio", "numerator denominator scale decimals")
Attribute = namedtuple("Attribute", "entity field")

Column = namedtuple("Column", "name kind value depth conversion")

LEVELS = ("ADVERTISER", "ADVERTISER_TARGETING", "CAMPAIGN", "CAMPAIGN_TARGETING",
          "AD_GROUP", "AD_GROUP_TARGETING", "PIN_PROMOTION",
          "PIN_PROMOTION_TARGETING", "KEYWORD", "PRODUCT_GROUP",
          "PRODUCT_GROUP_TARGETING", "PRODUCT_ITEM", "PRODUCT_ITEM_TARGETING")

# The deepest entities whose columns a level has.
LEVEL_ENTITIES = {
    "ADVERTISER": ("advertiser",),
    "CAMPAIGN": ("advertiser", "campaign"),
    "AD_GROUP": ("advertiser", "campaign", "ad_group"),
    "PIN_PROMOTION": ("advertiser", "campaign", "ad_group", "ad"),
    "KEYWORD": ("advertiser", "campaign", "ad_group", "ad"),
    "PRODUCT_GROUP": ("advertiser", "campaign", "ad_group", "ad", "product_group"),
    "PRODUCT_ITEM": ("advertiser", "campaign", "ad_group", "product_group",
                     "product_item"),
}
# Metrics that a level refuses.
REACH_COLUMNS = ("TOTAL_IMPRESSION_USER", "TOTAL_IMPRESSION_FREQUENCY")
# Columns of ads that product items have, unlike all others of these.
PRODUCT_ITEM_TAKES = ("PIN_ID",)
PRODUCT_GROUP_TARGETING_REFUSES = ("OUTBOUND_CTR", "COST_PER_OUTBOUND_CLICK")

# Columns that describe an entity: (entity, kind, field of the entity).
ATTRIBUTES = {
    "ADVERTISER_ID": ("advertiser", ID, "id"),
    "AD_ACCOUNT_ID": ("advertiser", ID, "id"),
    "CAMPAIGN_ID": ("campaign", ID, "id"),
    "CAMPAIGN": ("campaign", TEXT, "name"),
    "CAMPAIGN_NAME": ("campaign", TEXT, "name"),
    "CAMPAIGN_STATUS": ("campaign", TEXT, "summary_status"),
    "CAMPAIGN_ENTITY_STATUS": ("campaign", TEXT, "status"),
    "CAMPAIGN_MANAGED_STATUS": ("campaign", TEXT, "managed_status"),
    "CAMPAIGN_OBJECTIVE_TYPE": ("campaign", TEXT, "objective_type"),
    "CAMPAIGN_BRAND_LABEL": ("campaign", TEXT, "brand_label"),
    "CAMPAIGN_CUSTOM_LABELS": ("campaign", JSON, "custom_labels"),
    "CAMPAIGN_LIFETIME_SPEND_CAP": ("campaign", NUMBER, "lifetime_spend_cap"),
    "CAMPAIGN_DAILY_SPEND_CAP": ("campaign", NUMBER, "daily_spend_cap"),
    "CAMPAIGN_BUDGET_OPTIMIZATION": ("campaign", TEXT, "budget_optimization"),
    "IS_CATALOG_CREATIVE_CAMPAIGN": ("campaign", FLAG, "is_catalog_creative"),
    "IS_PREMIERE_CAMPAIGN": ("campaign", FLAG, "is_premiere"),
    "ORDER_LINE_ID": ("campaign", ID, "order_line_id"),
    "ORDER_LINE_NAME": ("campaign", TEXT, "order_line_name"),
    "SPEND_ORDER_LINE_ID": ("campaign", ID, "order_line_id"),
    "AD_GROUP_ID": ("ad_group", ID, "id"),
    "AD_GROUP_NAME": ("ad_group", TEXT, "name"),
    "AD_GROUP_STATUS": ("ad_group", TEXT, "summary_status"),
    "AD_GROUP_ENTITY_STATUS": ("ad_group", TEXT, "status"),
    "AD_GROUP_BUDGET_TYPE": ("ad_group", TEXT, "budget_type"),
    "AD_GROUP_BUDGET_IN_LOCAL_CURRENCY": ("ad_group", NUMBER, "budget"),
    "AD_GROUP_BID_MULTIPLIER": ("ad_group", NUMBER, "bid_multiplier"),
    "AD_GROUP_OPTIMIZATION": ("ad_group", TEXT, "optimization"),
    "PROMO_ID": ("ad_group", ID, "promotion_id"),
    "PROMO_NAME": ("ad_group", TEXT, "promotion_name"),
    "AD_ID": ("ad", ID, "id"),
    "PIN_PROMOTION_ID": ("ad", ID, "id"),
    "AD_NAME": ("ad", TEXT, "name"),
    "PIN_PROMOTION_NAME": ("ad", TEXT, "name"),
    "AD_STATUS": ("ad", TEXT, "summary_status"),
    "PIN_PROMOTION_STATUS": ("ad", TEXT, "summary_status"),
    "PIN_ID": ("ad", ID, "pin_id"),
    "VIDEO_LENGTH": ("ad", NUMBER, "video_length"),
    "STANDARD_AD_FEED_ITEM_ID": ("ad", ID, "feed_item_id"),
    "PRODUCT_GROUP_ID": ("product_group", ID, "report_id"),
    "PRODUCT_GROUP_STATUS": ("product_group", TEXT, "summary_status"),
    "PRODUCT_GROUP_AD_IMAGE_TAG": ("product_group", TEXT, "image_tag"),
    "PRODUCT_GROUP_AD_VIDEO_TAG": ("product_group", TEXT, "video_tag"),
}


def _sum(*terms):
    """Sum of base metrics; a term is a name or (name, factor)."""
    return Sum(tuple(term if isinstance(term, tuple) else (term, 1)
                     for term in terms))


# Video metrics are multiples of one unit per ad and day, which keeps every
# viewer of the second half a viewer of the first one.
_VIDEO = {"3SEC_VIEWS": 11, "15SEC_UNIQUE_VIEWS": 4, "P100_COMPLETE": 1,
          "P0_COMBINED": 13, "P25_COMBINED": 8, "P50_COMBINED": 5,
          "P75_COMBINED": 3, "P95_COMBINED": 2, "MRC_VIEWS": 9}
_SHOWCASE = {"PIN_CLICKTHROUGH": 5, "SUBPAGE_CLICKTHROUGH": 3,
             "SUBPIN_CLICKTHROUGH": 2, "SUBPAGE_IMPRESSION": 40,
             "SUBPIN_IMPRESSION": 30, "SUBPAGE_SWIPE_LEFT": 7,
             "SUBPAGE_SWIPE_RIGHT": 9, "SUBPIN_SWIPE_LEFT": 4,
             "SUBPIN_SWIPE_RIGHT": 6, "SUBPAGE_REPIN": 1, "SUBPIN_REPIN": 1,
             "SUBPAGE_CLOSEUP": 8, "CARD_THUMBNAIL_SWIPE_FORWARD": 10,
             "CARD_THUMBNAIL_SWIPE_BACKWARD": 2}
# Families with a paid part (_1), an earned part (_2) and their TOTAL_.
_PAIRS = {"IMPRESSION": ("paid_impressions", "earned_impressions", 1),
          "CLICKTHROUGH": ("paid_clicks", "earned_clicks", 1),
          "OUTBOUND_CLICK": ("paid_outbound", "earned_outbound", 1),
          "REPIN": ("paid_saves", "earned_saves", 1),
          "ENGAGEMENT": ("paid_engagements", "earned_engagements", 1),
          "WEB_SESSIONS": ("paid_outbound", "earned_outbound", 1),
          "IDEA_PIN_PAGE_FORWARD": ("idea", "idea", 5),
          "IDEA_PIN_PAGE_BACKWARD": ("idea", "idea", 2),
          "IDEA_PIN_PRODUCT_TAG_VISIT": ("idea", "idea", 1),
          "COLLECTION_PIN_ITEM_IMPRESSION": ("collection", "collection", 12),
          "COLLECTION_PIN_ITEM_CLICKTHROUGH": ("collection", "collection", 2)}
for _name, _factor in _VIDEO.items():
    _PAIRS["VIDEO_" + _name] = ("paid_video", "earned_video", _factor)

SUMS = {
    "SPEND_IN_MICRO_DOLLAR": (MICRO, _sum("spend")),
    "SPEND_IN_DOLLAR": (AMOUNT, _sum("spend")),
    "ADS_CREDIT_SPEND_IN_MICRO_DOLLAR": (MICRO, _sum("credit")),
    "ADS_CREDIT_SPEND_IN_DOLLAR": (AMOUNT, _sum("credit")),
    "VIDEO_SPEND_IN_DOLLAR": (AMOUNT, _sum("video_spend")),
    "PAID_IMPRESSION": (COUNT, _sum("paid_impressions")),
    "IMPRESSION_1_GROSS": (COUNT, _sum("paid_impressions", "paid_saves")),
    "CLICKTHROUGH_1_GROSS": (COUNT, _sum("paid_clicks")),
    "TOTAL_DESTINATION_VIEWS": (COUNT, _sum("destination_views")),
    "LEADS": (COUNT, _sum("leads")),
    "QUIZ_COMPLETED": (COUNT, _sum("quizzes")),
}
for _name, (_paid, _earned, _factor) in _PAIRS.items():
    SUMS[_name + "_1"] = (COUNT, _sum((_paid, _factor)))
    SUMS[_name + "_2"] = (COUNT, _sum((_earned, _factor)))
    SUMS["TOTAL_" + _name] = (COUNT, _sum((_paid, _factor), (_earned, _factor)))
for _name, _factor in _SHOWCASE.items():
    SUMS["SHOWCASE_" + _name] = (COUNT, _sum(("showcase", _factor)))

# Conversions
EVENTS = ("PAGE_VISIT", "SIGNUP", "CHECKOUT", "CUSTOM", "ADD_TO_CART", "LEAD",
          "SEARCH", "WATCH_VIDEO", "VIEW_CATEGORY", "APP_INSTALL", "UNKNOWN",
          "ADD_TO_WISHLIST", "SUBSCRIBE")
ATTRIBUTIONS = ("CLICK", "ENGAGEMENT", "VIEW")
SOURCES = ("WEB", "INAPP", "OFFLINE", "PINTEREST")
DEVICES = ("DESKTOP", "MOBILE", "TABLET")
_EVENT = "(?P<event>%s)" % "|".join(EVENTS)
_SOURCE = "(?:(?P<source>%s)_)?" % "|".join(SOURCES)
_ATTRIBUTION = "(?:(?P<attribution>%s)_)?" % "|".join(ATTRIBUTIONS)
_DEVICE = "(%s)" % "|".join(DEVICES)
_CONVERSIONS = re.compile(
    "TOTAL_" + _SOURCE + _ATTRIBUTION + _EVENT
    + "(?P<what>_VALUE_IN_MICRO_DOLLAR|_QUANTITY)?$")
_BY_DEVICE = re.compile(
    "TOTAL_" + _EVENT + "_" + _DEVICE + "_ACTION_TO_" + _DEVICE + "_CONVERSION$")
_PER_EVENT = re.compile(
    _SOURCE + _EVENT + "_(?P<what>COST_PER_ACTION|ROAS)$")
_CONVERSION_RATE = re.compile("TOTAL_" + _SOURCE + _EVENT + "_CONVERSION_RATE$")
_WHAT = {None: "count", "_QUANTITY": "quantity", "_VALUE_IN_MICRO_DOLLAR": "value"}

SPEND = SUMS["SPEND_IN_MICRO_DOLLAR"][1]
IMPRESSIONS = SUMS["TOTAL_IMPRESSION"][1]
CLICKS = SUMS["TOTAL_CLICKTHROUGH"][1]
_OUTBOUND = SUMS["TOTAL_OUTBOUND_CLICK"][1]


def _conversions(what="count", event=None, attribution=None, source=None,
                 devices=None):
    return Conversions(what, event, attribution, source, devices)


_ALL_CONVERSIONS = {
    "TOTAL_CONVERSIONS": (COUNT, _conversions()),
    "TOTAL_CONVERSIONS_QUANTITY": (COUNT, _conversions("quantity")),
    "TOTAL_CONVERSIONS_VALUE_IN_MICRO_DOLLAR": (MICRO, _conversions("value")),
    "ONSITE_CHECKOUTS_1": (COUNT, _conversions(event="CHECKOUT",
                                               source="PINTEREST")),
    "INAPP_SKAN_APP_INSTALL": (COUNT, _conversions(
        event="APP_INSTALL", attribution="CLICK", source="INAPP")),
    "INAPP_SKAN_ASSISTED_APP_INSTALL": (COUNT, _conversions(
        event="APP_INSTALL", attribution="VIEW", source="INAPP")),
}
_SKAN = _ALL_CONVERSIONS["INAPP_SKAN_APP_INSTALL"][1]


def _of(name):
    return SUMS[name][1]


# Ratios: (numerator, denominator, unit).  "plain" divides; "dollars" and
# "micros" divide micro-currency; "mille" is micro-currency per 1,000, and
# "mille dollars" the same in currency; "seconds" divides milliseconds.
_UNITS = {"plain": (1, 1, 6), "dollars": (1, 10 ** 6, 6), "micros": (1, 1, 2),
          "mille": (1000, 1, 2), "mille dollars": (1, 1000, 6),
          "seconds": (1, 1000, 3)}
RATIOS = {
    "CTR": (_of("CLICKTHROUGH_1"), _of("IMPRESSION_1"), "plain"),
    "CTR_2": (_of("CLICKTHROUGH_2"), _of("IMPRESSION_2"), "plain"),
    "ECTR": (CLICKS, IMPRESSIONS, "plain"),
    "OUTBOUND_CTR": (_OUTBOUND, IMPRESSIONS, "plain"),
    "OUTBOUND_CTR_1": (_of("OUTBOUND_CLICK_1"), _of("IMPRESSION_1"), "plain"),
    "COST_PER_OUTBOUND_CLICK": (SPEND, _OUTBOUND, "micros"),
    "COST_PER_OUTBOUND_CLICK_IN_DOLLAR": (SPEND, _OUTBOUND, "dollars"),
    "COST_PER_OUTBOUND_CLICK_IN_DOLLAR_1": (SPEND, _of("OUTBOUND_CLICK_1"),
                                            "dollars"),
    "CPC_IN_MICRO_DOLLAR": (SPEND, _of("CLICKTHROUGH_1"), "micros"),
    "ECPC_IN_MICRO_DOLLAR": (SPEND, CLICKS, "micros"),
    "ECPC_IN_DOLLAR": (SPEND, CLICKS, "dollars"),
    "ECPE_IN_DOLLAR": (SPEND, _of("TOTAL_ENGAGEMENT"), "dollars"),
    "ENGAGEMENT_RATE": (_of("ENGAGEMENT_1"), _of("IMPRESSION_1"), "plain"),
    "EENGAGEMENT_RATE": (_of("TOTAL_ENGAGEMENT"), IMPRESSIONS, "plain"),
    "ECPM_IN_MICRO_DOLLAR": (SPEND, IMPRESSIONS, "mille"),
    "CPM_IN_MICRO_DOLLAR": (SPEND, _of("IMPRESSION_1"), "mille"),
    "CPM_IN_DOLLAR": (SPEND, _of("IMPRESSION_1"), "mille dollars"),
    "REPIN_RATE": (_of("REPIN_1"), _of("IMPRESSION_1"), "plain"),
    "TOTAL_REPIN_RATE": (_of("TOTAL_REPIN"), IMPRESSIONS, "plain"),
    "TOTAL_IMPRESSION_FREQUENCY": (IMPRESSIONS, Reach(IMPRESSIONS), "plain"),
    "PAID_VIDEO_VIEWABLE_RATE": (_of("VIDEO_MRC_VIEWS_1"), _of("IMPRESSION_1"),
                                 "plain"),
    "CPV_IN_MICRO_DOLLAR": (_of("VIDEO_SPEND_IN_DOLLAR"),
                            _of("VIDEO_MRC_VIEWS_1"), "micros"),
    "ECPV_IN_DOLLAR": (_of("VIDEO_SPEND_IN_DOLLAR"),
                       _of("TOTAL_VIDEO_MRC_VIEWS"), "dollars"),
    "CPCV_IN_MICRO_DOLLAR": (_of("VIDEO_SPEND_IN_DOLLAR"),
                             _of("VIDEO_P100_COMPLETE_1"), "micros"),
    "ECPCV_IN_DOLLAR": (_of("VIDEO_SPEND_IN_DOLLAR"),
                        _of("TOTAL_VIDEO_P100_COMPLETE"), "dollars"),
    "CPCV_P95_IN_MICRO_DOLLAR": (_of("VIDEO_SPEND_IN_DOLLAR"),
                                 _of("VIDEO_P95_COMBINED_1"), "micros"),
    "ECPCV_P95_IN_DOLLAR": (_of("VIDEO_SPEND_IN_DOLLAR"),
                            _of("TOTAL_VIDEO_P95_COMBINED"), "dollars"),
    "VIDEO_AVG_WATCHTIME_IN_SECOND_1": (_sum("paid_watch"),
                                        _of("VIDEO_P0_COMBINED_1"), "seconds"),
    "VIDEO_AVG_WATCHTIME_IN_SECOND_2": (_sum("earned_watch"),
                                        _of("VIDEO_P0_COMBINED_2"), "seconds"),
    "TOTAL_VIDEO_AVG_WATCHTIME_IN_SECOND": (
        _sum("paid_watch", "earned_watch"), _of("TOTAL_VIDEO_P0_COMBINED"),
        "seconds"),
    "COST_PER_LEAD": (SPEND, _of("LEADS"), "dollars"),
    "QUIZ_COMPLETION_RATE": (_of("QUIZ_COMPLETED"), CLICKS, "plain"),
    "SHOWCASE_AVERAGE_SUBPAGE_CLOSEUP_PER_SESSION": (
        _of("SHOWCASE_SUBPAGE_CLOSEUP"), _of("SHOWCASE_PIN_CLICKTHROUGH"),
        "plain"),
    "INAPP_SKAN_APP_INSTALL_COST_PER_ACTION": (SPEND, _SKAN, "dollars"),
    "INAPP_SKAN_APP_INSTALL_CONVERSION_RATE": (_SKAN, CLICKS, "plain"),
}


def _ratio(numerator, denominator, unit):
    times, per, decimals = _UNITS[unit]
    return Ratio(numerator, denominator, (times, per), decimals)


def _is_conversion(value):
    if isinstance(value, Ratio):
        return _is_conversion(value.numerator) or _is_conversion(value.denominator)
    return isinstance(value, Conversions)


def _metric(name):
    """Kind and source of a metric column."""
    if name in SUMS:
        return SUMS[name]
    if name in _ALL_CONVERSIONS:
        return _ALL_CONVERSIONS[name]
    if name in RATIOS:
        return RATIO, _ratio(*RATIOS[name])
    if name == "TOTAL_IMPRESSION_USER":
        return COUNT, Reach(IMPRESSIONS)
    found = _BY_DEVICE.match(name)
    if found:
        return COUNT, _conversions(event=found.group("event"),
                                   devices=(found.group(2), found.group(3)))
    found = _CONVERSION_RATE.match(name)
    if found:
        events = _conversions(event=found.group("event"),
                              source=found.group("source"))
        return RATIO, _ratio(events, CLICKS, "plain")
    found = _CONVERSIONS.match(name)
    if found:
        what = _WHAT[found.group("what")]
        return (MICRO if what == "value" else COUNT), _conversions(
            what, found.group("event"), found.group("attribution"),
            found.group("source"))
    found = _PER_EVENT.match(name)
    if found:
        event, source = found.group("event"), found.group("source")
        if found.group("what") == "ROAS":
            return RATIO, _ratio(_conversions("value", event, None, source),
                                 SPEND, "plain")
        return RATIO, _ratio(SPEND, _conversions("count", event, None, source),
                             "dollars")
    raise LookupError("no rule for the report column " + name)


def _column(name):
    if name.startswith("PRODUCT_ITEM_"):
        kind = NUMBER if name.endswith("_PRICE") else TEXT
        return Column(name, kind, Attribute("product_item", name[13:].lower()),
                      "product_item", False)
    if name in ATTRIBUTES:
        entity, kind, field = ATTRIBUTES[name]
        return Column(name, kind, Attribute(entity, field), entity, False)
    kind, value = _metric(name)
    return Column(name, kind, value, None, _is_conversion(value))


def _load():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "columns.txt")
    with open(path, encoding="ascii") as lines:
        return {name: _column(name) for name in lines.read().split()}


COLUMNS = _load()


def is_valid(column, level):
    """Whether Pinterest has the column at that level."""
    base = level[:-len("_TARGETING")] if level.endswith("_TARGETING") else level
    if column.depth is not None:
        return column.depth in LEVEL_ENTITIES[base] or (
            base == "PRODUCT_ITEM" and column.name in PRODUCT_ITEM_TAKES)
    if column.name in REACH_COLUMNS:
        return base == level and level != "KEYWORD"
    if level == "PRODUCT_GROUP_TARGETING":
        return column.name not in PRODUCT_GROUP_TARGETING_REFUSES
    return True


def valid_names(level):
    """Names of all columns that the level has, in Pinterest's order."""
    return [name for name, column in COLUMNS.items() if is_valid(column, level)]
