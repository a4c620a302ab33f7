"""Sessions of PostgreSQL, and what a statement costs there.

Instructions are counted by perf, where the machine can, or by valgrind: they tell
the same whatever else the machine does.  CPU time and memory come from /proc,
temporary files and WAL from PostgreSQL.
"""

import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass

SAMPLE_SECONDS = 0.01
_MARK = "-- the end of it --"


@dataclass
class Figures:
    """What something cost; None: not known, or there is no such thing."""
    instructions: float = None
    cpu: float = None               # seconds
    wall: float = None              # seconds
    memory: int = None              # peak in bytes beside shared memory
    idle: int = None                # the same before it began
    temporary: int = None           # bytes
    wal: int = None                 # bytes
    requests: int = None
    result: list = None             # rows


class Session:
    """psql, which runs one statement after the other in a backend of its own."""

    def __init__(self, host=None):
        self._errors = tempfile.TemporaryFile("w+")
        self._psql = subprocess.Popen(
            ["psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1",
             "-h", host or os.environ["PGHOST"]], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors)
        self.pid = int(self.run("SELECT pg_backend_pid()")[0][0])

    def run(self, statement):
        """Its rows, as lists of texts."""
        try:
            self._psql.stdin.write("%s;\n\\echo %s\n" % (statement, _MARK))
            self._psql.stdin.flush()
        except BrokenPipeError:
            pass
        rows = []
        for line in self._psql.stdout:
            if line == _MARK + "\n":
                return rows
            rows.append(line.rstrip("\n").split("\t"))
        self._errors.seek(0)
        sys.exit("%s\n%s" % (statement, self._errors.read()))

    def value(self, statement):
        return self.run(statement)[0][0]

    def close(self):
        self._psql.stdin.close()
        self._psql.wait()


class Counter:
    """Counts the instructions of a process and of those that it starts."""

    event = None            # "instructions", or with ":u" if the kernel's do not count

    @classmethod
    def find(cls):
        """Chooses what can be counted here; says so if nothing can."""
        for event in ("instructions", "instructions:u"):
            if shutil.which("perf") and subprocess.run(
                    ["perf", "stat", "-x,", "-e", event, "true"],
                    capture_output=True, text=True).stderr[:1].isdigit():
                cls.event = event
                return

    def __init__(self, pid):
        self._perf = None
        if self.event is None:
            return
        control, self._control = os.pipe()
        self._acknowledged, acknowledge = os.pipe()
        self._perf = subprocess.Popen(
            ["perf", "stat", "-x,", "-e", self.event, "-p", str(pid), "-D", "-1",
             "--control", "fd:%d,%d" % (control, acknowledge)], text=True,
            pass_fds=(control, acknowledge), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)
        os.close(control)
        os.close(acknowledge)
        self._tell(b"enable\n")

    def _tell(self, what):
        os.write(self._control, what)
        os.read(self._acknowledged, 16)

    def stop(self):
        """How many there were since then, or None."""
        if self._perf is None:
            return None
        self._tell(b"disable\n")
        self._perf.send_signal(signal.SIGINT)
        output = self._perf.communicate()[1]
        os.close(self._control)
        os.close(self._acknowledged)
        count = [line for line in output.splitlines() if line[:1].isdigit()]
        return float(count[0].split(",")[0]) if count else None


def _private(pid):
    """Bytes that a process and its children have in memory, beside shared memory."""
    with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as file:
        sizes = [int(line.split()[1]) for line in file
                 if line.startswith(("RssAnon", "RssFile"))]
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        children = file.read().split()
    return 1024 * sum(sizes) + sum(_private(int(child)) for child in children)


def _cpu(pid):
    """Seconds that a process and its children that have ended ran for."""
    with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    with open("/proc/%d/schedstat" % pid, encoding="ascii") as file:
        own = int(file.read().split()[0])
    return own / 1e9 + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


