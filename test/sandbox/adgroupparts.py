"""What ad groups have besides ads: keywords, and product groups with items.

Ad groups share some of them: an item is for sale once, however many ad groups
promote it, and the reports file keywords and product groups of several ad groups
under one id ("report_id"), that of the first ad group.  What happened to them
stays apart.

Advertisers and campaigns have keywords, too, which keep ads from being shown.
"""

import draw
from draw import entity_id as _id, maybe as _maybe
from entitytext import KEYWORDS
from errors import invalid
from schema import STATUSES, EntityList, by_id, fields

KEYWORDS_EACH, NEGATIVE_EACH, GROUPS_EACH, ITEMS_EACH = 4, 2, 3, 5
# Places of what all ad groups of an ad account share, and of the item that is in
# all product groups of an ad group, if those overlap.
_SHARED_KEYWORD, _SHARED_GROUP, _SHARED_ITEM, _REPEATED_ITEM = 0, 1, 0, 1
MATCH_TYPES = ("BROAD", "PHRASE", "EXACT", "EXACT_NEGATIVE", "PHRASE_NEGATIVE")


def _first_ad_group(parent):
    """The key of the first ad group of the same ad account."""
    return parent[:2] + ("campaign", 0, "ad group", 0)


def _keyword(key, types, parent_id, parent_type):
    return {"bid": _maybe(50, 100000 + draw.number("bid", key) % 3000000,
                          "has bid", key),
            "match_type": draw.pick(types, "match", key),
            "value": draw.pick(KEYWORDS, "value", key),
            "archived": draw.chance(15, "archived", key), "id": _id(key),
            "parent_id": parent_id, "parent_type": parent_type,
            "type": "keyword"}


def keywords_of(ad_group, parent):
    """Keywords of an ad group; the last one excludes."""
    found = []
    for index in range(KEYWORDS_EACH):
        key = parent + ("keyword", index)
        types = (MATCH_TYPES[3:] if index == KEYWORDS_EACH - 1
                 else MATCH_TYPES[:3] * 4 + (None,))
        keyword = _keyword(key, types, ad_group["id"], "ad_group")
        # Only in reports:
        keyword["report_id"] = _id(_first_ad_group(parent) + ("keyword", index)
                                   ) if index == _SHARED_KEYWORD else _id(key)
        found.append(keyword)
    return found


def negative_keywords_of(identity, kind, parent):
    """Keywords of an advertiser or a campaign, which can only exclude."""
    return [_keyword(parent + ("keyword", index), MATCH_TYPES[3:], identity, kind)
            for index in range(NEGATIVE_EACH)]


def excludes(keyword):
    """Whether a keyword keeps ads from being shown."""
    return (keyword["match_type"] or "").endswith("_NEGATIVE")


def _all_keywords(advertiser, _):
    """Keywords that Pinterest lists: archived ones it does not."""
    found = list(advertiser.keywords)
    for campaign in advertiser.campaigns:
        found += campaign["keywords"]
        for group in campaign["ad_groups"]:
            found += group["keywords"]
    return by_id(one for one in found if not one["archived"])


def _choose_keywords(items, given, _):
    """Without a filter, only what belongs to the ad account itself."""
    if not {"ad_group_ids", "campaign_id", "ad_group_id"}.intersection(given):
        return [item for item in items if item["parent_type"] == "advertiser"]
    return items


# Each filter asks for one kind of parent: the keywords of a campaign's ad
# groups are not those of the campaign.
KEYWORD_LIST = EntityList("keyword_id", fields("""
    bid integer null
    match_type text null required
    value text
    archived boolean
    id id
    parent_id id
    parent_type text
    type text
"""), _all_keywords, filters={"ad_group_ids": "parent_id"}, one_id={
    "campaign_id": "parent_id", "ad_group_id": "parent_id"}, only_one=True,
    several={"match_types": ("match_type", MATCH_TYPES)}, order=False,
    select=_choose_keywords)


def product_groups_of(campaign, ad_group, parent, index, currency, overlapping):
    """Product groups of an ad group, as many as needed for each ad to have one.

    Every second ad group has some, and all of catalog sales campaigns.  If they
    overlap, one item is in each of them.
    """
    ads = ad_group["ads"]
    if not ads or (index % 2 and campaign["objective_type"] != "CATALOG_SALES"):
        return []
    return [_product_group(ad_group, ads[place % len(ads)], parent, place,
                           currency, overlapping)
            for place in range(max(GROUPS_EACH, len(ads)))]


