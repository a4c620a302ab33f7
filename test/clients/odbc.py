"""What a program that uses psqlODBC lists and reads.

t/090_clients.pl runs it, and compares what it prints: names and values, one a line.
"""

import datetime
import os
import threading
import time

import pyodbc

OURS = ("pinterest_ads", "pinterest_live", "reports")
SQL_DRIVER_VER, SQL_DRIVER_NAME = 7, 6


def connect():
    return pyodbc.connect(
        "Driver={PostgreSQL Unicode};Server=%(PGHOST)s;Port=%(PGPORT)s;"
        "Database=%(PGDATABASE)s;Uid=%(PGUSER)s;UseDeclareFetch=1;Fetch=3" % os.environ,
        autocommit=True)


def show(name, value):
    print("%s\t%s" % (name, value))


def row(sql, *parameters):
    """One row as text."""
    return "|".join(map(str, connection.execute(sql, *parameters).fetchone()))


def list_all(cursor):
    show("driver", "%s %s" % (connection.getinfo(SQL_DRIVER_NAME),
                              connection.getinfo(SQL_DRIVER_VER)))
    found = [one for one in cursor.tables().fetchall() if one.table_schem in OURS]
    show("schemas", ",".join(sorted({one.table_schem for one in found})))
    show("tables", ",".join(sorted("%s.%s" % (one.table_schem, one.table_name)
                                   for one in found)))
    for schema in OURS[:2]:
        columns = cursor.columns(table="campaign_report", schema=schema).fetchall()
        show("columns in " + schema, ",".join(one.column_name for one in columns))
    keys = cursor.primaryKeys(table="campaign_report", schema=OURS[0]).fetchall()
    show("key", ",".join(one.column_name for one in
                         sorted(keys, key=lambda one: one.key_seq)))


def read_all(cursor):
    campaign, listed = os.environ["CAMPAIGN"], os.environ["LISTED"]
    day = datetime.date.fromisoformat(os.environ["DAY"])
    for schema in OURS[:2]:
        show("report in " + schema, row(
            "SELECT campaign_id, date, total_impression, spend_in_dollar"
            " FROM %s.campaign_report WHERE campaign_id = ? AND date = ?" % schema,
            campaign, day))
        show("list in " + schema, row(
            "SELECT daily_spend_cap, tracking_urls FROM %s.campaigns"
            " WHERE campaign_id = ?" % schema, listed))
        show("array in " + schema, row("SELECT permissions FROM %s.advertisers" % schema))
    show("view", row(
        "SELECT week, spend_in_dollar, total_impression, click_rate FROM reports.campaign_by_week"
        " WHERE campaign_id = ? AND week = date_trunc('week', ?::date)::date", campaign, day))
    show("prepared", ",".join(row(
        "SELECT count(*) FROM pinterest_live.campaign_report WHERE date = ?",
        day - datetime.timedelta(back)) for back in range(8)))
    # The driver declares a cursor, and fetches three rows at a time.
    show("in portions", len(cursor.execute(
        "SELECT * FROM pinterest_live.campaign_report").fetchall()))


def cancel_when_waiting(cursor):
    other = connect()
    while not other.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
            " AND pid <> pg_backend_pid() AND query LIKE '%live.audiences%'").fetchone()[0]:
        time.sleep(0.02)
    cursor.cancel()
    other.close()


def call_all(cursor):
    show("refreshed", row("SELECT target::text, rows, unchanged"
                          " FROM pinterest.refresh('pinterest_ads.campaigns')"))
    show("checked", row("SELECT count(*) FILTER (WHERE ok), count(*) FILTER (WHERE NOT ok)"
                        " FROM pinterest.check('pinterest')"))
    cursor.execute("CALL pinterest.refresh_all('{pinterest_ads.campaigns}')")
    show("called", row("SELECT status FROM pinterest.status"
                       " WHERE target = 'pinterest_ads.campaigns'::regclass"))
    thread = threading.Thread(target=cancel_when_waiting, args=(cursor,))
    thread.start()
    try:
        cursor.execute("SELECT * FROM pinterest_live.audiences").fetchall()
    except pyodbc.Error as error:
        show("cancelled", error.args[0])
    thread.join()
    show("afterwards", row("SELECT count(*) FROM pinterest_ads.advertisers"))


connection = connect()
with connection.cursor() as main:
    list_all(main)
    read_all(main)
    call_all(main)
connection.close()
