"""Questions about days, weeks, months and hours, and how far back they go."""

import datetime
from collections import Counter

import orders
import rows
from case import Finding, Question
from connection import Trouble

_METRIC = "TOTAL_IMPRESSION"
_DAY = datetime.timedelta(days=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
            "Sunday")


def form_of_days(case):
    """How is a day written?"""
    forms = sorted({rows.pattern(row.values.get("DATE", "(missing)"))
                    for row in case.ready_rows("days")})
    return Finding(forms == ["9999-99-99"], ", ".join(forms), {"forms": forms})


def _is_about_end(message):
    """Whether pinterest_fdw takes a refusal for one of the last day."""
    words = message.lower().replace("_", " ")
    return not any(one in words for one in ("column", "one of", "range")) and (
        "date" in words and "future" in words
        or "end date" in words and "start date" not in words)


def _growth(case):
    """How the rows of today of a later report differ, or why that is not known."""
    before = _daily(case).get(case.today, 0)
    for kind, bodies in orders.of_today(case.today).items():
        case.desk.order(kind, bodies)
    case.desk.fetch(0)
    try:
        after = sum(rows.amount(row.values.get(_METRIC))
                    for row in case.ready_rows("today"))
    except Trouble as trouble:
        return "unknown: %s" % trouble
    return "more" if after > before else "less" if after < before else "the same"


def today(case):
    """May a report go on to today, and are there rows of it, which grow?"""
    report = case.ready("days")
    if report.order["end_date"] != str(case.today):
        # The longest range is refused, too, but for another reason.
        message = report.refusals[-1].error()[1]
        return Finding(_is_about_end(message), "an end_date of today is refused: "
                       + case.refusal(report.refusals[-1]), {"accepted": False})
    days = [one for one in map(rows.day_of, report.rows) if one]
    if not days:
        raise Trouble("accepted, but the report is empty")
    latest = (case.today - max(days)).days
    came = "accepted; the latest row is of %s" % {
        0: "today", 1: "yesterday"}.get(latest, "%d days ago" % latest)
    facts = {"accepted": True, "latest_days_ago": latest}
    if not latest:
        facts["later"] = _growth(case)
        came += "; of a later report: %s" % facts["later"]
    return Finding(True, came, facts)


def _daily(case):
    """A metric by day."""
    return {rows.day_of(row): rows.amount(row.values.get(_METRIC))
            for row in case.ready_rows("days") if rows.day_of(row)}


def _sum(daily, first, last):
    """Sum of a metric from one day to another."""
    return sum(value for day, value in daily.items() if first <= day <= last)


