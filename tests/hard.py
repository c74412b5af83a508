#!/usr/bin/env python3
"""Time that jumps, processes that die at the worst moment.

The clock goes back and forth between turns and within a chat: nothing is lost
and nothing changes its order.  A process is killed while it holds the store's
writer lock, another as a reader, and one fills the table of readers: others go
on, or say clearly that they cannot, and go on when the cause is gone.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

MNEME, BUILD = os.environ["MNEME"], os.environ["MNEME_BUILD"]
SCRATCH = tempfile.mkdtemp()
CLOCK = os.path.join(SCRATCH, "clock")
DATA = SCRATCH + "/data/mneme"
ENV = {"HOME": SCRATCH, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
       "XDG_DATA_HOME": SCRATCH + "/data", "EMBEDDING_MODEL": "none",
       "XDG_CONFIG_HOME": SCRATCH + "/config",
       "XDG_STATE_HOME": SCRATCH + "/state",
       "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
SHIFTED = {**ENV, "LD_PRELOAD": os.path.join(BUILD, "clock_shim.so"),
           "CLOCK_FILE": CLOCK}
YEAR = 365 * 86400
failed = 0


def fail(what, *words):
    global failed
    failed += 1
    print("FAILED:", what, *words)


def run(*words, env=None, status=0):
    done = subprocess.run([MNEME, *words], env=env or ENV, timeout=300,
                          capture_output=True, text=True, check=False)
    if done.returncode != status:
        fail("%s: status %d, not %d" % (words, done.returncode, status),
             done.stdout + done.stderr)
    return done.stdout + done.stderr


def shift(seconds):
    """The clock is so much off from now on, for all at once."""
    with open(CLOCK + ".new", "w", encoding="ascii") as f:
        f.write("%d\n" % seconds)
    os.rename(CLOCK + ".new", CLOCK)


# ---- time ----

SHIFTS = [0, -3600, YEAR, 0, -YEAR, -86400, 10 * YEAR, -10 * YEAR, 0]


def said(conversation):
    lines = json.loads(run("--json", "conversation", "show", conversation))
    messages = lines["messages"] if isinstance(lines, dict) else lines
    return messages


def in_order(what, conversation, words):
    messages = said(conversation)
    mine = [m["content"] for m in messages if m["role"] == "user"]
    if mine != words:
        fail(what, "order or loss:", mine)
    turns = [m["turn_number"] for m in messages]
    if turns != sorted(turns) or len(set(turns)) != len(turns):
        fail(what, "turns:", turns)


def turns_under_a_jumping_clock():
    words = ["turn number %d of the heron" % i for i in range(len(SHIFTS))]
    for i, word in enumerate(words):
        shift(SHIFTS[i])
        made = run("--json", "ask", "-c", conversation if i else "new", word,
                   env=SHIFTED)
        conversation = json.loads(made)["conversation_id"]
    in_order("asks", conversation, words)
    run("check")
    found = run("--json", "recall", "-k", "50", "heron number")
    for word in words:
        if word not in found:
            fail("not found:", word)
    return conversation


def a_chat_under_a_jumping_clock():
    shift(0)
    child = subprocess.Popen([MNEME, "chat", "--plain"], env=SHIFTED,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    words = ["chat line %d of the barley" % i for i in range(len(SHIFTS))]
    for i, word in enumerate(words):
        shift(SHIFTS[i])
        child.stdin.write((word + "\n").encode())
        child.stdin.flush()
    child.stdin.close()
    out = child.stdout.read()
    if child.wait(timeout=300):
        fail("the chat ended with", child.returncode, out)
    shift(0)
    found = json.loads(run("--json", "conversation", "list"))
    barley = [c for c in found if "barley" in c["title"]]
    if not barley:
        return fail("no conversation of the chat", found)
    in_order("a chat", barley[0]["id"], words)
    return run("check")


def memories_under_a_jumping_clock():
    for i, off in enumerate(SHIFTS):
        shift(off)
        run("remember", "--key", "stone%d" % i, "stone %d is grey" % i,
            env=SHIFTED)
    shift(0)
    kept = json.loads(run("--json", "memory", "list"))
    if len([m for m in kept if "is grey" in m["value"]]) != len(SHIFTS):
        fail("memories were lost", kept)
    run("check")


def jobs_are_not_lost():
    """A job due in a year that was no year: it is done all the same."""
    shift(10 * YEAR)
    run("ask", "my brother Tom lives in Rome", env=SHIFTED)
    shift(0)
    run("ask", "what about Tom?", env=SHIFTED)
    if "put aside" in run("doctor", status=4):
        fail("a job was put aside")


# ---- processes ----

HOLDER = r"""
import ctypes, os, sys
lmdb = ctypes.CDLL("liblmdb.so.0")
env, path = ctypes.c_void_p(), sys.argv[1].encode()
NOSUBDIR, NOTLS, RDONLY = 0x4000, 0x200000, 0x20000
def ok(rc):
    if rc:
        print("lmdb", rc, flush=True)
        sys.exit(1)
