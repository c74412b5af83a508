#!/usr/bin/env python3
"""A server, a chat and asks on one store, for long.

usage: soak.py [MINUTES]   (120; `./dev soak` builds the release first)

The server is ended and killed now and then and comes back.  Memory and
descriptors of whatever runs stay flat: what is measured is the growth from the
second quarter of each life to its last.  At the end `check` finds no fault and
every acknowledged turn is there.
"""
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

MNEME, BUILD = os.environ["MNEME"], os.environ["MNEME_BUILD"]
MINUTES = float(sys.argv[1]) if len(sys.argv) > 1 else 120
SCRATCH = tempfile.mkdtemp()
GROWTH_MIB, GROWTH_SHARE, MORE_FDS = 16, .25, 8
dice = random.Random(1)
lock = threading.Lock()
turns, errors, lives, restarts = [0], [], [], 0
over = threading.Event()


def environment(port):
    return {"HOME": SCRATCH, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "XDG_DATA_HOME": SCRATCH + "/data",
            "XDG_CONFIG_HOME": SCRATCH + "/config",
            "XDG_STATE_HOME": SCRATCH + "/state", "EMBEDDING_MODEL":
            os.environ.get("MNEME_TEST_MODEL", "none"), "LLM_MODEL": "stub",
            "LLM_PROVIDER": "openai", "LLM_API_KEY": "k",
            "LLM_BASE_URL": "http://127.0.0.1:%d/v1" % port,
            "MNEME_RATE_REQUESTS": "0", "MNEME_RATE_CHAT": "0"}


class Life:
    """A process, measured once a second: its own memory, as pages of mapped
    files are the cache's."""

    def __init__(self, kind, pid):
        self.kind, self.pid, self.rss, self.fds = kind, pid, [], []
        lives.append(self)

    def measure(self):
        try:
            with open("/proc/%d/status" % self.pid, encoding="ascii") as f:
                rss = re.search(r"RssAnon:\s+(\d+)", f.read())
            fds = len(os.listdir("/proc/%d/fd" % self.pid))
        except OSError:
            return
        if rss:
            self.rss.append(int(rss[1]) / 1024)
            self.fds.append(fds)

    def ends(self):
        """(early, late) of memory and of descriptors; None: too short."""
        n = len(self.rss)
        if n < 20:
            return None
        early, late = slice(n // 4, n // 2), slice(n - n // 4, n)
        return (statistics.median(self.rss[early]),
                statistics.median(self.rss[late]),
                max(self.fds[early]), max(self.fds[late]))


class Server:
    def __init__(self, env, key):
        self.env, self.key = env, key
        self.start()

    def start(self):
        self.child = subprocess.Popen(
            [MNEME, "serve", "--port", "0"], env=self.env,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.child.stdout.readline().decode()
        self.base = line.split()[-1]
        Life("server", self.child.pid)

    def restart(self):
        global restarts
        self.child.send_signal(dice.choice([signal.SIGTERM, signal.SIGKILL]))
        self.child.wait()
        self.child.stdout.close()
        restarts += 1
        self.start()

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.base + path, method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": "Bearer " + self.key,
                     "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())


def did(n=1):
    with lock:
        turns[0] += n


def words():
    return "%s the %s number %d" % (
        dice.choice(["I like", "where is", "remember", "we saw"]),
        dice.choice(["heron", "barley", "gate", "boat"]),
        dice.randrange(10 ** 6))


def over_http(server):
    while not over.is_set():
        try:
            c = server.call("POST", "/conversations", {"title": words()})["id"]
            for _ in range(dice.randrange(1, 8)):
                server.call("POST", "/conversations/%s/messages" % c,
                            {"content": words(), "stream": False})
                did()
                server.call("GET", "/memories?q=heron")
            server.call("GET", "/conversations?limit=50")
        except urllib.error.HTTPError as e:
            errors.append("%s %s" % (e.code, e.read()[:200]))
        except OSError:
            over.wait(.1)  # it is being restarted


def asking(env):
    while not over.is_set():
        done = subprocess.run([MNEME, "ask", words()], env=env, timeout=120,
                              capture_output=True, check=False)
        if done.returncode:
            errors.append("ask: %s" % done.stderr[-300:])
        else:
            did()
        over.wait(.5)


def chatting(env):
    child = subprocess.Popen([MNEME, "chat", "--plain"], env=env,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    Life("chat", child.pid)
    reader = threading.Thread(target=child.stdout.read)
    reader.start()
    while not over.wait(.5):
        child.stdin.write((words() + "\n").encode())
        child.stdin.flush()
        did()
    child.stdin.close()
    reader.join()
    if child.wait():
        errors.append("the chat ended with %d" % child.returncode)


def judge(life):
    found = life.ends()
    if not found:
        return True
    early, late, fds, fds_late = found
    return (late - early <= max(GROWTH_MIB, early * GROWTH_SHARE) and
            fds_late <= fds + MORE_FDS)


def told(kind):
    found = [x for x in (life.ends() for life in lives if life.kind == kind)
             if x]
    if not found:
        return "%s: too short a life" % kind
    worst = max(found, key=lambda x: x[1] - x[0])
    return "%s %.0f to %.0f MiB, %d to %d descriptors" % (
        kind, worst[0], worst[1], worst[2], worst[3])


def main():
    stub = subprocess.Popen([BUILD + "/stub_provider", "--exit-on-eof"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    env = environment(int(stub.stdout.readline()))
    made = subprocess.run([MNEME, "--json", "profile", "key", "add", "soak"],
                          env=env, capture_output=True, check=True)
    server = Server(env, json.loads(made.stdout)["key"])
    work = [threading.Thread(target=over_http, args=(server,))
            for _ in range(2)]
    work += [threading.Thread(target=f, args=(env,))
             for f in (asking, chatting)]
    for t in work:
        t.start()
    end, each = time.monotonic() + MINUTES * 60, MINUTES * 60 / 5
    again = time.monotonic() + each
    while time.monotonic() < end:
        time.sleep(1)  # the sampling's own beat
        for life in lives:
            life.measure()
        if time.monotonic() > again:
            again += each
            server.restart()
    over.set()
    for t in work:
        t.join()
    server.child.send_signal(signal.SIGTERM)
    if server.child.wait():
        errors.append("the server ended with %d" % server.child.returncode)
    stub.stdin.close()
    stub.wait()
    check = subprocess.run([MNEME, "--json", "check"], env=env, check=False,
                           capture_output=True)
    counts = json.loads(check.stdout)
    if check.returncode or counts["problems"]:
        errors.append("check: %s" % counts)
    if counts.get("messages", 0) < 2 * turns[0]:
        errors.append("%d turns were acknowledged, %d messages are there" % (
            turns[0], counts.get("messages", 0)))
    grown = [life.kind for life in lives if not judge(life)]
    for line in errors[:10]:
        print("FAILED:", line)
    shutil.rmtree(SCRATCH)
    print("soak: %g minutes, %d turns, %d restarts; %s; %s; %s" % (
        MINUTES, turns[0], restarts, told("server"), told("chat"),
        "check clean" if not errors and not grown else
        "%d errors, %s grew" % (len(errors), grown or "nothing")))
    return 1 if errors or grown else 0


sys.exit(main())
