"""Whose days a report has, and how much of the last one there is.

Days are UTC's, or those of an ad account's time zone: then the hours of the same
activity add up to other days.  A day that is still open has nothing yet, or its
first hours.
"""

import datetime
from collections import namedtuple
from zoneinfo import ZoneInfo

from activity import ZERO, of_hours

HOURS = 24
# Conversions are not made up by the hour: they belong to this one of a day.
_CONVERTED_AT = 12
_HOUR = datetime.timedelta(hours=1)


def zone_of(name):
    """A time zone by its name, or None for a name that there is not."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, LookupError):
        return None


def date_in(zone, moment):
    """The date of a moment; zone: None for UTC."""
    return moment.astimezone(zone or datetime.timezone.utc).date()


class Days:
    """How a query cuts days.

    zone        whose they are; None: UTC's
    open_hours  how many of today's hours there are; None: today has no rows
    week_start  as date.weekday() counts
    last_labels granularities whose labels are the last day
    """

    def __init__(self, zone=None, open_hours=None, week_start=0, last_labels=()):
        self.zone, self.open_hours = zone, open_hours
        self.week_start, self.last_labels = week_start, last_labels

    def last(self, today):
        """The last day that may have rows."""
        return today if self.open_hours is not None \
            else today - datetime.timedelta(days=1)

    def buckets(self, granularity, start, end, today):
        """Yields (label, ordinals of days) for each row of an entity."""
        day, last = start, min(end, self.last(today))
        if granularity == "TOTAL":
            if day <= last:
                yield None, range(day.toordinal(), last.toordinal() + 1)
            return
        while day <= last:
            first, following = self._period(granularity, day)
            label = first if granularity not in self.last_labels \
                else following - datetime.timedelta(days=1)
            yield label, range(day.toordinal(),
                               min(following, last + datetime.timedelta(days=1))
                               .toordinal())
            day = following

    def _period(self, granularity, day):
        """The first day of a period, and the one that follows it."""
        if granularity == "WEEK":
            first = day - datetime.timedelta(
                days=(day.weekday() - self.week_start) % 7)
            return first, first + datetime.timedelta(days=7)
        if granularity == "MONTH":
            first = day.replace(day=1)
            return first, (first + datetime.timedelta(days=31)).replace(day=1)
        return day, day + datetime.timedelta(days=1)


# An hour: the UTC day (an ordinal) and hour of it, and how the zone calls it
_Hour = namedtuple("_Hour", "day hour label")


class Cut:
    """Activity by the days of a query.

    of_day: a function of (ad, campaign, ordinal) that gives the activity of a
    day of UTC.
    """

    def __init__(self, days, today, of_day):
        self._days, self._today, self._of_day = days, today, of_day
        self._hours = {}

    def _hours_of(self, ordinal):
        """All hours of a day, as far as they have come."""
        if ordinal not in self._hours:
            found = [_Hour(ordinal, hour, hour) for hour in range(HOURS)]
            if self._days.zone:
                start = datetime.datetime.combine(
                    datetime.date.fromordinal(ordinal - 1), datetime.time(),
                    datetime.timezone.utc)
                found = []
                for number in range(3 * HOURS):
                    moment = start + number * _HOUR
                    local = moment.astimezone(self._days.zone)
                    if local.toordinal() == ordinal:
                        found.append(_Hour(moment.toordinal(), moment.hour,
                                           local.hour))
            if ordinal == self._today.toordinal():
                found = found[:self._days.open_hours]
            self._hours[ordinal] = found
        return self._hours[ordinal]

    def _is_plain(self, ordinal):
        """Whether a day is one of UTC, and has passed."""
        return self._days.zone is None and ordinal < self._today.toordinal()

    def of_day(self, ad, campaign, ordinal):
        """The activity of an ad on a day, or None."""
        if self._is_plain(ordinal):
            return self._of_day(ad, campaign, ordinal)
        vector, conversions = ZERO, []
        for _, one in self.by_hour(ad, campaign, ordinal):
            vector = [a + b for a, b in zip(vector, one)]
        for one in self._hours_of(ordinal):
            found = one.hour == _CONVERTED_AT and self._of_day(ad, campaign, one.day)
            if found:
                conversions += found[1]
        if not any(vector) and not conversions:
            return None
        return vector, conversions

    def by_hour(self, ad, campaign, ordinal):
        """Yields (hour, vector) of an ad's day, where anything happened.

        An hour that the clocks show twice comes twice.
        """
        by_day = {}
        for one in self._hours_of(ordinal):
            if one.day not in by_day:
                found = self._of_day(ad, campaign, one.day)
                by_day[one.day] = of_hours(found, ad["draw"][2] % 5) \
                    if found else [None] * HOURS
            if by_day[one.day][one.hour]:
                yield one.label, by_day[one.day][one.hour]