class Memory(threading.Thread):
    """Looks again and again how much memory a process has."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self._pid, self._end = pid, threading.Event()
        self.idle = self.peak = _private(pid)
        self.start()

    def run(self):
        while not self._end.wait(SAMPLE_SECONDS):
            try:
                self.peak = max(self.peak, _private(self._pid))
            except OSError:
                return

    def stop(self):
        self._end.set()
        self.join()
        return self.peak


class Server:
    """The PostgreSQL server, by a session that nothing is measured in."""

    def __init__(self, host=None):
        self._host, self.session = host, Session(host)
        self.run, self.value = self.session.run, self.session.value

    def _state(self):
        return [int(text) for text in self.run(
            "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn, temp_bytes"
            " FROM pg_stat_database WHERE datname = current_database()")[0]]

    def measure(self, statement, setup=(), what=None):
        """Runs a statement in a session of its own, after what prepares it."""
        self.run("CHECKPOINT")
        wal, temporary = self._state()
        session = Session(self._host)
        for one in setup:
            session.run(one)
        memory, counter = Memory(session.pid), Counter(session.pid)
        cpu, begin = _cpu(session.pid), time.monotonic()
        rows = session.run(statement)
        wall = time.monotonic() - begin
        instructions = counter.stop()
        cpu = _cpu(session.pid) - cpu
        peak = memory.stop()
        wal = self._state()[0] - wal
        # it tells how much it wrote into files when it ends
        session.close()
        while self.value("SELECT count(*) FROM pg_stat_activity WHERE pid = %d"
                         % session.pid) != "0":
            time.sleep(0.01)
        return Figures(instructions, cpu, wall, peak, memory.idle,
                       self._state()[1] - temporary, wal, None, rows)


class CountingServer(Server):
    """One that runs in valgrind, in a directory: it counts instructions alone."""

    def __init__(self, directory, profiles=None):
        super().__init__(directory)
        self._directory, self._profiles = directory, profiles
        self.run("CREATE FUNCTION public.count(boolean) RETURNS void"
                 " LANGUAGE C AS '%s/count.so', 'bench_count'" % directory)

    def measure(self, statement, setup=(), what="statement"):
        session = Session(self._directory)
        for one in setup:
            session.run(one)
        session.run("SELECT public.count(true)")
        rows = session.run(statement)
        session.run("SELECT public.count(false)")
        session.close()
        count = 0
        for path in glob.glob("%s/callgrind.%d*" % (self._directory, session.pid)):
            with open(path, encoding="utf-8", errors="replace") as file:
                counted = sum(int(line.split()[1]) for line in file
                              if line.startswith("totals:"))
            count += counted
            if self._profiles and counted:
                shutil.copy(path, os.path.join(self._profiles, re.sub(
                    r"\W+", "_", what) + ".callgrind"))
            os.unlink(path)
        return Figures(float(count), 0, 0, result=rows)


def measure_command(command):
    """Runs a program to its end; what it writes is the result, a text."""
    with tempfile.TemporaryFile("w+") as counted:
        if Counter.event:
            command = ["perf", "stat", "-x,", "-e", Counter.event, "-o",
                       "/dev/fd/%d" % counted.fileno()] + command
        begin = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                                   pass_fds=(counted.fileno(),))
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        if status:
            sys.exit("failed: %s" % " ".join(command))
        counted.seek(0)
        count = [line for line in counted.read().splitlines() if line[:1].isdigit()]
    return Figures(float(count[0].split(",")[0]) if count else None,
                   usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024,
                   result=output)


def measure_client(command):
    """Runs a program with a backend; counts both.

    It writes the backend's process id, a line, and begins when it reads one.
    """
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True,
                               stdout=subprocess.PIPE)
    pids = [process.pid, int(process.stdout.readline() or
                             sys.exit("failed: %s" % " ".join(command)))]
    counters = [Counter(pid) for pid in pids]
    memory = Memory(process.pid)
    cpu, begin = sum(map(_cpu, pids)), time.monotonic()
    process.stdin.write("go\n")
    process.stdin.flush()
    process.stdout.readline()           # and a line at the end
    wall = time.monotonic() - begin
    counts = [counter.stop() for counter in counters]
    cpu = sum(map(_cpu, pids)) - cpu
    peak = memory.stop()
    process.stdin.close()
    if process.wait():
        sys.exit("failed: %s" % " ".join(command))
    return Figures(None if None in counts else sum(counts), cpu, wall, peak)
