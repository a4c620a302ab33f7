"""A stand-in for Pinterest's Ads API v5, for tests and demonstrations.

    python3 test/sandbox [serve] [options]
    python3 test/sandbox expect RESOURCE [options]
    python3 test/sandbox expect-all FILE

serve prints one line of JSON with its addresses and credentials as soon as it
listens; control.py describes what tests can ask of it while it runs.  expect
prints as CSV what a foreign table of such a sandbox holds; expect-all writes the
same for many of them: its file is a JSON list of objects with "arguments", those
of expect, and "file", where to write.
"""

import argparse
import datetime
import functools
import json
import os
import signal
import sys
import threading
import time

sys.dont_write_bytecode = True

import expect
from activity import Attribution
from entities import Dataset, Shape
from grain import ROW_SPLITS
from oauth import OAuth
from revisions import LivelyDataset
from server import Sandbox
from shop import ShopDataset
from settings import WEEKDAYS, Settings, parse_date


def _date(text):
    try:
        return parse_date(text)
    except ValueError:
        raise argparse.ArgumentTypeError("not a date: " + text) from None


def _names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def _data_options(parser):
    add = parser.add_argument
    add("--advertisers", type=int, default=1, help="ad accounts")
    add("--campaigns", type=int, default=6, help="campaigns per ad account")
    add("--ad-groups", type=int, default=2, help="ad groups per campaign")
    add("--ads", type=int, default=2, help="ads per ad group")
    add("--pins", type=int, default=30, help="Pins on each board")
    add("--denied", type=int, default=0,
        help="further ad accounts that are listed, but nothing below them")
    add("--overlapping", action="store_true",
        help="items are in several product groups of an ad group")
    add("--seed", type=int, default=1)
    add("--today", type=_date, help="YYYY-MM-DD; default: the date in UTC")
    add("--revision", type=int, default=0, help="revision of the data")
    add("--turnover", action="store_true",
        help="entities come and go with the revisions, see revisions.py")
    add("--shop", action="store_true",
        help="a shop's campaigns, for demonstrations, see shop.py")
    add("--plausible", action="store_true",
        help="no metrics beyond 2^53, for demonstrations")


def _serve_options(parser):
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0)
    add("--download-port", type=int, default=0)
    add("--report-delay", type=float, default=0.3)
    add("--link-lifetime", type=float, default=300)
    add("--report-lifetime", type=float, default=3600)
    add("--access-token", help="a further token to accept")
    add("--redirect-uri", default="http://localhost:8085/")
    add("--ready-file", help="where to write the line of JSON, too")
    add("--log-file", help="where to append a line for each request")
    add("--parent-pid", type=int, help="exit when this process is gone")


def _expect_options(parser):
    add = parser.add_argument
    add("resource", choices=expect.RESOURCES)
    add("--advertiser", action="append", help="id; repeatable; default: the first")
    add("--start", type=_date)
    add("--end", type=_date)
    add("--columns", type=_names, help="API names, separated by commas")
    add("--statuses", type=_names, help="entity statuses, or for reports summary"
        " statuses of the report's own entity; default: all")
    add("--targeting-types", type=_names, help="API names, separated by commas;"
        " default: all of the level but those in beta")
    add("--granularity", default="day",
        choices=("day", "hour", "week", "month", "total"))
    add("--windows", default="30/30/1", help="click/engagement/view days")
    add("--conversion-report-time", default="TIME_OF_AD_ACTION",
        choices=("TIME_OF_AD_ACTION", "TIME_OF_CONVERSION"))
    add("--household", action="store_true", help="household attribution")
    add("--row-split", default="ad_group", choices=ROW_SPLITS,
        help="see the setting row_split")
    # As the settings of these names say
    add("--local-days", action="store_true", help="days of --time-zones")
    add("--time-zones", type=_names, default=[], help="of the ad accounts, in turn")
    add("--open-hours", type=int, help="of today; default: it has no rows")
    add("--week-start", choices=WEEKDAYS, default="monday")
    add("--week-label", choices=("first", "last"), default="first")
    add("--month-label", choices=("first", "last"), default="first")


def _dataset(options):
    kind = LivelyDataset if options.turnover else \
        ShopDataset if options.shop else Dataset
    return _made(kind, options.seed,
                 Shape(options.advertisers, options.campaigns, options.ad_groups,
                       options.ads, options.overlapping, options.pins),
                 options.denied)


