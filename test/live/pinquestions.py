"""Questions about Pins, catalogs and invoices, for tokens that may read these."""

from case import Finding, Question, times, twice
from connection import Trouble


def _pages(case, path, letter, size, key="id"):
    """Items of a list's first two pages, and what that tells of pages."""
    query = [("page_size", size)]
    if not path.startswith("/ad_accounts/"):
        query.append(("ad_account_id", case.account))
    items, bookmark = case.page(path, letter, query)
    if not items:
        raise Trouble("none are listed")
    first, short = len(items), bool(bookmark) and len(items) < size
    if bookmark:
        items = items + case.page(path, letter, query + [("bookmark", bookmark)])[0]
    repeated = twice(one.get(key) for one in items)
    came = "%d listed, %s; %d on the first page, where %d were asked for%s" % (
        len(items), times(repeated), first, size,
        ", although there are more" if short else "")
    return items, Finding(not repeated and not short, came, {
        "listed": len(items), "repeated": repeated, "first": first, "short": short})


def pins(case):
    """Do pages of Pins overlap, and are they full?"""
    items, finding = _pages(case, "/pins", "p", 25)
    case.lists["pins"] = items
    return finding


def _known_pins(case):
    if "pins" not in case.lists:
        pins(case)
    return case.lists["pins"]


def pin_order(case):
    """Are Pins listed from the newest one on?"""
    seen = [str(one.get("created_at"))[:19] for one in _known_pins(case)]
    if len(set(seen)) < 3:
        raise Trouble("there are too few Pins")
    order = "newest first" if seen == sorted(seen, reverse=True) else (
        "oldest first" if seen == sorted(seen) else "in another order")
    return Finding(order == "in another order", "%d Pins, %s" % (len(seen), order),
                   {"pins": len(seen), "order": order})


def analytics_of_pins(case):
    """Does Pinterest take several Pins at once?"""
    ids = list(dict.fromkeys(one["id"] for one in _known_pins(case)
                             if one.get("id")))[:2]
    if len(ids) < 2:
        raise Trouble("there are too few Pins")
    answer = case.connection.ask("/pins/analytics", [
        ("ad_account_id", case.account), ("metric_types", "IMPRESSION"),
        ("start_date", case.day(3)), ("end_date", case.day(2))]
        + [("pin_ids", one) for one in ids])
    if not answer.good:
        return Finding(False, case.refusal(answer), {"status": answer.status})
    found = case.json_of(answer)
    known = sum(one in found for one in ids) if isinstance(found, dict) else 0
    return Finding(known == len(ids), "%d of %d Pins answered" % (known, len(ids)),
                   {"status": answer.status, "known": known})


def product_groups(case):
    """Do pages of product groups overlap, and are they full?"""
    return _pages(case, "/catalogs/product_groups", "c", 3)[1]


def invoices(case):
    """Do pages of invoices overlap, and are they full?"""
    return _pages(case, case.below("billing_invoices"), "i", 3)[1]


_FULL = "pages do not overlap, and all but the last have as many as were asked for"

QUESTIONS = (
    Question("pages of Pins", _FULL, pins),
    Question("order of Pins", "Pins come in no known order",
             pin_order),
    Question("analytics of several Pins", "several Pins can be asked for at once", analytics_of_pins),
    Question("pages of product groups", _FULL, product_groups),
    Question("pages of invoices", _FULL, invoices),
)
