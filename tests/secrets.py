#!/usr/bin/env python3
"""What is secret stays secret.

Files are made 0600 and folders 0700 whatever the umask; wider ones are refused
where they hold a secret or what people said.  Keys come from the environment,
a file, another file (NAME_FILE) or a command (NAME_CMD), and work; they show in
no output, no child's arguments, no file but the one that they were put into,
also where a provider repeats them in its error.  No core of the program is
written.
"""
import glob
import http.server
import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading

MNEME, BUILD = os.environ["MNEME"], os.environ["MNEME_BUILD"]
SCRATCH = tempfile.mkdtemp()
KEY = "sk-planted-2f8c41d07ab9-key"
SIGNING = "planted-signing-secret-9a1e77c3b5d2-of-the-server"
PASSWORD = "planted-password-58be21"
outputs = []  # (what, bytes)
failed = 0


def fail(what, *words):
    global failed
    failed += 1
    print("FAILED: " + what, *words)


# ---- a provider that knows the key, and repeats what it is sent ----

class Provider(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    good = 0
    children = []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        given = self.headers.get("Authorization", "")
        Provider.children.append(command_lines())
        if given == "Bearer " + KEY:
            Provider.good += 1
            body = json.dumps({"model": "m", "choices": [{
                "index": 0, "delta": {"content": "fine"},
                "finish_reason": "stop"}]})
            self.answer(200, "text/event-stream",
                        "data: %s\n\ndata: [DONE]\n\n" % body)
        else:
            self.answer(401, "application/json", json.dumps({"error": {
                "message": "Incorrect key: " + given[7:]}}))

    def answer(self, status, kind, text):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def command_lines():
    """What anybody sees of every process in its arguments."""
    lines = b""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as f:
                lines += f.read()
        except OSError:
            pass
    return lines


# ---- commands ----

def environment(home, **more):
    return {"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "XDG_DATA_HOME": home + "/data", "XDG_STATE_HOME": home + "/state",
            "XDG_CONFIG_HOME": home + "/config", "EMBEDDING_MODEL": "none",
            "LLM_PROVIDER": "openai", "LLM_MODEL": "m", "MNEME_RETRIES": "0",
            "LLM_BASE_URL": "http://127.0.0.1:%d/v1" % PORT,
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""), **more}


def run(env, *words, status=0, given=""):
    done = subprocess.run([MNEME, *words], env=env, input=given.encode(),
                          capture_output=True, timeout=120, check=False,
                          umask=0, cwd=SCRATCH)
    text = done.stdout + done.stderr
    outputs.append((words, text))
    if status is not None and done.returncode != status:
        fail("status %d, not %d:" % (done.returncode, status), words, text)
    return text.decode(errors="replace")


def write(path, text, mode=0o600):
    was = os.umask(0o077)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.umask(was)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def everything(env):
    """A session of commands, good and bad ones."""
    run(env, "ask", "is my key safe?")
    run(env, "-v", "ask", "and when much is said?")
    run(env, "--json", "ask", "and as JSON?")
    run(env, "chat", "--plain", given="hello\n/help\n")
    run(env, "remember", "the vault is green")
    run(env, "recall", "--explain", "vault")
    run(env, "conversation", "show", "last")
    run(env, "conversation", "show", "--prompt", "last")
    run(env, "export", env["HOME"] + "/export.jsonl")
    run(env, "export", "--with-forgotten")
    run(env, "check")
    run(env, "check", "--residue", "vault", status=1)
    run(env, "doctor", status=None)
    run(env, "--json", "doctor", status=None)
    run(env, "doctor", "--test", status=None)
    run(env, "config", "list")
    run(env, "--json", "config", "list")
    run(env, "config", "get", "LLM_API_KEY", status=None)
    run(env, "config", "path")
    run(env, "help")
    run(env, "ask", "--frob", status=2)


def serve(env):
    child = subprocess.Popen(
        [MNEME, "-v", "serve", "--port", "0"],
        env={**env, "SECRET_KEY": SIGNING, "DEBUG": "true"}, umask=0,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=SCRATCH)
    first = child.stdout.readline()
    child.send_signal(signal.SIGTERM)
    rest, _ = child.communicate(timeout=60)
    outputs.append(("serve", first + rest))
    if child.returncode:
        fail("serve ended with", child.returncode, first + rest)


# ---- what must hold ----

def modes_are_closed(home):
    for folder, _, files in os.walk(home):
        for path in [folder] + [os.path.join(folder, f) for f in files]:
            mode = stat.S_IMODE(os.lstat(path).st_mode)
            if mode & 0o077:
                fail("%s has mode %04o" % (path, mode))


def nobody_says(home, allowed):
    secrets = [s.encode() for s in (KEY, SIGNING, PASSWORD)]
    for what, text in outputs:
        for s in secrets:
            if s in text:
                fail("%s says %s:" % (what, s.decode()), text)
    for lines in Provider.children:
        if any(s in lines for s in secrets):
            fail("a secret among a process's arguments")
    for folder, _, files in os.walk(home):
        for path in (os.path.join(folder, f) for f in files):
            with open(path, "rb") as f:
                data = f.read()
            if path not in allowed and any(s in data for s in secrets):
                fail("a secret is in", path)


