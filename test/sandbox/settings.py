"""What can be changed while the sandbox runs."""

import datetime
import threading

from days import Days, date_in, zone_of
from errors import ApiError
from grain import ROW_SPLITS

# As datetime.date.weekday() counts
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
            "sunday")


def parse_date(text):
    """A date from YYYY-MM-DD; ValueError for anything else."""
    if len(text) != 10:
        raise ValueError("not a date: " + text)
    return datetime.datetime.strptime(text, "%Y-%m-%d").date()


def moment_of(day=None):
    """The present, or noon in UTC of a day."""
    if day is None:
        return datetime.datetime.now(datetime.timezone.utc)
    return datetime.datetime.combine(day, datetime.time(12), datetime.timezone.utc)


def _seconds(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) \
        and value >= 0


def _count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _date(value):
    if value is None:
        return True
    try:
        return isinstance(value, str) and bool(parse_date(value))
    except ValueError:
        return False


class Settings:
    """Named values; each has a default and a check."""

    CHECKS = {
        "report_delay": _seconds,           # seconds until a report is ready
        # No report is ready before it and others, so many together, have been
        # asked for; counted anew when this changes.
        "reports_at_once": _count,
        "link_lifetime": _seconds,          # of download links
        "report_lifetime": _seconds,
        "access_token_lifetime": _seconds,
        "refresh_token_lifetime": _seconds,
        "today": _date,                     # null: the real date in UTC
        "revision": _count,                 # of the data, see activity.Changes
        # Rate limit of reports, in requests per rate_window; null: no limit.
        "requests_per_minute": lambda value: value is None or _count(value),
        "rate_window": _seconds,
        # What Pinterest's description forbids, or leaves open, and clients in
        # production do nonetheless: several filters by ids of one list, ids of
        # entities below a report's level (which are absent from its rows), and
        # reports by targeting without types (of which all come).
        "tolerates": lambda value: isinstance(value, list) and set(value) <= {
            "several_id_filters", "deep_ids", "no_targeting_types"},
        # What the user answers at the consent page.
        "consent": lambda value: value in ("granted", "denied"),
        # How hourly rows say their hour: in the field HOUR, or as part of DATE.
        "hour_format": lambda value: value in ("field", "space", "T"),
        # The day that weeks begin with, and which of their days labels weeks and
        # months.
        "week_start": lambda value: value in WEEKDAYS,
        # Whether each page begins with the last item of the one before, and the
        # last one ends with the first of all.
        "repeated_items": lambda value: isinstance(value, bool),
        # Items of a page at most, whatever page_size asks for; null: as many as
        # that.
        "largest_page": lambda value: value is None or _count(value) and value > 0,
        # Whether names end in the middle of a surrogate pair, also in reports.
        "broken_texts": lambda value: isinstance(value, bool),
        # What always has rows of its own, of keywords, product groups and items
        # that it shares with others; see grain.ROW_SPLITS.
        "row_split": lambda value: value in ROW_SPLITS,
        # Whether analytics of several Pins at once are available to the app.
        "pins_analytics": lambda value: isinstance(value, bool),
        "week_label": lambda value: value in ("first", "last"),
        "month_label": lambda value: value in ("first", "last"),
        # Time zones of the ad accounts, in turn; null: the account does not say.
        # None at all: nobody may have reports by them.
        "time_zones": lambda value: isinstance(value, list) and all(
            one is None or isinstance(one, str) for one in value),
        # How many of today's hours there are when the next report is asked for;
        # each report finds one more.  null: today has no rows.
        "open_hours": lambda value: value is None or _count(value),
        # The latest end_date that is taken.
        "latest_end": lambda value: value in ("today", "yesterday"),
        # The file of a report without rows; "none": there is none, and no link.
        "empty_report": lambda value: value in ("{}", "[]", "", "\n", "null",
                                                "none"),
        # What stands in a report for an entity without rows; "": nothing.
        "empty_entity": lambda value: value in ("", "[]", "null"),
        # How the size of a report is written: 17, or 17.0.
        "size_format": lambda value: value in ("integer", "fraction"),
        # Whether the file of a report begins with the mark of UTF-8.
        "byte_order_mark": lambda value: isinstance(value, bool),
        # How the storage keeps files, and so sends them, whatever was accepted.
        # "offered": in gzip to those who accept it, with an ETag of its own.
        "download_encoding": lambda value: value in ("identity", "gzip",
                                                     "deflate", "offered"),
        # How the API sends its answers.
        "api_encoding": lambda value: value in ("identity", "gzip", "deflate"),
        # How often a link leads on before there is a file.
        "download_redirects": _count,
        # Days of advertisers of which reports have no rows, be it that they
        # have been corrected to nothing: [id, first day, last day] each.
        "blank_days": lambda value: isinstance(value, list) and all(
            isinstance(one, list) and len(one) == 3 and isinstance(one[0], str)
            and all(_date(day) and day for day in one[1:]) for one in value),
        # Days back from today of the latest day whose metrics are complete: those
        # of conversions, and all others.
        "ready_days": lambda value: isinstance(value, list) and len(value) == 2
            and all(_count(one) for one in value),
        # Ids of advertisers that are not in the list of ad accounts.
        "unlisted": lambda value: isinstance(value, list) and all(
            isinstance(one, str) for one in value),
    }

    def __init__(self, **given):
        self._lock = threading.Lock()
        self._values = {
            "report_delay": 0.3, "reports_at_once": 1, "link_lifetime": 300, "report_lifetime": 3600,
            "access_token_lifetime": 30 * 86400,
            "refresh_token_lifetime": 60 * 86400, "today": None, "revision": 0,
            "requests_per_minute": None, "rate_window": 60,
            "hour_format": "field", "week_start": "monday", "week_label": "first",
            "month_label": "first", "time_zones": [], "open_hours": None,
            "latest_end": "today", "row_split": "ad_group",
            "repeated_items": False, "largest_page": None, "broken_texts": False,
            "empty_report": "{}", "empty_entity": "", "size_format": "integer",
            "byte_order_mark": False, "download_encoding": "identity",
            "api_encoding": "identity", "download_redirects": 0, "blank_days": [],
            "ready_days": [1, 1], "pins_analytics": True, "unlisted": [], "tolerates": [], "consent": "granted"}
        self.change(given)

    def __getattr__(self, name):
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(name) from None

    def change(self, changes):
        if not isinstance(changes, dict):
            raise ApiError(400, 0, "settings must be an object")
        for name, value in changes.items():
            check = self.CHECKS.get(name)
            if check is None:
                raise ApiError(400, 0, "unknown setting %r; there are %s" % (
                    name, ", ".join(self.CHECKS)))
            if not check(value):
                raise ApiError(400, 0, "bad value for %s: %r" % (name, value))
        with self._lock:
            self._values.update(changes)

    def all(self):
        with self._lock:
            return dict(self._values)

    def now(self):
        """The present, or noon in UTC of the day that is set."""
        return moment_of(parse_date(self.today) if self.today else None)

    def date(self, zone=None):
        """Today in a time zone; None: UTC."""
        return date_in(zone, self.now())

    def time_zone(self, advertiser):
        """The name of an ad account's time zone, or None."""
        return self.time_zones[advertiser.index % len(self.time_zones)] \
            if self.time_zones else None

    def zone(self, advertiser):
        """The time zone itself, or None: UTC."""
        return zone_of(self.time_zone(advertiser))

    def days(self, local=None):
        """How reports cut days that are asked for now.

        local: the ad account whose days they are; None: UTC's.
        """
        with self._lock:
            hours = self._values["open_hours"]
            if hours is not None:
                self._values["open_hours"] = hours + 1
        return Days(self.zone(local) if local else None, hours,
                    WEEKDAYS.index(self.week_start),
                    [name for name, label in (("WEEK", self.week_label),
                                              ("MONTH", self.month_label))
                     if label == "last"])

    def blank(self, advertiser_id):
        """Days without rows of an advertiser, as pairs of ordinals."""
        return tuple((parse_date(first).toordinal(), parse_date(last).toordinal())
                     for identity, first, last in self.blank_days
                     if identity == advertiser_id)
