"""What ads did, divided among keywords, product items and targeting values.

Each hour of an ad's day belongs to one keyword of its ad group, to one product
item of the ad, and to one value of each targeting type; so does each of the
day's conversions.  Therefore all sums are exact, whichever way one adds up:
hours to days, targeting values to entities, items to product groups, and all of
these to ad groups.  And where anything happened, something proves it, since
that is so for every hour.
"""

import draw
import targeting
from activity import ZERO, of_hours
from adgroupparts import excludes

HOURS = 24


def _owners(ad, ordinal, what, choices):
    """Which of the choices owns each hour, and each conversion after these."""
    data = ordinal.to_bytes(4, "little") + what.encode()
    random = draw.octets(ad["draw"][:31] + b"p", data)
    return [choices[one % len(choices)] for one in random]


def _part_choices(by_keyword, group, ad):
    """What the activity of an ad is divided among: ids of keywords, or pairs of
    product group and item."""
    if by_keyword:
        return [one["id"] for one in group["keywords"] if not excludes(one)]
    return [(product_group["id"], item["id"]) for product_group in group["product_groups"]
            if product_group["ad"]["id"] == ad["id"]
            for item in product_group["items"]]


class Division:
    """How one report divides activity.

    parts: "keyword" or "product_item"; None: not divided among such.  types:
    targeting types; none: not divided by targeting.
    """

    def __init__(self, advertiser, parts, types, hourly):
        self._parts, self._hourly = parts, hourly
        audiences = [one["id"] for one in advertiser.lists.of("audiences")]
        self._values = [(one, targeting.values(one, audiences)) for one in types]

    def of_day(self, ad, group, ordinal, activity):
        """{part: {(hour, targeting): (vector, conversions)}} of an ad's day."""
        hours = of_hours(activity, ad["draw"][2] % 5)
        parts, found = None, {}
        if self._parts:
            parts = _owners(ad, ordinal, self._parts, _part_choices(
                self._parts == "keyword", group, ad))
        for kind, values in self._values or [(None, None)]:
            owners = kind and _owners(ad, ordinal, kind, values)
            self._divide(found, hours, activity[1], parts, kind, owners)
        return found

    def _divide(self, found, hours, conversions, parts, kind, owners):
        def cell(slot):
            key = (slot if self._hourly else None,
                   (kind, owners[slot]) if kind else None)
            return found.setdefault(parts and parts[slot], {}).setdefault(
                key, [ZERO, []])
        for hour, vector in enumerate(hours):
            if vector:
                one = cell(hour)
                one[0] = [a + b for a, b in zip(one[0], vector)] \
                    if any(one[0]) else vector
        if not self._hourly:
            for place, conversion in enumerate(conversions):
                cell(HOURS + place)[1].append(conversion)
