#!/usr/bin/env python3
"""kill -9 at any moment: what was acknowledged or shown is there.

usage: kill.py [KILLS]

Workers run commands on one store, all at once, and kill each at a random
moment.  Afterwards: every question whose answer began to show is stored; what
was shown of an answer more than a second before is stored with it, marked
partial where it was cut; what an exit status acknowledged is there, what it
said is gone is gone; a killed import that is run again is whole and nothing
stands twice; `check` finds no fault and `recall` finds the words.
"""
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

MNEME, BUILD = os.environ["MNEME"], os.environ["MNEME_BUILD"]
KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
WORKERS = 6
EVENTS, DELAY = 350, 20  # of an answer: pieces, milliseconds before each
# Shown this long before the kill must be stored.  The promise is one second;
# the rest, and twice what the machine itself was late, is for other things
# that run on it.
GRACE = 3
SCRATCH = tempfile.mkdtemp()
lock = threading.Lock()
left = KILLS
done_runs = []  # what happened


def environment(port):
    return {"HOME": SCRATCH, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "XDG_DATA_HOME": SCRATCH + "/data",
            "XDG_CONFIG_HOME": SCRATCH + "/config",
            "XDG_STATE_HOME": SCRATCH + "/state", "EMBEDDING_MODEL": "none",
            "LLM_PROVIDER": "openai", "LLM_API_KEY": "k", "LLM_MODEL": "stub",
            "LLM_BASE_URL": "http://127.0.0.1:%d/v1" % port,
            "MNEME_MEMORY_TOKENS": "0"}


class Pulse(threading.Thread):
    """How late a sleep and a sync end here, again and again."""
    EVERY = .1

    def __init__(self):
        super().__init__(daemon=True)
        self.late = []  # (moment, seconds)
        self.start()

    def run(self):
        with open(os.path.join(SCRATCH, "pulse"), "wb") as out:
            while True:
                begun = time.monotonic()
                time.sleep(self.EVERY)
                os.pwrite(out.fileno(), b"x", 0)
                os.fsync(out.fileno())
                now = time.monotonic()
                self.late.append((now, now - begun - self.EVERY))

    def worst(self, start, end):
        return max((late for moment, late in list(self.late)
                    if start <= moment <= end + GRACE), default=0)


pulse = Pulse()


