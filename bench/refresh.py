"""Measures refreshes: time, WAL and size, beside other ways to the same table.

Called by bench/refresh with the file that says where the sandbox is.  Everything is
measured in one run on the same rows; what counts are the ratios.
"""

import concurrent.futures
import json
import os
import subprocess
import sys
import time
import urllib.request

ROUNDS = 10
IN_FLIGHT = 4                   # as the server option max_connections

with open(sys.argv[1], encoding="utf-8") as ready_file:
    SANDBOX = json.load(ready_file)
COPY_FILE = os.path.join(os.environ["TMPDIR"], "rows.copy")
ADVERTISER = SANDBOX["advertiser_ids"][0]


def sql(statement):
    """Runs statements; returns the last one's rows, a list of lists."""
    done = subprocess.run(["psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1"],
                          input=statement, text=True, capture_output=True)
    if done.returncode:
        sys.exit(done.stderr)
    return [line.split("\t") for line in done.stdout.splitlines()]


def value(statement):
    return sql(statement)[0][0]


def timed(action, *args):
    begin = time.monotonic()
    action(*args)
    return time.monotonic() - begin


def control(method, path, body=None):
    request = urllib.request.Request(
        SANDBOX["control_url"] + "/" + path, method=method,
        data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or "null")


def call(method, path, body=None):
    request = urllib.request.Request(
        SANDBOX["api_url"] + path, method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + SANDBOX["access_token"],
                 "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def links(bodies):
    """Asks for reports like those of a refresh, and waits for them."""
    path = "/ad_accounts/%s/reports" % ADVERTISER
    tokens = [call("POST", path, body)["token"] for body in bodies]
    found = []
    for token in tokens:
        query = "%s?token=%s" % (path, urllib.request.quote(token, safe=""))
        while True:
            answer = call("GET", query)
            if answer["report_status"] == "FINISHED":
                break
            time.sleep(0.1)
        found.append(answer["url"])
    return found


def download(urls):
    """What a plain client does once the reports are ready: it reads them."""
    def one(url):
        with urllib.request.urlopen(url) as report:
            return sum(len(block) for block in iter(lambda: report.read(1 << 16), b""))

    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        return sum(pool.map(one, urls))


def refresh():
    """Refreshes; returns the time from when reports are ready to the end.

    What comes before is Pinterest's time, and in the sandbox Python's.
    """
    control("DELETE", "log")
    sql("SELECT pinterest.refresh('bench.refreshed')")
    end = time.time()
    return end - min(entry["time"] for entry in control("GET", "log")
                     if entry["host"] == "download")


# Each way keeps a table of its own equal to the same rows.
WAYS = {
    "pinterest.refresh()": None,
    "TRUNCATE + INSERT": "BEGIN; TRUNCATE bench.truncated;"
                         " INSERT INTO bench.truncated TABLE bench.rows; COMMIT",
    "DELETE + INSERT": "BEGIN; DELETE FROM bench.deleted;"
                       " INSERT INTO bench.deleted TABLE bench.rows; COMMIT",
}
TABLES = dict(zip(WAYS, ("bench.refreshed", "bench.truncated", "bench.deleted")))


def measure(way, total):
    """Runs one way, and VACUUM as autovacuum would; adds time and WAL."""
    sql("CHECKPOINT")
    before = value("SELECT pg_current_wal_insert_lsn()")
    if WAYS[way] is None:
        total["seconds"] += refresh()
    else:
        sql(WAYS[way])
    sql("VACUUM " + TABLES[way])
    total["wal"] += int(value(
        "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '%s')::bigint" % before))


def differences(table):
    return int(value(
        "SELECT count(*) FROM ((TABLE bench.rows EXCEPT ALL TABLE %s)"
        " UNION ALL (TABLE %s EXCEPT ALL TABLE bench.rows)) AS d" % (table, table)))


def main():
    sql("""
        CREATE EXTENSION pinterest_fdw;
        CREATE SERVER pinterest FOREIGN DATA WRAPPER pinterest_fdw
            OPTIONS (api_url '%s', advertiser_id '%s', historical_date '28 days');
        CREATE USER MAPPING FOR CURRENT_USER SERVER pinterest
            OPTIONS (access_token '%s');
        CREATE SCHEMA live;
        IMPORT FOREIGN SCHEMA ads LIMIT TO (campaign_report)
            FROM SERVER pinterest INTO live;
        -- The sandbox renames campaigns: that would change all of their rows.
        ALTER FOREIGN TABLE live.campaign_report DROP COLUMN campaign_name;
        CREATE SCHEMA bench;
        SELECT pinterest.materialize('live.campaign_report', 'bench.refreshed', false);
        ALTER SYSTEM SET autovacuum = off;
        ALTER SYSTEM SET max_wal_size = '8GB';
        SELECT pg_reload_conf();""" % (SANDBOX["api_url"], ADVERTISER,
                                       SANDBOX["access_token"]))

    # The first load, beside COPY of the same rows and a plain download.
    load = refresh()
    bodies = [entry["body"] for entry in control("GET", "log")
              if entry["method"] == "POST"]
    sql("VACUUM ANALYZE bench.refreshed")
    sql("""
        CREATE UNLOGGED TABLE bench.rows (LIKE bench.refreshed);
        INSERT INTO bench.rows TABLE bench.refreshed;
        CREATE TABLE bench.copied (LIKE bench.refreshed INCLUDING ALL);
        CREATE TABLE bench.truncated (LIKE bench.refreshed INCLUDING ALL);
        CREATE TABLE bench.deleted (LIKE bench.refreshed INCLUDING ALL);
        INSERT INTO bench.truncated TABLE bench.rows;
        INSERT INTO bench.deleted TABLE bench.rows;
        COPY bench.rows TO '%s';
        CHECKPOINT""" % COPY_FILE)
    copy = timed(sql, "COPY bench.copied FROM '%s'" % COPY_FILE)
    analyze = timed(sql, "ANALYZE bench.copied")
    plain = timed(download, links(bodies))
    unchanged = refresh()

    totals = {way: {"seconds": 0.0, "wal": 0} for way in WAYS}
    counts = [0, 0, 0, 0]
    for number in range(1, ROUNDS + 1):
        control("POST", "settings", {"revision": number})
        measure("pinterest.refresh()", totals["pinterest.refresh()"])
        sql("TRUNCATE bench.rows; INSERT INTO bench.rows TABLE bench.refreshed")
        log = sql("SELECT rows, inserted, updated, deleted FROM pinterest.refresh_log"
                  " ORDER BY id DESC LIMIT 1")[0]
        counts = [total + int(one) for total, one in zip(counts, log)]
        for way in list(WAYS)[1:]:
            measure(way, totals[way])
        for table in TABLES.values():
            if differences(table):
                sys.exit("%s is not like the others" % table)

    rows = int(value("SELECT count(*) FROM bench.rows"))
    columns = value("SELECT count(*) FROM pg_attribute WHERE attnum > 0"
                    " AND attrelid = 'bench.rows'::regclass")
    inserted, updated, deleted = (one / ROUNDS for one in counts[1:])
    print("%d rows of %s columns, %d refreshes: on average, each inserted %.1f,"
          " updated %.1f and deleted %.1f rows, which is %.2f %%\n" % (
              rows, columns, ROUNDS, inserted, updated, deleted,
              100 * (inserted + updated + deleted) / rows))
    size = {way: int(value("SELECT pg_total_relation_size('%s')" % table))
            for way, table in TABLES.items()}
    first = int(value("SELECT pg_total_relation_size('bench.copied')"))
    base = totals["pinterest.refresh()"]["wal"]
    print("| way, ten times | WAL, MB | ratio | size at first, MB | at last | ratio |")
    print("|---|--:|--:|--:|--:|--:|")
    for way, total in totals.items():
        print("| %s | %.1f | %.1f | %.1f | %.1f | %.2f |" % (
            way, total["wal"] / 1e6, total["wal"] / base, first / 1e6,
            size[way] / 1e6, size[way] / first))
    refreshed = totals["pinterest.refresh()"]["seconds"] / ROUNDS
    print()
    print("| time from when the reports are ready | seconds | ratio to COPY |")
    print("|---|--:|--:|")
    for name, seconds in (
            ("plain download of the same reports (Python)", plain),
            ("COPY of the same rows from a file", copy),
            ("ANALYZE of it", analyze),
            ("first refresh, which includes ANALYZE", load),
            ("refresh without changes", unchanged),
            ("refresh with these changes, mean", refreshed)):
        print("| %s | %.2f | %.2f |" % (name, seconds, seconds / copy))


main()
