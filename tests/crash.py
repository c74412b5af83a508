#!/usr/bin/env python3
"""A power loss at any moment loses nothing that was acknowledged.

usage: crash.py [STATES]

The program runs under a library that writes down every call to the disk;
crash_states then makes what a power loss could have left after any of them,
opens it and looks for all that was promised.  The same with LMDB's syncing
switched off must lose something, or the test proves nothing.
"""
import fcntl
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

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
        os.mkdir(self.root)
        self.env = {
            "HOME": scratch, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "XDG_DATA_HOME": self.root, "XDG_CONFIG_HOME": scratch + "/config",
            "XDG_STATE_HOME": scratch + "/state",
            "EMBEDDING_MODEL": "none",
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


def states(work, count, seed):
    """The line that crash_states prints, and its exit status."""
    folder = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm")
                              else None)
    try:
        done = subprocess.run(
            [os.path.join(BUILD, "crash_states"), work.log, str(count),
             str(seed), os.path.join(folder, "state")],
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
    work = workload(False, [turns, imports, forgets, turns])
    status, line, said = states(work, STATES, 1)
    shutil.rmtree(work.scratch)
    print("power loss:", line)
    if status:
        sys.exit(said)
    work = workload(True, [turns])
    status, line, said = states(work, min(STATES, 500), 2)
    shutil.rmtree(work.scratch)
    print("without syncing (must lose):", line or "broken")
    # LMDB may stop at what it finds then, by an assertion.
    if status not in (3, -signal.SIGABRT):
        sys.exit("the control lost nothing: %s" % said)


main()