def keys_work(name, allowed, **more):
    home = os.path.join(SCRATCH, name)
    os.makedirs(home, mode=0o700)
    before = Provider.good
    env = environment(home, **more)
    if name == "file":
        allowed.append(write(home + "/config/mneme/config",
                             "LLM_API_KEY=%s\n" % KEY))
    everything(env)
    if Provider.good - before < 5:
        fail("%s: the key did not reach the provider" % name)
    serve(env)
    modes_are_closed(home)
    nobody_says(home, allowed)


def wider_is_refused():
    home = os.path.join(SCRATCH, "wide")
    env = environment(home)
    config = write(home + "/config/mneme/config", "LLM_API_KEY=%s\n" % KEY,
                   0o644)
    if "chmod 600" not in run(env, "ask", "x", status=4):
        fail("no word of chmod for", config)
    os.unlink(config)
    path = write(home + "/key", KEY + "\n", 0o640)
    run({**env, "LLM_API_KEY_FILE": path}, "ask", "x", status=4)
    os.chmod(path, 0o600)
    run({**env, "LLM_API_KEY_FILE": path}, "ask", "x")
    store = home + "/data/mneme/store.1.mdb"
    os.chmod(store, 0o644)
    if "chmod 600" not in run(env, "memory", "list", status=4):
        fail("no word of chmod for", store)
    os.chmod(store, 0o600)
    run({**env, "LLM_API_KEY": KEY}, "ask", "x")


def errors_are_clean():
    home = os.path.join(SCRATCH, "wrong")
    os.makedirs(home, mode=0o700)
    wrong = KEY + "-wrong"
    env = environment(home, LLM_API_KEY=wrong)
    if "Incorrect key" not in run(env, "ask", "x", status=4):
        fail("the provider's own words are not told")
    run(env, "--json", "ask", "x", status=4)
    run(env, "doctor", "--test", status=None)
    run(env, "config", "set", "SECRET_KEY", "planted-short", status=2)
    run({**env, "LLM_API_KEY_CMD": "echo %s; false" % KEY}, "ask", "x",
        status=None)
    nobody_says(home, [])


def passwords_are_hashed():
    home = os.path.join(SCRATCH, "password")
    os.makedirs(home, mode=0o700)
    env = environment(home, LLM_API_KEY=KEY)
    run(env, "profile", "passwd", given=PASSWORD + "\n")
    made = run(env, "--json", "profile", "key", "add", "tool")
    outputs.pop()  # a new key is shown, once
    key = json.loads(made)["key"]
    run(env, "profile", "key", "list")
    run(env, "export")
    for what, text in outputs:
        if key.encode() in text:
            fail(what, "shows a key again")
    for path in glob.glob(home + "/**", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as f:
                if key.encode() in f.read():
                    fail("an API key is in", path)
    nobody_says(home, [])


def no_core(program):
    """A control that dumps core says whether this machine can tell."""
    def dumps(words, env):
        folder = tempfile.mkdtemp(dir=SCRATCH)
        child = subprocess.Popen(
            words, env=env, cwd=folder, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_CORE, (1 << 30, 1 << 30)))
        child.stdout.read(1)
        os.kill(child.pid, signal.SIGSEGV)
        status = os.waitpid(child.pid, 0)[1]
        return os.WCOREDUMP(status)

    home = os.path.join(SCRATCH, "core")
    os.makedirs(home, mode=0o700, exist_ok=True)
    env = environment(home, LLM_API_KEY=KEY, ASAN_OPTIONS="handle_segv=0:"
                      "disable_coredump=0:detect_leaks=0")
    control = dumps([sys.executable, "-c",
                     "print(1, flush=True); import time; time.sleep(60)"],
                    dict(os.environ))
    if not control:
        print("no core is written on this machine, of no program")
    if dumps([program, "serve", "--port", "0"], env):
        fail("%s leaves a core" % program)


def main():
    global PORT
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    PORT = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    key_file = write(SCRATCH + "/kept/key", KEY + "\n")
    asked = write(SCRATCH + "/kept/print-key", "#!/bin/sh\ncat '%s'\n" %
                  key_file, 0o700)
    keys_work("environment", [], LLM_API_KEY=KEY)
    keys_work("file", [])
    keys_work("other-file", [], LLM_API_KEY_FILE=key_file)
    keys_work("command", [], LLM_API_KEY_CMD=asked)
    wider_is_refused()
    errors_are_clean()
    passwords_are_hashed()
    for program in [MNEME] + glob.glob(BUILD + "/../release/mneme"):
        no_core(program)
    shutil.rmtree(SCRATCH)
    print("%d outputs and all files: %d secrets told" %
          (len(outputs), failed))
    return 1 if failed else 0


PORT = 0
sys.exit(main())
