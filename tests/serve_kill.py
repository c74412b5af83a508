#!/usr/bin/env python3
"""Kill the server under load, again and again: what a client was told is kept.

usage: serve_kill.py [ROUNDS]

Clients send memories as fast as they are acknowledged, and write down each
acknowledged one; the server is killed with SIGKILL after a random number of
them.  The servers that follow must have every one.
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
            # Each about something of its own: none supersedes another.
            value = "item-%d-%d-%d" % (self.number, client, i)
            try:
                connection.request(
                    "POST", "/memories",
                    json.dumps({"value": value, "key": value}),
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


def check(server, token, acknowledged):
    """How many of them the server does not have."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port,
                                            timeout=60)
    lost = []
    for name, value in acknowledged.items():
        connection.request("GET", "/memories/" + name, headers={
            "Authorization": "Bearer " + token})
        answer = connection.getresponse()
        body = json.loads(answer.read())
        if answer.status != 200 or body["value"] != value:
            lost.append("%s %s: %s" % (name, value, body))
    connection.close()
    for line in lost[:10]:
        print("lost:", line)
    return len(lost)


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
                lost += check(server, token, acknowledged)
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
