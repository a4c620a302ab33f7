"""What people write: downloads a report and turns it into CSV for COPY.

    load.py URL COLUMNS

COLUMNS is JSON: [[API name, type, what a missing value is], ...].
"""

import csv
import json
import sys
import urllib.request

url, columns = sys.argv[1], json.loads(sys.argv[2])
# Digits stay as they are: amounts are no floating-point numbers.
with urllib.request.urlopen(url) as answer:
    report = json.load(answer, parse_float=str)
write = csv.writer(sys.stdout, lineterminator="\n").writerow
for rows in report.values():
    for row in rows:
        values = []
        for name, kind, missing in columns:
            value = row.get(name)
            if value is None:
                value = missing
            elif kind == "bigint":
                value = int(float(value))
            values.append(value)
        write(values)
