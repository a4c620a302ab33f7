"""The advertisers, campaigns, ad groups and ads of the sandbox.

Every entity is a dict with all fields of Pinterest's description (None: the
field is null or left out) and a few more that only reports show.  LISTS says
how the API lists them; tables.py puts all lists together.
"""

from collections import namedtuple

import draw
import newfields
import schema
from accountlists import AccountLists
from adgroupparts import keywords_of, negative_keywords_of, product_groups_of
from draw import entity_id as _id, maybe as _maybe
from entitytext import TRACKING, ad_name, ad_group_name, campaign_name
from schema import STATUSES, EntityList, by_id

# Entities were created in the two years from here on; nothing depends on the
# day the sandbox runs.
_CREATED = 1609459200           # 2021-01-01
_TWO_YEARS = 2 * 365 * 86400
_END = 1924991999               # 2030-12-31

CURRENCIES = ("USD", "EUR", "JPY", "GBP", "BRL", "PLN")
COUNTRIES = ("US", "DE", "JP", "GB", "BR", "PL")
DRAFTS = ("DRAFT", "DELETED_DRAFT")
OBJECTIVES = ("AWARENESS", "CONSIDERATION", "WEB_CONVERSION", "CATALOG_SALES",
              "VIDEO_COMPLETION")
CREATIVES = ("REGULAR", "VIDEO", "SHOPPING", "CAROUSEL", "COLLECTION", "IDEA",
             "SHOWCASE", "QUIZ")

# Statuses of the first campaigns; the later ones are drawn.
_FIRST_STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "ACTIVE", "DRAFT", "ACTIVE",
                   "DELETED_DRAFT")

ADVERTISER_FIELDS = schema.fields("""
    country text
    created_time seconds null
    currency text
    id id
    name text
    owner json
    permissions json
    updated_time seconds null
""")


def _items_of(name):
    return lambda advertiser, revision: advertiser.items(name, revision)


LISTS = {
    "campaigns": EntityList("campaign_id", schema.fields("""
        id id
        ad_account_id id
        daily_spend_cap integer null
        end_time seconds null
        is_automated_campaign boolean null
        is_flexible_daily_budgets boolean null
        lifetime_spend_cap integer null
        name text
        order_line_id id null
        start_time seconds null
        status text
        tracking_urls json null
        bid_options json null
        created_time seconds
        is_campaign_budget_optimization boolean null
        is_performance_plus boolean
        objective_type text
        summary_status text
        type text
        updated_time seconds
        default_ad_group_budget_in_micro_currency integer null
        intended_promotion_type text null
        is_carting boolean null
        is_ltv_optimized boolean null
        is_top_of_search boolean null
        performance_plus_campaign_settings json null
    """), _items_of("campaigns"), filters={"campaign_ids": "id"},
        statuses=STATUSES),
    "ad_groups": EntityList("ad_group_id", schema.fields("""
        auto_targeting_enabled boolean null
        bid_in_micro_currency integer null
        bid_strategy_type text null
        billable_event text
        budget_in_micro_currency integer null
        budget_type text
        campaign_id id
        end_time seconds null
        is_creative_optimization boolean null
        lifetime_frequency_cap integer
        name text
        optimization_goal_metadata json
        pacing_delivery_type text
        placement_group text
        promotion_application_level text null
        promotion_id id null
        start_time seconds null
        status text
        targeting_spec json
        targeting_template_ids json null
        tracking_urls json null
        ad_account_id id
        bid_multiplier number null
        conversion_learning_mode_type text null
        created_time seconds
        dca_assets json
        feed_profile_id id
        id id
        summary_status text
        type text
        updated_time seconds
        customer_segment_id id null
        ext_features json null
        is_local_inventory boolean null
        local_inventory_radius_in_miles number null
        performance_plus_campaign_settings json null
        placement_traffic_type text null
        promotion_ids json null
    """), _items_of("ad_groups"), filters={
        "campaign_ids": "campaign_id", "ad_group_ids": "id"}, only_one=True,
        statuses=STATUSES, flags=("translate_interests_to_names",)),
    "ads": EntityList("ad_id", schema.fields("""
        ad_group_id id
        android_deep_link text null
        carousel_android_deep_links json null
        carousel_destination_urls json null
        carousel_ios_deep_links json null
        click_tracking_url text null
        creative_type text
        customizable_cta_type text null
        destination_url text null
        disclosure_type text null
        disclosure_url text null
        grid_click_type text null
        ios_deep_link text null
        is_pin_deleted boolean
        is_removable boolean
        lead_form_id id null
        name text null
        quiz_pin_data json null
        status text
        tracking_urls json null
        view_tracking_url text null
        pin_id id
        ad_account_id id
        campaign_id id
        collection_items_destination_url_template text null
        created_time seconds
        id id
        rejected_reasons json
        rejection_labels json
        review_status text
        summary_status text
        type text
        updated_time seconds
        carting_platform_type integer null
        carting_products json null
        collections_header_type text null
        is_carting boolean null
        is_collage_accepted_terms boolean null
        is_collage_single_destination boolean null
    """), _items_of("ads"), filters={
        "campaign_ids": "campaign_id", "ad_group_ids": "ad_group_id",
        "ad_ids": "id"}, only_one=True, statuses=STATUSES),
}


