"""What becomes of the data from one revision to the next, where entities come and go.

Without the option --turnover a revision renames a campaign and changes some
metrics, see entities.py and activity.py.  With it, each revision also takes
entities away and brings others, archives and renames some, corrects metrics of
the last days up, down and to nothing, and lets ad accounts lose and regain their
access.  All of it follows from the seed and the number of the revision.
"""

import functools

import draw
from activity import Changes
from entities import DRAFTS, Advertiser, Dataset

# What happens to the entities of one parent, one thing at each revision, in turn.
_EVENTS = ("rename", "remove", "add", "archive", "add", "remove", "rename")

# The field that has the name of a kind of entity, where it is another one.
_NAMES = {"keyword": "value", "product_group": "catalog_product_group_name",
          "metrics": "display_name"}
_ARCHIVED = {
    "campaign": {"status": "ARCHIVED", "summary_status": "ARCHIVED"},
    "ad_group": {"status": "ARCHIVED", "summary_status": "ARCHIVED"},
    "ad": {"status": "ARCHIVED", "summary_status": "ARCHIVED"},
    "product_group": {"status": "ARCHIVED", "summary_status": "ARCHIVED"},
    "keyword": {"archived": True}}

# What the access to an ad account is at a revision, in turn: "denied": it is
# listed, but nothing below it may be read; "unlisted": no list names it either.
_ACCESS = ("full", "full", "full", "denied", "denied", "full", "full", "unlisted",
           "unlisted", "full", "full")


class _Life:
    """Which of the entities of one parent there are, and what happened to them."""

    def __init__(self, count):
        # The last one is not there at first; the first one always stays.
        self.present = list(range(max(count - 1, 1)))
        self.absent = list(range(len(self.present), count))
        self.renamed, self.archived = {}, set()

    def happen(self, number, key):
        event = _EVENTS[(number + draw.number("first event", *key)) % len(_EVENTS)]
        place = draw.number("place", number, *key) % len(self.present)
        if event == "rename":
            self.renamed[self.present[place]] = number
        elif event == "add" and self.absent:
            self.present.append(self.absent.pop(0))
        elif place == 0:
            return
        elif event == "archive":
            self.archived.add(self.present[place])
        elif event == "remove":
            self.absent.append(self.present.pop(place))


def living(kind, key, items, revision):
    """Those of the items that there are at a revision, as they are then."""
    if not items:
        return []
    life = _Life(len(items))
    for number in range(1, revision + 1):
        life.happen(number, (kind, *key))
    return [_as_it_is(kind, items[index], life.renamed.get(index),
                      index in life.archived) for index in sorted(life.present)]


def _as_it_is(kind, item, renamed, archived):
    changes, name = {}, _NAMES.get(kind, "name")
    if renamed:
        changes[name] = "%s (now %d)" % (item[name], renamed)
        if item.get("updated_time"):
            changes["updated_time"] = item["updated_time"] + 60 * renamed
    if archived and item.get("status") not in DRAFTS:
        changes.update(_ARCHIVED.get(kind, {}))
        # What it did before does not change.
        changes["ran_as"] = item.get("status")
    return dict(item, **changes)


class RevisedAdvertiser(Advertiser):
    """An ad account as it is at a revision."""

    SPARE = 1                   # an entity of each kind that is not there at first

    def __init__(self, seed, index, shape, revision):
        super().__init__(seed, index, shape)
        self.revision = revision
        if index:
            self.access = _ACCESS[(revision + 4 * (index - 1)) % len(_ACCESS)]
        self.permitted = self.access == "full"

    def as_of(self, _):
        return self.revision

    @property
    def item(self):
        return dict(super().item, name="%s (now %d)" % (
            super().item["name"], self.revision // 3))

    def living(self, kind, key, items):
        return living(kind, key, items, self.revision)

    def changes(self, _, today):
        return Corrections(self, self.revision, today)


class RevisedDataset(Dataset):
    """All ad accounts as they are at a revision."""

    def __init__(self, seed, shape, denied, revision):
        super().__init__(seed, shape, denied)
        self.revision = revision
        self.put([RevisedAdvertiser(seed, index, shape, revision)
                  for index in range(shape.advertisers)])
        self.listed = [one for one in self.listed
                       if one.access != "unlisted"]

    def living(self, kind, items):
        return living(kind, (self.seed,), items, self.revision)


class LivelyDataset(Dataset):
    """All ad accounts of one seed, whose entities come and go."""

    def at(self, revision):
        return _revised(self.seed, self.shape, len(self.denied), revision)


@functools.lru_cache(maxsize=4)
def _revised(*arguments):
    return RevisedDataset(*arguments)


class Corrections(Changes):
    """What the revisions up to a number have corrected in the metrics.

    Corrections come for days that are some days old, and can be taken back.
    """

    DAYS = 5
    _KINDS = ("update", "cut", "silence", "wake", None)

    def _revise(self, advertiser, number, days):
        campaigns = [one["id"] for one in advertiser.campaigns
                     if one["status"] not in DRAFTS]
        for index, kind in enumerate(self._KINDS):
            key = ("correction", number, index, *advertiser.key)
            cell = draw.pick(campaigns, "campaign", *key), draw.pick(days, *key)
            self._of[cell] = kind
