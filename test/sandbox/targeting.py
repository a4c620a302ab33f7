"""Targeting: the codes with their names, and the values that reports break by."""

from entitytext import KEYWORDS

_AGES = ("18-24", "25-34", "35-44", "45-49", "50-54", "55-64", "65+")
_COUNTRIES = {"US": "United States", "DE": "Germany", "JP": "Japan",
              "BR": "Brazil", "CI": "Côte d'Ivoire", "GR": "Greece"}
_INTERESTS = {"901179409185": "Women's fashion", "903733943146": "DIY & crafts",
              "918105274631": "Food and drinks: \"pâtisserie\"",
              "925056443165": "Home décor", "935541271955": "花・ガーデニング",
              "961238559656": "Wedding"}

# What /resources/targeting/{type} knows.  None and the empty object: types
# whose values are not a fixed list.
OPTIONS = {
    "APPTYPE": {"android_mobile": "Android Mobile",
                "android_tablet": "Android Tablet", "ipad": "iPad",
                "iphone": "iPhone", "web": "Web", "web_mobile": "Web Mobile"},
    "GENDER": {"unknown": "Unspecified", "male": "Male", "female": "Female"},
    "LOCALE": {"de": "Deutsch", "en-US": "English (US)",
               "pt-BR": "Português (Brasil)", "ja": "日本語", "ar": "العربية"},
    "AGE_BUCKET": {age: age for age in _AGES},
    "LOCATION": dict(_COUNTRIES, **{
        "500": "U.S.: Portland-Auburn", "501": "U.S.: New York",
        "717": "U.S.: Quincy-Hannibal-Keokuk", "807": "U.S.: San Francisco",
        "36313": "Australia: Moreton Bay - North",
        "554013": "New Zealand: Invercargill", "276001": "Germany: Köln, Bonn"}),
    "GEO": {"US-CA": "California", "US-NY": "New York", "DE-BY": "Bayern",
            "BR-SP": "São Paulo", "US:94103": "94103"},
    "INTEREST": _INTERESTS,
    "KEYWORD": {},
    "AUDIENCE_INCLUDE": {},
    "AUDIENCE_EXCLUDE": None,
}

# The values of each targeting type of reports; one that stands there more
# often gets more.  None: ids of the ad account's audiences.
_VALUES = {
    "KEYWORD": KEYWORDS,
    "APPTYPE": ("iphone",) * 3 + ("android_mobile",) * 2 + ("web", "ipad"),
    "GENDER": ("female",) * 4 + ("male", "male", "unknown"),
    "LOCATION": ("501", "501", "500", "807", "36313", "554013", "GR"),
    "PLACEMENT": ("BROWSE", "BROWSE", "SEARCH", "RELATED_PINS"),
    "COUNTRY": ("US", "US", "US", "DE", "JP", "BR"),
    "TARGETED_INTEREST": tuple(_INTERESTS),
    "PINNER_INTEREST": tuple(reversed(tuple(_INTERESTS))),
    "AUDIENCE_INCLUDE": None,
    "GEO": tuple(OPTIONS["GEO"]),
    "AGE_BUCKET": _AGES[:4] + _AGES,
    "REGION": ("US-CA", "US-TX", "DE-BY", "JP-13"),
    "MEDIA_TYPE": ("IMAGE", "IMAGE", "VIDEO"),
    "AGE_BUCKET_AND_GENDER": tuple("%s&%s" % (age, gender) for age in _AGES[:4]
                                   for gender in ("female", "male")),
    "AUDIENCE_MULTIPLIER": None,
    "CREATIVE_ENHANCEMENTS": ("NONE", "NONE", "BACKGROUND_GENERATION"),
    "LOCAL_ADS_STORE_CODE": ("0042", "Köln-1", "store, \"old\""),
}
TYPES = tuple(_VALUES)
# Types that only one level has.
ONLY_AT = {"AUDIENCE_MULTIPLIER": "CAMPAIGN_TARGETING",
           "MEDIA_TYPE": "PRODUCT_ITEM_TARGETING"}
MOST_AUDIENCES = 6


# Pinterest offers these to some advertisers only.
BETA_TYPES = ("AGE_BUCKET_AND_GENDER", "CREATIVE_ENHANCEMENTS")


def values(targeting_type, audience_ids):
    """The values that activity is spread over."""
    known = _VALUES[targeting_type]
    return tuple(audience_ids[:MOST_AUDIENCES]) if known is None else known


def types_at(level):
    """The targeting types that a level has."""
    return tuple(one for one in TYPES if ONLY_AT.get(one, level) == level)


def usual_types_at(level):
    """Those of them that all advertisers have."""
    return tuple(one for one in types_at(level) if one not in BETA_TYPES)
