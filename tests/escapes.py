#!/usr/bin/env python3
"""Nothing that others say is obeyed by the terminal.

Every class of control of ECMA-48, and what terminals added to it, comes out of
a model's mouth, out of what was imported, out of names and error texts: whole
and cut at every place, ended and left open.  What each command writes to a
terminal is searched for any sequence that is not its own; tmux, which obeys
them all, says that title, modes, cursor and clipboard are what they were.
"""
import http.server
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import termios
import threading
import time

MNEME = os.environ["MNEME"]
SCRATCH = tempfile.mkdtemp()
MARK, CLIP = "EVIL9173", "RVZJTDkxNzM="  # and as base64
ENDED = [
    "\x1b[31;9173m", "\x1b[38:2:91:73:9m", "\x1b[91;73H", "\x1b[2J",
    "\x1b[5A", "\x1b[9173b", "\x1b[91;73r", "\x1b[4h", "\x1b[20h", "\x1b[!p",
    "\x1b[?1049h", "\x1b[?1000h\x1b[?1006h", "\x1b[?25l", "\x1b[?7l",
    "\x1b[?2004l", "\x1b[?1h", "\x1b[?2026h", "\x1b[6n", "\x1b[5n", "\x1b[c",
    "\x1b[>c", "\x1b[=c", "\x1b[>q", "\x1b[21t", "\x1b[22;0t", "\x1b[5i",
    "\x1b[3g", "\x1b[>4;2m", "\x1b[=1;1u", "\x1b[1 q", "\x1b[0\"p",
    "\x1b]0;EVIL9173\x07", "\x1b]2;EVIL9173\x1b\\", "\x1b]l9173EVIL\x1b\\",
    "\x1b]8;;http://EVIL9173/\x1b\\x\x1b]8;;\x1b\\",
    "\x1b]52;c;" + CLIP + "\x07", "\x1b]52;c;?\x1b\\", "\x1b]4;1;?\x07",
    "\x1b]9;EVIL9173\x07", "\x1b]777;notify;EVIL9173;x\x07",
    "\x1b]1337;File=inline=1:" + CLIP + "\x07", "\x1b]112\x07",
    "\x1bP$qm\x1b\\", "\x1bP+q544e\x1b\\", "\x1bPq#0;2;0;0;0EVIL9173\x1b\\",
    "\x1bPtmux;\x1b\x1b]52;c;" + CLIP + "\x07\x1b\\",
    "\x1b_GEVIL9173\x1b\\", "\x1b^EVIL9173\x1b\\", "\x1bXEVIL9173\x1b\\",
    "\x1bkEVIL9173\x1b\\", "\x1bM", "\x1bE", "\x1bD", "\x1bH", "\x1bZ",
    "\x1bc", "\x1b7\x1b8", "\x1b=", "\x1b>", "\x1b(0", "\x1b)0", "\x1b%G",
    "\x1b#8", "\x1b N", "\x1bn\x1bo", "\x0e\x0f", "\x05", "\x07", "\x08\x08",
    "\x0b\x0c", "\x7f", "\x11\x13", "\x1a", "\x18",
    "\u009b31;9173m", "\u009d0;EVIL9173\u009c", "\u009d52;c;" + CLIP +
    "\u0007", "\u0090$qm\u009c", "\u009fGEVIL9173\u009c",
    "\u009eEVIL9173\u009c", "\u0098EVIL9173\u009c", "\u0084\u0085\u0088\u008d",
    "\u202eabc\u202c", "\u2066abc\u2069", "\u200f\u061c", "\U000e0041\U000e007f",
    "\u200b\ufeff\u2060", "\x1b[73A", "a\x00b\x00",
]
OPEN = ["\x1b", "\x1b[", "\x1b[31;9173", "\x1b]0;EVIL9173", "\x1b]52;c;" + CLIP,
        "\x1bP$q", "\x1b_GEVIL9173", "\x1b^EVIL9173", "\x1bXEVIL9173", "\x1b(",
        "\u009b31", "\u009d0;EVIL9173", "\u0090q", "\x1b]0;EVIL9173\x1b",
        "\u202e", "\x1b\x1b\x1b["]
# Bytes of C1 as they are, which are no UTF-8.
RAW = ["%c%s" % (0xDC00 + byte, "31;9173m") for byte in range(0x80, 0xA0)]
# How our own screen gets about, with numbers that no payload has.
OWN = {"H", "d", "G", "C", "D", "A", "B", "K", "r", "S", "T", "m", "M", "7",
       "8"}
FOREIGN = re.compile("\x1b\\[(?:91;73|[0-9;]*9173|38:2:91|73A)")
# What may be left when a program's own sequences are taken out.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f\u061c\u200b\u200e\u200f"
    "\u202a-\u202e\u2060\u2066-\u2069\ufeff\U000e0000-\U000e007f]|" +
    MARK + "|" + re.escape(CLIP))