class Run:
    """One command, killed after a while or ended by itself."""

    def __init__(self, kind, token, words, env, text=None):
        self.kind, self.token, self.words = kind, token, words
        self.env, self.text = env, text
        self.shown = []  # (moment, text so far)
        self.killed, self.moment = False, 0

    def go(self, after):
        child = subprocess.Popen(
            [MNEME, *self.words], env=self.env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if self.text:
            child.stdin.write(self.text.encode())
        child.stdin.close()
        end, so_far = time.monotonic() + after, b""
        while True:
            ready, _, _ = select.select([child.stdout], [], [],
                                        max(0, end - time.monotonic()))
            if not ready:
                self.moment = time.monotonic()
                self.killed = True
                child.send_signal(signal.SIGKILL)
                break
            piece = os.read(child.stdout.fileno(), 65536)
            if not piece:
                break
            so_far += piece
            self.shown.append((time.monotonic(),
                               so_far.decode(errors="ignore")))
        child.stdout.close()
        self.status = child.wait()

    def certain(self):
        """What was shown long enough ago."""
        text = ""
        grace = GRACE + 2 * pulse.worst(self.moment - 2 * GRACE, self.moment)
        for moment, shown in self.shown:
            if not self.killed or moment < self.moment - grace:
                text = shown
        return text


def import_file(token):
    path = os.path.join(SCRATCH, token)
    with open(path, "w", encoding="utf-8") as out:
        out.write(json.dumps({
            "type": "conversation", "id": token, "title": token,
            "created_at": "2024-01-01T00:00:00Z"}) + "\n")
        for i in range(200):
            out.write(json.dumps({
                "type": "message", "conversation": token, "id": "m%d" % i,
                "role": "user", "content": "%s line %d" % (token, i),
                "created_at": "2024-01-01T00:%02d:%02dZ" % (i // 60, i % 60),
            }) + "\n")
    return path


def make_run(number, env, dice):
    token = "w%dx%d" % (number, dice.randrange(10 ** 9))
    kind = dice.choice(["ask", "ask", "ask", "chat", "chat", "remember",
                        "import", "forget"])
    # Three in ten late enough that something was shown long before.
    while_it_answers = dice.choice([dice.uniform(0, 2)] * 7 +
                                   [dice.uniform(GRACE, 7)] * 3)
    if kind == "ask":
        return Run(kind, token, ["ask", token], env), while_it_answers
    if kind == "chat":
        return (Run(kind, token, ["chat", "--plain"], env, token + "\n"),
                while_it_answers)
    if kind == "remember":
        return Run(kind, token, ["remember", "it is " + token], env), \
            dice.uniform(0, .06)
    if kind == "import":
        return Run(kind, token, ["import", import_file(token)], env), \
            dice.uniform(0, .3)
    made = subprocess.run([MNEME, "--json", "remember", "it was " + token],
                          env=env, capture_output=True, check=True)
    memory = json.loads(made.stdout)["id"]
    return Run(kind, token, ["memory", "forget", memory], env), \
        dice.uniform(0, .3)


def work(number, env):
    global left
    dice = random.Random(number)
    while True:
        with lock:
            if left <= 0:
                return
            mine = left
        run, after = make_run(mine * 100 + number, env, dice)
        run.go(after)
        with lock:
            left -= run.killed
            done_runs.append(run)


def mneme(env, *words):
    return subprocess.run([MNEME, *words], env=env, capture_output=True,
                          text=True, check=False)


def must(env, *words):
    done = mneme(env, *words)
    if done.returncode:
        sys.exit("%s: exit %d: %s" % (words, done.returncode, done.stderr))
    return done.stdout


def fail(run, what):
    sys.exit("%s %s: %s (killed: %s, exit %s, shown %d pieces)\n%s" % (
        run.kind, run.token, what, run.killed, run.status, len(run.shown),
        run.certain()[-200:]))


def look_at_turn(run, said):
    questions = [m for m in said if m["role"] == "user" and
                 m["content"] == run.token]
    answers = [m for m in said if m["role"] == "assistant" and
               run.token in m["content"]]
    if len(questions) > 1 or len(answers) > 1:
        fail(run, "it stands twice")
    if run.shown and run.shown[-1][1].strip() and not questions:
        fail(run, "the question is lost")
    if not run.killed and run.status == 0 and not answers:
        fail(run, "the answer is lost")
    certain = run.certain().strip()
    if certain and (not answers or
                    not answers[0]["content"].strip().startswith(certain)):
        fail(run, "what was shown is lost")
    if answers and not answers[0].get("partial") and \
            not answers[0].get("finish_reason") == "stop":
        fail(run, "a cut answer is not marked")


def look(env):
    for run in done_runs:
        if run.kind == "import":
            must(env, *run.words)
    lines = [json.loads(x) for x in must(env, "export").splitlines()]
    said = [x for x in lines if x["type"] == "message"]
    learned = [x["value"] for x in lines if x["type"] == "memory"]
    contents = {}
    for message in said:
        contents[message["content"]] = contents.get(message["content"], 0) + 1
    for run in done_runs:
        if run.kind in ("ask", "chat"):
            look_at_turn(run, said)
        elif run.kind == "import":
            for i in range(200):
                if contents.get("%s line %d" % (run.token, i)) != 1:
                    fail(run, "line %d is not there once" % i)
        elif run.kind == "remember":
            n = sum(run.token in x for x in learned)
            if n > 1 or (run.status == 0 and n != 1):
                fail(run, "it stands %d times" % n)
        elif run.status == 0 and any(run.token in x for x in learned):
            fail(run, "it was not forgotten")
    checked = mneme(env, "check")
    if checked.returncode:
        sys.exit("check: " + checked.stdout + checked.stderr)
    asked = next(r for r in done_runs if r.kind == "ask" and r.shown)
    if asked.token not in must(env, "recall", asked.token):
        fail(asked, "recall does not find it")


def main():
    stub = subprocess.Popen(
        [os.path.join(BUILD, "stub_provider"), "--events", str(EVENTS),
         "--delay", str(DELAY), "--repeat", "60"], stdout=subprocess.PIPE)
    env = environment(int(stub.stdout.readline()))
    must(env, "conversation", "list")
    try:
        workers = [threading.Thread(target=work, args=(i, env))
                   for i in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        look(env)
    finally:
        stub.kill()
        stub.wait()
    kinds = {}
    for run in done_runs:
        if run.killed:
            kinds[run.kind] = kinds.get(run.kind, 0) + 1
    parts = sum(bool(run.killed and run.certain()) for run in done_runs)
    if not parts:
        sys.exit("no answer was shown for long enough before a kill")
    print("kill -9: %d kills (%s), %d parts of answers: 0 lost, 0 doubled" % (
        sum(kinds.values()),
        ", ".join("%s %d" % kind for kind in sorted(kinds.items())), parts))
    shutil.rmtree(SCRATCH)


main()
