#!/usr/bin/env python3
"""The disk refuses the n-th call, for every n: a clear error, nothing lost.

Each command runs on a copy of one store under a library that lets its n-th
call to the disk fail (ENOSPC, EIO, EDQUOT, EMFILE, EROFS, a short write).  It
must end by itself, say why where it fails, keep all that was there, and, where
it says that it did its work, have done it.  Then, with room again, the same
command works.  A disk that is mounted read-only under a command, and one that
refuses a server for a while, after each of its calls: it says so, answers what
needs no writing, and works when that is over, without a new start.
"""
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

MNEME = os.environ["MNEME"]
SHIM = os.path.join(os.environ["MNEME_BUILD"], "disk_shim.so")
SCRATCH = tempfile.mkdtemp()
BASE, DATA = os.path.join(SCRATCH, "base"), os.path.join(SCRATCH, "data")
LINES = os.path.join(SCRATCH, "lines")
COUNT = os.path.join(SCRATCH, "count")
ERRORS = ["ENOSPC", "EIO", "EDQUOT", "EMFILE", "EROFS", "short"]
KEPT = ["the heron stood still", "barley is sown in march"]
ENV = {"HOME": SCRATCH, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
       "XDG_DATA_HOME": DATA, "XDG_CONFIG_HOME": SCRATCH + "/config",
       "XDG_STATE_HOME": SCRATCH + "/state", "EMBEDDING_MODEL": "none",
       "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
# A command, and what must be in the store when it says that it did its work.
COMMANDS = [
    (["remember", "the gate is blue"], "the gate is blue"),
    (["ask", "what colour has the gate?"], "what colour has the gate?"),
    (["import", LINES], "an imported word"),
    (["recall", "heron"], None),
    (["conversation", "list"], None),
    (["memory", "forget", None], None),
]


def run(words, **more):
    return subprocess.run([MNEME, *words], env={**ENV, **more}, timeout=300,
                          capture_output=True, text=True, check=False)


def must(words):
    done = run(words)
    if done.returncode:
        sys.exit("%s: %s" % (words, done.stderr))
    return done.stdout


def prepare():
    with open(LINES, "w", encoding="utf-8") as out:
        for line in (
                {"type": "conversation", "id": "c", "title": "t",
                 "created_at": "2024-01-01T00:00:00Z"},
                {"type": "message", "conversation": "c", "id": "m",
                 "role": "user", "content": "an imported word",
                 "created_at": "2024-01-01T00:01:00Z"}):
            out.write(json.dumps(line) + "\n")
    must(["ask", KEPT[0]])
    must(["remember", KEPT[1]])
    memory = json.loads(must(["remember", "--json", "goes away"]))["id"]
    must(["recall", "heron"])
    shutil.copytree(DATA, BASE)
    return memory


def fresh():
    shutil.rmtree(DATA, ignore_errors=True)
    shutil.copytree(BASE, DATA)


def complain(words, error, n, what, done):
    sys.exit("%s with %s at call %d: %s\nexit %d\n%s%s" % (
        words, error, n, what, done.returncode, done.stdout, done.stderr))


def look(words, error, n, done, stored):
    """What is in the store after a command that may have failed."""
    if done.returncode < 0 or done.returncode not in (0, 1, 3, 4, 5):
        complain(words, error, n, "it did not end well", done)
    if "Sanitizer" in done.stderr or "runtime error" in done.stderr:
        complain(words, error, n, "a bug", done)
    if done.returncode and not done.stderr.strip():
        complain(words, error, n, "it does not say why", done)
    found = must(["export"])
    for text in KEPT:
        if text not in found:
            complain(words, error, n, "lost: " + text, done)
    if done.returncode == 0 and stored and stored not in found:
        complain(words, error, n, "not stored, but exit 0", done)
    checked = run(["check"])
    if checked.returncode:
        complain(words, error, n, "check: " + checked.stdout + checked.stderr,
                 done)


def every_call(words, stored):
    fresh()
    done = run(words, LD_PRELOAD=SHIM, DISK_ROOT=DATA, DISK_COUNT=COUNT)
    with open(COUNT, encoding="ascii") as lines:
        calls = int(lines.read().split()[-1])
    for error in ERRORS:
        for n in range(1, calls + 1):
            fresh()
            done = run(words, LD_PRELOAD=SHIM, DISK_ROOT=DATA,
                       DISK_FAIL=str(n), DISK_ERROR=error)
            look(words, error, n, done, stored)
    # A disk that stays bad, then one that is good again.
    for error in ERRORS[:-1]:
        for n in (1, calls // 2):
            fresh()
            done = run(words, LD_PRELOAD=SHIM, DISK_ROOT=DATA,
                       DISK_FAIL=str(n), DISK_FAIL_ALL="1", DISK_ERROR=error)
            look_closer(words, error, done, stored)
    return calls * len(ERRORS) + 2 * (len(ERRORS) - 1)


def look_closer(words, what, done, stored):
    """After a disk that refuses, then one that does not."""
    look(words, what, 1, done, stored)
    again = run(words)
    if again.returncode and words[1] != "forget":
        complain(words, what, 1, "no work with room again", again)
    look(words, what, 1, again, stored)


def read_only(memory):
    """In a namespace of mounts that is ours alone."""
    runs = 0
    for words, stored in COMMANDS:
        words = [memory if w is None else w for w in words]
        shutil.rmtree(DATA, ignore_errors=True)
        os.mkdir(DATA)
        mount("-t", "tmpfs", "none", DATA)
        shutil.copytree(BASE, DATA, dirs_exist_ok=True)
        mount("-o", "remount,ro", DATA)
        done = run(words)
        if done.returncode == 0 and stored:
            complain(words, "a read-only disk", 0, "exit 0", done)
        mount("-o", "remount,rw", DATA)
        look_closer(words, "a read-only disk", done, stored)
        subprocess.run(["umount", DATA], check=True)
        runs += 1
    return runs


def remounted():
    """Only who may make mounts of his own can tell."""
    alone = ["unshare", "--mount", "--propagation", "private"]
    probe = subprocess.run(
        [*alone, "sh", "-c", "mount -t tmpfs none " + SCRATCH], check=False,
        capture_output=True)
    if probe.returncode:
        return "no remounts (not allowed here)"
    done = subprocess.run(
        [*alone, sys.executable, os.path.abspath(__file__), "read-only"],
        check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout.strip() + " read-only remounts"


def mount(*words):
    subprocess.run(["mount", *words], check=True)


class Server:
    """Under the library; its disk refuses while there is the file STOP."""

    STOP = os.path.join(SCRATCH, "stop")

    def __init__(self):
        self.child = subprocess.Popen(
            [MNEME, "serve", "--port", "0"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**ENV, "LD_PRELOAD": SHIM, "DISK_ROOT": DATA,
                 "DISK_FAIL_WHILE": self.STOP, "MNEME_RATE_REQUESTS": "0"})
        self.port = int(self.child.stdout.readline().rsplit(b":", 1)[1])
        self.head = {"Content-Type": "application/json"}
        made = self.call("POST", "/auth/register", {
            "email": "a@example.org", "username": "ada",
            "password": "correct horse"})
        self.head["Authorization"] = "Bearer " + made[1]["access_token"]

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=300)
        connection.request(method, path, body and json.dumps(body), self.head)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text)

    def remember(self, value):
        return self.call("POST", "/memories", {"value": value, "key": value})

    def values(self):
        status, body = self.call("GET", "/memories?limit=100")
        if status != 200:
            sys.exit("no memories: %d %s" % (status, body))
        return [m["value"] for m in body]


def a_server_goes_on():
    """What it acknowledged is there, what it refused it may try again."""
    fresh()
    server = Server()
    told, refused = [], 0
    for error in ERRORS[:-1]:
        for skip in range(8):
            with open(Server.STOP + ".new", "w", encoding="ascii") as out:
                out.write("%s %d" % (error, skip))
            os.rename(Server.STOP + ".new", Server.STOP)
            name = "%s after %d" % (error, skip)
            status, body = server.remember("said under " + name)
            if status == 201:
                told.append("said under " + name)
            elif status < 500 or not body.get("detail"):
                sys.exit("%s: %d %s" % (name, status, body))
            else:
                refused += 1
            server.values()
            os.unlink(Server.STOP)
            status, body = server.remember("said behind " + name)
            if status != 201:
                sys.exit("not after %s: %d %s" % (name, status, body))
            told.append("said behind " + name)
    lost = set(told) - set(server.values())
    server.child.send_signal(signal.SIGTERM)
    server.child.communicate(timeout=300)
    checked = run(["check"])
    if lost or checked.returncode or not refused:
        sys.exit("a server: lost %s, %d refused, check: %s" % (
            lost, refused, checked.stdout + checked.stderr))
    return refused


def main():
    memory = prepare()
    if sys.argv[1:] == ["read-only"]:
        print(read_only(memory))
        return
    runs = 0
    for words, stored in COMMANDS:
        runs += every_call([memory if w is None else w for w in words], stored)
    mounted = remounted()
    refused = a_server_goes_on()
    print("faults: %d failed calls, %d requests that a server refused for its "
          "disk, %s: 0 lost, 0 broken" % (runs, refused, mounted))
    shutil.rmtree(SCRATCH)


main()
