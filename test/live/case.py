"""What the questions share: the account, its answers, and their wording."""

import datetime
from collections import namedtuple

import rows
from connection import Trouble

# name: short; assumed: what pinterest_fdw takes for granted; ask: a function of
# a Case that gives a Finding, or raises Trouble
Question = namedtuple("Question", "name assumed ask")

# agrees: whether that is what came; None: it cannot be told.  facts: the same
# as came, for programs.
Finding = namedtuple("Finding", "agrees came facts")

STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "DRAFT", "DELETED_DRAFT")
ALL_STATUSES = [("entity_statuses", one) for one in STATUSES]


class Case:
    """One account, seen through one connection on one day."""

    def __init__(self, connection, desk, hidden, account, today):
        self.connection, self.desk, self.hidden = connection, desk, hidden
        self.account, self.today = account, today
        self.description = {}       # of the account
        self.lists = {}             # items of lists, by name
        # By name of a limit: its two orders, and the answers to them so far
        self.limits = {}
        self.refused = None         # the answer to a column that there is not

    def below(self, path):
        return "/ad_accounts/%s/%s" % (self.account, path)

    def day(self, back):
        """The date so many days before today."""
        return str(self.today - datetime.timedelta(days=back))

    def refusal(self, answer):
        """A refusal in words."""
        code, message = answer.error()
        return "HTTP %d, code %s: %s" % (answer.status, code,
                                         self.hidden.message(message))

    def json_of(self, answer):
        """The document of an answer; Trouble if it was refused."""
        if not answer.good:
            raise Trouble("refused: " + self.refusal(answer))
        try:
            return rows.parse(answer.body)
        except ValueError:
            raise Trouble("an answer that is no JSON") from None

    def page(self, path, letter, query=()):
        """Items and bookmark of one page of a list.

        letter: of the placeholders of its items.
        """
        document = self.json_of(self.connection.ask(path, query))
        items = document.get("items") if isinstance(document, dict) else None
        if not isinstance(items, list):
            raise Trouble("a list without \"items\"")
        items = [one for one in items if isinstance(one, dict)]
        for one in items:
            self.learn(letter, one)
        return items, document.get("bookmark")

    def learn(self, letter, item):
        """Keeps the id and the texts of an entity from being seen."""
        if item.get("id"):
            self.hidden.learn(letter, item["id"])
        for name in ("name", "value", "username"):
            self.hidden.learn_name(item.get(name))
        if isinstance(item.get("owner"), dict):
            self.learn("o", item["owner"])

    def ready(self, kind):
        """A report that has been read; Trouble says why there is none."""
        report = self.desk.reports.get(kind)
        if report is None:
            raise Trouble("not asked")
        if report.trouble:
            raise Trouble(self.hidden.message(report.trouble))
        if not report.order:
            raise Trouble("refused: " + self.refusal(report.refusals[-1]))
        if not report.download:
            raise Trouble("not read")
        return report

    def ready_rows(self, kind):
        """Its rows; Trouble if there are none."""
        found = self.ready(kind).rows
        if not found:
            raise Trouble("the report is empty, so nothing can be told")
        return found


def twice(values):
    """How many of some values were there before."""
    values = list(values)
    return len(values) - len(set(values))


def times(count):
    """How often something repeats, in words."""
    return "none twice" if not count else "%d of them repeated" % count

