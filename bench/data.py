"""Report rows like Pinterest's, as the JSON of a report and as CSV for COPY.

The same row and column always have the same value, whatever else is asked for:
so the JSON of a few columns, the JSON of all of them and the CSV agree.  Ids are
strings or numbers, some integers are written as 12.0, texts are escaped in several
ways, and zeros are left out.
"""

import datetime
import hashlib
import json
import os
import random
import zlib
from itertools import cycle, islice

ADVERTISER = "549755885175"
FIRST_CAMPAIGN = 626735560000

# Each metric repeats its values after so many rows, each after another number.
PERIODS = (911, 919, 929, 937, 941, 947, 953, 967, 971, 977, 983, 991, 997)
# Of this many first metrics of a table one in ten is zero, of others every second.
BUSY_METRICS = 40

NAMES = ("Spring sale", "Caf\u00e9 \"Zur Post\"", "Brand / always on",
         "Retargeting\t30 days", "Ni\u00f1os \u2013 verano", "Prospecting 2026")
STATUSES = ("RUNNING", "PAUSED", "ARCHIVED", "COMPLETED")


class Column:
    """A column of a table: its name there and at Pinterest, type and unit."""

    def __init__(self, name, api_name, kind, unit, place):
        self.name, self.api_name, self.kind, self.unit = name, api_name, kind, unit
        self.is_metric = kind in ("bigint", "numeric")
        # What is left out is zero where it is counted, unknown where it is a ratio;
        # of amounts the unit alone does not tell which.
        self.is_sparse = kind == "bigint" or not unit
        self.one_in = 10 if place < BUSY_METRICS else 2

    def pool(self):
        """Its values, a list of (JSON text or None if left out, CSV text)."""
        seed = zlib.crc32(self.api_name.encode())
        draw = random.Random(seed)
        return [self._metric(draw) for _ in range(PERIODS[seed % len(PERIODS)])]

    def _metric(self, draw):
        digits, variant = draw.randrange(1, 8), draw.randrange(377)
        value = draw.randrange(10 ** (digits - 1), 10 ** digits)
        left_out = draw.randrange(self.one_in) == 0 and self.is_sparse
        if self.kind == "bigint":
            if left_out:
                return None, "0"
            return "%d.0" % value if variant % 13 == 0 else str(value), str(value)
        if left_out:
            return None, ""
        if variant % 29 == 0:
            text = "%de-7" % value
        elif self.unit:
            text = "%d.%02d" % (value, variant % 100)
        else:
            text = "%.6f" % (value / 10 ** 7)
        return text, text


def _identifier(number, variant):
    return str(number) if variant % 2 else '"%d"' % number


def _text(value, variant):
    text = json.dumps(value, ensure_ascii=variant % 2 == 0)
    return text.replace("/", "\\/") if variant % 3 == 0 else text


def _quoted(value):
    return '"%s"' % value.replace('"', '""')


def attribute(column, campaign):
    """What describes a campaign, as (JSON text, CSV text)."""
    number = FIRST_CAMPAIGN + campaign
    seed = zlib.crc32(b"%d" % campaign)
    if column.name == "advertiser_id":
        return _identifier(int(ADVERTISER), seed), ADVERTISER
    if column.name == "campaign_id":
        return _identifier(number, seed), str(number)
    if column.name.endswith("_id"):
        return _identifier(number * 7, seed), str(number * 7)
    if column.name.endswith("status"):
        value = STATUSES[seed % len(STATUSES)]
    else:
        value = "%s %d" % (NAMES[seed % len(NAMES)], campaign)
    return _text(value, seed >> 4), _quoted(value)


def is_changed(row, percent):
    """Whether a row differs, if so many percent of all do."""
    return zlib.crc32(b"%d" % row) % 10000 < percent * 100


class Rows:
    """The rows of a report: of campaigns and days, as of a revision.

    percent: how many of the rows differ from those of revision 0.
    """

    def __init__(self, columns, campaigns, first, days, percent=0):
        self._columns, self._campaigns, self._percent = columns, campaigns, percent
        self._dates = [str(first + datetime.timedelta(n)) for n in range(days)]

    def _metrics(self, texts):
        """Tuples of the metrics' texts, of rows as they are and as changed."""
        pools = [[texts(column, *value) for value in column.pool()]
                 for column in self._columns if column.is_metric]
        if not pools:
            return cycle([()]), cycle([()])
        return (zip(*map(cycle, pools)),
                zip(*(cycle(pool[1:] + pool[:1]) for pool in pools)))

    def _walk(self, texts):
        """Yields for each campaign its number and its rows' metrics."""
        plain, changed = self._metrics(texts)
        days = len(self._dates)
        for campaign in range(self._campaigns):
            rows = list(islice(plain, days))
            if self._percent:
                others = list(islice(changed, days))
                for day in range(days):
                    if is_changed(campaign * days + day, self._percent):
                        rows[day] = others[day]
            yield campaign, rows

    @property
    def changed(self):
        return sum(is_changed(row, self._percent)
                   for row in range(self._campaigns * len(self._dates)))

    def json(self):
        """The report, in pieces: {"<campaign>": [row, ...], ...}."""
        fields = [column for column in self._columns
                  if not column.is_metric and column.name != "date"]
        dates = ['{"DATE":"%s"' % date for date in self._dates]
        start = "{"
        for campaign, rows in self._walk(
                lambda column, text, _:
                "" if text is None else ',"%s":%s' % (column.api_name, text)):
            described = "".join(',"%s":%s' % (column.api_name,
                                              attribute(column, campaign)[0])
                                for column in fields)
            yield '%s"%d":[%s]' % (start, FIRST_CAMPAIGN + campaign, ",".join(
                [date + described + "".join(row) + "}"
                 for date, row in zip(dates, rows)]))
            start = ","
        yield "}" if start == "," else "{}"

    def csv(self):
        """The rows of a table, in its order of columns: attributes come first."""
        fields = [column for column in self._columns if not column.is_metric]
        for campaign, rows in self._walk(lambda column, _, text: "," + text):
            parts = [None if column.name == "date" else attribute(column, campaign)[1]
                     for column in fields]
            for date, row in zip(self._dates, rows):
                yield ",".join([date if part is None else part for part in parts]) \
                    + "".join(row) + "\n"


class Store:
    """Files with rows in a directory; each is written once."""

    def __init__(self, directory):
        self._directory = directory

    def file(self, name):
        """The path of a file that path() has returned, by its last part."""
        return os.path.join(self._directory, os.path.basename(name))

    def path(self, rows, form, *what):
        """The file with rows as "json" or "csv"; what: all that it depends on."""
        name = hashlib.sha256(json.dumps([form, *what]).encode()).hexdigest()[:24]
        path = os.path.join(self._directory, "%s.%s" % (name, form))
        if not os.path.exists(path):
            part = "%s.%d" % (path, os.getpid())
            with open(part, "w", encoding="utf-8", buffering=1 << 20) as file:
                file.writelines(rows.json() if form == "json" else rows.csv())
            os.rename(part, path)
        return path
