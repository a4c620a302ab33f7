"""Fields of entities that came after version 5.23 of Pinterest's description.

Each of them is null or left out for most entities.
"""

import draw
from draw import maybe as _maybe

_PLUS = {"boost_prospecting_ad_group_bid": 1.5,
         "pinner_list_exclusions": ["2542622254639", "Café \"neu\""]}


def of_campaign(key):
    return {
        "default_ad_group_budget_in_micro_currency": _maybe(
            40, 9007199254740993, "default budget", key),
        "intended_promotion_type": draw.pick((None, "SALE", "NEW"), "intent", key),
        "is_carting": _maybe(40, False, "carting", key),
        "is_ltv_optimized": _maybe(50, True, "ltv", key),
        "is_top_of_search": _maybe(40, draw.chance(50, "top", key), "tos", key),
        "performance_plus_campaign_settings": _maybe(40, _PLUS, "pp", key)}


def of_ad_group(key):
    radius = draw.pick((5, 12.5, 0.1), "radius", key)
    return {
        "customer_segment_id": _maybe(40, draw.digits(18, "segment", key),
                                      "segmented", key),
        "ext_features": _maybe(40, {"ä": [1, None]}, "ext", key),
        "is_local_inventory": _maybe(50, draw.chance(50, "local", key), "li", key),
        "local_inventory_radius_in_miles": _maybe(40, radius, "has radius", key),
        "performance_plus_campaign_settings": _maybe(30, {}, "pp", key),
        "placement_traffic_type": draw.pick((None, "ALL", "ON_PINTEREST"),
                                            "traffic", key),
        "promotion_ids": _maybe(50, [draw.digits(18, "promotion", one, key)
                                     for one in range(2)], "promotions", key)}


def of_ad(key):
    return {
        "carting_platform_type": _maybe(40, 3, "platform", key),
        "carting_products": _maybe(30, [{"id": "1", "name": "Stuhl „α“"}],
                                   "products", key),
        "collections_header_type": _maybe(40, "SHOP_THIS_COLLECTION", "head", key),
        "is_carting": _maybe(50, draw.chance(50, "carting", key), "cart", key),
        "is_collage_accepted_terms": _maybe(40, True, "terms", key),
        "is_collage_single_destination": _maybe(40, False, "single", key)}
