"""Values as the API writes them, with all its inconsistencies.

The same value comes in several valid forms, chosen by a checksum of what it
belongs to: ids as strings or numbers, integers as 12.0, characters escaped or
raw, zeros left out, nulls written or left out.  Nothing is ever rounded.
"""

import json
import re
import zlib

from columns import AMOUNT, FLAG, ID, METRICS, NUMBER, RATIO
from reports import decimal_text, trim

# The first half of a surrogate pair
_HALF = "\ud83d"
_NUMBER = re.compile(r"[1-9]\d*\Z", re.ASCII)


def _checksum(*parts):
    return zlib.crc32("\x1f".join(str(part) for part in parts).encode())


def text(value, variant):
    """A JSON string or any other JSON value, escaped in one of three ways."""
    written = json.dumps(value, ensure_ascii=variant % 2 == 0,
                         separators=(",", ":"))
    return written.replace("/", "\\/") if variant % 3 == 0 else written


def entity(item, fields, broken=False):
    """One item of an entity list; broken: its name ends with half a character."""
    identity = item.get("id")
    known = {}
    for field in fields:
        value = item[field.name]
        if value is None and not field.required and (
                not field.nullable or _checksum(identity, field.name) % 2):
            continue
        known[field.name] = value
    if broken and known.get("name"):
        known["name"] += _HALF
        return text(known, 2)
    return text(known, _checksum(identity))


def _integer(value, variant):
    return "%d.0" % value if variant % 13 == 0 else str(value)


def _fraction(decimals):
    small = 10 ** (decimals - 4)

    def write(value, variant):
        if value < small and variant % 2:
            return "%de-%d" % (value, decimals)
        written = decimal_text(value, decimals)
        return trim(written) if variant % 3 else written
    return write


def _amount(value, variant):
    written = decimal_text(value, 6)
    return trim(written) if variant % 3 else written


def _metric_writer(column):
    """A function of (value, variant) that writes a metric."""
    if column.kind == RATIO:
        return _fraction(column.value.decimals)
    return _amount if column.kind == AMOUNT else _integer


def _attribute(column, value, identity, broken=False):
    """JSON text of a value that describes an entity, or None: left out.

    broken: names end with half a character.
    """
    variant = _checksum(column.name, identity)
    if value is None:
        return "null" if variant % 2 else None
    if column.kind == ID:
        return value if variant % 2 else '"%s"' % value
    if column.kind in (FLAG, NUMBER):
        return json.dumps(value)
    if broken and column.name.endswith("_NAME"):
        return text(value + _HALF, 2)
    return text(value, variant)


class RowWriter:
    """Writes the rows of one report as JSON."""

    def __init__(self, query, hour_format="field", broken_texts=False):
        self._hour_format, self._broken = hour_format, broken_texts
        self._of, self._described = None, []
        self._attributes, self._metrics = [], []
        for place, column in enumerate(query.columns):
            if column.kind in METRICS:
                self._metrics.append((place, '"%s":' % column.name,
                                      _metric_writer(column)))
            else:
                self._attributes.append((place, column))

    def _description(self, row):
        """The fields that are the same in most rows of an entity."""
        values = [row.values[place] for place, _ in self._attributes]
        if self._of != (row.id, values):
            self._of, self._described = (row.id, values), []
            for (_, column), value in zip(self._attributes, values):
                written = _attribute(column, value, row.id, self._broken)
                if written is not None:
                    self._described.append('"%s":%s' % (column.name, written))
        return self._described

    def _time(self, row):
        """The fields that say when, as JSON text."""
        if row.date is None:
            return []
        if row.hour is None:
            return ['"DATE":"%s"' % row.date]
        if self._hour_format == "field":
            return ['"DATE":"%s"' % row.date, '"HOUR":%d' % row.hour]
        between = "T" if self._hour_format == "T" else " "
        return ['"DATE":"%s%s%02d:00:00"' % (row.date, between, row.hour)]

    @staticmethod
    def _targeting(row, variant):
        """The fields that say which targeting value; codes may be numbers."""
        if row.targeting is None:
            return []
        kind, value = row.targeting
        number = _NUMBER.match(value) and variant % 2
        return ['"TARGETING_TYPE":"%s"' % kind, '"TARGETING_VALUE":%s'
                % (value if number else text(value, variant))]

    def write(self, row):
        variant = _checksum(row.id, row.date, row.hour, *row.targeting or ())
        place = self._time(row) + self._targeting(row, variant // 7)
        parts = [] if variant % 2 else place
        parts.extend(self._description(row))
        values = row.values
        for column, key, write in self._metrics:
            if values[column]:
                parts.append(key + write(values[column], variant // (column + 2)))
        if variant % 2:
            parts.extend(place)
        return "{" + ",".join(parts) + "}"


def by_id(report, writer, empty=""):
    """Yields a download in pieces: {"<id>": [row, ...], ...}.

    empty is what an entity without rows has in place of them; "": it is left out.
    """
    yield "{"
    first_entity = True
    for identity, rows in report.entities():
        first_row = True
        for row in rows:
            if first_row:
                yield '%s"%s":[' % ("" if first_entity else ",", identity)
                first_entity = False
            yield ("" if first_row else ",") + writer.write(row)
            first_row = False
        if not first_row:
            yield "]"
        elif empty:
            yield '%s"%s":%s' % ("" if first_entity else ",", identity, empty)
            first_entity = False
    yield "}"


def by_date(report, writer):
    """The same, sorted by date first: {"<date>": {"<id>": [row]}}.

    Pinterest only says that the date is the first key; what is below it here
    is an assumption.
    """
    dates = {}
    for identity, rows in report.entities():
        for row in rows:
            dates.setdefault(str(row.date), {}).setdefault(identity, []).append(
                writer.write(row))
    yield "{"
    for place, date in enumerate(sorted(dates)):
        entities = ",".join('"%s":[%s]' % (identity, ",".join(rows))
                            for identity, rows in dates[date].items())
        yield '%s"%s":{%s}' % ("," if place else "", date, entities)
    yield "}"
