# Copyright (c) 2026, pinterest_fdw contributors

"""Hostile answers times endpoints: a matrix, printed as TAP.

Needs a server to which psql connects by its environment, and which runs as the
same user on this machine, with the extension installed.  Makes a database of its
own.

  python3 test/hostile [ANSWER [ENDPOINT]]
"""

import collections
import queue
import re
import subprocess
import sys
import threading

from answers import ANSWERS
from endpoints import ENDPOINTS, ONE_ROW, answer_well
from server import Server
from sessions import Hanging, Session

DATABASE = 'hostile'
SESSIONS = 6

# A statement ends in this time, in seconds; and the one after a cancellation.
LIMIT_S = 60

# What psql shows of one error, in bytes
MAX_MESSAGE = 4096

# What a statement may need beyond what its backend has, in MB: several copies of
# the largest body that is taken
MAX_MEMORY = 400

# Neither an internal error, nor one of memory or stack, is an answer to an answer.
NEVER = {'XX000', '53200', '54001'}

SETUP = """
SET client_min_messages = error;
CREATE SCHEMA {s};
SET search_path = {s};
CREATE SERVER {s} FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (api_url '{url}/good/v5',
    advertiser_id '1', historical_date '5 days', retry_timeout '0', timeout '20', report_reuse '0');
CREATE SERVER {s}_good FOREIGN DATA WRAPPER pinterest_fdw OPTIONS (api_url '{url}/good/v5',
    advertiser_id '1');
CREATE USER MAPPING FOR CURRENT_USER SERVER {s} OPTIONS (access_token 'pina_first');
CREATE USER MAPPING FOR CURRENT_USER SERVER {s}_good OPTIONS (access_token 'pina_first');
CREATE FOREIGN TABLE alive (campaign_id text) SERVER {s}_good OPTIONS (resource 'campaigns');
CREATE FOREIGN TABLE everyone (campaign_id text, name text) SERVER {s}
    OPTIONS (resource 'campaigns', advertiser_id '*');
CREATE FOREIGN TABLE campaigns (campaign_id text, name text) SERVER {s}
    OPTIONS (resource 'campaigns');
CREATE FOREIGN TABLE promotions (product_group_promotion_id text, relative_definition text)
    SERVER {s} OPTIONS (resource 'product_group_promotions');
CREATE FOREIGN TABLE report (date date, campaign_id text, campaign_name text, total_impression bigint)
    SERVER {s} OPTIONS (resource 'campaign_report');
CREATE FOREIGN TABLE templated (date date, campaign_id text, campaign_name text, total_impression bigint)
    SERVER {s} OPTIONS (resource 'campaign_report', template_id '41');
CREATE FOREIGN TABLE targeting (targeting_type text, code text, name text)
    SERVER {s} OPTIONS (resource 'targeting_options');
"""


class Cell:
    def __init__(self, number, answer, make, endpoint, why_not):
        self.number = number
        self.name = f'{answer} from {endpoint.name}'
        self.answer = answer
        self.make = make
        self.endpoint = endpoint
        self.why_not = why_not
        self.problems = []
        self.ends = collections.Counter()
        self.variants = 0
        self.memory = 0


