"""What a browser shows of the page of examples/dashboard.

    dashboard.py BUILD CHARTS

Serves the directory BUILD, opens it in a Chromium without a window, waits until all
tables and that many charts are drawn, and prints as JSON what is to be seen.
t/093_dashboard.pl runs it, and compares that with SQL.
"""

import functools
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

# How long it waits for a page that does not get ready, in seconds
LIMIT = 2 * int(os.environ.get("PG_TEST_TIMEOUT_DEFAULT") or 180)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# Each table is there once more, for paper.  Charts are drawn: a bar has a box, a line its
# points, and what is written beside a bar is at the same height.
LOOK = r"""
const all = (node, what) => [...node.querySelectorAll(what)];
const middle = node => {
  const box = node.getBoundingClientRect();
  return box.y + box.height / 2;
};
const written = cell => [cell.innerText.trim(), ...all(cell, 'a').map(link => link.href)].join(' ');
const chart = svg => {
  const bars = all(svg, 'path[fill="#c4574b"]').filter(path => !/A/i.test(path.getAttribute('d')));
  const boxes = bars.map(bar => bar.getBBox());
  const line = svg.querySelector('path[fill="none"][stroke="#2f4858"]');
  const points = line ? line.getAttribute('d').slice(1).split('L') : [];
  const bottom = Math.max(...boxes.map(box => box.y + box.height));
  const texts = all(svg, 'text');
  return {
    title: texts.map(text => text.textContent).filter(text => text).pop() || '',
    heights: boxes.map(box => box.height),
    widths: boxes.map(box => box.width),
    points: points.map(point => bottom - point.trim().split(/[ ,]+/)[1]),
    beside: bars.map(bar => texts.filter(text => Math.abs(middle(text) - middle(bar)) < 3)
                                 .map(text => text.textContent)),
  };
};
return {
  text: document.body.innerText,
  tables: all(document, 'table').filter(table => table.checkVisibility()).map(
    table => [...table.rows].map(row => [...row.cells].map(written))
                            .filter(row => row.some(cell => cell))),
  charts: all(document, 'svg').map(chart).filter(one => one.heights.length),
};
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):     # a browser that ends leaves connections
        pass


class Driver:
    """ChromeDriver with one session."""

    def __init__(self, directory):
        browser = next(filter(None, map(shutil.which, BROWSERS)))
        # With port 0 it takes a free one, and says which.
        self.process = subprocess.Popen(
            ["chromedriver", "--port=0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env={**os.environ, "HOME": directory})
        self.session = None
        for line in self.process.stdout:
            started = re.search(r"started successfully on port (\d+)", line)
            if started:
                break
        else:
            sys.exit("ChromeDriver did not start")
        # It must not stop because nobody reads what it says.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.url = "http://127.0.0.1:%s/session" % started[1]
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--window-size=1300,2400", "--user-data-dir=" + directory]
        self.session = self.call("POST", "", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": browser, "args": arguments}}}})["sessionId"]

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path, method=method, headers={"Content-Type": "application/json"},
            data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            sys.exit("ChromeDriver: " + error.read().decode()[:2000])

    def open(self, url):
        self.call("POST", "/%s/url" % self.session, {"url": url})

    def look(self):
        return self.call("POST", "/%s/execute/sync" % self.session,
                         {"script": LOOK, "args": []})

    def stop(self):
        try:
            if self.session:        # which ends the browser
                self.call("DELETE", "/" + self.session)
        finally:
            self.process.terminate()
            self.process.wait()


def is_ready(page, charts):
    return (len(page["charts"]) >= charts and page["tables"]
            and all(len(table) > 1 for table in page["tables"])
            and "Loading" not in page["text"])


def main(build, charts):
    # Whoever is told to end ends the browser first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server = Server(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=build))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        driver = Driver(directory)
        try:
            driver.open("http://127.0.0.1:%d/" % server.server_port)
            end = time.monotonic() + LIMIT
            page = driver.look()
            while not is_ready(page, charts) and time.monotonic() < end:
                time.sleep(0.2)
                page = driver.look()
        finally:
            driver.stop()
    json.dump(page, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
