#!/usr/bin/env python3
"""mneme model pull, list and use against a publisher on loopback.

What needs the real model's bytes runs when MNEME_TEST_MODEL names its folder.
"""
import http.server
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

MNEME = os.environ["MNEME"]
REAL = os.environ.get("MNEME_TEST_MODEL") or None
NAME = "all-MiniLM-L6-v2"
FILES = {"config.json": 612, "1_Pooling/config.json": 190,
         "sentence_bert_config.json": 53, "tokenizer_config.json": 350,
         "vocab.txt": 231508, "model.safetensors": 90868376}
LARGE = FILES["model.safetensors"]
home = tempfile.mkdtemp()
failures = 0
kept = None


class Publisher(http.server.BaseHTTPRequestHandler):
    """`how` is what the next answers do; `seen` what was asked for."""
    protocol_version = "HTTP/1.1"
    how, seen = {}, []
    reached = threading.Event()

    def log_message(self, *words):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        how = self.how
        start = 0
        if "Range" in self.headers:
            start = int(self.headers["Range"][6:].split("-")[0])
        prefix = "/sentence-transformers/%s/resolve/main/" % NAME
        name = self.path.replace("/far", "", 1)[len(prefix):]
        self.seen.append((self.path, start))
        if how.get("fail"):
            how["fail"] -= 1
            return self.answer(how["status"], b"no")
        if how.get("redirect") and not self.path.startswith("/far"):
            to = how["redirect"]
            return self.answer(302, b"there", Location=to + self.path)
        if how.get("round"):
            return self.answer(307, Location=self.path)
        if how.get("garbage") or not REAL:
            body = b"x" * (FILES[name] + how.get("longer", 0))
        else:
            with open(os.path.join(REAL, name), "rb") as file:
                body = file.read()
        if how.get("no_ranges"):
            start = 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        body = memoryview(body)[start:]
        cut = how.get("cut", {}).pop(name, None)
        if cut is not None:
            self.wfile.write(body[:cut])
            self.wfile.flush()
            if how.get("hang"):
                self.reached.set()
                how["hang"].wait()
            self.close_connection = True
            self.connection.close()
            return None
        return self.wfile.write(body)

    def handle(self):
        try:
            super().handle()
        except (OSError, ValueError):
            pass  # the client went, or we closed under it


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
BASE = "http://127.0.0.1:%d" % server.server_port


def environment():
    return {"HOME": home, "PATH": os.defpath, "LC_ALL": "C.UTF-8",
            "MNEME_MODEL_BASE_URL": BASE + "/",
            **{k: v for k, v in os.environ.items() if "SAN_OPTIONS" in k}}


def mneme(*words):
    return subprocess.run([MNEME, *words], env=environment(), text=True,
                          capture_output=True, check=False)


def publish(**how):
    Publisher.how = how
    Publisher.seen = []


def check(what, good, shown=""):
    global failures
    if not good:
        failures += 1
        print("FAILED: %s: %s" % (what, shown))


def place(*parts):
    return os.path.join(home, ".local/share/mneme/models", *parts)


def clear():
    """No model is here.  What was made of it lies in the data folder, as where
    a model's own cannot be written, so that it is not made again."""
    shutil.rmtree(place(), ignore_errors=True)
    if kept:
        index = os.path.join(home, ".local/share/mneme/index")
        os.makedirs(index, exist_ok=True)
        shutil.copy(kept, os.path.join(index,
                                       os.path.basename(kept)[1:]))


def fails(what, status, text):
    r = mneme("model", "pull", NAME)
    check(what, r.returncode == status and text in r.stderr,
          "%d %s" % (r.returncode, r.stderr))
    check(what + ": nothing is installed", not os.path.exists(place(NAME)))


def refusals():
    publish(garbage=True)
    fails("other bytes", 3, "config.json of %s is not what was published"
          % NAME)
    check("they are not kept", not os.listdir(place(".%s.pull" % NAME)))
    publish(garbage=True, longer=1)
    fails("a longer file", 3, "longer than the 612 bytes")
    publish(fail=100, status=404)
    fails("not there", 3, "HTTP status 404")
    check("asked once", len(Publisher.seen) == 1, Publisher.seen)
    publish(round=True)
    fails("round in circles", 3, "redirects too often")
    publish(redirect="ftp://127.0.0.1")
    fails("to another protocol", 3, "not safe")
    r = mneme("model", "pull", "nothing")
    check("an unknown name", r.returncode == 1 and NAME in r.stderr, r.stderr)
    r = mneme("model", "use", "./nothing")
    check("no folder", r.returncode == 1 and "no folder" in r.stderr, r.stderr)
    os.makedirs(os.path.join(home, "empty"), exist_ok=True)
    r = mneme("model", "use", os.path.join(home, "empty"))
    check("an empty folder", r.returncode == 1 and "config.json" in r.stderr,
          r.stderr)
    r = mneme("model", "list")
    check("list says what can be had", "model pull " + NAME in r.stdout
          and r.returncode == 0, r.stdout)


