"""Report rows: activity summed over entities and time, one value per column.

rows() yields plain values, without any of the odd encodings that a download
has; both the downloads and the expected contents are made from it.
"""

import itertools
import json
from collections import namedtuple

from activity import PLACE, ZERO, Attribution, of_day
from columns import (AMOUNT, COLUMNS, COUNT, JSON, METRICS, MICRO, RATIO,
                     Conversions, Reach, Sum)
from days import Cut, Days
from grain import PARTS, entity_of, grains
from parts import Division

# targeting: (type, value), or None at levels without targeting.
Row = namedtuple("Row", "id date hour targeting values")


class Query:
    """What a report is to contain; see rules.py for where it comes from."""

    def __init__(self, level, columns, start, end, granularity="DAY",
                 attribution=None, filters=None, metrics_filters=(), hours=(0, 24),
                 targeting_types=(), days=None, row_split="ad_group"):
        self.level, self.columns = level, [COLUMNS[name] for name in columns]
        self.start, self.end, self.granularity = start, end, granularity
        self.attribution = attribution or Attribution()
        self.filters = filters or {}
        self.metrics_filters = metrics_filters
        self.hours, self.targeting_types = hours, targeting_types
        self.days = days or Days()
        self.by_local_days = False          # the ad account's own are wanted
        self.row_split = row_split          # one of grain.ROW_SPLITS


def decimal_text(value, decimals):
    """An integer scaled by a power of ten, as exact decimal text."""
    digits = str(value).rjust(decimals + 1, "0")
    return digits[:-decimals] + "." + digits[-decimals:]


def _divide(numerator, denominator):
    """Quotient, half rounded up, of two numbers that are not negative."""
    return (2 * numerator + denominator) // (2 * denominator)


class _Measures:
    """The sums that a choice of columns needs, and how to take them."""

    def __init__(self, columns, hourly):
        self._conversions, self._fits = {}, {}
        self.getters = [(place, self._value(column.value))
                        for place, column in enumerate(columns)
                        if column.kind in METRICS
                        and not (hourly and column.conversion)]

    def _value(self, value):
        """A function of (vector, conversion sums) for a source of values."""
        if isinstance(value, Sum):
            terms = [(PLACE[name], factor) for name, factor in value.terms]
            if len(terms) == 1:
                place, factor = terms[0]
                return lambda vector, sums: vector[place] * factor
            (one, times), (other, more) = terms
            return lambda vector, sums: (vector[one] * times
                                         + vector[other] * more)
        if isinstance(value, Reach):
            shown = self._value(value.impressions)
            return lambda vector, sums: _reach(shown(vector, sums))
        if isinstance(value, Conversions):
            place = self._conversions.setdefault(value, len(self._conversions))
            return lambda vector, sums: sums.get(place, 0)
        return self._quotient(value)

    def _quotient(self, ratio):
        upper, lower = self._value(ratio.numerator), self._value(ratio.denominator)
        times, per = ratio.scale
        times *= 10 ** ratio.decimals

        def quotient(vector, sums):
            divisor = lower(vector, sums)
            if not divisor:
                return 0
            return _divide(upper(vector, sums) * times, divisor * per)
        return quotient

    def add(self, sums, conversions):
        """Add conversions to the sums that they belong to."""
        for conversion in conversions:
            key = conversion[:4]
            fits = self._fits.get(key)
            if fits is None:
                fits = self._fits[key] = [
                    (place, ("count", "value", "quantity").index(one.what) + 4)
                    for one, place in self._conversions.items()
                    if one.event in (None, key[0])
                    and one.attribution in (None, key[1])
                    and one.source in (None, key[2])
                    and one.devices in (None, key[3])]
            for place, what in fits:
                sums[place] = sums.get(place, 0) + conversion[what]


