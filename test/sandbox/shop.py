"""The ads of a shop for the home, for demonstrations.

With the option --shop ad accounts have campaigns as people name them, with seasons,
and figures that hang together: clicks follow impressions, spend follows clicks, and
orders follow visits.  Nothing here is meant to be awkward; see entities.py and
activity.py for that.
"""

import datetime
from collections import namedtuple

import draw
from activity import BASE, PLACE
from columns import ATTRIBUTIONS, DEVICES
from entities import Advertiser, Dataset

# first, last: month and day between which it runs.  size: impressions of an ad on an
# ordinary day.  clicks: per 10,000 impressions.  price: micro-currency of a click.
# orders: per 1,000 visits.  basket: currency of an order.
Plan = namedtuple("Plan", "name objective first last size clicks price orders basket")
_ALL_YEAR = ((1, 1), (12, 31))
PLANS = (
    Plan("Living Room Refresh", "CONSIDERATION", *_ALL_YEAR, 9000, 82, 520000, 21, 96),
    Plan("Catalog Sales, Always On", "CATALOG_SALES", *_ALL_YEAR, 12500, 74, 410000, 34, 78),
    Plan("Holiday Gift Guide", "WEB_CONVERSION", (10, 20), (12, 24), 15500, 91, 610000, 37, 84),
    Plan("Spring Garden", "WEB_CONVERSION", (3, 1), (6, 10), 11000, 88, 490000, 27, 72),
    Plan("Slow Living Brand Film", "AWARENESS", *_ALL_YEAR, 16000, 31, 880000, 9, 88),
    Plan("Kitchen Essentials", "WEB_CONVERSION", *_ALL_YEAR, 6500, 79, 560000, 26, 69),
    Plan("Summer Outdoor Living", "WEB_CONVERSION", (5, 10), (8, 25), 12000, 85, 470000, 24, 118),
    Plan("Come Back to Your Cart", "WEB_CONVERSION", *_ALL_YEAR, 2600, 140, 640000, 62, 81),
    Plan("Desks for Back to School", "CATALOG_SALES", (7, 15), (9, 12), 9500, 77, 530000, 22, 149),
    Plan("Wedding Registry", "CONSIDERATION", (1, 5), (6, 30), 7000, 95, 580000, 17, 134),
)
_GROUPS = ("Interests", "Keywords", "Lookalike 1 %", "Visitors of the shop")
_ADS = (("VIDEO", "Film, 6 s"), ("REGULAR", "Picture with headline"),
        ("CAROUSEL", "Carousel of five"), ("SHOPPING", "Product, white ground"))
_NAMES = ("Oak & Linen", "Oak & Linen Europe", "Oak & Linen Japan")

# Per cent of an ordinary day, at the first day of each month and of the next year
_SEASON = (76, 80, 88, 98, 104, 98, 90, 90, 98, 108, 132, 156, 76)
_WEEK = (97, 94, 95, 97, 101, 108, 108)         # Monday first, per cent
# Shares of conversions by what they are attributed to, per cent
_SHARES = dict(zip(ATTRIBUTIONS, (58, 27, 15)))


