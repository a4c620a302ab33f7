"""What a program that uses SQLAlchemy lists and reads.

t/090_clients.pl runs it, and compares what it prints: names and values, one a line.
"""

import datetime
import json
import os
import threading
import time

import psycopg2
import sqlalchemy
from sqlalchemy import text

OURS = ("pinterest_ads", "pinterest_live", "reports")


def show(name, value):
    print("%s\t%s" % (name, value))


def plain(value):
    return json.dumps(value) if isinstance(value, dict) else str(value)


def row(sql, **parameters):
    """One row as text."""
    return "|".join(map(plain, connection.execute(text(sql), parameters).fetchone()))


def list_all():
    inspector = sqlalchemy.inspect(engine)
    show("driver", "SQLAlchemy %s, psycopg2 %s" % (
        sqlalchemy.__version__, psycopg2.__version__.split()[0]))
    show("schemas", ",".join(sorted(set(inspector.get_schema_names()).intersection(OURS))))

    def names(method):
        return ",".join(sorted("%s.%s" % (schema, name) for schema in OURS
                               for name in method(schema)))
    show("tables", names(lambda schema: inspector.get_table_names(schema)
                         + inspector.get_view_names(schema)))
    show("foreign tables", names(inspector.get_foreign_table_names))
    for schema in OURS[:2]:
        columns = inspector.get_columns("campaign_report", schema)
        show("columns in " + schema, ",".join(one["name"] for one in columns))
        show("comment in " + schema, [one["comment"] for one in columns
                                      if one["name"] == "total_impression"][0])
    show("key", ",".join(inspector.get_pk_constraint("campaign_report", OURS[0])[
        "constrained_columns"]))
    # Tables can be reflected, and queried without SQL.
    table = sqlalchemy.Table("campaign_report", sqlalchemy.MetaData(), schema=OURS[1],
                             autoload_with=engine)
    show("reflected", connection.execute(sqlalchemy.select(
        sqlalchemy.func.count()).select_from(table)).scalar())


def read_all():
    campaign, listed = os.environ["CAMPAIGN"], os.environ["LISTED"]
    day = datetime.date.fromisoformat(os.environ["DAY"])
    for schema in OURS[:2]:
        show("report in " + schema, row(
            "SELECT campaign_id, date, total_impression, spend_in_dollar"
            " FROM %s.campaign_report WHERE campaign_id = :id AND date = :day" % schema,
            id=campaign, day=day))
        show("list in " + schema, row(
            "SELECT daily_spend_cap, tracking_urls FROM %s.campaigns"
            " WHERE campaign_id = :id" % schema, id=listed))
        show("array in " + schema, row("SELECT permissions FROM %s.advertisers" % schema))
    show("view", row(
        "SELECT week, spend_in_dollar, total_impression, click_rate FROM reports.campaign_by_week"
        " WHERE campaign_id = :id AND week = date_trunc('week', CAST(:day AS date))::date",
        id=campaign, day=day))
    connection.execute(text("PREPARE days (date) AS SELECT count(*)"
                            " FROM pinterest_live.campaign_report WHERE date = $1"))
    show("prepared", ",".join(row("EXECUTE days (:day)", day=day - datetime.timedelta(back))
                              for back in range(8)))
    # A cursor of the server, which takes a transaction
    with engine.execution_options(isolation_level="READ COMMITTED").begin() as other:
        found = other.execution_options(stream_results=True, max_row_buffer=3).execute(
            text("SELECT * FROM pinterest_live.campaign_report"))
        show("in portions", sum(1 for _ in found))


def cancel_when_waiting():
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        while not other.execute(text(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                " AND pid <> pg_backend_pid() AND query LIKE '%live.audiences%'")).scalar():
            time.sleep(0.02)
    connection.connection.dbapi_connection.cancel()


def call_all():
    show("refreshed", row("SELECT target::text, rows, unchanged"
                          " FROM pinterest.refresh('pinterest_ads.campaigns')"))
    show("checked", row("SELECT count(*) FILTER (WHERE ok), count(*) FILTER (WHERE NOT ok)"
                        " FROM pinterest.check('pinterest')"))
    connection.execute(text("CALL pinterest.refresh_all('{pinterest_ads.campaigns}')"))
    show("called", row("SELECT status FROM pinterest.status"
                       " WHERE target = 'pinterest_ads.campaigns'::regclass"))
    thread = threading.Thread(target=cancel_when_waiting)
    thread.start()
    try:
        connection.execute(text("SELECT * FROM pinterest_live.audiences"))
    except sqlalchemy.exc.DBAPIError as error:
        show("cancelled", error.orig.pgcode)
    thread.join()
    show("afterwards", row("SELECT count(*) FROM pinterest_ads.advertisers"))


engine = sqlalchemy.create_engine(
    "postgresql+psycopg2://%(PGUSER)s@/%(PGDATABASE)s?host=%(PGHOST)s&port=%(PGPORT)s"
    % os.environ, isolation_level="AUTOCOMMIT")
with engine.connect() as connection:
    list_all()
    read_all()
    call_all()