def _reach(impressions):
    if not impressions:
        return 0
    return max(1, impressions * 100 // (130 + impressions % 70))


def _sum_up(activities, measures):
    """Sums of vectors and of conversions."""
    vector, sums = None, {}
    for one, conversions in activities:
        vector = one if vector is None else [a + b for a, b in zip(vector, one)]
        if conversions:
            measures.add(sums, conversions)
    return vector, sums


class Report:
    """The rows of a query, as of a day and a revision of the data.

    today: that of the query's own days.
    """

    def __init__(self, advertiser, query, today, revision=0, plausible=False,
                 blank=()):
        self.advertiser, self.query, self.today = advertiser, query, today
        self._blank = blank             # days without rows, see Settings.blank
        self.revision, self.plausible = revision, plausible
        self._hourly = query.granularity == "HOUR"
        self._measures = _Measures(query.columns, self._hourly)
        self._changes = advertiser.changes(revision, today)
        self._cut = Cut(query.days, today, self._activity_in_utc)
        parts, self._division = PARTS.get(entity_of(query.level)), None
        if parts or query.targeting_types:
            self._division = Division(advertiser, parts, query.targeting_types,
                                      self._hourly)
        # Divided days of one ad group, which its keywords or items share.
        self._days, self._days_of = {}, None

    def entities(self):
        """Yields (id, iterator of Row) for each entity of the level."""
        everything = grains(self.advertiser, self.query, self.revision)
        for identity, of_one in itertools.groupby(everything,
                                                  lambda grain: grain.id):
            yield identity, itertools.chain.from_iterable(map(
                self._divided_rows if self._division else self._rows, of_one))

    def _buckets(self):
        """Yields (label, days) for each row of an entity, without blank days."""
        for label, days in self.query.days.buckets(
                self.query.granularity, self.query.start, self.query.end,
                self.today):
            days = [day for day in days if not any(
                first <= day <= last for first, last in self._blank)]
            if days:
                yield label, days

    def _activity_in_utc(self, ad, campaign, day):
        return of_day(ad, campaign, day, self.query.attribution, self.plausible,
                      self._changes.of(campaign["id"], day))

    def _activity(self, ads, day):
        for ad, campaign in ads:
            found = self._cut.of_day(ad, campaign, day)
            if found:
                yield ad, found

    def _rows(self, grain):
        attributes = self._attributes(grain.chain)
        for label, days in self._buckets():
            if self._hourly:
                for hour, vector in self._hours(grain.ads, days[0]):
                    row = self._row(grain, attributes, label, hour, None, vector,
                                    {})
                    if row:
                        yield row
                continue
            vector, sums = _sum_up((found for day in days for _, found in
                                    self._activity(grain.ads, day)), self._measures)
            if vector is not None:
                row = self._row(grain, attributes, label, None, None, vector, sums)
                if row:
                    yield row

    def _divided_rows(self, grain):
        """Rows of a part of what ads did, or by targeting values."""
        attributes = self._attributes(grain.chain)
        for label, days in self._buckets():
            cells = {}
            for day in days:
                hours = self._hours_of(day)
                for ad, campaign in grain.ads:
                    divided = self._divided(ad, campaign, day)
                    for part in grain.parts:
                        for key, found in divided.get(part, {}).items():
                            if key[0] is None or key[0] in hours:
                                cells.setdefault(key, []).append(found)
            for key in sorted(cells, key=lambda one: (one[0] or 0, one[1] or ())):
                vector, sums = _sum_up(cells[key], self._measures)
                row = self._row(grain, attributes, label, *key, vector, sums)
                if row:
                    yield row

    def _divided(self, ad, campaign, day):
        """The divided activity of an ad on a day, see Division."""
        if self._days_of != ad["ad_group_id"]:
            self._days, self._days_of = {}, ad["ad_group_id"]
        key = (ad["id"], day)
        if key not in self._days:
            group = next(one for one in campaign["ad_groups"]
                         if one["id"] == ad["ad_group_id"])
            self._days[key] = {}
            for _, found in self._activity([(ad, campaign)], day):
                self._days[key] = self._division.of_day(ad, group, day, found)
        return self._days[key]

    def _hours_of(self, day):
        """The hours of a day that a report covers."""
        first = self.query.hours[0] if day == self.query.start.toordinal() else 0
        end = self.query.hours[1] if day == self.query.end.toordinal() else 24
        return range(first, end)

    def _hours(self, ads, day):
        """Yields (hour, vector) of the hours that a report covers."""
        total = [None] * 24
        for ad, campaign in ads:
            for hour, vector in self._cut.by_hour(ad, campaign, day):
                total[hour] = [a + b for a, b in zip(total[hour] or ZERO, vector)]
        for hour in self._hours_of(day):
            if total[hour]:
                yield hour, total[hour]

    def _attributes(self, chain):
        """Values of the columns that describe the entity; None for metrics."""
        return [None if column.kind in METRICS
                else chain.get(column.value.entity, {}).get(column.value.field)
                for column in self.query.columns]

    def _row(self, grain, attributes, label, hour, targeting, vector, sums):
        """A Row, or None where Pinterest has no row."""
        values, found = list(attributes), False
        for place, getter in self._measures.getters:
            value = values[place] = getter(vector, sums)
            if value:
                found = True
        if not found or not self._passes(vector):
            return None
        return Row(grain.id, label, hour, targeting, values)

    def _passes(self, vector):
        """Whether a row passes the query's filters on metrics."""
        for field, operator, limits in self.query.metrics_filters:
            if field == "SPEND_IN_DOLLAR":
                value, scale = vector[PLACE["spend"]], 10 ** 6
            else:
                value, scale = (vector[PLACE["paid_impressions"]]
                                + vector[PLACE["earned_impressions"]]), 1
            for limit in limits:
                if operator == "LESS_THAN" and not value < limit * scale:
                    return False
                if operator == "GREATER_THAN" and not value > limit * scale:
                    return False
        return True


def plain_text(column, value, hourly=False):
    """A value as a foreign table shows it; None for null."""
    if column.kind in METRICS and hourly and column.conversion:
        return None
    if column.kind in (COUNT, MICRO):
        return str(value)
    if column.kind == AMOUNT:
        return trim(decimal_text(value, 6)) if value else "0"
    if column.kind == RATIO:
        return trim(decimal_text(value, column.value.decimals)) if value else None
    if value is None:
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    if column.kind == JSON:
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def trim(text):
    """Decimal text without zeros at its end."""
    return text.rstrip("0").rstrip(".") if "." in text else text
