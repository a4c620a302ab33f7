"""Lists of an ad account that became tables later, from labels to schedules."""

import draw
import lists
from draw import entity_id as _id, maybe as _maybe
from errors import invalid
from schema import by_id, fields
from tablelists import TableList

_CREATED, _YEAR = 1609459200, 365 * 86400
_ADS = ("ads:read",)
_ACCOUNT = r"/v5/ad_accounts/([^/]*)/"
INSIGHTS = ("YOUR_TOTAL_AUDIENCE", "YOUR_ENGAGED_AUDIENCE", "PINTEREST_TOTAL_AUDIENCE")
PLATFORMS = ("WEB", "MOBILE_IOS", "OFFLINE")
SOURCES = ("TAG", "CONVERSIONS_API")


def _created(key):
    return _CREATED + draw.number("created", key) % _YEAR


def _labels(advertiser, revision):
    rows = []
    for index, campaign in enumerate(advertiser.items("campaigns", revision)):
        for kind in ("BRAND", "CUSTOM"):
            key = advertiser.key + ("label", kind, campaign["id"])
            rows.append({
                "id": _id(key), "label_type": kind, "value": "%s „%d“" % (kind, index),
                "status": "ARCHIVED" if index % 3 == 1 else "ACTIVE",
                "parent_type": "CAMPAIGN", "parent_id": campaign["id"]})
    key = advertiser.key + ("label", "unused")
    rows.append({"id": _id(key), "label_type": "BRAND", "value": "", "status": "ACTIVE",
                 "parent_type": None, "parent_id": None})
    return by_id(rows)


_LABEL_CHOICES = {"entity_statuses": ("ACTIVE", "ARCHIVED"),
                  "label_types": ("BRAND", "CUSTOM")}


def _check_labels(given):
    for name, known in _LABEL_CHOICES.items():
        lists.choices_of(given, name, known)
    for name in ("campaign_ids", "label_ids"):
        lists.ids_of(given, name)


def _some_labels(rows, _, given, __):
    statuses = lists.values_of(given, "entity_statuses") or ["ACTIVE"]
    types = lists.values_of(given, "label_types") or ["BRAND", "CUSTOM"]
    campaigns = lists.ids_of(given, "campaign_ids")
    labels = lists.ids_of(given, "label_ids")
    return [row for row in rows
            if row["status"] in statuses and row["label_type"] in types
            and (campaigns is None or row["parent_id"] in campaigns)
            and (labels is None or row["id"] in labels)]


def _promotions(advertiser, revision):
    rows = []
    for index in range(30):
        key = advertiser.key + ("promotion", index)
        start = _created(key)
        rows.append({
            "id": _id(key), "ad_account_id": advertiser.id,
            "promotion_title": "Été %d \"−10 %%\"" % index,
            "promotion_type": draw.pick(("FREE_SHIPPING", "SITEWIDE", "VARIABLE"),
                                        "type", key),
            "promotion_code": _maybe(60, "été%d" % index, "code", key),
            "promotion_custom_id": _maybe(50, "own\\%d" % index, "custom", key),
            "status": draw.pick(("ACTIVE", "PAUSED", "ARCHIVED"), "status", key),
            "discount_status": "EXPIRED" if index % 4 == revision % 4 else "ACTIVE",
            "start_time": start, "end_time": _maybe(70, start + 86400 * 9, "end", key),
            "template_values": [{"value": "10", "unit": "%"}] if index % 2 else [],
            "platform_type": "SHOPIFY" if index % 2 else "DEFAULT",
            "external_id": "gid://%d" % index if index % 2 else None})
    return by_id(rows)


def _events(advertiser, _):
    return [{"name": name, "mapped_conversion_type": kind} for name, kind in (
        ("download_picture", "LEAD"), ("Größe gewählt", None),
        ("it's \"new\", %d" % advertiser.index, "ADD_TO_CART"))]


def _page_visits(advertiser, _):
    rows = []
    for tag in advertiser.lists.of("conversion_tags"):
        for event in ("PAGE_VISIT", "VIEW_CATEGORY"):
            key = advertiser.key + ("page visit", tag["id"], event)
            rows.append({"conversion_tag_id": tag["id"], "conversion_event": event,
                         "ad_account_id": advertiser.id, "created_time": _created(key)})
    return rows


def _quality(advertiser, revision):
    rows = []
    for period in ("1d", "14d"):
        for platform in PLATFORMS:
            for source in SOURCES:
                key = advertiser.key + ("quality", period, platform, source)
                if not draw.chance(70, "has", key) and source == "TAG":
                    continue
                good = draw.number("score", revision, key) % 100
                rows.append({
                    "lookback_period": period, "source_platform": platform,
                    "ingestion_source": source,
                    "overall_status": ("NEEDS_IMPROVEMENT", "FAIR", "GOOD")[good % 3],
                    "quality_components": {"email": {
                        "coverage": good / 4, "details": "„%d %%“" % good}}})
    return rows


def _check_period(given):
    period = lists.single(given, "lookback_period")
    if period is None:
        raise invalid("'lookback_period' is a required property")
    lists.one_of(period, ("1d", "14d"))


def _of_period(rows, _, given, __):
    return [row for row in rows if row["lookback_period"] == given["lookback_period"][0]]


