"""Questions about the rows and files of reports."""

import re
from collections import Counter
from urllib.parse import urlsplit

import orders
import rows
from case import Finding, Question
from connection import Trouble, is_local
from placeholders import constants

_PARENTS = orders.GROUPS + orders.ADS
_RATE_HEADERS = ("ratelimit", "retry-after", "rate-limit")


def _read(case):
    """All reports that have been read."""
    return [one for one in case.desk.reports.values()
            if one.download is not None and not one.trouble]


def layout(case):
    """Where is the id of a row's entity, where the sort is not chosen?"""
    found = {}
    for report in _read(case):
        if report.kind != "by date" and report.rows:
            found[report.kind] = rows.layouts(report.document)
    if not found:
        raise Trouble("no report has a row")
    forms = sorted({form for one in found.values() for form in one})
    return Finding(forms == ["id > row"], ", ".join(forms), found)


def by_date(case):
    """How is a report nested that is sorted by date?"""
    case.ready_rows("by date")
    forms = rows.layouts(case.ready("by date").document)
    return Finding(forms == ["date > id > row"], ", ".join(forms),
                   {"forms": forms})


def identities(case):
    """Which fields come unasked, of keywords and product items above all?"""
    found, ids = {}, Counter()
    for report in _read(case):
        known = set(report.order["columns"]) | {
            "DATE", "HOUR", "TARGETING_TYPE", "TARGETING_VALUE"}
        for row in report.rows:
            if report.kind in ("keywords", "product items"):
                ids[rows.identity(row) is not None] += 1
            new = set(row.values) - known
            if new:
                found.setdefault(report.kind, set()).update(new)
    if not ids:
        raise Trouble("no report of keywords or product items has a row")
    unasked = {kind: constants(names) for kind, names in found.items()}
    came = "%d of %d rows are below an id" % (ids[True], ids[True] + ids[False])
    came += "; fields that were not asked for: " + ("; ".join(
        "%s (%s)" % (", ".join(names), kind)
        for kind, names in sorted(unasked.items())) or "none")
    return Finding(not ids[False] and not unasked, came, {"unasked": unasked})


def _keys(found):
    """Rows by their key: entity, day and ad group."""
    keys = {}
    for row in found:
        keys.setdefault((rows.identity(row), row.values.get("DATE"),
                         str(row.values.get("AD_GROUP_ID"))),
                        []).append(row.values)
    return keys


def _what_differs(groups):
    """The columns of parents in which rows of the same key differ."""
    return [name for name in _PARENTS
            if any(len({str(one.get(name)) for one in group}) > 1
                   for group in groups)]


def _alone(case, kind):
    """Whether keys repeat as well if no other parent is asked for."""
    plain = kind + " alone"
    case.desk.order(plain, orders.without_ads(case.today)[plain])
    case.desk.fetch(0)
    try:
        found = _keys(case.ready_rows(plain))
    except Trouble as trouble:
        return "with AD_GROUP_ID alone: unknown, " + str(trouble), None
    again = any(len(group) > 1 for group in found.values())
    return "with AD_GROUP_ID alone keys repeat, too" if again \
        else "with AD_GROUP_ID alone no key repeats", again


def _grain(kind):
    """A question's function: does the key of a kind of report repeat?"""
    def ask(case):
        found = case.ready_rows(kind)
        report, keys = case.ready(kind), _keys(found)
        asked = [one for one in _PARENTS if one in report.order["columns"]]
        came = [one for one in asked if any(one in row.values for row in found)]
        groups = [group for group in keys.values() if len(group) > 1]
        twice = rows.repeated(report.document)
        text = "%d rows, %d keys; asked with %s%s" % (
            len(found), len(keys), ", ".join(asked),
            "" if came == asked else " (came: %s)" % (", ".join(came) or "none"))
        facts = {"rows": len(found), "keys": len(keys), "asked": asked,
                 "came": came, "objects_repeated": twice}
        if not groups:
            return Finding(not twice, text + "; no key repeats", facts)
        facts["differ_in"] = _what_differs(groups)
        facts["same_rows"] = sum(
            len(group) - len({tuple(sorted((name, str(value)) for name, value
                                           in one.items())) for one in group})
            for group in groups)
        alone, facts["repeat_alone"] = _alone(case, kind)
        return Finding(facts["repeat_alone"] is False and not twice,
                       "%s; %d keys repeat; rows of a key differ in %s; %s"
                       % (text, len(groups),
                          ", ".join(facts["differ_in"]) or "no parent", alone),
                       facts)
    return ask


