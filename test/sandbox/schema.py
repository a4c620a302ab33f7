"""How a list of the API is described: its fields and what it can be asked."""

from collections import namedtuple

# Statuses that somebody sets, as opposed to those that sum up.
STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "DRAFT", "DELETED_DRAFT")

# nullable: null or left out when there is no value, but required: always null;
# other fields are left out.
Field = namedtuple("Field", "name kind nullable required")


def fields(text):
    """Fields from lines "name kind [null [required]]", in the description's order.

    Kinds: id, text, integer, number, boolean, json, and the times seconds and
    milliseconds.
    """
    rows = [line.split() for line in text.splitlines() if line.strip()]
    return tuple(Field(row[0], row[1], "null" in row[2:], "required" in row[2:])
                 for row in rows)


class EntityList:
    """One list below an ad account.

    key       what tables call the id
    items     function of (advertiser, revision): all items, ordered by id
    path      last part of the address, where it is not the name of the table
    filters   parameters that hold several ids -> field of an item
    one_id    parameters that hold a single id -> field of an item
    only_one  the parameters of both kinds exclude each other
    statuses  values of entity_statuses; none: there is no such parameter
    flags     boolean parameters
    choices   parameters with one value out of some
    texts     parameters with any text
    several   parameters with several values -> (field of an item, values)
    order     whether there is a parameter order
    paged     whether the list comes in pages
    asked     fields of an item that answers do not have, only questions
    select    function of (items, parameters, flags that are true): what is left
              of the items by rules that none of the above expresses
    """

    def __init__(self, key, fields, items, path=None, filters=None, one_id=None,
                 only_one=False, statuses=(), flags=(), choices=None, texts=(),
                 several=None, order=True, paged=True, select=None, asked=()):
        self.key, self.fields, self.items, self.path = key, fields, items, path
        self.filters, self.one_id = filters or {}, one_id or {}
        self.only_one, self.statuses, self.flags = only_one, statuses, flags
        self.choices, self.texts, self.several = choices or {}, texts, several or {}
        self.order, self.paged, self.select = order, paged, select
        self.asked = asked

    def parameters(self):
        """Names of all query parameters."""
        known = [*self.filters, *self.one_id, *self.flags, *self.choices,
                 *self.texts, *self.several]
        if self.statuses:
            known.append("entity_statuses")
        if self.order:
            known.append("order")
        if self.paged:
            known += ["page_size", "bookmark"]
        return known


def by_id(items):
    """Items in the order in which Pinterest lists them."""
    return sorted(items, key=lambda item: int(item["id"]))