def _summary(status, key):
    """Summary status of a campaign or an ad group."""
    if status == "ACTIVE":
        return draw.pick(("RUNNING",) * 6 + ("COMPLETED",), "summary", key)
    return status


class Advertiser:
    """An ad account with everything below it, made up on first use.

    Whoever is not permitted gets nothing but the account's own description.
    """

    def __init__(self, seed, index, shape, permitted=True):
        self.seed, self.index, self.shape = seed, index, shape
        self.permitted, self.access = permitted, "full" if permitted else "denied"
        self.key = (seed, "advertiser", index)
        self.id = draw.digits(18, "id", *self.key)
        self._campaigns, self.lists = None, AccountLists(self)

    def as_of(self, revision):
        """Of which revision its entities are; the setting may change at any time."""
        return revision

    @property
    def item(self):
        key, place = self.key, self.index % len(CURRENCIES)
        created = _CREATED - draw.number("created", key) % _TWO_YEARS
        names = ("Maison Émile & Söhne", "Bücher \"Überall\"", "花屋 はな 🌸",
                 "O'Neill's Garden", "Café do Sul \\ Norte", "Żółw sp. z o.o.")
        return {
            "country": COUNTRIES[place], "created_time": created,
            "currency": CURRENCIES[place], "id": self.id,
            "name": "%s %d" % (names[place], self.index + 1),
            "owner": {"id": draw.digits(18, "owner", key),
                      "username": "owner%d" % self.index},
            "permissions": ["OWNER"] if self.index % 2 == 0
                           else ["ADMIN", "CAMPAIGN_MANAGER"],
            "updated_time": _maybe(80, created + 86400 * 30, "updated", key),
        }

    @property
    def campaigns(self):
        if self._campaigns is None:
            self._campaigns = self._some("campaign", self.key, self.shape.campaigns,
                                         self._campaign)
        return self._campaigns

    # So many more are made of each kind than the shape says.
    SPARE = 0

    def _some(self, kind, parent, count, make):
        return self.living(kind, parent, [make(place) for place
                                          in range(count + self.SPARE)])

    def living(self, kind, key, items):
        """Those of the items that there are; see revisions.py for others."""
        return items

    def changes(self, revision, today):
        """What the revisions have changed in the metrics."""
        from activity import Changes    # which needs this module
        return Changes(self, revision, today)

    @property
    def keywords(self):
        return negative_keywords_of(self.id, "advertiser", self.key)

    def _campaign(self, index):
        key = (self.seed, self.index, "campaign", index)
        if index < len(_FIRST_STATUSES):
            status = _FIRST_STATUSES[index]
        else:
            status = draw.pick(STATUSES[:1] * 5 + STATUSES, "status", key)
        created = _CREATED + draw.number("created", key) % _TWO_YEARS
        budget = draw.number("budget", key) % 3
        brand = draw.pick((None, "Émile", "Basics"), "brand", key)
        line = _maybe(50, draw.digits(18, "order line", key), "has line", key)
        campaign = {
            "id": _id(key), "ad_account_id": self.id,
            "daily_spend_cap": (5000000 * (1 + draw.number("cap", key) % 400)
                                if budget == 0 or index == 0 else None),
            "end_time": _maybe(30, _END, "end", key),
            "is_automated_campaign": _maybe(70, index % 4 == 1, "auto", key),
            "is_flexible_daily_budgets": _maybe(60, index % 3 == 1, "flex", key),
            # More than a double can hold exactly, as lifetime caps may be.
            "lifetime_spend_cap": (9007199254740993 + 2 * index
                                   if budget == 1 and index else None),
            "name": campaign_name(index), "order_line_id": line,
            "start_time": _maybe(80, created + 86400, "start", key),
            "status": status,
            "tracking_urls": _maybe(40, TRACKING, "tracking", key),
            "bid_options": _maybe(30, {
                "app_type_multipliers": {"iphone": 1.25, "web": 0.5},
                "audience_multipliers": {draw.digits(13, "audience", key): 2},
                "placement_multipliers": {"SEARCH": 1.5}}, "bids", key),
            "created_time": created,
            "is_campaign_budget_optimization": budget == 0 or index == 0,
            "is_performance_plus": _maybe(70, index % 5 == 0, "plus", key),
            "objective_type": draw.pick(OBJECTIVES, "objective", key),
            "summary_status": (_summary(status, key) if index else "RUNNING"),
            "type": "campaign", "updated_time": created + 172800,
            # Only in reports:
            "managed_status": draw.pick(("MANAGED", "UNMANAGED"), "managed", key),
            "brand_label": brand,
            "custom_labels": draw.pick((None, ["summer"],
                                        ["summer", "été, \"promo\""]),
                                       "labels", key),
            "budget_optimization": "true" if budget == 0 or index == 0
                                   else "false",
            "is_catalog_creative": draw.chance(20, "catalog", key),
            "is_premiere": draw.chance(10, "premiere", key),
            "order_line_name": "Line " + line[-4:] if line else None,
        }
        campaign.update(newfields.of_campaign(key))
        campaign["keywords"] = negative_keywords_of(campaign["id"], "campaign", key)
        campaign["ad_groups"] = self._some(
            "ad_group", key, self.shape.ad_groups,
            lambda place: self._ad_group(campaign, key, place, index))
        return campaign

    def _ad_group(self, campaign, parent, index, campaign_index):
        key = parent + ("ad group", index)
        first = campaign_index == 0 and index == 0
        status = campaign["status"]
        if status == "ACTIVE" and not first:
            status = draw.pick(STATUSES[:1] * 6 + STATUSES[:3], "status", key)
        created = campaign["created_time"] + 60 * (index + 1)
        budget = 1000000 * (5 + draw.number("budget", key) % 500)
        cbo = campaign["is_campaign_budget_optimization"]
        multiplier = draw.pick((None, None, 0.5, 1.25, 2), "multiplier", key)
        promotion = _maybe(25, draw.digits(18, "promotion", key), "promo", key)
        goal = {"conversion_tag_v3_goal_metadata": {
            "attribution_windows": {"click_window_days": 30,
                                    "engagement_window_days": 30,
                                    "view_window_days": 1},
            "conversion_event": "CHECKOUT", "conversion_tag_id": "2613",
            "cpa_goal_value_in_micro_currency": "9007199254740993"}}
        ad_group = {
            "auto_targeting_enabled": _maybe(80, index % 2 == 0, "auto", key),
            "bid_in_micro_currency": _maybe(60, budget // 50 + 1, "bid", key),
            "bid_strategy_type": draw.pick((None, "AUTOMATIC_BID", "MAX_BID"),
                                           "strategy", key),
            "billable_event": draw.pick(("CLICKTHROUGH", "IMPRESSION"),
                                        "billable", key),
            "budget_in_micro_currency": None if cbo else budget,
            "budget_type": "CBO_ADGROUP" if cbo else "DAILY",
            "campaign_id": campaign["id"],
            "end_time": campaign["end_time"],
            "is_creative_optimization": _maybe(70, index % 3 == 0, "co", key),
            "lifetime_frequency_cap": _maybe(20, 5, "frequency", key),
            "name": ad_group_name(index, campaign_index),
            "optimization_goal_metadata": _maybe(40, goal, "goal", key),
            "pacing_delivery_type": "STANDARD",
            "placement_group": draw.pick(("ALL", "SEARCH", "BROWSE"), "place",
                                         key),
            "promotion_application_level": "AD_GROUP" if promotion else None,
            "promotion_id": promotion,
            "start_time": _maybe(70, created + 86400, "start", key),
            "status": status,
            "targeting_spec": _maybe(85, {
                "GENDER": ["female", "unknown"], "LOCALE": ["en-US", "de"],
                "LOCATION": ["US", "807"], "MINIMUM_AGE": "18",
                "MAXIMUM_AGE": "65+",
                "SHOPPING_RETARGETING": [{"lookback_window": 30,
                                          "tag_types": [0, 6],
                                          "exclusion_window": 14}]},
                "targeting", key),
            "targeting_template_ids": _maybe(20, ["2680059592705"], "tt", key),
            "tracking_urls": _maybe(30, TRACKING, "tracking", key),
            "ad_account_id": self.id, "bid_multiplier": multiplier,
            "conversion_learning_mode_type": draw.pick(
                (None, "ACTIVE", "NOT_ACTIVE"), "learning", key),
            "created_time": created, "dca_assets": None,
            "feed_profile_id": _maybe(30, "0", "feed", key),
            "id": _id(key),
            "summary_status": "RUNNING" if first else _summary(status, key),
            "type": "adgroup", "updated_time": created + 3600,
            # Only in reports:
            "budget": None if cbo else budget // 1000000,
            "optimization": draw.pick(("CLICKTHROUGH", "OUTBOUND_CLICK"), "opt",
                                      key),
            "promotion_name": "Promo \u20ac %s" % promotion[-3:] if promotion
                              else None,
        }
        ad_group.update(newfields.of_ad_group(key))
        ad_group["ads"] = self._some(
            "ad", key, self.shape.ads,
            lambda place: self._ad(campaign, ad_group, key, place))
        ad_group["keywords"] = self.living("keyword", key, keywords_of(ad_group, key))
        ad_group["product_groups"] = self.living(
            "product_group", key, product_groups_of(
                campaign, ad_group, key, index, self.item["currency"],
                self.shape.overlapping))
        return ad_group

    def _ad(self, campaign, ad_group, parent, index):
        key = parent + ("ad", index)
        first = parent[3] == 0 and parent[5] == 0 and index == 0
        status = ad_group["status"]
        if status == "ACTIVE" and not first:
            status = draw.pick(STATUSES[:1] * 8 + STATUSES[:3], "status", key)
        review = "APPROVED" if first else draw.pick(
            ("APPROVED",) * 8 + ("PENDING", "REJECTED"), "review", key)
        creative = "VIDEO" if first else draw.pick(CREATIVES, "creative", key)
        url = "https://shop.example/p/%s?utm_source=pinterest&n=é" % index
        created = ad_group["created_time"] + 60 * (index + 1)
        rejected = review == "REJECTED"
        carousel = creative == "CAROUSEL"
        quiz = {"questions": [{"question_id": 1, "question_text": "Who? ¿Qué?",
                               "options": [{"id": 1, "text": "\"me\""},
                                           {"id": 2, "text": "toi\u00a0🙂"}]}],
                "results": [{"result_id": 1, "destination_url": url}],
                "tie_breaker_type": "RANDOM"}
        return dict(newfields.of_ad(key), **{
            "ad_group_id": ad_group["id"],
            "android_deep_link": _maybe(20, "app://p/%d" % index, "adl", key),
            "carousel_android_deep_links": ["app://1", "app://2"]
                                           if carousel else None,
            "carousel_destination_urls": [url, url + "&2"] if carousel else None,
            "carousel_ios_deep_links": [] if carousel else None,
            "click_tracking_url": _maybe(30, "https://t.example/c?a=1,2", "ctu",
                                         key),
            "creative_type": creative,
            "customizable_cta_type": draw.pick((None, "LEARN_MORE", "SHOP_NOW"),
                                               "cta", key),
            "destination_url": _maybe(90, url, "url", key),
            "disclosure_type": None, "disclosure_url": None,
            "grid_click_type": draw.pick((None, "CLOSEUP",
                                          "DIRECT_TO_DESTINATION"), "grid", key),
            "ios_deep_link": None, "is_pin_deleted": draw.chance(5, "pin", key),
            "is_removable": _maybe(80, False, "removable", key),
            "lead_form_id": _maybe(15, draw.digits(13, "form", key), "lead", key),
            "name": None if not first and draw.chance(10, "no name", key)
                    else ad_name(index, parent[3] + parent[5]),
            "quiz_pin_data": quiz if creative == "QUIZ" else None,
            "status": status,
            "tracking_urls": _maybe(25, TRACKING, "tracking", key),
            "view_tracking_url": None, "pin_id": draw.digits(18, "pin", key),
            "ad_account_id": self.id, "campaign_id": campaign["id"],
            "collection_items_destination_url_template":
                url + "&item={product_id}" if creative == "COLLECTION" else None,
            "created_time": created, "id": _id(key),
            "rejected_reasons": ["HASHTAGS", "OTHER"] if rejected else [],
            "rejection_labels": ["Hashtags: \"#\" n'est pas permis"]
                                if rejected else [],
            "review_status": review,
            "summary_status": (status if status != "ACTIVE" else review),
            "type": "ad", "updated_time": created + 7200,
            # Only in reports:
            "video_length": 6 + draw.number("length", key) % 55
                            if creative == "VIDEO" else None,
            "feed_item_id": _maybe(20, draw.digits(18, "feed", key), "fi", key),
            # For the reports' metrics:
            "draw": draw.key_of("activity", *key), "always": first,
            "place": (parent[3], parent[5], index),
        })

    def items(self, name, revision=0):
        """The entities of one list, ordered by id."""
        campaigns = [self.renamed(index, revision)
                     for index in range(len(self.campaigns))]
        if name == "campaigns":
            found = campaigns
        else:
            found = [group for campaign in campaigns
                     for group in campaign["ad_groups"]]
            if name == "ads":
                found = [ad for group in found for ad in group["ads"]]
        return by_id(found)

    def renamed(self, index, revision):
        """A campaign at a revision: each revision renames one, in turn."""
        campaign, count = self.campaigns[index], len(self.campaigns)
        if revision <= index:
            return campaign
        latest = revision - (revision - 1 - index) % count
        return dict(campaign, name="%s (revision %d)" % (campaign["name"], latest),
                    updated_time=campaign["updated_time"] + 3600 * latest)


# overlapping: whether items are in several product groups of an ad group.
# pins: on each board.
Shape = namedtuple("Shape", "advertisers campaigns ad_groups ads overlapping pins",
                   defaults=(False, 30))


class Dataset:
    """All ad accounts of one seed.

    Nobody may read the unpermitted one, and no list names it.  The denied ones
    are listed, but that is all that one learns of them.
    """

    ADVERTISER = Advertiser

    def __init__(self, seed, shape, denied=0):
        self.seed, self.shape = seed, shape
        count = shape.advertisers
        self.unpermitted = Advertiser(seed, count, shape, False)
        self.denied = [Advertiser(seed, count + 1 + index, shape, False)
                       for index in range(denied)]
        self.put([self.ADVERTISER(seed, index, shape) for index in range(count)])

    def put(self, advertisers):
        self.advertisers = advertisers
        self.listed = self.advertisers + self.denied
        self._by_id = {one.id: one for one in self.listed + [self.unpermitted]}

    def find(self, advertiser_id):
        return self._by_id.get(advertiser_id)

    def at(self, revision):
        """The data at a revision, as far as these objects are concerned."""
        return self

    def living(self, kind, items):
        """What there is of what is the same for all ad accounts."""
        return items