def _insights(advertiser, revision):
    rows = []
    for place, kind in enumerate(INSIGHTS):
        key = advertiser.key + ("insight", kind)
        size = draw.number("size", key) % 10 ** 9 + revision
        rows.append({
            "type": kind, "date": "2026-10-%02d" % (9 + place) if place < 2 else None,
            "size": size, "size_is_upper_bound": place == 1,
            "categories": [{"key": "home_decor", "name": "Décor", "ratio": 0.25,
                            "index": 1.5, "id": "935249274030", "subcategories": []}],
            "demographics": {"ages": [{"key": "18-24", "name": "18–24", "ratio": 0.5}],
                             "genders": [], "devices": [], "metros": [],
                             "countries": [{"key": "US", "name": "É.-U.",
                                            "ratio": 1}]}})
    return rows


def _check_insight(given):
    kind = lists.single(given, "audience_insight_type")
    if kind is None:
        raise invalid("'audience_insight_type' is a required property")
    lists.one_of(kind, INSIGHTS)


def _of_insight(rows, _, given, __):
    return [row for row in rows if row["type"] == given["audience_insight_type"][0]]


def _segments(advertiser, _):
    rows, audiences = [], advertiser.lists.of("audiences")
    for index in range(3):
        key = advertiser.key + ("segment", index)
        rows.append({
            "id": _id(key), "name": "Stammkunden №%d" % index,
            "status": ("ACTIVE", "ARCHIVED")[index % 2],
            "audience_ids": [one["id"] for one in audiences[index:index * 2 + 1]],
            "created_time": _created(key), "updated_time": _created(key) + 60})
    return by_id(rows)


def _schedules(advertiser, revision):
    """Of the first two campaigns, and of the last one."""
    rows, campaigns = [], advertiser.items("campaigns", revision)
    for index, campaign in enumerate(campaigns[:2] + campaigns[2:][-1:]):
        key = advertiser.key + ("schedule", index)
        budget = index % 2 == 0
        rows.append({
            "schedule_id": _id(key), "entity_id": campaign["id"],
            "entity_type": "CAMPAIGN", "name": _maybe(80, "„Sale“ %d" % index, "name", key),
            "schedule_type": "CAMPAIGN_BUDGET_CHANGE" if budget
                             else "CAMPAIGN_BID_MULTIPLIERS",
            "schedule_action": "INCREASE_BUDGET",
            "schedule_status": ("SCHEDULED", "COMPLETED")[revision % 2],
            "start_timestamp": _created(key),
            "end_timestamp": _maybe(50, _created(key) + 3600, "end", key),
            "delta_value": "12.5" if budget else
                           {"gender_multipliers": {"female": 1.25 + index}}})
    return rows


def _check_entities(given):
    if "entity_ids" not in given:
        raise invalid("'entity_ids' is a required property")
    lists.ids_of(given, "entity_ids")


def _of_entities(rows, _, given, __):
    wanted = lists.ids_of(given, "entity_ids")
    return [row for row in rows if row["entity_id"] in wanted]


MORE_LISTS = {
    "labels": TableList(
        _ACCOUNT + "labels", _ADS, fields("""
            id id
            label_type text
            parent_id id null
            parent_type text null
            status text
            value text
        """), _labels, parameters=("campaign_ids", "label_ids", "entity_statuses",
                                   "label_types"),
        check=_check_labels, part=_some_labels, within="labels",
        columns={"id": "label_id"}),
    "promotions": TableList(
        _ACCOUNT + "promotions", _ADS, fields("""
            id id
            discount_status text
            end_time seconds
            external_id text
            platform_type text
            promotion_code text
            promotion_custom_id text
            promotion_title text
            promotion_type text
            start_time seconds
            status text
            template_values json
        """), _promotions, order=True, columns={"id": "promotion_id"}),
    "advertiser_defined_events": TableList(
        _ACCOUNT + "advertiser_defined_events", _ADS, fields("""
            name text
            mapped_conversion_type text null
        """), _events, shape="items"),
    "page_visit_tags": TableList(
        _ACCOUNT + "conversion_tags/page_visit", _ADS, fields("""
            conversion_tag_id id
            conversion_event text
            created_time seconds
        """), _page_visits, keys=2, order=True),
    "conversion_quality": TableList(
        _ACCOUNT + "conversion_eqs", _ADS, fields("""
            lookback_period text
            source_platform text
            ingestion_source text
            overall_status text
            quality_components json
        """), _quality, keys=3, shape="array",
        parameters=("lookback_period", "source_platform", "ingestion_source"),
        check=_check_period, part=_of_period),
    "audience_insights": TableList(
        _ACCOUNT + "audience_insights", _ADS, fields("""
            type text
            categories json
            date text null
            demographics json
            size integer
            size_is_upper_bound boolean
        """), _insights, shape="object", parameters=("audience_insight_type",),
        check=_check_insight, part=_of_insight),
    "customer_segments": TableList(
        _ACCOUNT + "customer_segments", _ADS, fields("""
            id id
            audience_ids json
            created_time seconds
            name text
            status text
            updated_time seconds
        """), _segments, order=True, columns={"id": "customer_segment_id"}),
    "schedules": TableList(
        _ACCOUNT + "schedules", _ADS, fields("""
            schedule_id id
            delta_value json
            end_timestamp seconds null
            entity_id id
            entity_type text
            name text null
            schedule_action text
            schedule_status text
            schedule_type text
            start_timestamp seconds
        """), _schedules, order=True, parameters=("entity_ids",),
        check=_check_entities, part=_of_entities),
}
