"""Reads generated and mutated reports with the reader of rows and with json-c.

    python3 test/rows [--reports NUMBER] [--seed NUMBER]

Within a backend, each row is read both ways, and each value compared.  What one of
them refuses the other has to refuse, too, but for what is known of json-c: it takes
a number that ends with its point.  A report is read in pieces of several lengths, by
a build that looks at many bytes at a time and one that looks at each; what has been
read is always the same, and so is the error.  Prints TAP; PGHOST and the like name
a server, which has to be of PG_CONFIG, and whoever connects a superuser of it.
"""
import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCES = ["test/rows/rows.c", "test/fuzz/json.c", "src/base/text.c",
           "src/base/secret.c", "src/json/broken.c", "src/json/document.c",
           "src/json/prepare.c", "src/json/row.c", "src/json/stream.c"]
BUILDS = {"rows": [], "rows_plain": ["-DPIN_NO_SIMD"]}
PIECES = [1, 5, 64, 1000000]

NAMES = ["DATE", "SPEND_IN_DOLLAR", "TOTAL_IMPRESSION", "CAMPAIGN_NAME", "a", "",
         "OTHER", "b", "DATE_AS", "caf\u00e9", "\"", "a\ufffd"]
TEXTS = ["", "x", "2026-01-31", "a text of some length, ascii", "Caf\u00e9",
         "\u4e2d\u6587\U0001f600", "q\"uote", "back\\slash", "tab\there", "\u0007",
         "\ufffd", "/", "end of sixteen..", "fifteen bytes..", "626735565838"]
NUMBERS = ["0", "-0", "1", "12", "12.0", "0.5", "-1.50", "123456789012345678",
           "999999999999999999", "1234567890123456789", "-123456789.123456789",
           "0.000000000000000001", "0.0000000000000000001", "1e2", "1E-7", "1.5e+3",
           "18446744073709551616", "123456789012345678901234567890", "0.10"]
# No JSON, or hardly: what a mutation puts in place of something else
PIECES_OF_JUNK = [b"\\", b"\"", b"{", b"}", b"[", b"]", b",", b":", b"\x00", b"\x01",
                  b"\t", b"\n", b" ", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe4\xb8",
                  b"\xf4\x90\x80\x80", b"\\u0000", b"\\ud800", b"\\ude00", b"\\ud83d\\ude00",
                  b"\\u12", b"\\x", b"\xef\xbf\xbd", b"01", b"1.", b".5", b"-", b"1e", b"+1",
                  b"NaN", b"Infinity", b"nul", b"true", b"False", b"null", b"'a'", b"/**/",
                  b"\xef\xbb\xbf", b"\x7f", b"0x1", b"--1", b"1.5.5", b"1e5e5"]


def text(draw, value):
    """A string of JSON, in one of several notations"""
    result = json.dumps(value, ensure_ascii=draw.random() < 0.5)
    if draw.random() < 0.2:
        result = result.replace("/", "\\/")
    if draw.random() < 0.1:
        result = "\"" + "".join("\\u%04X" % ord(c) if ord(c) < 0xd800 else
                                json.dumps(c)[1:-1] for c in value) + "\""
    return result


def value(draw, depth=0):
    kind = draw.randrange(10 if depth < 4 else 8)
    if kind < 3:
        return text(draw, draw.choice(TEXTS) * draw.choice((1, 1, 1, 3, 40)))
    if kind < 7:
        return draw.choice(NUMBERS)
    if kind == 7:
        return draw.choice(("null", "true", "false"))
    count = draw.randrange(3)
    if kind == 8:
        return "[" + ",".join(value(draw, depth + 1) for _ in range(count)) + "]"
    return "{" + ",".join(field(draw, draw.choice(NAMES), depth + 1)
                          for _ in range(count)) + "}"


def field(draw, name, depth=0):
    spaces = [draw.choice(("", "", "", "", " ", "\n\t")) for _ in range(4)]
    return "%s%s%s:%s%s%s" % (spaces[0], text(draw, name), spaces[1], spaces[2],
                              value(draw, depth), spaces[3])


def row(draw):
    names = [name for name in NAMES if draw.random() < 0.7]
    if draw.random() < 0.2:
        draw.shuffle(names)
    if draw.random() < 0.1:
        names.append(draw.choice(NAMES))
    return "{" + ",".join(field(draw, name) for name in names) + "}"


def report(draw):
    """A report of a few rows, as bytes"""
    rows = "[" + draw.choice((",", ", ")).join(row(draw) for _ in range(3)) + "]"
    key = text(draw, draw.choice(("1", "626735565838", "SKU-\u00e9/\"1\"")))
    return draw.choice(("{%s:%s}", "{%s:%s,\"2\":[]}", "{\"2026-01-31\":{%s:%s}}",
                        "\ufeff{%s: %s }\n")) % (key, rows)


