"""A private PostgreSQL with pinterest_fdw, a sandbox and sessions of psql.

For tests in Python (test/chaos, test/leaks): everything listens on loopback or in
a directory of its own below TMPDIR, and is gone afterwards.  PG_CONFIG names the
PostgreSQL, in which the extension must have been installed.
"""
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SANDBOX = str(TOP / "test" / "sandbox")

# Seconds after which what is waited for counts as stuck
PATIENCE = int(os.environ.get("PG_TEST_TIMEOUT_DEFAULT", 300))

_ERROR = re.compile(r"^(?:ERROR|FATAL|PANIC):  (\w{5}): (.*)$", re.M)


def begin():
    """Lets SIGTERM clean up, and goes on as user postgres: root may not run a server."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if os.geteuid() == 0:
        # That user cannot use what root has in its home directory.
        os.execvp("runuser", [
            "runuser", "-u", "postgres", "--", "env", "HOME=/nonexistent",
            "PATH=/usr/local/bin:/usr/bin:/bin", "python3",
            str(pathlib.Path(sys.argv[0]).resolve()), *sys.argv[1:]])


def _pg_config(option):
    return subprocess.run([os.environ.get("PG_CONFIG", "pg_config"), option],
                          check=True, capture_output=True, text=True).stdout.strip()


class Cluster:
    """A cluster in a directory, which is its socket's, too."""

    def __init__(self, settings=""):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="pinterest_fdw."))
        self.data, self.bin = self.dir / "data", pathlib.Path(_pg_config("--bindir"))
        self.has_cron = (pathlib.Path(_pg_config("--sharedir")) / "extension" /
                         "pg_cron.control").exists()
        self.log = self.dir / "log"
        subprocess.run([self.bin / "initdb", "-D", self.data, "-U", "postgres", "-A",
                        "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL)
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write("listen_addresses = ''\nunix_socket_directories = '%s'\n"
                       "fsync = off\njit = off\ntimezone = 'UTC'\n%s\n"
                       % (self.dir, settings))
        self.start()

    def _pg_ctl(self, *arguments):
        subprocess.run([self.bin / "pg_ctl", "-s", "-D", self.data, "-l", self.log,
                        "-w", "-t", "300", *arguments], check=True,
                       stdout=subprocess.DEVNULL)

    def start(self):
        self._pg_ctl("start")

    def stop(self, mode="fast"):
        self._pg_ctl("stop", "-m", mode)

    def remove(self):
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.dir)


class Sandbox:
    """A sandbox with options of its command "serve"."""

    def __init__(self, *options):
        # with its output in a pipe that is read no further than the first line
        self._process = subprocess.Popen(
            [sys.executable, SANDBOX, "serve", "--parent-pid", str(os.getpid()),
             *map(str, options)], stdout=subprocess.PIPE, text=True)
        self.about = json.loads(self._process.stdout.readline())

    def control(self, method, path, value=None):
        request = urllib.request.Request(
            "%s/%s" % (self.about["control_url"], path), method=method,
            data=None if value is None else json.dumps(value).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    @property
    def server_options(self):
        return "api_url '%s', authorization_url '%s', advertiser_id '%s'" % (
            self.about["api_url"], self.about["authorization_url"],
            ",".join(self.about["advertiser_ids"]))

    @property
    def client(self):
        return "client_id '%s', client_secret '%s'" % (
            self.about["client_id"], self.about["client_secret"])

    @staticmethod
    def browse(url):
        """Where a browser lands that allows access at an authorization URL."""
        class NoRedirect(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None
        try:
            urllib.request.build_opener(NoRedirect).open(url, timeout=60)
        except urllib.error.HTTPError as answer:
            if answer.code == 302:
                return answer.headers["Location"]
            raise
        raise RuntimeError("no consent at " + url)

    def stop(self):
        self._process.terminate()
        self._process.wait()


class Gone(Exception):
    """The connection has ended; the text is what psql said last."""


class Stuck(Exception):
    """A statement has not ended within PATIENCE."""


class Session:
    """A psql that is kept running, of a superuser's."""

    def __init__(self, cluster, name):
        self._count, self._read = 0, b""
        self._process = subprocess.Popen(
            [cluster.bin / "psql", "-XAtq", "-v", "VERBOSITY=verbose", "-v",
             "SHOW_CONTEXT=never", "-d",
             "host=%s user=postgres dbname=postgres application_name=%s"
             % (cluster.dir, name)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            answer = self.run("SELECT pg_catalog.pg_backend_pid()")[0]
            if not answer.isdigit():
                raise Gone(answer)      # ended by somebody, before it said this
            self.pid = int(answer)
        except (Gone, Stuck):
            self.close()
            raise

    def run(self, sql):
        """What SQL printed, and a list of (SQLSTATE, message) of its errors."""
        self._count += 1
        mark = "mark %d" % self._count
        end = time.monotonic() + PATIENCE
        try:
            self._process.stdin.write(("%s\n;\n\\echo %s\n" % (sql, mark)).encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        wanted = ("\n%s\n" % mark).encode()
        while wanted not in b"\n" + self._read:
            ready, _, _ = select.select([self._process.stdout], [], [],
                                        max(end - time.monotonic(), 0))
            if not ready:
                raise Stuck(sql)
            part = os.read(self._process.stdout.fileno(), 65536)
            if not part:
                raise Gone(self._read.decode("utf-8", "replace"))
            self._read += part
        text, self._read = self._read.decode("utf-8", "replace"), b""
        text = text.replace(mark + "\n", "")
        return text.strip("\n"), _ERROR.findall(text)

    def query(self, sql):
        """What SQL printed, which must not have failed."""
        text, errors = self.run(sql)
        if errors:
            raise RuntimeError("%s\n%s" % (sql, text))
        return text

    def close(self):
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        self._process.stdout.close()


class Results:
    """Prints TAP."""

    def __init__(self):
        self.count = self.failed = 0

    def ok(self, is_good, name, *details):
        self.count += 1
        self.failed += not is_good
        print("%s %d - %s" % ("ok" if is_good else "not ok", self.count, name))
        if not is_good:
            for detail in details:
                print("\n".join("#   " + line for line in str(detail).splitlines()))
        sys.stdout.flush()

    def end(self):
        print("1..%d" % self.count, flush=True)
        return 1 if self.failed else 0