class Worker:
    """A session with a foreign server of its own."""

    def __init__(self, server, number):
        self.server = server
        self.schema = f'h{number}'
        self.session = None
        self.canceler = Session(DATABASE, LIMIT_S)
        self.start()
        output = self.session.run(SETUP.format(s=self.schema, url=server.url))
        if output:
            raise RuntimeError(output)
        self.token = 0

    def start(self):
        self.session = Session(DATABASE, LIMIT_S)
        self.session.run(f'SET search_path = {self.schema}')

    def try_cell(self, cell):
        name = f'{cell.endpoint.name.split()[0]}-{cell.number}'
        url = f'{self.server.url}/{name}'
        for variant in cell.make(cell.endpoint, url):
            cell.variants += 1
            hostile = variant.make
            arrived = self.server.expect(name, lambda request: hostile(request)
                                         if cell.endpoint.asks(request)
                                         else answer_well(request, url))
            try:
                if cell.answer.startswith('stalled'):
                    self.cancel(cell, variant, url, arrived)
                self.try_variant(cell, variant, url)
            except (Hanging, ConnectionError) as error:
                cell.problems.append(f'{variant.name}: {type(error).__name__}: {error}')
                self.session.end()
                self.start()
            finally:
                self.server.forget(name)

    def prepare(self, cell, url, timeout):
        """Lets the foreign server have the answers of a cell."""
        mapping = "access_token 'pina_first'"
        if cell.endpoint.name == 'token endpoint':
            self.token += 1
            mapping = (f"refresh_token 'pinr_{self.token}_{cell.number}', client_id '7',"
                       " client_secret 'hush'")
        self.session.run(f"""SET client_min_messages = error;
            ALTER SERVER {self.schema} OPTIONS (SET api_url '{url}/v5', SET timeout '{timeout}');
            DROP USER MAPPING FOR CURRENT_USER SERVER {self.schema};
            CREATE USER MAPPING FOR CURRENT_USER SERVER {self.schema} OPTIONS ({mapping});
            RESET client_min_messages""")

    def cancel(self, cell, variant, url, arrived):
        """Cancels a statement while it waits."""
        is_token = cell.endpoint.name == 'token endpoint'
        self.prepare(cell, url, 2 if is_token else LIMIT_S)
        self.session.start(cell.endpoint.sql)
        if not arrived.wait(LIMIT_S):
            cell.problems.append(f'{variant.name}: the request did not arrive')
        self.canceler.run(f'SELECT pg_catalog.pg_cancel_backend({self.session.pid})')
        output = self.session.finish()
        if 'ERROR:  57014:' not in output:
            cell.problems.append(f'{variant.name}: cancellation gave {output[:200]!r}')
        arrived.clear()

    def try_variant(self, cell, variant, url):
        self.prepare(cell, url, 1 if cell.answer.startswith('stalled') else 20)
        before = self.session.forget_peak()
        output = self.session.run(cell.endpoint.sql)
        memory = self.session.memory('VmHWM') - before
        cell.memory = max(cell.memory, memory)
        errors = re.findall(r'^ERROR:  (\w{5}):', output, re.M)
        if errors:
            end = errors[0]
        elif output == cell.endpoint.rows:
            end = 'rows'
        else:
            end = 'none' if output == '' else 'fewer' if output == ONE_ROW else 'other'
        cell.ends[end] += 1
        if end in NEVER or end not in variant.ends:
            cell.problems.append(f'{variant.name}: {end} instead of {sorted(variant.ends)}: '
                                 f'{output[:300]!r}')
        if errors and len(output) > MAX_MESSAGE:
            cell.problems.append(f'{variant.name}: a message of {len(output)} bytes')
        if memory > MAX_MEMORY:
            cell.problems.append(f'{variant.name}: {memory:.0f} MB of memory')
        alive = self.session.run('SELECT count(*) FROM alive')
        if alive != '2':
            cell.problems.append(f'{variant.name}: the next query gave {alive[:300]!r}')

    def work(self, cells):
        while True:
            try:
                cell = cells.get_nowait()
            except queue.Empty:
                return
            try:
                self.try_cell(cell)
            except Exception as error:  # the thread goes on with the next one
                cell.problems.append(repr(error)[:500])


def make_cells(arguments):
    cells = []
    for answer, make, why_not in ANSWERS:
        for endpoint in ENDPOINTS:
            if arguments and not answer.startswith(arguments[0]) or \
                    arguments[1:] and not endpoint.name.startswith(arguments[1]):
                continue
            cells.append(Cell(len(cells) + 1, answer, make, endpoint, why_not))
    return cells


def run_cells(server, cells):
    todo = queue.Queue()
    # those that wait come first
    for cell in sorted(cells, key=lambda cell: not cell.answer.startswith('stalled')):
        todo.put(cell)
    workers = [Worker(server, i) for i in range(SESSIONS)]
    threads = [threading.Thread(target=worker.work, args=(todo,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for worker in workers:
        worker.session.end()
        worker.canceler.end()


def report(cells):
    """Prints the matrix, and each cell as a test."""
    print(f'1..{len(cells)}')
    for cell in cells:
        if cell.variants == 0 and cell.why_not is None:
            cell.problems.append('nothing was tried')
        ends = ', '.join(f'{count} {end}' for end, count in sorted(cell.ends.items()))
        if cell.variants == 0 and not cell.problems:
            print(f'ok {cell.number} - {cell.name}: does not apply: {cell.why_not}')
            continue
        print(f'{"not " if cell.problems else ""}ok {cell.number} - {cell.name}: '
              f'{cell.variants} variants ({ends}), at most {max(cell.memory, 0):.0f} MB')
        for problem in cell.problems:
            print('# ' + problem.replace('\n', ' '))
    print('#')
    width = max(len(cell.answer) for cell in cells)
    print(f'# {"variants":{width}} ' + ' '.join(e.name.split()[0][:9].rjust(9) for e in ENDPOINTS))
    for answer, _, _ in ANSWERS:
        row = {cell.endpoint.name: cell.variants or '-' for cell in cells if cell.answer == answer}
        if row:
            print(f'# {answer:{width}} ' + ' '.join(str(row.get(e.name, '')).rjust(9) for e in ENDPOINTS))
    total = sum(cell.variants for cell in cells)
    bad = sum(bool(cell.problems) for cell in cells)
    print(f'# {len(cells)} cells, {total} statements, {bad} cells failed')
    return bad


def main():
    cells = make_cells(sys.argv[1:])
    server = Server()
    server.expect('good', lambda request: answer_well(request, f'{server.url}/good'))
    for sql in (f'DROP DATABASE IF EXISTS {DATABASE}', f'CREATE DATABASE {DATABASE}'):
        subprocess.run(['psql', '-X', '-q', '-d', 'postgres', '-c', sql], check=True,
                       stderr=subprocess.DEVNULL)
    subprocess.run(['psql', '-X', '-q', '-d', DATABASE, '-c', 'CREATE EXTENSION pinterest_fdw'],
                   check=True)
    run_cells(server, cells)
    sys.exit(1 if report(cells) else 0)


if __name__ == '__main__':
    main()
