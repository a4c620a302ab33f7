"""What is the same for all ad accounts: the dictionary of metrics, the options
of targeting."""

import datetime
import re

import lists
from columns import COLUMNS
from encoding import entity
from errors import invalid
from schema import fields
from settings import parse_date
from targeting import OPTIONS

READY_FIELDS = fields("""
    conversion_metrics_ready boolean
    non_conversion_metrics_ready boolean
""")
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


def _ready(day, settings):
    """Whether conversions of a day, and whether its other metrics are complete."""
    latest = [settings.date() - datetime.timedelta(days=days)
              for days in settings.ready_days]
    return dict(zip((field.name for field in READY_FIELDS),
                    (day <= one for one in latest)))


def metrics_ready_state(request, settings):
    given = lists.parameters(request, ("date",))
    text = lists.single(given, "date")
    if text is None:
        raise invalid("Missing required parameter: 'date'")
    try:
        day = parse_date(text)
    except ValueError:
        raise invalid("'date' value '%s' must match the pattern: "
                      "^(\\d{4})-(\\d{2})-(\\d{2})$" % text) from None
    return entity(_ready(day, settings), READY_FIELDS)


def ready_days(settings, count=8):
    """The rows of the table: today and the days before."""
    for back in range(count):
        day = settings.date() - datetime.timedelta(days=back)
        yield str(day), _ready(day, settings)
