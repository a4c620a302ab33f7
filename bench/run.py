"""Measures pinterest_fdw beside COPY and other ways to the same table.

Called by bench/run; see README.md here.  What is measured is compared first: each
way must have led to the rows that COPY has read from a file.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time
import urllib.request

from data import ADVERTISER
from measure import (Counter, CountingServer, Server, measure_client,
                     measure_command)

DAYS = 100
PARTS = ("live", "first", "refresh", "others", "waiting")
DEFAULT_SIZES = ["10000x30", "200000x30"]
# Columns that a report always has, at the beginning: so none comes on top.
FIRST_COLUMNS = ("advertiser_id", "campaign_id", "date", "campaign_name",
                 "campaign_status", "spend_in_micro_dollar", "total_impression",
                 "total_clickthrough", "total_destination_views",
                 "total_engagement", "total_video_p0_combined",
                 "total_conversions", "leads")
SUMMED = ("spend_in_micro_dollar", "total_impression", "total_clickthrough",
          "total_engagement", "total_conversions")
# A text of PostgreSQL, and a string of node, are not longer.
LONGEST_TEXT = 1 << 30
LONGEST_STRING = 512 << 20

HERE = os.path.dirname(os.path.abspath(__file__))


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Api:
    """The stand-in for Pinterest, a process of its own."""

    def __init__(self, directory, data):
        ready = os.path.join(directory, "api.port")
        self._process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "serve.py"), data, ready])
        while not os.path.exists(ready):
            if self._process.poll() is not None:
                sys.exit("the server has ended")
            time.sleep(0.05)
        with open(ready, encoding="utf-8") as file:
            self.url = "http://127.0.0.1:%s" % file.read()

    def ask(self, path, body=None):
        request = urllib.request.Request(
            self.url + path, None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def set(self, **settings):
        self.ask("/settings", settings)

    def stop(self):
        self._process.terminate()
        self._process.wait()


def choose_columns(server, count):
    """Columns of the campaign report: [name, API's name, type, unit, place]."""
    chosen = server.run("""
        SELECT column_name, api_name, type, unit
          FROM pinterest.resource_columns
         WHERE resource = 'campaign_report'
           AND (column_name = ANY ('{%s}') OR type IN ('bigint', 'numeric'))
         ORDER BY array_position('{%s}', column_name), NOT standard
         LIMIT %d""" % (",".join(FIRST_COLUMNS), ",".join(FIRST_COLUMNS), count))
    return [[name, api_name, kind, unit or None, place]
            for place, (name, api_name, kind, unit) in enumerate(chosen)]


class Bench:
    """One size: tables, the files that COPY reads, and the figures."""

    def __init__(self, server, api, size, parts, repeat):
        self.server, self.api, self.parts = server, api, parts
        self.repeat = repeat
        rows, columns = re.fullmatch(r"(\d+)x(\d+)", size).groups()
        self.campaigns, self.ncolumns = max(1, int(rows) // DAYS), int(columns)
        self.lines, self.columns, self.order = [], [], None

    # --- what is compared

    def _sum(self, table, exactly=True):
        """The rows of a table as a number; exactly: with all digits."""
        value = ("hashtextextended(t::text, 0)" if exactly else
                 "hash_record_extended(t.*, 0)")
        return self.server.run("SELECT count(*), sum(%s::numeric) FROM %s AS t"
                               % (value, table))[0]

    def _compare(self, what, table, expected, exactly=True):
        if self._sum(table, exactly) != self._sum(expected, exactly):
            sys.exit("%s: not the rows that COPY has read" % what)

    # --- what is measured

    def _add(self, what, figures):
        self.lines.append((what, figures))
        say("  %-44s %8s Gi %8.2f s" % (
            what, "-" if figures.instructions is None else
            "%.2f" % (figures.instructions / 1e9), figures.cpu))
        return figures

    def _measure(self, what, statement, setup=(), before="SELECT 1"):
        """The repetition that took least CPU time; before is run before each."""
        best = None
        for _ in range(self.repeat):
            self.server.run(before)
            self.api.ask("/log")
            figures = self.server.measure(statement, setup, what)
            figures.requests = len(self.api.ask("/log"))
            if best is None or figures.cpu < best.cpu:
                best = figures
        return self._add(what, best)

    def _expected(self, percent):
        """A table with the rows of a revision, read by COPY; its name."""
        files = self.api.ask("/files", dict(
            self.order, columns=[column[1] for column in self.columns]))
        name = "bench.expected_%d" % percent
        self.server.run("CREATE UNLOGGED TABLE IF NOT EXISTS %s (LIKE live.t);"
                        " TRUNCATE %s; COPY %s FROM '%s' (FORMAT csv)"
                        % (name, name, name, files["csv"]))
        return name, files

    def prepare(self):
        run = self.server.run
        self.columns = choose_columns(self.server, self.ncolumns)
        self.api.set(columns=self.columns, campaigns=self.campaigns, percent=0,
                     delay=0, latency=0)
        run("DROP SCHEMA IF EXISTS live, mat, bench CASCADE;"
            " CREATE SCHEMA live; CREATE SCHEMA mat; CREATE SCHEMA bench")
        self._foreign_table("live.t")
        # The first one makes the file that is served later on
        run("SELECT count(*) FROM live.t; SELECT * FROM live.t LIMIT 0;"
            " SELECT %s FROM live.t" % self._sums())
        run("SELECT count(t) FROM live.t")
        self.order = max((entry["body"] for entry in self.api.ask("/log")
                          if entry.get("body")), key=lambda body: len(body["columns"]))
        key = self.server.value(
            "SELECT array_to_string(key, ', ') FROM pinterest.resources"
            " WHERE resource = 'campaign_report'")
        run("CREATE TABLE bench.copied (LIKE live.t);"
            " ALTER TABLE bench.copied ADD PRIMARY KEY (%s)" % key)
        return self._expected(0)

    def _foreign_table(self, name, options=""):
        self.server.run(
            "CREATE FOREIGN TABLE %s (%s) SERVER pinterest OPTIONS ("
            "resource 'campaign_report', historical_date '%d days'%s)" % (
                name, ", ".join("%s %s" % (column[0], column[2])
                                for column in self.columns), DAYS - 1, options))

    @staticmethod
    def _sums():
        return ", ".join("sum(%s)" % name for name in SUMMED)

    def run(self):
        rows = self.campaigns * DAYS
        say("%d rows of %d columns" % (rows, self.ncolumns))
        expected, files = self.prepare()
        self._measure("COPY from a file", "COPY bench.copied FROM '%s' (FORMAT csv)"
                      % files["csv"], before="TRUNCATE bench.copied")
        self._compare("COPY", "bench.copied", expected)
        self._measure("ANALYZE of that table", "ANALYZE bench.copied")
        if "live" in self.parts:
            self._live(expected)
        if "first" in self.parts:
            self._first(expected)
        if "refresh" in self.parts:
            self._refresh()
        if "others" in self.parts:
            self._others(expected, files)

    def _live(self, expected):
        same = "SELECT (SELECT ROW(%s) FROM live.t) = (SELECT ROW(%s) FROM " + expected + ")"
        for what, selected in (("live, count", "count(*)"),
                               ("live, five sums", self._sums())):
            if self.server.value(same % (selected, selected)) != "t":
                sys.exit(what + ": not what COPY has read")
            self._measure(what, "SELECT %s FROM live.t" % selected)
        self._compare("live", "live.t", expected)
        self._measure("live, everything",
                      "EXPLAIN (ANALYZE, TIMING OFF) SELECT * FROM live.t")
        self._measure("CREATE TABLE AS", "CREATE TABLE bench.made AS TABLE live.t",
                      before="DROP TABLE IF EXISTS bench.made")
        self._compare("CREATE TABLE AS", "bench.made", expected)
        self.server.run("DROP TABLE bench.made")

    def _first(self, expected):
        for what, setup in (
                ("first load by materialize, without ANALYZE",
                 ["SET default_statistics_target = 1"]),
                ("first load by materialize, with ANALYZE", [])):
            self._measure(what, "SELECT pinterest.materialize('live.t', 'mat.f')",
                          setup, "DROP TABLE IF EXISTS mat.f")
            self._compare(what, "mat.f", expected)
        what = "first load by import_tables, with ANALYZE"
        self._foreign_table("live.campaign_report")
        self._measure(what, "CALL pinterest.import_tables('{campaign_report}',"
                      " live_schema => 'live', schema => 'mat')", (),
                      "DROP TABLE IF EXISTS mat.f, mat.campaign_report")
        self._compare(what, "mat.campaign_report", expected)
        self.server.run("DROP TABLE mat.campaign_report")
        what = "refresh of an empty table, with ANALYZE"
        self._measure(what, "SELECT * FROM pinterest.refresh('mat.e')", (),
                      "DROP TABLE IF EXISTS mat.e;"
                      " SELECT pinterest.materialize('live.t', 'mat.e', false)")
        self._compare(what, "mat.e", expected)
        self.server.run("DROP TABLE mat.e")

    def _refresh(self):
        self.server.run("SELECT pinterest.materialize('live.t', 'mat.t')")
        for percent in (0, 1, 50):
            self._refresh_changed(percent)
        self.server.run("DROP TABLE mat.t")

    def _refresh_changed(self, percent):
        """Refreshes a table of which so many percent have changed."""
        self.api.set(percent=percent)
        expected, files = self._expected(percent)
        wanted = [str(self.campaigns * DAYS - files["changed"]),
                  str(files["changed"]), "0", "0"]
        what, best = "refresh, %d %% changed" % percent, None
        for _ in range(self.repeat):
            self.api.set(percent=0)
            self.server.run("SELECT pinterest.refresh('mat.t');"
                            " VACUUM ANALYZE mat.t")
            self.api.set(percent=percent)
            self.api.ask("/log")
            figures = self.server.measure(
                "SELECT unchanged, updated, inserted, deleted"
                " FROM pinterest.refresh('mat.t')", (), what)
            figures.requests = len(self.api.ask("/log"))
            if figures.result != [wanted]:
                sys.exit("%s: %s instead of %s" % (what, figures.result, wanted))
            self._compare(what, "mat.t", expected)
            if best is None or figures.cpu < best.cpu:
                best = figures
        self._add(what, best)
        if percent == 1:
            self._replaced(expected)
        self.api.set(percent=0)

    def _replaced(self, expected):
        """Other ways to apply 1 %, from a table that has the rows already."""
        for what, delete in (("TRUNCATE, INSERT of the same", "TRUNCATE"),
                             ("DELETE, INSERT of the same", "DELETE FROM")):
            self._measure(what, "BEGIN; %s bench.copied;"
                          " INSERT INTO bench.copied TABLE %s; COMMIT"
                          % (delete, expected))
        self._compare("INSERT", "bench.copied", expected)
        self.server.run("VACUUM bench.copied")

    # --- other ways to the same table

    def _missing(self, column):
        """What a value that is left out stands for."""
        return "0" if column[2] == "bigint" and column[3] else None

    def _others(self, expected, files):
        if isinstance(self.server, CountingServer):
            return
        url = "%s/file/%s" % (self.api.url, os.path.basename(files["json"]))
        size = os.path.getsize(files["json"])
        figures = measure_command(["curl", "-s", "-o", "/dev/null", url])
        self._add("curl, to nowhere", figures)
        if size < LONGEST_TEXT:
            self._measure("jsonb_to_recordset", self._recordset(files["json"]),
                          before="TRUNCATE bench.copied")
            self._compare("jsonb_to_recordset", "bench.copied", expected)
        # Python takes about ten times the size of the file
        if size < LONGEST_TEXT:
            asked = json.dumps([[column[1], column[2], self._missing(column)]
                                for column in self.columns])
            self._measure("Python, and COPY of its CSV",
                          "COPY bench.copied FROM PROGRAM"
                          " $c$python3 %s %s '%s'$c$ (FORMAT csv)"
                          % (os.path.join(HERE, "load.py"), url, asked),
                          before="TRUNCATE bench.copied")
            self._compare("Python", "bench.copied", expected)
        if size < LONGEST_STRING and self._has_node():
            self.server.run("TRUNCATE bench.copied")
            self._add("node-postgres", measure_client(
                ["node", os.path.join(HERE, "load.js"), url, asked, "bench.copied"]))
            # its numbers have no scale
            self._compare("node-postgres", "bench.copied", expected, exactly=False)

    @staticmethod
    def _has_node():
        try:
            return subprocess.run(["node", "-e", "require('pg')"],
                                  capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    def _recordset(self, path):
        targets, defined = [], []
        for column in self.columns:
            name = '"%s"' % column[1]
            kind = "numeric" if column[2] == "bigint" else column[2]
            value = "r." + name
            if self._missing(column):
                value = "coalesce(%s, 0)" % value
            targets.append("%s::%s" % (value, column[2]))
            defined.append("%s %s" % (name, kind))
        return ("INSERT INTO bench.copied SELECT %s FROM"
                " jsonb_each(pg_read_file('%s')::jsonb) AS e,"
                " jsonb_to_recordset(e.value) AS r (%s)"
                % (", ".join(targets), path, ", ".join(defined)))

    # --- figures

    def print(self):
        base = self.lines[0][1]
        print("\n%s rows of %d columns:\n" % (
            format(self.campaigns * DAYS, ","), self.ncolumns))
        print("| | instructions, 10^9 | of COPY | CPU, s | of COPY | wall, s"
              " | memory, MB | temporary files, MB | WAL, MB | requests |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        for what, figures in self.lines:
            memory = figures.memory
            if memory is not None and figures.idle is not None:
                memory -= figures.idle
            print("| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |" % (
                what, _number(figures.instructions, 1e9, 2),
                _ratio(figures.instructions, base.instructions),
                _number(figures.cpu, 1, 2), _ratio(figures.cpu, base.cpu),
                _number(figures.wall, 1, 2), _number(memory, 1e6, 1),
                _number(figures.temporary, 1e6, 1), _number(figures.wal, 1e6, 1),
                figures.requests or ""))
        sys.stdout.flush()


def _number(value, unit, digits):
    return "" if value is None else "%.*f" % (digits, value / unit)


def _ratio(value, base):
    return "" if not value or not base else "%.2f" % (value / base)


class Waiting:
    """What is about time and requests: reports that take long, many lists."""

    def __init__(self, server, api, seconds):
        self.server, self.api, self.seconds, self.lines = server, api, seconds, []

    def _add(self, what, statement, setup=()):
        self.api.ask("/log")
        figures = self.server.measure(statement, setup)
        figures.requests = len(self.api.ask("/log"))
        self.lines.append((what, figures))
        say("  %-44s %8.3f s" % (what, figures.wall))
        return figures

    def run(self):
        say("waiting")
        run = self.server.run
        columns = choose_columns(self.server, len(FIRST_COLUMNS))
        self.api.set(columns=columns, campaigns=2, percent=0, latency=0,
                     delay=self.seconds)
        run("DROP SCHEMA IF EXISTS live, mat, bench CASCADE; CREATE SCHEMA live")
        table = ("CREATE FOREIGN TABLE live.%s (%s) SERVER pinterest"
                 " OPTIONS (resource 'campaign_report', historical_date '%d days'%s)")
        definition = ", ".join("%s %s" % (one[0], one[2]) for one in columns)
        run(table % ("one", definition, 99, ""))
        run(table % ("five", definition, 900, ""))
        # the first of a kind, and one more: what the last one took is remembered
        for what, name in (("a report of %g s", "one"),
                           ("the same again, anew", "one"),
                           ("five reports of %g s, side by side", "five")):
            self._add(what % self.seconds if "%" in what else what,
                      "SELECT count(*) FROM live." + name)
        run(table % ("again", definition, 99, ", report_reuse '600'"))
        run("SELECT count(*) FROM live.again")
        self._add("the same again, used again", "SELECT count(*) FROM live.again")
        self.api.set(delay=0)

        ids = ",".join(str(549755885175 + n) for n in range(1000))
        run(table % ("many", definition, 99, ", advertiser_id '%s'" % ids))
        plan = "EXPLAIN SELECT count(*) FROM live.many"
        self._add("plan with 1,000 ids", plan, [plan])

        self.api.set(latency=0.05, ad_groups=1000)
        run("CREATE SERVER fast FOREIGN DATA WRAPPER pinterest_fdw OPTIONS"
            " (api_url '%s/v5', advertiser_id '%s', max_connections '16');"
            " CREATE USER MAPPING FOR CURRENT_USER SERVER fast"
            " OPTIONS (access_token 'pina_bench');"
            " IMPORT FOREIGN SCHEMA ads LIMIT TO (keywords) FROM SERVER fast INTO live"
            % (self.api.url, ADVERTISER))
        keywords = self._add("keywords of 1,000 ad groups (50 ms, 16 connections)",
                             "SELECT count(*) FROM live.keywords")
        if keywords.result != [["3000"]]:
            sys.exit("%s keywords instead of 3000" % keywords.result)

    def print(self):
        print("\n| | wall, s | CPU, s | instructions, 10^9 | memory, MB | requests |")
        print("|---|--:|--:|--:|--:|--:|")
        for what, figures in self.lines:
            print("| %s | %s | %s | %s | %s | %s |" % (
                what, _number(figures.wall, 1, 4), _number(figures.cpu, 1, 2),
                _number(figures.instructions, 1e9, 3),
                _number(figures.memory - figures.idle, 1e6, 1), figures.requests))
        sys.stdout.flush()


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__.split("\n")[0])
    parser.add_argument("sizes", nargs="*", metavar="ROWSxCOLUMNS",
                        help="such as 200000x30; default: " + " ".join(DEFAULT_SIZES))
    parser.add_argument("--only", metavar="PARTS", default=",".join(PARTS),
                        help="some of %s, with commas between them" % ",".join(PARTS))
    parser.add_argument("--data", metavar="DIRECTORY",
                        help="where its files are kept for the next time")
    parser.add_argument("--seconds", type=float, default=8,
                        help="that a report takes in part \"waiting\"; default: 8")
    parser.add_argument("--repeat", type=int, default=1, metavar="TIMES",
                        help="the time that took least CPU time counts")
    parser.add_argument("--count", choices=("perf", "valgrind"), default="perf",
                        help="what counts instructions; valgrind, for machines on"
                        " which perf cannot, is slow: choose small sizes")
    parser.add_argument("--profiles", metavar="DIRECTORY",
                        help="where valgrind's profiles are kept, for"
                        " callgrind_annotate")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    for size in chosen.sizes:
        if not re.fullmatch(r"[1-9]\d*x[1-9]\d*", size):
            parser.error("not a size: %s" % size)
    chosen.only = chosen.only.split(",")
    if not set(chosen.only) <= set(PARTS):
        parser.error("parts are %s" % ", ".join(PARTS))
    return chosen


def prepare(server, api):
    """The extension, a server and a mapping in a new cluster."""
    server.run("""
        SET client_min_messages = warning;
        ALTER SYSTEM SET autovacuum = off;
        ALTER SYSTEM SET jit = off;
        ALTER SYSTEM SET max_parallel_maintenance_workers = 0;
        ALTER SYSTEM SET max_wal_size = '16GB';
        SELECT pg_reload_conf();
        CREATE EXTENSION pinterest_fdw;
        CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
          OPTIONS (api_url '%s/v5', advertiser_id '%s', report_reuse '0');
        CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest
          OPTIONS (access_token 'pina_bench')""" % (api.url, ADVERTISER))
    return server


def measure_size(server, counting, api, size, chosen):
    bench = Bench(server, api, size, chosen.only, chosen.repeat)
    bench.run()
    if counting:
        counted = Bench(counting, api, size, chosen.only, 1)
        counted.run()
        instructions = {what: figures.instructions for what, figures in counted.lines}
        for what, figures in bench.lines:
            figures.instructions = instructions.get(what)
    bench.print()


def main():
    chosen = arguments()
    data = chosen.data or os.path.join(chosen.work, "data")
    os.makedirs(data, exist_ok=True)
    if chosen.profiles:
        os.makedirs(chosen.profiles, exist_ok=True)
    if chosen.count != "valgrind":
        Counter.find()
    api = Api(chosen.work, data)
    try:
        server, counting = prepare(Server(), api), None
        if chosen.count == "valgrind":
            counting = prepare(CountingServer(chosen.work + "/counting",
                                              chosen.profiles), api)
        print("%s; %s; %s" % (
            datetime.date.today(),
            re.sub(r" on .*", "", server.value("SELECT version()")),
            "instructions counted by valgrind" if counting else
            "%s counted by perf" % Counter.event if Counter.event else
            "instructions are not counted"))
        if set(chosen.only) - {"waiting"}:
            for size in chosen.sizes or DEFAULT_SIZES:
                measure_size(server, counting, api, size, chosen)
        if "waiting" in chosen.only:
            waiting = Waiting(server, api, chosen.seconds)
            waiting.run()
            waiting.print()
    finally:
        api.stop()


main()