def targeting(case):
    """What comes at *_TARGETING without targeting_types?"""
    report = case.desk.reports["targeting"]
    if report.refusals and not report.order:
        return Finding(True, "refused: " + case.refusal(report.refusals[-1]),
                       {"refused": True})
    found = case.ready_rows("targeting")
    types = constants(row.values.get("TARGETING_TYPE", "(none)") for row in found)
    return Finding(None, "accepted; targeting types: " + ", ".join(types),
                   {"refused": False, "types": types})


def empty(case):
    """What does a report without rows look like?"""
    report = case.ready("empty")
    if report.rows:
        raise Trouble("it is not empty, although it is of deleted drafts")
    body = report.download.body
    size = report.poll.get("size")
    if not report.has_link:
        form = "no link"
    elif report.is_blank:
        form = "%d bytes" % len(body)
    else:
        form = re.sub(r"\d+", "9", body.strip()[:20].decode("ascii", "replace"))
    # Blank ones must not be shorter than they should be.
    readable = not report.is_blank or rows.type_of(size) == "null" \
        or rows.is_zero(size) or size == str(len(body))
    return Finding(readable, "%s; size %s (%s), content-length %s" % (
        form, size, rows.type_of(size),
        report.download.headers.get("content-length", "none")),
        {"body": form, "bytes": len(body), "size": size,
         "size_type": rows.type_of(size),
         "content_length": report.download.headers.get("content-length")})


def sizes(case):
    """Does the size that a poll tells agree with the download?"""
    types, same, counted = Counter(), 0, 0
    for report in _read(case):
        size = report.poll.get("size")
        types[rows.type_of(size)] += 1
        length = report.download.headers.get("content-length")
        counted += 1
        same += length is not None and str(size) == length
    if not counted:
        raise Trouble("no report has been read")
    return Finding(set(types) == {"number"} and same == counted,
                   "%s; the same as content-length in %d of %d" % (
                       ", ".join(sorted(types)), same, counted),
                   {"types": dict(types), "same": same, "reports": counted})


def _host(url):
    """A host without the part of its name that may be an account's."""
    host = urlsplit(url).hostname or ""
    return "this machine" if is_local(host) else ".".join(host.split(".")[-2:])


def downloads(case):
    """How are reports sent: content codings, redirects, ranges?"""
    forms = {"content-encoding": Counter(), "transfer-encoding": Counter(),
             "content-type": Counter(), "accept-ranges": Counter(),
             "redirects": Counter(), "host": Counter()}
    for report in _read(case):
        answer = report.download
        for name in tuple(forms)[:4]:
            forms[name][answer.headers.get(name, "none")] += 1
        forms["redirects"][", ".join(map(str, answer.redirects)) or "none"] += 1
        forms["host"][_host(report.poll["url"])] += 1
    facts = {name: dict(values) for name, values in forms.items()}
    if not forms["host"]:
        raise Trouble("no report has been read")
    known = set(forms["content-encoding"]) <= {"none", "identity", "gzip",
                                               "deflate"}
    return Finding(known, "; ".join("%s %s" % (name, ", ".join(sorted(values)))
                                    for name, values in forms.items()), facts)


def _with_column(case, answer, column):
    """A Finding about the refusal of a column."""
    message = answer.error()[1]
    facts = {"status": answer.status, "code": answer.error()[0],
             "names_it": column in message, "length": len(message)}
    return Finding(answer.status == 400 and column in message,
                   "%s (%d characters)" % (case.refusal(answer), len(message)),
                   facts)


def unknown_column(case):
    """What does the refusal of an unknown column look like?"""
    if case.refused is None:
        raise Trouble("not asked")
    if case.refused.good:
        return Finding(False, "it is taken", {"status": case.refused.status})
    return _with_column(case, case.refused, orders.UNKNOWN_COLUMN)


def wrong_column(case):
    """What does the refusal of a column at a wrong level look like?"""
    report = case.desk.reports["product items"]
    if not report.refusals:
        if report.order is None:
            raise Trouble(report.trouble or "not asked")
        return Finding(False, "PRODUCT_ITEM takes AD_ID and PIN_ID",
                       {"refused": False})
    found = _with_column(case, report.refusals[0], "AD_ID")
    found.facts["takes_pin"] = bool(report.order) and \
        "PIN_ID" in report.order["columns"]
    return found


