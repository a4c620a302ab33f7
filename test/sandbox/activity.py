"""What the ads did on each day: base metrics and conversions.

Everything is made up per ad and day; reports of higher levels are exact sums
of it.  A day's activity is a pair (vector, conversions): the vector holds the
base metrics in the order of BASE, conversions are tuples (event, attribution,
source, devices, count, value, quantity).  None: nothing happened.

Whatever is not zero in a vector implies spend, impressions, clicks,
engagements, video starts, destination views or leads: a client can find every
row by asking for these and for conversions.
"""

import datetime
import functools

import draw
from columns import ATTRIBUTIONS, DEVICES
from entities import DRAFTS

BASE = ("spend", "credit", "video_spend",
        "paid_impressions", "earned_impressions", "paid_clicks", "earned_clicks",
        "paid_outbound", "earned_outbound", "paid_saves", "earned_saves",
        "paid_engagements", "earned_engagements", "paid_video", "earned_video",
        "paid_watch", "earned_watch", "destination_views", "leads", "quizzes",
        "showcase", "idea", "collection")
PLACE = {name: place for place, name in enumerate(BASE)}
ZERO = (0,) * len(BASE)
_PRESENCE = tuple(PLACE[name] for name in (
    "spend", "paid_impressions", "earned_impressions", "paid_clicks",
    "earned_clicks", "paid_engagements", "earned_engagements", "paid_video",
    "earned_video", "destination_views", "leads"))

_SOURCES = {"CHECKOUT": ("WEB", "WEB", "INAPP", "OFFLINE", "PINTEREST"),
            "SIGNUP": ("WEB", "INAPP", "OFFLINE"),
            "ADD_TO_CART": ("WEB", "INAPP"), "SEARCH": ("WEB", "INAPP"),
            "LEAD": ("WEB", "OFFLINE"), "CUSTOM": ("WEB", "OFFLINE"),
            "UNKNOWN": ("WEB", "INAPP", "OFFLINE"), "APP_INSTALL": ("INAPP",)}
_EVENTS = ("PAGE_VISIT",) * 5 + ("CHECKOUT",) * 4 + ("ADD_TO_CART",) * 3 + (
    "SIGNUP", "CUSTOM", "LEAD", "SEARCH", "WATCH_VIDEO", "VIEW_CATEGORY",
    "APP_INSTALL", "UNKNOWN", "ADD_TO_WISHLIST", "SUBSCRIBE")
# Days between the ad's effect and the conversion.
_LAGS = (0, 0, 0, 0, 1, 1, 5, 7, 12, 30, 45)

# Per mille of the days on which something odd happened, one thing alone each.
_ODD = (("conversions", 20), ("impressions", 15), ("clicks", 12),
        ("engagements", 5), ("video", 5), ("destination", 5), ("leads", 5),
        ("spend", 5))
_WEEK = (96, 92, 95, 100, 104, 118, 125)        # Monday first, per cent
_BIG = 2 ** 53 + 1

# A report's choice of conversions: days per attribution, by whose time, and
# whether those of other members of the household count.
DEFAULT_WINDOWS = (30, 30, 1)


class Attribution:
    def __init__(self, windows=DEFAULT_WINDOWS, by_conversion_time=False,
                 household=False):
        self.windows = dict(zip(ATTRIBUTIONS, windows))
        self.stream = b"\1" if by_conversion_time else b"\0"
        self.household = household


def _in_flight(campaign, ordinal):
    """Campaigns that no longer run did so in about half of all months."""
    if campaign.get("ran_as", campaign["status"]) == "ACTIVE":
        return True
    day = datetime.date.fromordinal(ordinal)
    return _flight(campaign["id"], day.year, day.month)


@functools.lru_cache(maxsize=100000)
def _flight(campaign_id, year, month):
    return draw.number("flight", campaign_id, year, month) % 2 == 0


