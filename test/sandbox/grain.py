"""Which entities a report has rows of, and whose activity each of them shows."""

from collections import namedtuple

from columns import METRICS

# The entity that identifies the rows of a level.
ENTITIES = {"ADVERTISER": "advertiser", "CAMPAIGN": "campaign",
            "AD_GROUP": "ad_group", "PIN_PROMOTION": "ad", "KEYWORD": "keyword",
            "PRODUCT_GROUP": "product_group", "PRODUCT_ITEM": "product_item"}
# What owns the part of the ads' activity that is an entity's; see parts.py.
PARTS = {"keyword": "keyword", "product_group": "product_item",
         "product_item": "product_item"}

# id: under which a report files it; chain: the entity and all above it, by kind;
# ads: (ad, campaign) pairs whose activity counts; parts: the keyword or the pairs
# of product group and item whose part of it counts, (None,): all of it does.
Grain = namedtuple("Grain", "id chain ads parts")
_WHOLE = (None,)

# What always has rows of its own, of entities that several of these share: ad
# groups; ad groups and ads, and thereby Pins; or nothing, unless it is asked for.
ROW_SPLITS = {"ad_group": ("ad_group",), "pin": ("ad_group", "ad"),
              "requested": ()}
_SHARED = ("keyword", "product_group", "product_item")


def entity_of(level):
    """The kind of entity of a level, with or without targeting."""
    base = level[:-len("_TARGETING")] if level.endswith("_TARGETING") else level
    return ENTITIES[base]


class Filter:
    """Whether entities pass the filters of a query."""

    FIELDS = (("campaign", "campaign_ids", "id"),
              ("campaign", "campaign_statuses", "summary_status"),
              ("campaign", "campaign_objective_types", "objective_type"),
              ("campaign", "campaign_brand_label", "brand_label"),
              ("campaign", "campaign_custom_label", "custom_labels"),
              ("ad_group", "ad_group_ids", "id"),
              ("ad_group", "ad_group_statuses", "summary_status"),
              ("ad", "ad_ids", "id"), ("ad", "ad_statuses", "summary_status"),
              ("product_group", "product_group_ids", "report_id"),
              ("product_group", "product_group_statuses", "summary_status"),
              ("product_item", "product_item_ids", "id"))
    NAMES = tuple(name for _, name, _ in FIELDS)

    def __init__(self, filters):
        self._checks = {}
        for entity, name, field in self.FIELDS:
            if name in filters:
                values = filters[name]
                allowed = {values} if isinstance(values, str) else set(values)
                self._checks.setdefault(entity, []).append((field, allowed))

    def passes(self, entity, item):
        for field, allowed in self._checks.get(entity, ()):
            value = item[field]
            values = value if isinstance(value, list) else [value]
            if not allowed.intersection(values):
                return False
        return True


def grains(advertiser, query, revision):
    """Yields a Grain for each of the rows that a report may have at one time.

    Those of one entity follow each other.
    """
    entity = entity_of(query.level)
    found = _all_grains(advertiser, query, entity, revision)
    if entity not in _SHARED:
        yield from found
        return
    asked = {column.value.entity for column in query.columns
             if column.kind not in METRICS}
    apart = [one for one in ("campaign", "ad_group", "ad", "product_group")
             if one in asked or one in ROW_SPLITS[query.row_split]]
    by_id = {}
    for one in found:
        for part in _by_ad(one) if "ad" in apart else (one,):
            key = tuple(part.chain[kind]["id"] for kind in apart
                        if kind in part.chain)
            by_id.setdefault(part.id, {}).setdefault(key, []).append(part)
    for of_entity in by_id.values():
        for parts in of_entity.values():
            ads = {ad["id"]: (ad, campaign) for part in parts
                   for ad, campaign in part.ads}
            yield parts[0]._replace(
                ads=list(ads.values()),
                parts=tuple(one for part in parts for one in part.parts))


def _by_ad(grain):
    """A grain, divided among its ads."""
    if "ad" in grain.chain:
        return (grain,)
    return [grain._replace(chain=dict(grain.chain, ad=pair[0]), ads=[pair])
            for pair in grain.ads]


def _all_grains(advertiser, query, entity, revision):
    """Yields the Grain of each entity in each of its ad groups."""
    wanted = Filter(query.filters)
    top, everything = {"advertiser": advertiser.item}, []
    for index in range(len(advertiser.campaigns)):
        campaign = advertiser.renamed(index, revision)
        if not wanted.passes("campaign", campaign):
            continue
        above, of_campaign = dict(top, campaign=campaign), []
        for group in campaign["ad_groups"]:
            if not wanted.passes("ad_group", group):
                continue
            ads = [(ad, campaign) for ad in group["ads"]
                   if wanted.passes("ad", ad)]
            of_campaign.extend(ads)
            yield from _below(entity, dict(above, ad_group=group), ads, wanted)
        if entity == "campaign":
            yield Grain(campaign["id"], above, of_campaign, _WHOLE)
        everything.extend(of_campaign)
    if entity == "advertiser":
        yield Grain(advertiser.id, top, everything, _WHOLE)


def _below(entity, chain, ads, wanted):
    """Yields the grains of an ad group."""
    group = chain["ad_group"]
    if entity == "ad_group":
        yield Grain(group["id"], chain, ads, _WHOLE)
    elif entity == "ad":
        for pair in ads:
            yield Grain(pair[0]["id"], dict(chain, ad=pair[0]), [pair], _WHOLE)
    elif entity == "keyword":
        for keyword in group["keywords"]:
            yield Grain(keyword["report_id"], dict(chain, keyword=keyword), ads,
                        (keyword["id"],))
    elif entity in PARTS:
        for product_group in group["product_groups"]:
            if not wanted.passes("product_group", product_group):
                continue
            yield from _of_product_group(
                entity, dict(chain, product_group=product_group,
                             ad=product_group["ad"]), ads, wanted)


def _of_product_group(entity, chain, ads, wanted):
    """Yields the grains of a product group, which belongs to one ad."""
    group = chain["product_group"]
    own = [pair for pair in ads if pair[0]["id"] == group["ad"]["id"]]
    items = [item for item in group["items"]
             if wanted.passes("product_item", item)]
    if entity == "product_item":
        for item in items:
            yield Grain(item["id"], dict(chain, product_item=item), own,
                        ((group["id"], item["id"]),))
    else:
        yield Grain(group["report_id"], chain, own,
                    tuple((group["id"], item["id"]) for item in items))