def _season(day):
    """Per mille of an ordinary day; it has grown by a fifth each year."""
    low, high = _SEASON[day.month - 1], _SEASON[day.month]
    percent = low * 31 + (high - low) * (day.day - 1)
    return percent * (100 + (day.toordinal() - 738000) * 20 // 365) // 310


def _rounded(thousandths, chance):
    """A number of whole things, right on average."""
    return (thousandths + chance % 1000) // 1000


class Figures:
    """What an ad of a plan does on each day."""

    def __init__(self, plan, ad):
        self._plan, self._key = plan, ad["draw"]
        self._video = ad["creative_type"] == "VIDEO"
        self._weight = 70 + draw.number("weight", ad["id"]) % 60     # per cent

    def runs(self, ordinal):
        day = datetime.date.fromordinal(ordinal)
        return self._plan.first <= (day.month, day.day) <= self._plan.last

    def of_day(self, ordinal, attribution):
        """The vector and the conversions of a day; see activity.py."""
        plan, random = self._plan, draw.words(self._key, ordinal.to_bytes(4, "little"))
        day = datetime.date.fromordinal(ordinal)
        shown = (plan.size * self._weight * _season(day) // 100000
                 * _WEEK[day.weekday()] * (92 + random[0] % 17) // 10000)
        clicks = shown * plan.clicks * (90 + random[1] % 21) // 1000000
        outbound = clicks * (64 + random[2] % 9) // 100
        saves = shown * (3 + random[3] % 3) // 1000
        found = dict.fromkeys(BASE, 0)
        found.update(
            spend=clicks * plan.price // 100 * (88 + random[4] % 25),
            paid_impressions=shown, earned_impressions=shown * (4 + random[5] % 3) // 100,
            paid_clicks=clicks, earned_clicks=clicks * 3 // 100,
            paid_outbound=outbound, earned_outbound=outbound * 3 // 100,
            paid_saves=saves, earned_saves=saves // 12,
            paid_engagements=clicks + saves + shown // 90,
            earned_engagements=clicks * 3 // 100 + saves // 12,
            destination_views=outbound * 91 // 100)
        if self._video:
            views = shown * 21 // 1000
            found.update(video_spend=found["spend"], paid_video=views,
                         earned_video=views // 25, paid_watch=views * 3100,
                         earned_watch=views // 25 * 3100)
        return ([found[name] for name in sorted(BASE, key=PLACE.get)],
                self._conversions(outbound, ordinal, attribution))

    def _conversions(self, visits, ordinal, attribution):
        plan, found = self._plan, []
        for how, share in _SHARES.items():
            random = draw.words(self._key[:31] + b"s",
                                ordinal.to_bytes(4, "little") + how.encode())
            if attribution.windows[how] == 0:
                continue
            orders = _rounded(visits * plan.orders * share // 100, random[0])
            for event, count, value in (
                    ("PAGE_VISIT", _rounded(visits * 9 * share, random[1]), 0),
                    ("ADD_TO_CART", _rounded(visits * plan.orders * share // 36, random[2]),
                     plan.basket * 1050000),
                    ("CHECKOUT", orders, plan.basket * (820000 + random[3] % 360000)),
                    ("SIGNUP", _rounded(visits * 6 * share // 100, random[4]), 0)):
                if count:
                    found.append((event, how, "WEB",
                                  (DEVICES[(random[5] % 5 + 2) // 3 % 3],
                                   DEVICES[random[6] % 2]),
                                  count, count * value, count * (11 + random[7] % 5) // 10))
        return found


class ShopAdvertiser(Advertiser):
    """An ad account whose campaigns are those of the plans."""

    @property
    def item(self):
        names = _NAMES[self.index % len(_NAMES)]
        more = self.index // len(_NAMES)
        return dict(super().item, name="%s %d" % (names, more + 1) if more else names)

    def _campaign(self, index):
        campaign = super()._campaign(index)
        plan, more = PLANS[index % len(PLANS)], index // len(PLANS)
        campaign.update(
            name="%s %d" % (plan.name, more + 1) if more else plan.name,
            objective_type=plan.objective, status="ACTIVE", summary_status="RUNNING",
            brand_label=None, custom_labels=None)
        for place, group in enumerate(campaign["ad_groups"]):
            group.update(name="%s: %s" % (plan.name, _GROUPS[place % len(_GROUPS)]),
                         status="ACTIVE", summary_status="RUNNING")
            for number, ad in enumerate(group["ads"]):
                kind, name = _ADS[(place + number) % len(_ADS)]
                ad.update(name="%s, %s" % (plan.name, name), creative_type=kind,
                          status="ACTIVE", review_status="APPROVED",
                          summary_status="APPROVED", rejected_reasons=[],
                          rejection_labels=[])
                ad["figures"] = Figures(plan, ad)
        return campaign


class ShopDataset(Dataset):
    """All ad accounts of a shop."""

    ADVERTISER = ShopAdvertiser
