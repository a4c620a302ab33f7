"""Which entities a report has rows of, and whose activity each of them shows."""

from collections import namedtuple

# The entity that identifies the rows of a level.
ENTITIES = {"ADVERTISER": "advertiser", "CAMPAIGN": "campaign",
            "AD_GROUP": "ad_group", "PIN_PROMOTION": "ad", "KEYWORD": "keyword",
            "PRODUCT_GROUP": "product_group", "PRODUCT_ITEM": "product_item"}
# What owns the part of the ads' activity that is an entity's; see parts.py.
PARTS = {"keyword": "keyword", "product_group": "product_item",
         "product_item": "product_item"}

# chain: the entity and all above it, by kind; ads: (ad, campaign) pairs whose
# activity counts; parts: ids of the keyword or of the product items whose part
# of it counts, (None,): all of it does.
Grain = namedtuple("Grain", "id chain ads parts")
_WHOLE = (None,)


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
              ("product_group", "product_group_ids", "id"),
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
    """Yields the Grain of each entity that a report may have rows of."""
    entity, wanted = entity_of(query.level), Filter(query.filters)
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
            yield Grain(keyword["id"], dict(chain, keyword=keyword), ads,
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
                        (item["id"],))
    else:
        yield Grain(group["id"], chain, own, tuple(item["id"] for item in items))
