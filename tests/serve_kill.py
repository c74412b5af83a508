#!/usr/bin/env python3
"""Kill the server under load, again and again: what a client was told is kept.

usage: serve_kill.py [ROUNDS]

Clients send memories as fast as they are acknowledged, and write down each
acknowledged one; the server is killed with SIGKILL after a random number of
them.  The next server must have every one, once, and so must the last.
"""
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from serve import Server, http  # noqa: E402

CLIENTS = 4


class Load:
    def __init__(self, server, token, number, acknowledged):
        self.acknowledged = acknowledged
        self.sent = 0
        self.wanted = threading.Event()
        self.number = number
        self.token = token
        self.server = server
        self.threads = [threading.Thread(target=self.run, args=(i,))
                        for i in range(CLIENTS)]
        self.limit = random.randint(1, 60)
        for thread in self.threads:
            thread.start()

    def run(self, client):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port,
                                                timeout=60)
        for i in range(100000):
            value = "round %d client %d item %d" % (self.number, client, i)
            try:
                connection.request(
                    "POST", "/memories", json.dumps({"value": value}),
                    {"Content-Type": "application/json",
                     "Authorization": "Bearer " + self.token})
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status != 201:
                raise RuntimeError(body)
            self.acknowledged[json.loads(body)["id"]] = value
            self.sent += 1
            if self.sent >= self.limit:
                self.wanted.set()

    def join(self):
        for thread in self.threads:
            thread.join()


def everything(server, token):
    found, path = {}, "/memories?limit=200"
    while path:
        answer, text = server.call("GET", path, token=token)
        if answer.status != 200:
            raise RuntimeError(text)
        for row in json.loads(text):
            if row["id"] in found:
                raise RuntimeError("twice: %s" % row)
            found[row["id"]] = row["value"]
        link = answer.getheader("Link") or ""
        path = link[link.index("<") + 1:link.index(">")] if "<" in link \
            else None
    return found


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    folder = tempfile.mkdtemp(prefix="mneme-kill-")
    acknowledged = {}
    token = None
    lost = 0
    try:
        for number in range(rounds + 1):
            server = Server(folder)
            if not token:
                token = server.account()
            last = number == rounds
            if last or number % 10 == 0:
                found = everything(server, token)
                for name, value in acknowledged.items():
                    if found.get(name) != value:
                        print("lost:", name, value)
                        lost += 1
            if last:
                server.stop()
                break
            load = Load(server, token, number, acknowledged)
            load.wanted.wait(60)
            server.stop(signal.SIGKILL)
            load.join()
    finally:
        shutil.rmtree(folder)
    print("%d kills, %d acknowledged, %d lost"
          % (rounds, len(acknowledged), lost))
    return 1 if lost or len(acknowledged) < rounds else 0


if __name__ == "__main__":
    sys.exit(main())