@functools.lru_cache(maxsize=1)
def _made(kind, *arguments):
    return kind(*arguments)


def _leave(ready_file):
    """End at once; nothing that a thread is still doing matters."""
    if ready_file and os.path.exists(ready_file):
        os.unlink(ready_file)
    os._exit(0)


def _watch(pid, ready_file):
    """Leave when a process has gone."""
    was_parent = os.getppid() == pid
    while not was_parent or os.getppid() == pid:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        except PermissionError:
            pass
        time.sleep(0.25)
    _leave(ready_file)


def _write_ready(path, line):
    partial = "%s.%d" % (path, os.getpid())
    with open(partial, "w", encoding="ascii") as ready:
        ready.write(line + "\n")
    os.replace(partial, path)


def serve(options):
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _leave(options.ready_file))
    settings = Settings(
        report_delay=options.report_delay, link_lifetime=options.link_lifetime,
        report_lifetime=options.report_lifetime, revision=options.revision,
        today=options.today.isoformat() if options.today else None)
    tokens = OAuth(settings, options.seed, options.redirect_uri,
                   options.access_token)
    sandbox = Sandbox(options, _dataset(options), settings, tokens)
    for server in sandbox.servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    if options.parent_pid:
        threading.Thread(target=_watch, daemon=True, args=(
            options.parent_pid, options.ready_file)).start()
    sandbox.info["pid"] = os.getpid()
    line = json.dumps(sandbox.info)
    if options.ready_file:
        _write_ready(options.ready_file, line)
    print(line, flush=True)
    while True:
        signal.pause()


def expected_lines(options):
    """The lines of CSV that a table holds."""
    dataset = _dataset(options).at(options.revision)
    today = options.today or datetime.datetime.now(datetime.timezone.utc).date()
    chosen = dataset.advertisers[:1]
    if options.advertiser:
        chosen = [dataset.find(one) for one in options.advertiser]
        if None in chosen:
            raise SystemExit("no such advertiser in this data")
    if options.resource in expect.LEVELS:
        windows = tuple(int(part) for part in options.windows.split("/"))
        # Of product items Pinterest keeps three months.
        history = 91 if options.resource.startswith("product_item") else 365
        settings = Settings(
            today=options.today.isoformat() if options.today else None,
            **{name: getattr(options, name) for name in (
                "time_zones", "open_hours", "week_start", "week_label",
                "month_label")})

        def days_of(advertiser):
            settings.change({"open_hours": options.open_hours})
            days = settings.days(advertiser if options.local_days else None)
            return days, settings.date(days.zone)
        return expect.report(
            chosen, options.resource, options.columns,
            options.start or today - datetime.timedelta(days=history),
            options.end or today + datetime.timedelta(days=1), today,
            options.granularity.upper(),
            options.revision, options.plausible,
            Attribution(windows,
                        options.conversion_report_time == "TIME_OF_CONVERSION",
                        options.household), options.statuses,
            options.targeting_types, options.row_split, days_of)
    if options.resource in expect.GLOBAL:
        return expect.dictionary(dataset, options.resource, Settings(
            today=options.today.isoformat() if options.today else None))
    if options.resource in expect.TABLE_LISTS:
        return expect.table_list(chosen, options.resource, options.revision,
                                 today, options.start, options.plausible)
    return expect.entities(chosen, options.resource, options.revision,
                           options.statuses)


def print_expected(options):
    lines = expected_lines(options)
    try:
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        for line in lines:
            sys.stdout.write(line)
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(1)


def write_expected(parser, path):
    with open(path, encoding="utf-8") as plan:
        wanted = json.load(plan)
    for one in wanted:
        with open(one["file"], "w", encoding="utf-8", newline="\n") as output:
            output.writelines(expected_lines(parser.parse_args(
                [str(argument) for argument in one["arguments"]])))


def main():
    arguments = sys.argv[1:]
    command = "serve"
    if arguments and arguments[0] in ("serve", "expect", "expect-all"):
        command = arguments.pop(0)
    parser = argparse.ArgumentParser(
        prog="python3 test/sandbox" + ("" if command == "serve" else " expect"),
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    _data_options(parser)
    if command == "expect-all":
        _expect_options(parser)
        write_expected(parser, *arguments)
    elif command == "expect":
        _expect_options(parser)
        print_expected(parser.parse_args(arguments))
    else:
        _serve_options(parser)
        serve(parser.parse_args(arguments))


if __name__ == "__main__":
    main()
