#!/usr/bin/env python3
"""A power loss at any moment loses nothing that was acknowledged.

usage: crash.py [STATES]

The program runs under a library that writes down every call to the disk;
crash_states then makes what a power loss could have left after any of them,
opens it and looks for all that was promised.  The same with LMDB's syncing
switched off must lose something, or the test proves nothing.  The work is that
of commands, of a chat whose answers stream, and of a server with two clients;
a sentence model of two small layers gives vectors to all of it.
"""
import fcntl
import http.client
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

MNEME = os.environ["MNEME"]
BUILD = os.environ["MNEME_BUILD"]
STATES = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
SHIM = os.path.join(BUILD, "disk_shim.so")
ACK = 10  # DISK_ACK of shim/disk.h


class Workload:
    """A data folder, the program on it, and a log of both."""

    def __init__(self, scratch, nosync=False):
        self.scratch = scratch
        self.root = os.path.join(scratch, "data")
        self.log = os.path.join(scratch, "log")
        self.model = os.path.join(scratch, "model")
        os.mkdir(self.root)
        subprocess.run([os.path.join(BUILD, "tiny_model"), self.model],
                       check=True)
        self.env = {
            "HOME": scratch, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "XDG_DATA_HOME": self.root, "XDG_CONFIG_HOME": scratch + "/config",
            "XDG_STATE_HOME": scratch + "/state",
            "EMBEDDING_MODEL": self.model,
            "LD_PRELOAD": SHIM, "DISK_LOG": self.log, "DISK_ROOT": self.root,
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
        if nosync:
            self.env["DISK_NOSYNC"] = "1"

    def run(self, *words, text=None):
        done = subprocess.run([MNEME, *words], env=self.env, input=text,
                              capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit("%s: exit %d: %s" % (words, done.returncode, done.stderr))
        return done.stdout

    def start(self, *words, **settings):
        return subprocess.Popen([MNEME, *words], env={**self.env, **settings},
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def promise(self, text):
        data = text.encode()
        with open(self.log, "ab") as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            log.write(struct.pack("<IIQQ", ACK, len(data), 0, 0) + data)


def turns(work):
    """Questions and answers, each acknowledged by an exit status."""
    for i in range(12):
        text = "turn %d: the heron of lake %d stood still" % (i, i * 7919)
        work.run("ask", *(["-c", "last"] if i % 4 else []), text)
        work.promise("message " + text)
        if i % 3 == 0:
            fact = "aunt number %d lives in town %d" % (i, i * 104729)
            work.run("remember", fact)
            work.promise("memory " + fact)


def imports(work):
    """A file of lines, then a search that writes the index."""
    lines = [{"type": "conversation", "id": "c", "title": "t",
              "created_at": "2024-01-01T00:00:00Z"}]
    texts = ["line %d says barley %d" % (i, i * 15485863) for i in range(60)]
    for i, text in enumerate(texts):
        lines.append({"type": "message", "conversation": "c", "id": "m%d" % i,
                      "role": "user", "content": text,
                      "created_at": "2024-01-01T00:%02d:00Z" % i})
    path = os.path.join(work.scratch, "lines")
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
    work.run("import", path)
    for text in texts:
        work.promise("message " + text)
    work.run("recall", "barley")


def forgets(work):
    """Secrets that go: after `forget` no file has them."""
    for i in range(4):
        secret = "zq%dxv" % (i * 32452843 + 7)
        fact = "the word of the gate is " + secret
        memory = json.loads(work.run("remember", "--json", fact))
        work.promise("memory " + fact)
        work.promise("going " + secret)
        work.run("memory", "forget", memory["id"])
        work.promise("gone " + secret)


# ---- a chat whose answers stream ----

# What was shown so long ago is kept.  The promise is one second; the rest is
# for a machine that runs other things.
GRACE = 4
ANSWERS = "--events 60 --delay 100 --repeat 60\n--events 4\n"


def answer(work, child, question):
    """Reads one answer, a line, and promises what was shown of it for long."""
    text, asked, parts = "", False, []  # (moment, text so far)
    while not text.endswith("\n"):
        piece = os.read(child.stdout.fileno(), 65536)
        if not piece:
            sys.exit("the chat ended early: " + text[-500:])
        text += piece.decode()
        now = time.monotonic()
        if not asked:
            work.promise("message " + question)
            asked = True
        parts.append((now, text.strip()))
        old = [p for p in parts if p[0] < now - GRACE]
        if old:
            work.promise("message " + old[-1][1])
            parts = parts[len(old):]
    return text.strip()


def chats(work):
    """Two turns; the first answer takes six seconds to come."""
    script = os.path.join(work.scratch, "script")
    with open(script, "w", encoding="ascii") as out:
        out.write(ANSWERS)
    stub = subprocess.Popen(
        [os.path.join(BUILD, "stub_provider"), "--exit-on-eof", "--script",
         script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    url = "http://127.0.0.1:%d/v1" % int(stub.stdout.readline())
    child = work.start("chat", "--plain", LLM_PROVIDER="openai",
                       LLM_MODEL="stub", LLM_API_KEY="k", LLM_BASE_URL=url)
    answers = []
    for i in range(2):
        question = "chat line %d of lake %d" % (i, i * 15502)
        child.stdin.write((question + "\n").encode())
        child.stdin.flush()
        answers.append(answer(work, child, question))
    child.communicate()
    if child.returncode:
        sys.exit("the chat ended with %d" % child.returncode)
    for text in answers:
        work.promise("message " + text)
    stub.communicate()


# ---- a server ----

def client(work, port, number):
    """Turns and memories of one account, each acknowledged by a status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    head = {"Content-Type": "application/json"}

    def post(path, body, status):
        connection.request("POST", path, json.dumps(body), head)
        response = connection.getresponse()
        text = response.read().decode()
        if response.status != status or '"type":"error"' in text:
            raise RuntimeError("%s: %d %s" % (path, response.status, text))
        return text

    name = "client%d" % number
    made = post("/auth/register", {"email": name + "@example.org", "username":
                                   name, "password": "correct horse"}, 201)
    head["Authorization"] = "Bearer " + json.loads(made)["access_token"]
    for i in range(4):
        text = "turn %d of %s by the river" % (i, name)
        post("/chat/send", {"content": text, "stream": i % 2 == 0},
             201 if i % 2 else 200)
        work.promise("message " + text)
        fact = "stone %d of %s is grey" % (i, name)
        post("/memories", {"value": fact, "key": "stone%d" % i}, 201)
        work.promise("memory " + fact)


def serves(work):
    """A server with two clients at once."""
    child = work.start("serve", "--port", "0", MNEME_RATE_REQUESTS="0",
                       MNEME_RATE_LOGIN="0", MNEME_RATE_CHAT="0")
    port = int(child.stdout.readline().decode().rsplit(":", 1)[1])
    failures = []

    def run(number):
        try:
            client(work, port, number)
        except (OSError, RuntimeError, http.client.HTTPException) as e:
            failures.append(e)

    clients = [threading.Thread(target=run, args=(i,)) for i in range(2)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    child.send_signal(signal.SIGTERM)
    child.communicate()
    if failures or child.returncode:
        sys.exit("serve: %s, exit %d" % (failures, child.returncode))


def states(work, count, seed, *more):
    """The line that crash_states prints, and its exit status."""
    folder = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm")
                              else None)
    try:
        done = subprocess.run(
            [os.path.join(BUILD, "crash_states"), work.log, str(count),
             str(seed), os.path.join(folder, "state"), work.model, *more],
            capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(folder)
    return done.returncode, done.stdout.strip(), done.stderr


def workload(nosync, jobs):
    scratch = tempfile.mkdtemp()
    work = Workload(scratch, nosync)
    for job in jobs:
        job(work)
    return work


def main():
    work = workload(False, [turns, imports, chats, serves, forgets, turns])
    status, line, said = states(work, STATES, 1)
    shutil.rmtree(work.scratch)
    print("power loss:", line)
    if status:
        sys.exit(said)
    work = workload(True, [turns])
    status, line, said = states(work, min(STATES, 200), 2, "apart")
    shutil.rmtree(work.scratch)
    print("without syncing (must lose):", line)
    if status != 3:
        sys.exit("the control lost nothing: %s" % said)


main()