SEQUENCE = re.compile(
    "\x1b\\[([<-?]*)[0-9:;]*([ -/]*[@-~])|\x1b([\\]PX^_k])(.*?)(?:\x07|\x1b\\\\)"
    "|\x1b([ -/]*[0-~])", re.S)
# Of readline, and colours.
LINE_MODE = re.compile("\x1b\\[\\?2004[hl]|\x1b\\[[0-9]*[KCP@]|"
                       "\x1b\\[[0-9;]*m|\x08|\x07")
failed = checked = 0


def fail(what, *words):
    global failed
    failed += 1
    print("FAILED:", what, *[repr(w)[:600] for w in words])


# ---- the model ----

class Provider(http.server.BaseHTTPRequestHandler):
    pieces, error = [], None

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if Provider.error is not None:
            return self.send(500, json.dumps(
                {"error": {"message": Provider.error}}))
        events = [{"delta": {"content": p}} for p in Provider.pieces]
        events.append({"delta": {}, "finish_reason": "stop"})
        return self.send(200, "".join(
            "data: %s\n\n" % json.dumps({"model": "m", "choices": [e]},
                                        ensure_ascii=False)
            for e in events) + "data: [DONE]\n\n")

    def send(self, status, text):
        text = text.encode(errors="surrogateescape")
        self.send_response(status)
        self.send_header("Content-Type", "text/event-stream" if status == 200
                         else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        try:
            self.wfile.write(text)
        except BrokenPipeError:
            pass  # the chat ended while its learner asked

    def log_message(self, *_):
        pass


def cut_everywhere():
    """One answer: each payload, cut at each place, and a word after it."""
    pieces, n = [], 0
    for payload in ENDED:
        for i in range(len(payload) + 1):
            pieces += [payload[:i], payload[i:] + " ok%d\n" % n]
            n += 1
    return [p for p in pieces if p], ["ok%d" % i for i in range(n)]


# ---- a terminal ----

def on_terminal(words, keys="", env=None):
    """What the command writes to a terminal that does nothing."""
    ours, theirs = pty.openpty()
    flags = termios.tcgetattr(theirs)
    flags[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, flags)
    child = subprocess.Popen([MNEME, *words], stdin=theirs, stdout=theirs,
                             stderr=theirs, env=env or ENV, cwd=SCRATCH,
                             start_new_session=True)
    os.close(theirs)
    out = b""
    if keys:
        os.write(ours, keys.encode())
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        out += piece
    os.close(ours)
    child.wait(timeout=120)
    return out


def is_clean(what, out, own=None, wanted=()):
    global checked
    checked += 1
    try:
        text = out.decode()
    except UnicodeDecodeError as e:
        return fail(what, "not UTF-8", e, out)
    left = own.sub("", text) if own else text
    found = FORBIDDEN.search(left)
    if found:
        fail(what, left[max(0, found.start() - 60):found.end() + 60])
    missing = [w for w in wanted if w not in text]
    if missing:
        fail(what, "lost words:", missing[:5], text[-300:])
    return None


# ---- what a model says ----

def answers():
    Provider.pieces, words = cut_everywhere()
    is_clean("ask", on_terminal(["--color", "never", "ask", "x"]), None, words)
    is_clean("ask -x", on_terminal(["--color", "never", "ask", "-x", "x"]))
    is_clean("chat --plain", on_terminal(["chat", "--plain"],
                                         "say it\n/quit\n"), LINE_MODE, words)
    for payload in OPEN:
        Provider.pieces = ["before " + payload]
        is_clean("left open: %r" % payload,
                 on_terminal(["--color", "never", "ask", "x"]), None,
                 ["before"])
    for raw in [RAW[0x1B], "".join(RAW)]:
        Provider.pieces = ["before ", raw, " after"]
        is_clean("bytes of C1", on_terminal(["--color", "never", "ask", "x"]))
    several = [" ".join(ENDED[i::14]) for i in range(14)]
    for payload in several + OPEN:
        Provider.error = "no %s luck" % payload.replace(MARK, "").replace(
            CLIP, "")  # as words, with no control before them, they may stay
        is_clean("a provider's error", on_terminal(["ask", "x"]), None,
                 ["no "])
    is_clean("the same as a test", on_terminal(["doctor", "--test"]))
    Provider.error = None


# ---- what was stored, and names ----

def stored():
    everything = " ".join(ENDED) + " end"
    path = os.path.join(SCRATCH, "lines")
    lines = [{"type": "conversation", "id": "c1",
              "title": "Title " + everything[:200],
              "created_at": "2024-01-01T00:00:00Z"}]
    for i, payload in enumerate(ENDED + OPEN):
        lines.append({"type": "message", "conversation": "c1", "id": "m%d" % i,
                      "role": ["user", "assistant"][i % 2],
                      "speaker": "Ana" + payload,
                      "content": "heron %d %s" % (i, payload),
                      "created_at": "2024-01-01T00:%02d:%02dZ" %
                      (i // 60, i % 60)})
    for i, payload in enumerate(ENDED + OPEN):
        lines.append({"type": "memory", "id": "e%d" % i, "memory_type": "fact",
                      "key": "bird" + payload, "value": "heron %s" % payload,
                      "confidence": 1, "importance": .8,
                      "created_at": "2024-01-01T00:00:00Z"})
    with open(path, "w", encoding="utf-8") as out:
        out.write("".join(json.dumps(line) + "\n" for line in lines))
    is_clean("import", on_terminal(["import", path]))
    with open(path, "w", encoding="utf-8") as out:
        for payload in ENDED + OPEN:
            out.write(json.dumps({"type": payload, payload: 1}) + "\n")
            out.write(json.dumps({"type": "message", "conversation": payload,
                                  "id": payload, "role": payload,
                                  "content": payload}) + "\n")
    is_clean("an import's errors", on_terminal(["import", path]))
    with open(path, "wb") as out:
        for i, raw in enumerate(RAW):
            out.write(json.dumps(
                {"type": "message", "conversation": "c1", "id": "r%d" % i,
                 "role": "user", "content": "heron " + raw,
                 "created_at": "2024-01-02T00:00:00Z"}, ensure_ascii=False)
                .encode(errors="surrogateescape") + b"\n")
    is_clean("an import of bytes", on_terminal(["import", path]))
    for payload in ENDED[:-1:11] + OPEN[::5]:
        is_clean("a name", on_terminal(["profile", "add", "Bo" + payload]))
    for words in (["conversation", "list"], ["conversation", "show", "c1"],
                  ["conversation", "search", "heron"],
                  ["memory", "list"], ["memory", "show", "e3"],
                  ["memory", "history", "e31"], ["memory", "stats"],
                  ["memory", "tidy", "--yes"], ["profile", "list"],
                  ["recall", "heron"], ["recall", "--explain", "heron"],
                  ["ask", "heron"], ["check"], ["doctor"],
                  ["check", "--residue", "heron"]):
        is_clean(" ".join(words), on_terminal(["--color", "never", *words],
                                              env=NOBODY))
    for payload in ENDED[:-1:14] + OPEN[::6] + RAW[0x1B:0x1C]:
        for words in ([payload], ["--" + payload], ["ask", "-c", payload],
                      ["memory", "show", payload], ["-m", payload, "ask", "x"],
                      ["conversation", "show", payload],
                      ["config", "get", payload], ["import", payload],
                      ["--config", payload, "config", "list"],
                      ["--profile", payload, "recall", "x"],
                      ["recall", "--as-of", payload, "x"]):
            is_clean("an error: %r" % words, on_terminal(words, env=NOBODY))


# ---- the screen, in a terminal that obeys ----

FORMAT = ("#{pane_title}|#{alternate_on}|#{cursor_flag}|#{insert_flag}|"
          "#{keypad_cursor_flag}|#{keypad_flag}|#{mouse_any_flag}|"
          "#{mouse_sgr_flag}|#{origin_flag}|#{scroll_region_upper}|"
          "#{scroll_region_lower}|#{wrap_flag}|#{pane_tabs}|#{bracket_paste_flag}")


def tmux(*words):
    done = subprocess.run(["tmux", "-S", SOCKET[0], *words], env=ENV,
                          capture_output=True, timeout=30, check=False)
    if done.returncode != 0:
        fail("tmux", words, done.stderr)
    return done.stdout.decode(errors="replace").rstrip("\n")


def wait_for(what, seen, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if seen():
            return True
        time.sleep(.05)  # tmux tells nobody when a pane has changed
    fail("not seen: " + what, tmux("capture-pane", "-p"))
    return False


def ask_it(last):
    tmux("send-keys", "say it", "Enter")
    wait_for(last, lambda: last in tmux("capture-pane", "-p"))


def look_at_all(_):
    """What is stored, in each view that shows it."""
    for keys, seen in (
            (["F4"], "Conversations"), (["Title"], "Title"),
            (["Enter"], "Ana"), (["C-g"], "Ana"),
            (["M-/", "heron", "Enter"], "n N / Esc"), (["C-g"], "Ana"),
            (["F6"], "Copy"), (["C-g"], "Ana"),
            (["F5"], " memories"), (["heron"], "heron"),
            (["Down", "M-h"], "stored"), (["C-g", "C-g"], "Ana"),
            (["C-f"], "Everything ever said"), (["heron"], "found"),
            (["Down"], "heron"), (["C-g"], "Ana"),
            (["/profile", "Enter"], "Bo"), (["C-g"], "Ana"),
            (["tell", "Enter"], "It is grey"),
            (["M-m"], "rests on"), (["C-g"], "It is grey")):
        tmux("send-keys", *keys)
        wait_for("%s after %s" % (seen, keys),
                 lambda w=seen: w in tmux("capture-pane", "-p"))


def screen(name, pieces, act, last=None):
    """A chat in tmux; returns its states and the bytes that it wrote."""
    raw = os.path.join(SCRATCH, name)
    # A server of its own: one that is being killed still takes commands.
    SOCKET[:] = [raw + ".tmux"]
    Provider.pieces = pieces
    tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30",
         "exec cat")
    tmux("set-option", "-g", "set-clipboard", "on")
    tmux("set-buffer", "kept")
    before = tmux("display", "-p", FORMAT)
    tmux("pipe-pane", "cat > '%s'" % raw)
    tmux("respawn-pane", "-k", "'%s' chat; exec cat" % MNEME)
    wait_for("a frame", lambda: "›" in tmux("capture-pane", "-p"))
    act(last)
    during = tmux("display", "-p", FORMAT)
    clip = tmux("show-buffer")
    tmux("send-keys", "C-d")
    wait_for("the end", lambda: tmux(
        "display", "-p", "#{pane_current_command}") == "cat")
    after = tmux("display", "-p", FORMAT)
    tmux("kill-server")
    with open(raw, "rb") as f:
        return before, during, after, clip, f.read()


def shapes(raw):
    """Kinds of sequences, without their numbers; strings as they are."""
    text = raw.decode(errors="replace")
    return {(m[1] or "") + (m[2] or "") or (m[3] and m[3] + m[4]) or m[5]
            for m in SEQUENCE.finditer(text)}


def modes(state, region=True):
    """But for the title; our own scrolling region is where it saves most."""
    names = FORMAT.split("|")[1:]
    return [v for n, v in zip(names, state.split("|")[1:])
            if region or "scroll_region" not in n]


def obeyed(name, tame, wild):
    if modes(tame[1], False) != modes(wild[1], False):
        fail(name + ": modes while it runs", tame[1], wild[1])
    if modes(wild[0]) != modes(wild[2]):
        fail(name + ": modes afterwards", wild[0], wild[2])
    if MARK in "".join(wild[:3]):
        fail(name + ": the title", wild[:3])
    if wild[3] != "kept":
        fail(name + ": the clipboard", wild[3])
    odd = {s for s in shapes(wild[4]) - shapes(tame[4]) - OWN
           if not s.startswith("]8;")}
    text = wild[4].decode(errors="replace")
    if odd:
        fail(name + ": sequences that a tame answer has not", odd)
    found = FOREIGN.search(text) or re.search(MARK + "|" + CLIP, text)
    if found:
        fail(name + ": what others said",
             text[max(0, found.start() - 40):found.end() + 40])
    left = SEQUENCE.sub("", text)
    found = re.search("[\x00-\x07\x0b\x0c\x10-\x1f\x7f\u0080-\u009f\u202a-\u202e"
                      "\u2066-\u2069\U000e0000-\U000e007f]", left)
    if found:
        fail(name + ": a control",
             left[max(0, found.start() - 40):found.end() + 40])


def screens():
    pieces, words = cut_everywhere()
    tame = screen("tame", ["plain words ok%d\n" % n for n in
                           range(len(words))], ask_it, words[-1])
    obeyed("an answer", tame, screen("wild", pieces, ask_it, words[-1]))
    obeyed("what is stored", tame,
           screen("stored", ["It is *grey*."], look_at_all))


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ENV.update({
        "HOME": SCRATCH, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
        "XDG_DATA_HOME": SCRATCH + "/data", "TERM": "xterm-256color",
        "XDG_STATE_HOME": SCRATCH + "/state", "EMBEDDING_MODEL": "none",
        "XDG_CONFIG_HOME": SCRATCH + "/config", "LLM_MODEL": "m",
        "LLM_API_KEY": "k", "MNEME_RETRIES": "0", "LLM_PROVIDER": "openai",
        "LLM_BASE_URL": "http://127.0.0.1:%d/v1" % server.server_address[1],
        "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")})
    NOBODY.update({k: v for k, v in ENV.items() if not k.startswith("LLM_")})
    answers()
    stored()
    screens()
    shutil.rmtree(SCRATCH)
    print("%d texts on a terminal, %d sequences cut everywhere: %d obeyed" %
          (checked, len(ENDED), failed))
    return 1 if failed else 0


ENV, NOBODY, SOCKET = {}, {}, []
sys.exit(main())