def _month_end(day):
    return (day.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY


def _periods(granularity, label):
    """The periods that a label may stand for, by the way of labeling."""
    if granularity == "MONTH":
        return {"first day": (label.replace(day=1), _month_end(label))}
    return {"first day": (label, label + 6 * _DAY),
            "last day": (label - 6 * _DAY, label)}


def _fits(value, expected):
    """Whether sums are the same, but for what is restated in between."""
    return abs(value - expected) <= 0.01 * max(abs(expected), 1)


def _coverage(value, daily, period, start, end):
    """Of which days the sum of a period is that began before the report did."""
    first, last = period
    asked = _sum(daily, start, min(last, end))
    whole = _sum(daily, first, min(last, end))
    if _fits(whole, asked):
        # nothing happened before
        return "unknown days" if _fits(value, asked) else "other days"
    return "the days asked for" if _fits(value, asked) else \
        "all of it" if _fits(value, whole) else "other days"


def _meaning(case, granularity, found, start, end):
    """What the sums of days say about labels: (way of labeling, how many labels
    agree with it, which days the first period covers)."""
    daily, fitting, covers = _daily(case), Counter(), {}
    for label, value in found.items():
        for way, (first, last) in _periods(granularity, label).items():
            if first < start <= last:
                covers[way] = _coverage(value, daily, (first, last), start, end)
                fitting[way] += covers[way] != "other days"
            else:
                fitting[way] += _fits(value, _sum(daily, first, min(last, end)))
    way, count = max(fitting.items(), key=lambda one: one[1])
    if not count:
        return "unknown day", 0, "unknown days"
    if list(fitting.values()).count(count) > 1:
        return "first or last day", count, "unknown days"
    return way, count, covers.get(way, "unknown days")


def _labels(case, kind, granularity, describe, expected):
    """A Finding about the labels of weeks or months."""
    report = case.ready(kind)
    found = {}
    for row in case.ready_rows(kind):
        day = rows.day_of(row)
        if day is None:
            return Finding(False, "labels of the form " + rows.pattern(
                row.values.get("DATE", "(missing)")), {})
        found[day] = rows.amount(row.values.get(_METRIC))
    start, end = (datetime.date.fromisoformat(report.order[name])
                  for name in ("start_date", "end_date"))
    # The first one may be labeled by the first day that was asked for.
    names = Counter(describe(day) for day in found if day != start)
    if not names:
        names = Counter(describe(day) for day in found)
    way, count, first = _meaning(case, granularity, found, start, end)
    label = ", ".join("%s (%d)" % pair for pair in names.most_common())
    cut = "" if start not in found else "; the first one by the first day asked for"
    common = names.most_common(1)[0][0]
    return Finding(
        len(names) == 1 and common in expected and not cut
        and way in ("first day", "first or last day"),
        "%s%s; by the sums (%d of %d fit) that is its %s; the first one covers %s"
        % (label, cut, count, len(found), way, first),
        {"labels": dict(names), "way": way, "fit": count, "periods": len(found),
         "first_cut": bool(cut), "first_covers": first})


def weeks(case):
    """Which day labels a week?"""
    return _labels(case, "weeks", "WEEK", lambda day: WEEKDAYS[day.weekday()],
                   ("Monday", "Sunday"))


def months(case):
    """Which day labels a month?"""
    def describe(day):
        return "day 1" if day.day == 1 else \
            "last day" if day == _month_end(day) else "another day"
    return _labels(case, "months", "MONTH", describe, ("day 1", "last day"))


def hours(case):
    """How is an hour written?"""
    forms = Counter()
    for row in case.ready_rows("hours"):
        hour = row.values.get("HOUR")
        forms["DATE %s, HOUR %s" % (
            rows.pattern(row.values.get("DATE", "(missing)")),
            "(missing)" if hour is None else rows.type_of(hour))] += 1
    readable = all(
        form.startswith("DATE 9999-99-99,") and "(missing)" not in form
        or form.startswith(("DATE 9999-99-99 99:99:99", "DATE 9999-99-99T99:99:99"))
        for form in forms)
    return Finding(readable, "; ".join(sorted(forms)), {"forms": sorted(forms)})


def _by_hour(case, kind):
    """A metric by the time that a row is of; Trouble if that cannot be read."""
    found = {}
    for row in case.ready_rows(kind):
        text, hour = str(row.values.get("DATE")), row.values.get("HOUR")
        try:
            moment = datetime.datetime.strptime(
                text.replace("T", " ")[:13], "%Y-%m-%d %H") if hour is None \
                else datetime.datetime.strptime(text[:10], "%Y-%m-%d") \
                + datetime.timedelta(hours=int(float(hour)))
        except ValueError:
            raise Trouble("hours of the form " + rows.pattern(text)) from None
        found[moment] = rows.amount(row.values.get(_METRIC))
    return found


def _ahead(utc, local):
    """By how many hours some clocks are ahead of UTC, as what happened tells; None
    if by none."""
    fitting = {}
    for ahead in range(-12, 15):
        shift = datetime.timedelta(hours=ahead)
        pairs = [(value, local[hour + shift]) for hour, value in utc.items()
                 if hour + shift in local]
        same = sum(_fits(one, other) for one, other in pairs)
        if pairs and same >= 0.9 * len(pairs):
            fitting[ahead] = same
    return max(fitting, key=fitting.get) if fitting else None


def local_hours(case):
    """Are reports by the account's time zone taken, and whose are their hours?"""
    report = case.desk.reports["local hours"]
    if report.order is None:
        if not report.refusals:
            raise Trouble(report.trouble or "not asked")
        return Finding(None, "refused: " + case.refusal(report.refusals[-1]),
                       {"accepted": False})
    ahead = _ahead(_by_hour(case, "hours"), _by_hour(case, "local hours"))
    named = bool(case.description.get("time_zone"))
    return Finding(named and ahead is not None,
                   "taken; the clocks are %s; the account %s its time zone" % (
                       "unknown" if ahead is None else "UTC %+d" % ahead,
                       "says" if named else "does not say"),
                   {"accepted": True, "ahead": ahead, "named": named})


def _by_attempts(case, kind, days):
    """A Finding about a range that a report's own orders have tried."""
    report = case.desk.reports[kind]
    beyond, within = days[0], days[1]
    if report.order is None:
        raise Trouble(report.trouble or "refused, whatever the range: "
                      + case.refusal(report.refusals[-1]))
    refusals = len(report.refusals)
    if refusals == 0:
        return Finding(False, "%d days are taken" % beyond, {"days": beyond})
    if refusals == 1:
        return Finding(True, "%d days are taken, %d are not: %s" % (
            within, beyond, case.refusal(report.refusals[0])), {"days": within})
    return Finding(False, "%d days are refused: %s" % (
        within, case.refusal(report.refusals[1])), {"days": None})


def longest_range(case):
    return _by_attempts(case, "days", (187, 186))


def longest_range_of_hours(case):
    return _by_attempts(case, "hours", (4, 3))


def _limit(name, beyond):
    """A question's function about one of the limits that are only tried.

    What is within the limit is asked here, at the end, if the requests suffice.
    """
    def ask(case):
        orders, answers = case.limits[name]
        if not answers:
            raise Trouble("not asked")
        if answers[0].good:
            return Finding(False, "%d days are taken" % beyond, {"days": beyond})
        refusal = case.refusal(answers[0])
        if len(answers) == 1:
            try:
                answers.append(case.desk.try_order(orders[1]))
            except Trouble as trouble:
                return Finding(None, "%d days are refused: %s; %d: %s" % (
                    beyond, refusal, beyond - 1, trouble), {})
        if answers[1].good:
            return Finding(True, "%d days are taken, %d are not: %s" % (
                beyond - 1, beyond, refusal), {"days": beyond - 1})
        return Finding(False, "%d days are refused, too: %s" % (
            beyond - 1, case.refusal(answers[1])), {"days": None})
    return ask


# In the words of a count that includes today, or both ends
QUESTIONS = (
    Question("form of days", "DATE is YYYY-MM-DD", form_of_days),
    Question("today", "an end_date of today is taken, or refused in words that say"
             " so; rows of today, if there are any, are those so far", today),
    Question("labels of weeks", "the week's first day is its label, a Monday or a"
             " Sunday; a report has the days asked for alone, so it is asked for"
             " whole weeks", weeks),
    Question("labels of months", "the first or last day of the month is its label;"
             " likewise", months),
    Question("form of hours", "DATE with HOUR beside it, or a time as part of DATE",
             hours),
    Question("hours of the account", "if reports by the account's time zone are"
             " taken, their hours are those of its clocks", local_hours),
    Question("longest range", "186 days, both ends counted", longest_range),
    Question("longest range by the hour", "3 days, both ends counted",
             longest_range_of_hours),
    Question("oldest day", "913 days back, which is 914 with today",
             _limit("history", 914)),
    Question("oldest day of product items", "91 days back",
             _limit("history of items", 92)),
    Question("longest range of product items", "31 days, both ends counted",
             _limit("range of items", 32)),
    Question("oldest day by the hour", "7 days back",
             _limit("history by the hour", 8)),
)
