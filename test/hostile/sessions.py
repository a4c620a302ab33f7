# Copyright (c) 2026, pinterest_fdw contributors

"""Sessions of psql that stay open, and what their backends need."""

import re
import selectors
import subprocess
import time


class Hanging(Exception):
    """A statement has not ended in time."""


class Session:
    """A session; its statements end within a limit, in seconds."""

    def __init__(self, database, limit):
        self.limit = limit
        self.marks = 0
        self.process = subprocess.Popen(
            ['psql', '-X', '-q', '-A', '-t', '-d', database,
             '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=always'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.pid = int(self.run('SELECT pg_catalog.pg_backend_pid()'))

    def start(self, sql):
        """Sends a statement whose end is not awaited."""
        self.marks += 1
        self.process.stdin.write(f'{sql};\n\\echo end-{self.marks}-\n'.encode())

    def finish(self):
        """What the statement has printed, be it an error."""
        until = time.monotonic() + self.limit
        mark = f'end-{self.marks}-\n'.encode()
        output = b''
        while not output.endswith(mark):
            if not self.selector.select(until - time.monotonic()):
                raise Hanging(output.decode('utf-8', 'replace')[-300:])
            piece = self.process.stdout.read(1 << 16)
            if not piece:
                raise ConnectionError(output.decode('utf-8', 'replace')[-300:])
            output += piece
        return output[:-len(mark)].decode('utf-8', 'replace').rstrip('\n')

    def run(self, sql):
        self.start(sql)
        return self.finish()

    def forget_peak(self):
        """Begins measuring memory anew; what there is of it now, in MB."""
        with open(f'/proc/{self.pid}/clear_refs', 'w') as file:
            file.write('5')
        return self.memory('VmRSS')

    def memory(self, what):
        with open(f'/proc/{self.pid}/status') as file:
            return int(re.search(rf'{what}:\s*(\d+) kB', file.read())[1]) / 1024

    def end(self):
        self.process.kill()
        self.process.wait()