def _product_group(ad_group, ad, parent, index, currency, overlapping):
    key = parent + ("product group", index)
    status = ad_group["status"]
    if status == "ACTIVE" and index:
        status = draw.pick(STATUSES[:1] * 4 + STATUSES[:3], "status", key)
    collection = ad["creative_type"] == "COLLECTION"
    included = _maybe(80, index % 7 != 6, "included", key)
    kind = "kitchen & \"dining\"" if index % 2 else "Möbel"
    group = {
        "ad_group_id": ad_group["id"],
        "bid_in_micro_currency": _maybe(
            60, 10000 + draw.number("bid", key) % 9000000, "has bid", key),
        "catalog_product_group_id": _maybe(
            85, draw.digits(13, "catalog", key), "has catalog", key),
        "catalog_product_group_name": _maybe(70, "Group é %d" % index, "name", key),
        "collections_header_type": "SHOP_THIS_COLLECTION" if collection else None,
        "collections_hero_destination_url":
            "https://shop.example/hero?a=1,2" if collection else None,
        "collections_hero_pin_id": draw.digits(18, "hero", key)
                                   if collection else None,
        "creative_type": ad["creative_type"],
        "customizable_cta_type": draw.pick((None, "SHOP_NOW", "ON_SALE"), "cta",
                                           key),
        "definition": "*/product_type_0='%s'" % kind,
        "grid_click_type": draw.pick((None, "CLOSEUP"), "grid", key),
        "id": _id(key), "included": included,
        "is_generate_background": _maybe(50, index % 2 == 0, "background", key),
        "is_image_auto_resizing": _maybe(40, index % 2 == 1, "resizing", key),
        "is_mdl": _maybe(40, False, "mdl", key),
        "parent_id": _maybe(60, draw.digits(12, "parent", key), "has parent", key),
        "preferred_media_type": draw.pick((None, "VIDEO", "IMAGE"), "media", key),
        "relative_definition": _maybe(70, "product_type_0='%s'" % kind, "rel", key),
        "selected_image_tag": _maybe(50, "soldes_d'été", "image", key),
        "selected_video_tag": _maybe(30, "clip \\ 1", "video", key),
        "slideshow_collections_description": None,
        "slideshow_collections_title": _maybe(20, "Diaporama", "title", key),
        "status": status,
        "tracking_url": _maybe(40, "https://t.example/pg?x=%d&y=ü" % index,
                               "tracking", key),
        # Only in reports:
        "summary_status": "EXCLUDED" if included is False else
                          {"ACTIVE": "RUNNING", "ARCHIVED": "ARCHIVED"}.get(
                              status, "PAUSED"),
        "ad": ad,
    }
    group["image_tag"] = group["selected_image_tag"]
    group["video_tag"] = group["selected_video_tag"]
    first = _first_ad_group(parent) + ("product group", index)
    group["report_id"] = _id(first) if index == _SHARED_GROUP else group["id"]
    keys = [key + ("item", place) for place in range(ITEMS_EACH)]
    keys[_SHARED_ITEM] = first + ("item", _SHARED_ITEM)
    group["items"] = [_item(keys[place], place, kind, currency)
                      for place in range(ITEMS_EACH)]
    if overlapping:
        group["items"][_REPEATED_ITEM] = _item(
            parent + ("item", _REPEATED_ITEM), _REPEATED_ITEM, "garden", currency)
    return group


def _price(cents):
    return cents / 100 if cents % 100 else cents // 100


def _item(key, index, kind, currency):
    """A product item; the API has no list of these."""
    identity, price = _id(key), 500 + draw.number("price", key) % 99500
    return {
        "id": identity, "name": "Chair „№ %d“, oak" % index,
        "image_url": "https://img.example/%s.jpg" % identity, "price": _price(price),
        "product_url": "https://shop.example/p/%s?ref=a&b=ü" % identity,
        "pin_url": "https://www.pinterest.com/pin/%s/" % identity,
        "brand": draw.pick((None, "Émile", "O'Neill"), "brand", key),
        "description": _maybe(80, "Line one\nline \"two\"\t%d" % index, "text", key),
        "sale_price": _maybe(30, _price(price * 4 // 5), "sale", key),
        "product_type": "Home > %s" % kind, "product_category": "Furniture",
        "currency": currency,
    }


def _all_product_groups(advertiser, _):
    return by_id(group for campaign in advertiser.campaigns
                 for ad_group in campaign["ad_groups"]
                 for group in ad_group["product_groups"])


def _choose_product_groups(items, given, _):
    if not {"ad_group_id", "product_group_promotion_ids"}.intersection(given):
        raise invalid("ad_group_id or product_group_promotion_ids is required")
    return items


PRODUCT_GROUP_LIST = EntityList("product_group_promotion_id", fields("""
    ad_group_id id
    bid_in_micro_currency integer null
    catalog_product_group_id id null
    catalog_product_group_name text null
    collections_header_type text null
    collections_hero_destination_url text null
    collections_hero_pin_id id null
    creative_type text
    customizable_cta_type text null
    definition text null
    grid_click_type text null
    id id
    included boolean null
    is_generate_background boolean null
    is_image_auto_resizing boolean null
    is_mdl boolean null
    parent_id id null
    preferred_media_type text null
    relative_definition text null
    selected_image_tag text null
    selected_video_tag text null
    slideshow_collections_description text null
    slideshow_collections_title text null
    status text
    tracking_url text null
"""), _all_product_groups, filters={"product_group_promotion_ids": "id"},
    one_id={"ad_group_id": "ad_group_id"}, only_one=True, statuses=STATUSES,
    select=_choose_product_groups)