def mutate(draw, data):
    """A report that has been changed at a few places"""
    result = bytearray(data)
    for _ in range(draw.choice((1, 1, 1, 2, 5))):
        place = draw.randrange(len(result) + 1)
        junk = draw.choice(PIECES_OF_JUNK)
        how = draw.randrange(4)
        if how == 0:
            result[place:place] = junk
        elif how == 1:
            result[place:place + len(junk)] = junk
        elif how == 2:
            del result[place:place + draw.choice((1, 2, 10))]
        else:
            other = draw.randrange(len(result) + 1)
            result[place:place] = result[other:other + draw.randrange(20)]
    return bytes(result)


def compile_libraries(directory):
    """The reader and json-c's, as libraries that a backend can load"""
    pg_config = os.environ.get("PG_CONFIG", "pg_config")

    def ask(*command):
        return shlex.split(subprocess.check_output(command, text=True))
    packages = ("libcurl", "json-c")
    flags = (ask(pg_config, "--cppflags") + ask(pg_config, "--cflags") +
             ["-fPIC", "-Isrc", "-Itest/fuzz",
              "-I" + ask(pg_config, "--includedir-server")[0]] +
             ask("pkg-config", "--cflags", *packages))
    compiler = os.environ.get("CC", "gcc")
    for name, more in BUILDS.items():
        subprocess.check_call(
            [compiler, *flags, *more, "-shared", "-Wl,-Bsymbolic", "-o",
             os.path.join(directory, name + ".so"), *SOURCES,
             *ask("pkg-config", "--libs", "json-c")], cwd=TOP)


def psql(script):
    done = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], input=script,
                          text=True, capture_output=True, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


def write_reports(draw, path, number):
    with open(path, "w", encoding="ascii") as file:
        for i in range(number):
            data = report(draw).encode("utf-8", "surrogatepass")
            if i % 4:
                data = mutate(draw, data)
            file.write("%d\t\\\\x%s\n" % (i, data.hex()))


SETUP = """
CREATE SCHEMA rows;
CREATE TABLE rows.reports (number int, report bytea);
\\copy rows.reports FROM '%(reports)s'
CREATE FUNCTION rows.rows(bytea, int) RETURNS text AS '%(directory)s/rows', 'read_rows'
    LANGUAGE C;
CREATE FUNCTION rows.rows_plain(bytea, int) RETURNS text
    AS '%(directory)s/rows_plain', 'read_rows' LANGUAGE C;
CREATE FUNCTION rows.width() RETURNS int AS '%(directory)s/rows', 'scan_width' LANGUAGE C;
CREATE FUNCTION rows.width_plain() RETURNS int
    AS '%(directory)s/rows_plain', 'scan_width' LANGUAGE C;
CREATE FUNCTION rows.try(report bytea, plain bool, piece int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN plain THEN rows.rows_plain(report, piece) ELSE rows.rows(report, piece) END;
EXCEPTION WHEN internal_error THEN
    RETURN 'DIFFERS: ' || sqlerrm;
END $$;
"""

COMPARE = """
CREATE TABLE rows.results AS
    SELECT number, plain, piece, rows.try(report, plain, piece) AS result
      FROM rows.reports, (VALUES (false), (true)) AS p (plain), (VALUES %(pieces)s) AS q (piece)
     WHERE piece > 1 OR number %% 4 = 1;
SELECT 'width', rows.width(), rows.width_plain();
SELECT 'count', count(*), count(*) FILTER (WHERE result LIKE '%%end'),
       count(*) FILTER (WHERE result ~ '22P02'), count(*) FILTER (WHERE result ~ 'HV000|54000')
  FROM rows.results;
SELECT DISTINCT ON (number) 'oracle', number, result FROM rows.results
 WHERE result LIKE 'DIFFERS%%' ORDER BY number LIMIT 5;
SELECT 'unequal', number, min(result), max(result) FROM rows.results
 GROUP BY number HAVING min(result) <> max(result) ORDER BY number LIMIT 5;
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reports", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    failures = 0

    def check(good, what, *details):
        nonlocal failures
        failures += not good
        print("%sok - %s" % ("" if good else "not ", what))
        for detail in details:
            print("# %s" % detail)

    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        compile_libraries(directory)
        reports = os.path.join(directory, "reports")
        write_reports(random.Random(options.seed), reports, options.reports)
        status, lines, errors = psql(
            SETUP % {"reports": reports, "directory": directory} +
            COMPARE % {"pieces": ", ".join("(%d)" % piece for piece in PIECES)})
        dropped = psql("SET client_min_messages = error; DROP SCHEMA rows CASCADE")
    found = {}
    for line in lines:
        found.setdefault(line.split("|")[0], []).append(line)
    check(status == 0, "the reports have been read", *errors.splitlines()[:5])
    check("width|16|1" in lines or "width|1|1" in lines,
          "one build looks at each byte", *found.get("width", []))
    check("oracle" not in found, "as json-c reads them",
          *found.get("oracle", []), *found.get("count", []))
    check("unequal" not in found, "in pieces of any length, by both builds",
          *found.get("unequal", []))
    counts = [int(n) for n in found.get("count", ["count|0"])[0].split("|")[1:]]
    check(len(counts) == 4 and min(counts) > 0, "good and broken ones")
    check(dropped[0] == 0, "nothing stays", *dropped[2].splitlines()[:5])
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
