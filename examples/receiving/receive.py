"""Receives plays from the relay (body: ndjson) and stores each once. python3 receive.py PORT DATABASE"""

import hashlib
import http.server
import json
import os
import sqlite3
import sys

LARGEST = 4 * 1024 * 1024
AUTHORIZATION = os.environ.get("POP_AUTHORIZATION", "")


def store(database, lines):
    """Stores the events that are new, all in one transaction. Returns how many those are."""
    events = []
    for line in lines:
        uuid = json.loads(line)["uuid"]
        if not isinstance(uuid, str) or not uuid:
            raise ValueError("no uuid")
        events.append((uuid, hashlib.sha256(line).digest(), line))
    connection = sqlite3.connect(database, timeout=10)
    try:
        with connection:
            before = connection.total_changes
            # A repeat has the same bytes and is left out; other bytes under a known uuid are another play.
            connection.executemany(
                "INSERT INTO plays_by_uuid_and_hash (uuid, hash, event) VALUES (?, ?, ?)"
                " ON CONFLICT (uuid, hash) DO NOTHING",
                events,
            )
            return connection.total_changes - before
    finally:
        connection.close()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", -1))
        if length < 0 or length > LARGEST:
            # Who closes without having read resets the connection, and the answer is lost on its way.
            while length > 0 and (part := self.rfile.read(min(length, 65536))):
                length -= len(part)
            return self.answer(413, "send smaller batches")
        body = self.rfile.read(length)
        if AUTHORIZATION and self.headers.get("Authorization") != AUTHORIZATION:
            return self.answer(401, "wrong credentials")
        if self.headers.get("Content-Encoding", "identity") != "identity":
            return self.answer(415, "send it uncompressed")
        lines = body.split(b"\n")
        try:
            new = store(sys.argv[2], [line for line in lines if line])
        except (ValueError, KeyError, TypeError) as problem:
            return self.answer(422, f"not an event: {problem}")
        except sqlite3.Error as problem:
            return self.answer(503, f"cannot store now: {problem}", {"Retry-After": "5"})
        # Only now, when the transaction is on disk.
        self.answer(200, f"stored {new} new events")

    def answer(self, status, text, headers={}):
        body = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    with sqlite3.connect(sys.argv[2]) as first:
        first.execute("PRAGMA journal_mode = WAL")
        first.execute(
            # The key is in the name: a table with another key, which may be there, would stay as it is.
            "CREATE TABLE IF NOT EXISTS plays_by_uuid_and_hash"
            " (uuid TEXT NOT NULL, hash BLOB NOT NULL, event BLOB NOT NULL, PRIMARY KEY (uuid, hash))"
        )
    first.close()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    print(f"receiving at http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