def always_asked(case):
    """Does an account have all metrics that are always asked for?"""
    report = case.desk.reports["empty"]
    if report.refusals:
        return Finding(False, case.refusal(report.refusals[0]), {"refused": True})
    if report.order is None:
        raise Trouble(report.trouble or "not asked")
    return Finding(True, "taken", {"refused": False})


def zeros(case):
    """Are zeros left out, and with them the rows that have nothing else?"""
    count, zero, bare = 0, 0, 0
    for report in _read(case):
        for row in report.rows:
            metrics = [row.values[name] for name in report.order["columns"]
                       if name in row.values and name not in _PARENTS]
            count += 1
            zero += any(value in (None, "0", "0.0") for value in metrics)
            bare += not any(map(rows.amount, metrics))
    if not count:
        raise Trouble("no report has a row")
    return Finding(not bare, "of %d rows, %d have a zero or null, %d no other metric"
                   % (count, zero, bare), {"rows": count, "zero": zero,
                                           "bare": bare})


def ids_in_rows(case):
    """How are ids written in rows?"""
    found = {}
    for report in _read(case):
        for row in report.rows:
            for name, value in row.values.items():
                if name.endswith("_ID") and value is not None:
                    found.setdefault(name, set()).add(rows.type_of(value))
    if not found:
        raise Trouble("no row has an id")
    kinds = sorted(set().union(*found.values()))
    return Finding(set(kinds) <= {"string", "number"}, ", ".join(kinds),
                   {name: sorted(types) for name, types in found.items()
                    if constants([name]) == [name]})


def created(case):
    """How is an order answered, and how long does a report take?"""
    made = [one for one in case.desk.reports.values() if one.created]
    if not made:
        raise Trouble("no report was accepted")
    statuses = sorted({one.created.status for one in made})
    waits = sorted(one.seconds for one in made if one.seconds is not None)
    came = "HTTP " + ", ".join(map(str, statuses))
    if waits:
        came += "; ready after at most %d to %d s" % (waits[0], waits[-1])
    return Finding(all(200 <= one < 300 for one in statuses)
                   and (not waits or waits[-1] <= 1800), came,
                   {"statuses": statuses, "seconds": waits})


def rate_limit(case):
    """Do good answers say how many requests are left?"""
    found = {}
    for answer in case.connection.answers:
        for name, value in answer.headers.items():
            if answer.good and any(part in name for part in _RATE_HEADERS):
                found[name] = value
    return Finding(True, ", ".join("%s: %s" % (name, case.hidden.message(value))
                                   for name, value in sorted(found.items()))
                   or "no such header", {"headers": sorted(found)})


_ONCE = "a row for each day and ad group, unless columns of ads are asked for"
QUESTIONS = (
    Question("orders", "any 2xx, and no more than 1800 s", created),
    Question("layout", "an object of arrays, whose keys are the ids", layout),
    Question("sorted by date", "not used; date, then id, then rows", by_date),
    Question("identity", "the id of a keyword or product item is the key of its"
             " rows, and in no field", identities),
    Question("ids in rows", "ids are strings or whole numbers", ids_in_rows),
    Question("grain of keywords", _ONCE, _grain("keywords")),
    Question("grain of product groups", _ONCE, _grain("product groups")),
    Question("grain of product items", _ONCE, _grain("product items")),
    Question("no targeting types", "not used: they are always named", targeting),
    Question("metrics always asked for", "every account has them", always_asked),
    Question("zeros", "they are left out, or may be there; no row has nothing else",
             zeros),
    Question("empty report", "{}, [], null, or white space of the size that is"
             " told, or no link if that is 0", empty),
    Question("sizes", "the number of bytes of the download, as a number", sizes),
    Question("downloads", "as they are, or in gzip or deflate; up to three"
             " redirects to https", downloads),
    Question("unknown column", "HTTP 400, and the message names it",
             unknown_column),
    Question("column of another level", "likewise; PRODUCT_ITEM has no AD_ID",
             wrong_column),
    Question("rate limit", "none needed: X-RateLimit-Reset and Retry-After count"
             " when a request is refused", rate_limit),
)
