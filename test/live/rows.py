"""Reading reports without assuming how they are laid out."""

import datetime
import json
import re
from collections import namedtuple

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS = re.compile(r"\d+\Z", re.ASCII)
_FIELD = re.compile(r"[A-Z][A-Z0-9_]*\Z")

# path: the names that lead to a row; values: its fields
Row = namedtuple("Row", "path values")


class Number(str):
    """A number as it was written."""


class Object(dict):
    """An object, with the names that it had more than once."""

    def __init__(self):
        super().__init__()
        self.repeated = []


def _object(pairs):
    made = Object()
    for name, value in pairs:
        if name in made:
            made.repeated.append(name)
            if isinstance(value, list) and isinstance(made[name], list):
                value = made[name] + value
        made[name] = value
    return made


def parse(body):
    """JSON with its numbers as they were written; ValueError if it is none."""
    return json.loads(body.decode("utf-8-sig"), object_pairs_hook=_object,
                      parse_int=Number, parse_float=Number)


def is_zero(size):
    """Whether the size of a report says that it has no bytes."""
    try:
        return isinstance(size, str) and float(size) == 0
    except ValueError:
        return False


def type_of(value):
    """The type of a value, as far as ids and sizes are concerned."""
    if isinstance(value, Number):
        return "number" if _DIGITS.match(value) else \
            "number with fraction or exponent"
    for kind, name in ((str, "string"), (bool, "boolean"), (list, "array"),
                       (dict, "object")):
        if isinstance(value, kind):
            return name
    return "null"


def _is_row(value):
    """Whether something is a row: fields by name, not objects by id or date."""
    if not isinstance(value, dict) or not value:
        return False
    return all(_FIELD.match(name) for name in value) or not (
        any(isinstance(one, (dict, list)) for one in value.values())
        or all(_kind(name) != "other name" for name in value))


def rows(document, path=()):
    """All Rows of a report, in order."""
    if _is_row(document):
        yield Row(path, document)
    elif isinstance(document, list):
        for one in document:
            yield from rows(one, path)
    elif isinstance(document, dict):
        for name, value in document.items():
            yield from rows(value, path + (name,))


def repeated(document):
    """How many names were there more than once, in any object."""
    if isinstance(document, list):
        return sum(repeated(one) for one in document)
    if isinstance(document, dict):
        return len(document.repeated) + sum(map(repeated, document.values()))
    return 0


def _kind(name):
    if _DATE.match(name):
        return "date"
    return "id" if _DIGITS.match(name) else "other name"


def layouts(document):
    """How a report is nested: "id > row", "date > id > row", ..."""
    return sorted({" > ".join([_kind(name) for name in row.path] + ["row"])
                   for row in rows(document)})


def identity(row):
    """The id that leads to a row: the innermost one, or None."""
    found = [name for name in row.path if _DIGITS.match(name)]
    return found[-1] if found else None


def pattern(text):
    """The form of a date or time: 9999-99-99."""
    return re.sub(r"\d", "9", str(text))


def day_of(row):
    """The day of a row, or None."""
    found = _DATE.match(str(row.values.get("DATE", "")))
    if not found:
        return None
    try:
        return datetime.date(*map(int, found.group().split("-")))
    except ValueError:
        return None


def amount(value):
    """A metric as a number; what is missing is zero."""
    return float(value) if isinstance(value, str) else 0.0