ok(lmdb.mdb_env_create(ctypes.byref(env)))
lmdb.mdb_env_set_mapsize(env, ctypes.c_size_t(1 << 30))
ok(lmdb.mdb_env_open(env, path, NOSUBDIR | NOTLS, 0o600))
n, flags = int(sys.argv[2]), int(sys.argv[3]) and RDONLY
for i in range(n):
    txn = ctypes.c_void_p()
    rc = lmdb.mdb_txn_begin(env, None, flags, ctypes.byref(txn))
    if rc == -30790 and n > 1:
        break
    ok(rc)
print("held", flush=True)
sys.stdin.read()
"""


def store_file():
    with open(DATA + "/store", encoding="ascii") as f:
        return "%s/store.%d.mdb" % (DATA, int(f.read()))


def hold(transactions, reading):
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, store_file(), str(transactions),
         str(int(reading))], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    line = child.stdout.readline()
    if line != b"held\n":
        fail("could not hold the store", line)
    return child


def kill(child):
    child.send_signal(signal.SIGKILL)
    child.wait()


def a_killed_writer_blocks_nobody():
    for i in range(5):
        kill(hold(1, False))
        run("remember", "--key", "gate%d" % i, "gate %d is blue" % i)
        if "gate %d is blue" % i not in run("memory", "list"):
            fail("lost after a killed writer")
    run("check")


def a_stale_reader_is_cleared():
    other = hold(0, True)  # with nobody there the table is made anew
    kill(hold(3, True))
    if "3 stale ones cleared" not in run("doctor", status=4):
        fail("stale readers were not cleared")
    if "0 stale ones cleared" not in run("doctor", status=4):
        fail("stale readers are still there")
    kill(other)


def a_full_table_of_readers_is_said():
    child = hold(5000, True)
    text = run("recall", "heron", status=1)
    if "READERS_FULL" not in text and "readers" not in text.lower():
        fail("no clear word of the readers:", text)
    said_so = run("--json", "recall", "heron", status=1)
    if json.loads(said_so)["error"]["code"] != "busy":
        fail("not busy:", said_so)
    run("doctor", status=1)
    kill(child)
    run("recall", "heron")
    run("remember", "the table is free again")
    run("check")


def a_server_outlives_dead_readers():
    """One that was open before the table filled, and finds it full of dead."""
    child = subprocess.Popen([MNEME, "chat", "--plain"], env=ENV,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    child.stdin.write(b"the first line\n")
    child.stdin.flush()
    out = b""
    while not out.rstrip().split(b"\n")[-1].startswith((b">", b"Nothing")):
        piece = os.read(child.stdout.fileno(), 65536)
        if not piece:
            return fail("the chat ended early", out)
        out += piece
    kill(hold(5000, True))
    child.stdin.write(b"the second line\n")
    child.stdin.close()
    out += child.stdout.read()
    if child.wait(timeout=300):
        fail("the chat ended with", child.returncode, out)
    if "the second line" not in run("conversation", "search", "second"):
        fail("a line was lost to dead readers", out)


def main():
    turns_under_a_jumping_clock()
    a_chat_under_a_jumping_clock()
    memories_under_a_jumping_clock()
    jobs_are_not_lost()
    a_killed_writer_blocks_nobody()
    a_stale_reader_is_cleared()
    a_full_table_of_readers_is_said()
    a_server_outlives_dead_readers()
    shutil.rmtree(SCRATCH)
    print("%d jumps of the clock, 8 dead holders: %d losses" %
          (3 * len(SHIFTS) + 2, failed))
    return 1 if failed else 0


sys.exit(main())
