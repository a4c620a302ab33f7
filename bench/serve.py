"""What pinterest_fdw needs of Pinterest to be measured, faster than it is.

    serve.py DIRECTORY READY_FILE

Answers requests for reports and lists at a loopback port, and sends the files of
reports, which it makes in DIRECTORY when they are first asked for, by sendfile().
POST /settings changes what it serves and how long that takes; GET /log returns
what it was asked since the last time.
"""

import asyncio
import datetime
import json
import os
import sys
from urllib.parse import parse_qs, urlsplit

from data import ADVERTISER, Column, Rows, Store

PAGE = 250


class Server:
    def __init__(self, directory):
        self._store, self._jobs, self._log = Store(directory), [], []
        self.settings = {"columns": [], "campaigns": 0, "percent": 0,
                         "delay": 0, "latency": 0, "ad_groups": 0}
        self.port = None

    # --- what it is told and asked by bench/run

    def _rows(self, order, names):
        """Rows for an order, and all that they depend on."""
        first = datetime.date.fromisoformat(order["start_date"])
        last = datetime.date.fromisoformat(order["end_date"])
        days = (last - first).days + 1
        what = (self.settings["columns"], names, self.settings["campaigns"],
                str(first), days, self.settings["percent"])
        columns = [Column(*one) for one in self.settings["columns"]]
        if names is not None:
            by_name = {column.api_name: column for column in columns}
            columns = [by_name[name] for name in names if name in by_name]
        return Rows(columns, self.settings["campaigns"], first, days,
                    self.settings["percent"]), what

    def _file(self, order, form):
        names = order["columns"] if form == "json" else None
        rows, what = self._rows(order, names)
        return self._store.path(rows, form, *what)

    def _control(self, path, body):
        if path == "/settings":
            self.settings.update(body)
            return {}
        if path == "/log":
            log, self._log = self._log, []
            return log
        # the rows of an order as CSV of the whole table, and as a report
        rows, _ = self._rows(body, None)
        return {"csv": self._file(body, "csv"), "json": self._file(body, "json"),
                "changed": rows.changed}

    # --- what Pinterest is asked

    def _create(self, body):
        # Made before the time begins that it takes Pinterest
        path = self._file(body, "json")
        self._jobs.append((path, asyncio.get_running_loop().time()
                           + self.settings["delay"]))
        return {"report_status": "IN_PROGRESS", "message": "",
                "token": "%06d==" % (len(self._jobs) - 1)}

    def _poll(self, query):
        path, ready = self._jobs[int(query["token"][0].rstrip("="))]
        if asyncio.get_running_loop().time() < ready:
            return {"report_status": "IN_PROGRESS", "url": None, "size": None}
        return {"report_status": "FINISHED", "size": os.path.getsize(path),
                "url": "http://127.0.0.1:%d/file/%s" % (self.port,
                                                        os.path.basename(path))}

    def _list(self, what, query):
        if what == "ad_groups":
            start = int(query.get("bookmark", ["0"])[0])
            end = min(start + PAGE, self.settings["ad_groups"])
            items = [{"id": str(2680000000000 + n), "name": "Ad group %d" % n,
                      "ad_account_id": ADVERTISER, "campaign_id": "626735560000",
                      "status": "ACTIVE"} for n in range(start, end)]
            return {"items": items, "bookmark":
                    str(end) if end < self.settings["ad_groups"] else None}
        if what == "keywords" and "ad_group_id" in query:
            group = query["ad_group_id"][0]
            return {"items": [{"id": "%s%d" % (group, n), "value": "shoes %d" % n,
                               "parent_id": group, "parent_type": "AD_GROUP",
                               "match_type": "EXACT", "archived": False, "bid": None,
                               "type": "KEYWORD"} for n in range(3)],
                    "bookmark": None}
        return {"items": [], "bookmark": None}

    async def _api(self, method, path, query, body):
        parts = path.split("/")         # "", v5, ad_accounts, id, what
        what = parts[4] if len(parts) > 4 else ""
        if self.settings["latency"]:
            await asyncio.sleep(self.settings["latency"])
        if what == "reports":
            return self._create(body) if method == "POST" else self._poll(query)
        if what:
            return self._list(what, query)
        account = {"id": ADVERTISER, "name": "Bench", "currency": "USD"}
        return account if len(parts) > 3 else {"items": [account], "bookmark": None}

    # --- HTTP

    async def _answer(self, writer, method, target, body):
        url = urlsplit(target)
        if url.path.startswith("/file/"):
            self._log.append({"method": method, "path": url.path})
            with open(self._store.file(url.path), "rb") as file:
                size = os.fstat(file.fileno()).st_size
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: binary/octet-stream"
                             b"\r\nContent-Length: %d\r\n\r\n" % size)
                await writer.drain()
                await asyncio.get_running_loop().sendfile(writer.transport, file)
            return
        body = json.loads(body) if body else None
        if url.path.startswith("/v5/"):
            self._log.append({"method": method, "path": url.path, "body": body})
            answer = await self._api(method, url.path, parse_qs(url.query), body)
        else:
            answer = self._control(url.path, body)
        answer = json.dumps(answer).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer))
        await writer.drain()

    async def connection(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, _ = head.split(" ", 2)
                length = 0
                for line in head.split("\r\n"):
                    name, _, value = line.partition(":")
                    if name.lower() == "content-length":
                        length = int(value)
                body = await reader.readexactly(length)
                await self._answer(writer, method, target, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main(directory, ready_file):
    server = Server(directory)
    listening = await asyncio.start_server(server.connection, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    with open(ready_file + ".new", "w", encoding="utf-8") as file:
        file.write(str(server.port))
    os.rename(ready_file + ".new", ready_file)
    await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
