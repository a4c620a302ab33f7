"""What is the same for all ad accounts: the dictionary of metrics, the options
of targeting."""

import re

import lists
from columns import COLUMNS
from encoding import entity
from errors import invalid
from schema import fields
from targeting import OPTIONS

METRIC_FIELDS = fields("""
    category text
    definition text
    display_name text
    name text
""")
# Metrics of Pins beyond ads, which only synchronous reports have.
_ORGANIC = ("ENGAGEMENT_RATE_ORGANIC", "PIN_CLICK_RATE", "PROFILE_VISIT",
            "USER_FOLLOW")
_OPTION_PARAMETERS = {"client_id": re.compile(r"\d{1,18}\Z", re.ASCII),
                      "timestamp": re.compile(r"\d+\Z", re.ASCII),
                      "ad_account_id": re.compile(r"\d{1,18}\Z", re.ASCII)}


def _metric(name, category):
    words = name.replace("_", " ").lower()
    known = name in _ORGANIC or not name.startswith(("INAPP_SKAN", "SHOWCASE"))
    return {"id": name, "name": name, "category": category,
            "display_name": words.capitalize() if known else None,
            "definition": "Definition of \"%s\" – é, \\ and ü" % words
                          if len(name) % 5 else None}


def metrics(dataset, report_type=None):
    """Metrics of a type of report, or of any."""
    found = [_metric(name, "ADS") for name, column in COLUMNS.items()
             if report_type != "SYNC" or not (column.conversion
                                              or column.depth == "product_item")]
    if report_type != "ASYNC":
        found += [_metric(name, "ORGANIC") for name in _ORGANIC]
    return dataset.living("metrics", found)


def options_of(dataset, targeting_type):
    """The codes of a targeting type and their names."""
    found = OPTIONS[targeting_type]
    if not found:
        return found
    return {one["code"]: one["name"] for one in dataset.living(
        targeting_type, [{"code": code, "name": name} for code, name in found.items()])}


def delivery_metrics(request, dataset):
    given = lists.parameters(request, ("report_type",))
    kind = lists.single(given, "report_type")
    lists.one_of(kind, ("SYNC", "ASYNC"))
    return '{"items":[%s]}' % ",".join(entity(one, METRIC_FIELDS)
                                       for one in metrics(dataset, kind))


def targeting_options(request, dataset, targeting_type):
    """An array with one object, as odd as that is.

    What has no fixed values has an empty object, no object, or no array.
    """
    lists.one_of(targeting_type, tuple(OPTIONS))
    given = lists.parameters(request, ("oauth_signature", *_OPTION_PARAMETERS))
    for name, pattern in _OPTION_PARAMETERS.items():
        value = lists.single(given, name)
        if value is not None and not pattern.match(value):
            raise invalid("'%s' value '%s' must match the pattern: ^\\d+$"
                          % (name, value))
    found = options_of(dataset, targeting_type)
    if targeting_type == "AUDIENCE_INCLUDE":
        return []
    return None if found is None else [found]