def whole():
    clear()
    # Redirected, refused twice at first, broken off once in the middle.
    publish(redirect="/far", fail=1, status=503,
            cut={"model.safetensors": 30000000})
    r = mneme("model", "pull", NAME)
    check("a pull", r.returncode == 0 and "384 dimensions" in r.stdout,
          r.stdout + r.stderr)
    ranges = [start for path, start in Publisher.seen
              if path.startswith("/far") and "safetensors" in path]
    check("it went on where it was broken off", len(ranges) == 2
          and ranges[0] == 0 and 0 < ranges[1] <= 30000000, ranges)
    check("nothing else is left", sorted(os.listdir(place())) ==
          [".%s.lock" % NAME, NAME], os.listdir(place()))
    for name in FILES:
        with open(place(NAME, name), "rb") as a, \
                open(os.path.join(REAL, name), "rb") as b:
            check(name + " is the same", a.read() == b.read())
    publish()
    r = mneme("model", "pull", NAME)
    check("once is enough", r.returncode == 0 and not Publisher.seen,
          Publisher.seen)
    r = json.loads(mneme("model", "list", "--json").stdout)
    check("list", r[0]["in_use"] and r[0]["dimensions"] == 384
          and len(r[0]["fingerprint"]) == 64, r)


def spaces():
    """Where what is made of the model once is kept, and since when."""
    top = os.path.join(home, ".local/share/mneme")
    return [(os.path.join(at, name), os.stat(os.path.join(at, name)).st_ino)
            for at, _, names in os.walk(top) for name in names
            if "space-" in name]


def first_search():
    """A pull has made what a search needs; a first search makes nothing."""
    global kept
    before = spaces()
    check("it is kept with the model", len(before) == 1
          and os.path.dirname(before[0][0]) == place(NAME), before)
    r = mneme("recall", "rivers")
    check("a first search", r.returncode == 0, r.stderr)
    check("it makes no other", spaces() == before, spaces())
    kept = os.path.join(home, os.path.basename(before[0][0]))
    shutil.copy(before[0][0], kept)


def interrupted():
    clear()
    hang = threading.Event()
    Publisher.reached.clear()
    publish(cut={"model.safetensors": 20000000}, hang=hang)
    child = subprocess.Popen([MNEME, "model", "pull", NAME], text=True,
                             env=environment(), stderr=subprocess.PIPE)
    Publisher.reached.wait()
    part = place(".%s.pull" % NAME, "model.safetensors.part")
    while not os.path.exists(part) or os.path.getsize(part) < 20000000:
        os.sched_yield()
    r = mneme("model", "pull", NAME)
    check("another does it", r.returncode == 1
          and "another process" in r.stderr, r.stderr)
    child.send_signal(signal.SIGINT)
    said = child.communicate()[1]
    hang.set()
    check("stopped", child.returncode == 130 and "is kept" in said, said)
    publish(no_ranges=True)
    master, slave = pty.openpty()
    child = subprocess.Popen([MNEME, "model", "pull", NAME],
                             env=environment(), stderr=slave,
                             stdout=subprocess.DEVNULL)
    os.close(slave)
    drawn = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        if not piece:
            break
        drawn += piece
    os.close(master)
    check("a server without ranges", child.wait() == 0, drawn)
    check("a bar to its end", b"[##############################] 100 %"
          in drawn, drawn[-300:])
    starts = [start for path, start in Publisher.seen if "safetensors" in path]
    check("the rest was asked for", starts == [20000000], Publisher.seen)


def used():
    r = mneme("model", "use", REAL)
    check("use of a path", r.returncode == 0, r.stderr)
    r = mneme("model", "list")
    check("it is in use", "* " + os.path.realpath(REAL) in r.stdout, r.stdout)
    r = mneme("model", "use", NAME)
    r = mneme("config", "get", "EMBEDDING_MODEL")
    check("use of a name", r.stdout.strip() == NAME, r.stdout)
    with open(place(NAME, "model.safetensors"), "r+b") as file:
        file.truncate(1000)
    r = mneme("model", "list")
    check("list shows a broken one", r.returncode == 0
          and "safetensors" in r.stdout, r.stdout)
    r = mneme("model", "pull", NAME)
    check("pull mends it", r.returncode == 0, r.stderr)


try:
    refusals()
    if REAL:
        whole()
        first_search()
        interrupted()
        used()
    else:
        print("MNEME_TEST_MODEL is not set: only what is refused was tested")
finally:
    shutil.rmtree(home, ignore_errors=True)
sys.exit(1 if failures else 0)