def day_kind(ad, campaign, ordinal, random):
    """What sort of day it was: normal, None, or one odd thing alone."""
    if campaign["status"] in DRAFTS or ad["status"] in DRAFTS:
        return None
    if "figures" in ad:             # see shop.py
        return "normal" if ad["figures"].runs(ordinal) else None
    if ad["always"]:
        return "normal"
    if not _in_flight(campaign, ordinal):
        return "conversions" if random[0] % 1000 < 10 else None
    place = random[0] % 1000
    rest = 50 + ad["draw"][0] % 8 * 50
    if place < rest:
        return None
    place -= rest
    for kind, share in _ODD:
        if place < share:
            if kind == "video" and ad["creative_type"] != "VIDEO":
                return "impressions"
            return kind
        place -= share
    return "normal"


def _normal(ad, ordinal, random):
    """The vector of an ordinary day."""
    size = 300 + ad["draw"][1] * 180
    creative = ad["creative_type"]
    paid = 1 + size * (70 + random[1] % 60) * _WEEK[(ordinal - 1) % 7] // 10000
    earned = paid * (random[2] % 12) // 100
    clicks = paid * (3 + random[3] % 15) // 1000
    earned_clicks = earned * (random[3] // 64 % 15) // 1000
    outbound = clicks * (50 + random[4] % 45) // 100
    saves = paid * (random[5] % 8) // 1000
    earned_saves = earned * (random[5] // 64 % 8) // 1000
    spend = paid * (2000 + random[6] % 4001) + clicks * (random[7] % 400003)
    video = paid * (5 + random[8] % 30) // 1000 if creative == "VIDEO" else 0
    earned_video = earned * (random[8] // 64 % 30) // 1000 if video else 0
    return [
        spend, spend // 10 if random[9] % 10 == 0 else 0, spend if video else 0,
        paid, earned, clicks, earned_clicks,
        outbound, earned_clicks * (random[4] // 64 % 80) // 100,
        saves, earned_saves,
        clicks + saves + paid * (random[10] % 30) // 1000,
        earned_clicks + earned_saves, video, earned_video,
        video * (20000 + random[11] % 60000), earned_video * 31007,
        outbound * (random[12] % 100) // 100,
        clicks * (random[13] % 20) // 100 if ad["lead_form_id"] else 0,
        clicks * (random[13] // 64 % 60) // 100 if creative == "QUIZ" else 0,
        clicks if creative == "SHOWCASE" else 0,
        clicks if creative == "IDEA" else 0,
        clicks if creative == "COLLECTION" else 0,
    ]


def _lone(kind, random):
    """The vector of a day on which only one thing happened."""
    vector = list(ZERO)
    place = {"impressions": "paid_impressions", "clicks": "paid_clicks",
             "engagements": "earned_engagements", "video": "paid_video",
             "destination": "destination_views"}.get(kind, kind)
    vector[PLACE[place]] = 1 + random[1] % 9
    if place == "spend":
        vector[PLACE["spend"]] = 1 + random[1] % 999999
    if place == "paid_video":
        vector[PLACE["paid_watch"]] = 2500
    return vector


def _conversions(ad, ordinal, attribution, at_least):
    """Conversions of a day, those outside of the windows left out."""
    data = attribution.stream + ordinal.to_bytes(4, "little")
    random = draw.words(ad["draw"][:31] + b"c", data)
    found = []
    for place in range(max(random[0] % 5, at_least)):
        first, second, third = random[1 + 3 * place:4 + 3 * place]
        event = _EVENTS[first % len(_EVENTS)]
        how = ATTRIBUTIONS[second % 5 % 3]
        lag = _LAGS[second // 8 % len(_LAGS)]
        # The first one of a day that has nothing else is in every window.
        if place or not at_least:
            if lag > attribution.windows[how]:
                continue
            if second // 1024 % 10 == 0 and not attribution.household:
                continue
        sources = _SOURCES.get(event, ("WEB",))
        count = 1 + third % (400 if event == "PAGE_VISIT" else 7)
        sells = event in ("CHECKOUT", "ADD_TO_CART", "SIGNUP", "CUSTOM", "LEAD")
        found.append((
            event, how, sources[first // 64 % len(sources)],
            (DEVICES[third // 512 % 3], DEVICES[third // 4096 % 3]),
            count, count * (third % 180000007) if sells else 0,
            count * (1 + third // 64 % 3)))
    return found


def of_day(ad, campaign, ordinal, attribution, plausible, change=None):
    """Activity of an ad on a day (a proleptic ordinal), or None."""
    random = draw.words(ad["draw"], ordinal.to_bytes(4, "little"))
    kind = day_kind(ad, campaign, ordinal, random)
    if change == "silence":
        return None
    if change == "wake" and kind is None:
        kind = "normal"
    if kind is None:
        return None
    conversions = ()
    if "figures" in ad:
        vector, conversions = ad["figures"].of_day(ordinal, attribution)
    elif kind == "normal":
        vector = _normal(ad, ordinal, random)
        conversions = _conversions(ad, ordinal, attribution, 0)
        if ad["always"] and not plausible:
            _make_big(vector, conversions, ordinal)
    elif kind == "conversions":
        vector = list(ZERO)
        conversions = _conversions(ad, ordinal, attribution, 1)
    else:
        vector = _lone(kind, random)
    if change == "cut":
        vector = [(value + 1) // 2 for value in vector]
    if change == "update":
        vector[PLACE["paid_impressions"]] += 7 + random[14] % 5
        vector[PLACE["spend"]] += 10001
    return vector, conversions


def _make_big(vector, conversions, ordinal):
    """Numbers that a double cannot hold, on three days of a month."""
    day = datetime.date.fromordinal(ordinal).day
    if day == 13:
        conversions.append(("CHECKOUT", "CLICK", "WEB", ("MOBILE", "DESKTOP"),
                            3, _BIG, 3))
    elif day == 17:
        vector[PLACE["earned_impressions"]] = _BIG
    elif day == 23:
        vector[PLACE["spend"]] = _BIG


def of_hours(activity, offset):
    """The same activity spread over 24 hours, as a list of vectors.

    Sums stay exact.  What would leave an hour with something but without
    anything that proves its presence moves on to the next hour.
    """
    vector = activity[0]
    hours, carry, last = [None] * 24, list(ZERO), None
    for hour in range(24):
        # Shares grow over the day: (h + 1)^2 - h^2 out of 24^2, shifted.
        low, high = (hour + offset) ** 2, (hour + 1 + offset) ** 2
        first, total = offset ** 2, (24 + offset) ** 2 - offset ** 2
        part = [value * (high - first) // total - value * (low - first) // total
                + kept for value, kept in zip(vector, carry)]
        if any(part[place] for place in _PRESENCE):
            hours[hour], carry, last = part, list(ZERO), hour
        else:
            carry = part
    if last is not None and any(carry):
        hours[last] = [a + b for a, b in zip(hours[last], carry)]
    return hours


class Changes:
    """What the revisions up to a number changed in the last days.

    Each revision updates about one per cent of the campaigns' days, takes one
    day's activity away from a campaign and gives one to another.
    """

    DAYS = 28

    def __init__(self, advertiser, revision, today):
        self._of = {}
        yesterday = today.toordinal() - 1
        days = range(yesterday - self.DAYS + 1, yesterday + 1)
        for number in range(1, revision + 1):
            self._revise(advertiser, number, days)

    def _revise(self, advertiser, number, days):
        campaigns = [campaign for campaign in advertiser.campaigns
                     if campaign["status"] not in DRAFTS]
        if not campaigns or not campaigns[0]["ad_groups"]:
            return
        cells = [(campaign["id"], day) for campaign in campaigns for day in days]
        for cell in cells:
            if draw.chance(1, "revision", number, *cell):
                self._of[cell] = "update"
        first = campaigns[0]["id"]
        self._of[(first, days[-1 - number % 7])] = "update"
        by_id = {campaign["id"]: campaign for campaign in campaigns}
        rest = sorted((cell for cell in cells
                       if cell[0] != first and cell[1] > days[-15]),
                      key=lambda cell: draw.number("order", number, *cell))
        for change, active in (("silence", True), ("wake", False)):
            for cell in rest:
                if (cell not in self._of
                        and _is_active(by_id[cell[0]], cell[1]) == active):
                    self._of[cell] = change
                    break

    def of(self, campaign_id, ordinal):
        return self._of.get((campaign_id, ordinal))


def _is_active(campaign, ordinal):
    for group in campaign["ad_groups"]:
        for ad in group["ads"]:
            random = draw.words(ad["draw"], ordinal.to_bytes(4, "little"))
            if day_kind(ad, campaign, ordinal, random):
                return True
    return False
