"""A run: asks all questions, and shows what came beside what is assumed."""

import argparse
import datetime
import json
import textwrap
import time

import listquestions
import orders
import pinquestions
import reportquestions
import timequestions
from case import Case
from connection import (LIMIT, Connection, Trouble, Unusable, check_url,
                        send)
from fetching import FIRST_PAUSE_S, Desk
from placeholders import Placeholders

API_URL = "https://api.pinterest.com/v5"
# While reports are prepared, and once they are there.  Limits cost few requests,
# keys that repeat may cost all that are left.
FIRST = listquestions.QUESTIONS + pinquestions.QUESTIONS
THEN = timequestions.QUESTIONS + reportquestions.QUESTIONS
VERDICTS = {True: "as assumed", False: "DIFFERS", None: "open"}
WHERE_TO_SEND = """\
Please read this, and add it to an issue "live account" in the issue tracker of
the repository that you have this program from; with --json FILE, add the file.
It has no names, no amounts and no token, and instead of ids placeholders (a1 is
an account, g an ad group, d an ad, k a keyword, # any other long number)."""


def _arguments(arguments, environment):
    """Options and environment of a run, or Unusable."""
    parser = argparse.ArgumentParser(
        prog="test/live/run", description="Asks a live Pinterest account, with"
        " fewer than %d requests that change nothing, what Pinterest's"
        " documentation leaves open.  PINTEREST_ADVERTISER_ID and"
        " PINTEREST_ACCESS_TOKEN are taken from the environment." % (LIMIT + 1))
    parser.add_argument("--json", metavar="FILE", help="write the result there,"
                        " too, for programs")
    # For tests
    parser.add_argument("--today", type=datetime.date.fromisoformat,
                        help=argparse.SUPPRESS)
    parser.add_argument("--pause", type=float, default=FIRST_PAUSE_S,
                        help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.account = environment.get("PINTEREST_ADVERTISER_ID", "").strip()
    options.token = environment.get("PINTEREST_ACCESS_TOKEN", "").strip()
    options.api_url = environment.get("PINTEREST_API_URL", "").strip() or API_URL
    if not options.account.isdigit() or not options.account.isascii():
        raise Unusable("Set PINTEREST_ADVERTISER_ID to the id of one ad account.")
    if not options.token or not options.token.isascii() \
            or not options.token.isprintable() or " " in options.token:
        raise Unusable("Set PINTEREST_ACCESS_TOKEN to an access token.")
    try:
        check_url(options.api_url)
    except Trouble:
        raise Unusable("PINTEREST_API_URL must be https.") from None
    return options


def _look(case):
    """Reads the account's description, which shows whether anything can be read.

    Raises Unusable if not.
    """
    try:
        answer = case.connection.ask("/ad_accounts/" + case.account)
        if answer.good:
            case.description = case.json_of(answer)
            case.learn("a", case.description)
            return
        reason = case.refusal(answer)
    except (Trouble, AttributeError) as trouble:
        raise Unusable("Nothing can be asked: %s" % trouble) from None
    if answer.status == 401 and answer.error()[0] == 3:
        raise Unusable("The token lacks the scope ads:read.  " + reason)
    if answer.status == 401:
        raise Unusable("Pinterest does not take the token: it is wrong, expired"
                       " or revoked.  " + reason)
    raise Unusable("Pinterest does not let this token read the account.  "
                   + reason)


def _order(case):
    """Asks for all reports, and tries what lies beyond the limits."""
    for kind, bodies in orders.reports(case.today).items():
        case.desk.order(kind, bodies)
    for name, pair in orders.limits(case.today).items():
        case.limits[name] = (pair, [])
        try:
            case.limits[name][1].append(case.desk.try_order(pair[0]))
        except Trouble:
            pass                # the question says that it was not asked
    try:
        case.refused = case.desk.try_order(orders.refused(case.today))
    except Trouble:
        pass                    # likewise


def _answer(case, question):
    """What came of a question, as a dict; never an error."""
    try:
        agrees, came, facts = question.ask(case)
    except Trouble as trouble:
        agrees, came, facts = None, str(trouble), {}
    except Exception as error:      # an answer that nobody has thought of
        agrees, came, facts = None, "cannot be told: %s in %s" % (
            type(error).__name__, question.ask.__name__), {}
    return {"name": question.name, "assumed": question.assumed, "came": came,
            "verdict": VERDICTS[agrees], "facts": facts}


def ask_all(case):
    """Asks all questions; returns what came, without anything that is secret."""
    _look(case)
    _order(case)
    found = [_answer(case, question) for question in FIRST]
    case.desk.fetch()
    found += [_answer(case, question) for question in THEN]
    return case.hidden.clean_all({
        "probe": 1, "today": str(case.today), "requests": case.connection.count,
        "questions": found})


def show(result, out):
    """Prints a result for people to read."""
    for one in result["questions"]:
        out.write("%s: %s\n" % (one["name"], one["verdict"]))
        for label in ("assumed", "came"):
            out.write(textwrap.fill(
                one[label], 78, initial_indent="    %-9s" % label,
                subsequent_indent=" " * 13, break_long_words=False) + "\n")
    verdicts = [one["verdict"] for one in result["questions"]]
    out.write("\n%d questions: %s; %d requests\n\n%s\n" % (
        len(verdicts), ", ".join("%d %s" % (verdicts.count(one), one)
                                 for one in VERDICTS.values()),
        result["requests"], WHERE_TO_SEND))


def _sleep_aloud(errors):
    """A function that sleeps, and says so."""
    def sleep(seconds):
        errors.write("Waiting %.3g s for Pinterest.\n" % seconds)
        errors.flush()
        time.sleep(seconds)
    return sleep


def main(arguments, environment, out, errors, sender=send):
    """Runs the program; returns its exit status.

    sender: sends a request, as connection.send() does.
    """
    try:
        options = _arguments(arguments, environment)
        connection = Connection(options.api_url, options.token, sender,
                                _sleep_aloud(errors))
        hidden = Placeholders(options.token)
        hidden.learn("a", options.account)
        case = Case(connection, Desk(connection, options.account, options.pause),
                    hidden, options.account, options.today or
                    datetime.datetime.now(datetime.timezone.utc).date())
        errors.write("This takes some minutes.\n")
        errors.flush()
        result = ask_all(case)
    except Unusable as problem:
        errors.write("%s\n" % problem)
        return 2
    show(result, out)
    if options.json:
        try:
            with open(options.json, "w", encoding="ascii") as file:
                json.dump(result, file, sort_keys=True, separators=(",", ":"))
                file.write("\n")
        except OSError as error:
            errors.write("%s\n" % error)
            return 2
    return 0
