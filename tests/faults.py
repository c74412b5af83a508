#!/usr/bin/env python3
"""The disk refuses the n-th call, for every n: a clear error, nothing lost.

Each command runs on a copy of one store under a library that lets its n-th
call to the disk fail (ENOSPC, EIO, EDQUOT, EMFILE, EROFS, a short write).  It
must end by itself, say why where it fails, keep all that was there, and, where
it says that it did its work, have done it.  Then, with room again, the same
command works.
"""
import json
import os
import shutil
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
    return subprocess.run([MNEME, *words], env={**ENV, **more}, timeout=60,
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
    # A disk that stays full, then one with room.
    for n in (1, calls // 2):
        fresh()
        done = run(words, LD_PRELOAD=SHIM, DISK_ROOT=DATA, DISK_FAIL=str(n),
                   DISK_FAIL_ALL="1", DISK_ERROR="ENOSPC")
        look(words, "ENOSPC", n, done, stored)
        done = run(words)
        if done.returncode and words[1] != "forget":
            complain(words, "ENOSPC", n, "no work with room again", done)
        look(words, "room", n, done, stored)
    return calls * len(ERRORS) + 4


def main():
    memory = prepare()
    runs = 0
    for words, stored in COMMANDS:
        runs += every_call([memory if w is None else w for w in words], stored)
    print("faults: %d failed calls, 0 lost, 0 broken" % runs)
    shutil.rmtree(SCRATCH)


main()
