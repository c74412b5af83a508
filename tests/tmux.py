#!/usr/bin/env python3
"""The chat in a real terminal: tmux is the terminal, the stub the model.

Start, stream, sizes, suspend, an editor, signals, a crash, drafts, and what a
model may say that a terminal would obey.
"""
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from stub import Stub

MNEME = os.environ["MNEME"]
LONGEST = 60

# One of each class of ECMA-48, and what terminals do with it.
ESCAPES = [
    "\x1b]0;owned\x07", "\x1b]2;owned\x1b\\", "\x9d0;owned\x9c",
    "\x1b]52;c;b3duZWQ=\x07", "\x1b]8;;http://evil/\x1b\\x\x1b]8;;\x1b\\",
    "\x1b[?1049l", "\x1b[?1000h\x1b[?1006h", "\x1b[?2004l", "\x1b[?25l",
    "\x1b[2J\x1b[1;1H", "\x9b2J", "\x1b[6n", "\x1b[c", "\x1bP$qm\x1b\\",
    "\x1bPtmux;\x1b\x1b]0;owned\x07\x1b\\", "\x1b_Gx\x1b\\", "\x1b^x\x1b\\",
    "\x1bXx\x1b\\", "\x1bc", "\x1b#8", "\x1b(0", "\x0e", "\x1b7\x1b[9B\x1b8",
    "\x1b[5;10r", "\x1b[31;1;7m", "\x07\x08\x0b\x0c\x7f", "\x84\x85\x8d",
    "\u202egnp.exe\u202c", "\u2066x\u2069", "\U000e0041", "\x1bk" "owned\x1b\\",
]


class Terminal:
    """A pane of a tmux of its own, with a shell."""

    all = []

    def __init__(self, home, port=None, columns=80, rows=24):
        self.socket = os.path.join(home, "tmux%d" % len(self.all))
        self.all.append(self)
        self.env = {
            "HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "TERM": "screen-256color", "PS1": "ready> ",
            "ASAN_OPTIONS": "handle_segv=0:detect_leaks=0",
            "EDITOR": os.path.join(home, "editor")}
        if port:
            self.env.update(LLM_PROVIDER="openai", LLM_MODEL="stub",
                            LLM_API_KEY="k",
                            LLM_BASE_URL="http://127.0.0.1:%d/v1" % port)
        subprocess.run(
            ["tmux", "-S", self.socket, "-f", "/dev/null", "new-session",
             "-d", "-x", str(columns), "-y", str(rows), "sh", "-i"],
            env=self.env, check=True)
        self.tmux("set", "-g", "set-clipboard", "on")
        self.tmux("set", "-g", "allow-rename", "on")
        # By the program's name, which tmux does after a while.
        self.tmux("set", "-w", "automatic-rename", "off")
        self.wait("ready>", "the shell")

    def tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], check=True,
                              capture_output=True, text=True).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def ask(self, what):
        return self.tmux("display", "-p", "#{%s}" % what).strip()

    def wait(self, found, why):
        """Until found(screen), a text or a function, is so."""
        if isinstance(found, str):
            text = found
            found = lambda screen: text in screen
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            if found(self.screen()):
                return
            time.sleep(.02)
        sys.exit("%s: not seen in vain waiting; the screen is\n%s"
                 % (why, self.screen()))

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def chat(self, *words):
        self.type(" ".join([MNEME, "chat", *words]), "Enter")
        self.wait("›", "the chat starts")
        if "Who runs" in self.screen():
            self.type("Escape")
            self.wait(lambda s: "Who runs" not in s, "set-up is left")

    def pid(self):
        """The chat's process: the shell's only child."""
        return int(subprocess.run(["pgrep", "-P", self.ask("pane_pid")],
                                  capture_output=True, check=True).stdout)

    def left(self, why):
        """The shell is back, the terminal as it was."""
        self.wait(lambda s: s.rstrip().endswith("ready>"), why)
        self.type("stty -a | tr ' ' '\\n' | grep -cx -e icanon -e echo "
                  "-e isig", "Enter")
        self.wait(lambda s: re.search(r"^(ready> )?3$", s, re.M), why)
        if self.ask("alternate_on") != "0":
            sys.exit(why + ": the other screen is still shown")
        if self.ask("cursor_flag") != "1":
            sys.exit(why + ": no cursor")
        if self.ask("mouse_any_flag") != "0":
            sys.exit(why + ": the mouse is still taken")
        self.type("clear", "Enter")
        self.wait(lambda s: s.strip() == "ready>", "a clear screen")

    def leave(self, why="leaving"):
        """The last of it: whatever is typed goes, then the chat."""
        self.type("C-u", "C-d")
        self.left(why)
        self.close()

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], check=False,
                       capture_output=True)


@contextlib.contextmanager
def chat(home, *options, words=()):
    """A chat that has begun; the stub that answers has these options."""
    with Stub(*options) as stub:
        t = Terminal(home, stub.port)
        t.chat(*words)
        yield t


def streams_and_stops(home):
    with chat(home, "--reply", "one two three four five six", "--events", "6",
              "--hang", "3") as t:
        t.type("count", "Enter")
        t.wait("three", "the answer streams")
        t.type("typed meanwhile")
        t.wait("› typed meanwhile", "keys while it streams")
        t.tmux("resize-window", "-x", "40", "-y", "12")
        t.wait(lambda s: re.search(r"^─{40}$", s, re.M) and "three" in s,
               "a smaller screen")
        t.tmux("resize-window", "-x", "120", "-y", "40")
        t.wait(lambda s: re.search(r"^─{120}$", s, re.M) and "three" in s,
               "a larger screen")
        t.type("Escape")
        t.wait("stopped", "Esc stops")
        t.leave("C-d leaves")


def suspends(home):
    t = Terminal(home)
    t.chat()
    t.type("before", "C-z")
    t.wait("Stopped", "C-z suspends")
    if t.ask("alternate_on") != "0":
        sys.exit("suspended on the other screen")
    t.type("fg", "Enter")
    t.wait("› before", "fg brings it back")
    t.type("C-o")
    t.wait("before, edited", "C-o edits")
    t.leave("after the editor")


def survives(home):
    """Signals put the terminal back and keep the draft."""
    for name in ("TERM", "HUP"):
        t = Terminal(home)
        t.chat()
        t.wait("›", "started")
        t.type("a draft for " + name)
        t.wait("› a draft for " + name, "a draft")
        os.kill(t.pid(), getattr(signal, "SIG" + name))
        t.left("SIG" + name)
        t.chat()
        t.wait("› a draft for " + name, "the draft is kept")
        t.leave()
    for name in ("SEGV", "ABRT", "BUS", "QUIT"):
        t = Terminal(home)
        t.chat()
        os.kill(t.pid(), getattr(signal, "SIG" + name))
        t.left("SIG" + name)
        t.close()


def keeps_partial_answers(home):
    with chat(home, "--reply", "alpha beta gamma", "--events", "3", "--hang",
              "2") as t:
        t.type("go", "Enter")
        t.wait("beta", "half an answer")
        os.kill(t.pid(), signal.SIGTERM)
        t.left("SIGTERM while it streams")
        t.chat("-c", "last")
        t.wait(lambda s: "alpha beta" in s and "stopped" in s,
               "the half is kept, and marked")
        t.leave()


def sets_up(home):
    """From nothing to an answer, by keys alone; it lasts."""
    with Stub("--reply", "It works.", "--events", "1") as stub:
        t = Terminal(home)
        t.type(MNEME + " chat", "Enter")
        t.wait("Who runs the language model?", "a first start asks")
        t.type("Another", "Enter")
        t.wait("Address of its API", "where it is")
        t.type("C-u", "http://127.0.0.1:1/v1", "Enter")
        t.wait("Key for that server", "the key")
        t.type("!echo k", "Enter")
        t.wait("/setup tries again", "a wrong address is said")
        t.type("/setup", "Enter")
        t.wait("Who runs the language model?", "again")
        t.type("Another", "Enter")
        t.wait("Address of its API", "where it is")
        t.type("C-u", "http://127.0.0.1:%d/v1" % stub.port, "Enter")
        t.wait("Key for that server", "the key")
        t.type("secret-key")
        t.wait("••••••••••", "a key is not shown")
        t.type("Enter")
        t.wait("It works. Which model?", "the provider answers")
        t.type("small", "Enter")
        t.wait("stub-small answers from now on", "the model is chosen")
        t.type("hello", "Enter")
        t.wait("  It works.", "an answer")
        t.type("C-d")
        t.left("leaving")
        t.chat()
        t.wait("stub-small", "it lasts")
        t.leave("leaving again")


def speaks_plainly(home):
    """--plain only adds lines; commands are the program's."""
    with Stub("--reply", "Plain words.", "--events", "2") as stub:
        t = Terminal(home, stub.port)
        t.type(MNEME + " chat --plain", "Enter")
        t.wait(lambda s: s.rstrip().endswith("\n>"), "a prompt")
        if t.ask("alternate_on") != "0":
            sys.exit("--plain took the screen")
        t.type("say something", "Enter")
        t.wait("Plain words.", "an answer")
        t.type("/conversation list", "Enter")
        t.wait(lambda s: s.count("say something") > 1, "a command")
        t.type("/nonsense", "Enter")
        t.wait("there is no command /nonsense", "a wrong command")
        t.type("Up", "Up", "Up", "Enter")
        t.wait(lambda s: s.count("Plain words.") > 1, "readline's history")
        t.type("/quit", "Enter")
        t.left("leaving")
        t.close()


def leaves_the_last_exchange(home):
    with chat(home, "--reply", "The answer stays.", "--events", "2") as t:
        t.type("does it stay?", "Enter")
        t.wait("The answer stays.", "an answer")
        t.wait(lambda s: "Esc stops" not in s, "its end")
        t.type("C-d")
        t.wait(lambda s: "› does it stay?" in s and "The answer stays." in s
               and "ready>" in s, "the last exchange stays")
        t.close()


def learns(home):
    """What is learned is said, and can be taken back."""
    fact = ('{"memories":[{"type":"fact","key":"home","value":"The user '
            'lives in Lisbon","confidence":0.9,"importance":0.8,"quote":'
            '"I live in Lisbon."}]}')
    with chat(home, "--reply", "Good.", "--events", "1",
              "--extract", fact) as t:
        t.type("I live in Lisbon.", "Enter")
        t.wait("lives in Lisbon (M-u takes it back)", "something is learned")
        t.type("M-u")
        t.wait("taken back", "and taken back")
        t.leave()


def shows_what_others_say(home):
    """A turn of another process in the same conversation appears."""
    with chat(home, "--reply", "Heard.", "--events", "1") as t:
        t.type("from here", "Enter")
        t.wait("Heard.", "an answer")
        t.wait(lambda s: "Esc stops" not in s, "its end")
        subprocess.run(
            [MNEME, "ask", "-c", "last", "from elsewhere"], check=True,
            stdout=subprocess.DEVNULL, env=t.env)
        t.wait(lambda s: "from elsewhere" in s and s.count("Heard.") == 2,
               "the other turn appears")
        t.leave()


def disarms(home):
    """What the model says moves nothing, wherever it is cut."""
    whole = "begin " + "".join("[%s]" % e for e in ESCAPES) + " end"
    with Stub("--reply", whole, "--events", str(len(whole.encode()))) as stub:
        t = Terminal(home, stub.port)
        title = t.ask("pane_title")
        window = t.ask("window_name")
        t.chat()
        t.type("say it", "Enter")
        t.wait(lambda s: " end" in s and "begin" in s, "the answer")
        if t.ask("alternate_on") != "1":
            sys.exit("the answer left the screen")
        if t.ask("mouse_any_flag") != "0":
            sys.exit("the answer took the mouse")
        if t.ask("pane_title") != title or t.ask("window_name") != window:
            sys.exit("the answer set a title: %s, %s"
                     % (t.ask("pane_title"), t.ask("window_name")))
        if "owned" in t.screen():
            sys.exit("a payload is shown:\n" + t.screen())
        if subprocess.run(["tmux", "-S", t.socket, "show-buffer"],
                          capture_output=True, check=False).returncode == 0:
            sys.exit("the answer wrote the clipboard")
        if not t.screen().splitlines()[22].startswith("›"):
            sys.exit("the screen moved:\n" + t.screen())
        t.type("still typing")
        t.wait("› still typing", "nothing was typed by an answer")
        t.leave("after hostile words")


PARAGRAPHS = ["Paragraph %d of a long answer." % n for n in range(1, 41)]


def stands_once(t, why, *lines):
    """Everything that was ever shown holds each line once, in this order, and
    nothing of what was drawn below them."""
    shown = [s.strip() for s in t.tmux("capture-pane", "-pJS", "-"
                                       ).splitlines()]
    wanted = [s for s in shown if s in lines]
    if wanted != list(lines):
        sys.exit("%s: not each line once\n%s" % (why, "\n".join(shown)))
    for line in shown:
        if line.startswith(("›", "────")) or "memory full" in line:
            sys.exit("%s: left over: %s\n%s" % (why, line,
                                                "\n".join(shown)))


def stays_in_the_scrollback(home):
    """--inline: each line is in the terminal's own lines once, whatever size
    it takes meanwhile, while it streams, stops and ends."""
    with chat(home, "--reply", "\n\n".join(PARAGRAPHS), "--events", "120",
              "--hang", "100", words=["--inline"]) as t:
        if t.ask("alternate_on") != "0":
            sys.exit("--inline took the other screen")
        t.type("tell me all", "Enter")
        t.wait(PARAGRAPHS[32], "the answer streams")
        for columns, rows in ((60, 12), (120, 40), (44, 14), (80, 24)):
            t.tmux("resize-window", "-x", str(columns), "-y", str(rows))
            # One rule, of this width: no longer the one before, wrapped.
            t.wait(lambda s: re.findall("^─+$", s, re.M) == ["─" * columns]
                   and PARAGRAPHS[32] in s, "%dx%d" % (columns, rows))
        t.type("meanwhile")
        t.wait("› meanwhile", "keys while it streams")
        t.type("F4")
        t.wait("Conversations", "another view")
        if t.ask("alternate_on") != "1":
            sys.exit("a view is on the other screen")
        t.tmux("resize-window", "-x", "70", "-y", "20")
        t.wait(lambda s: re.search("^╭.{68}╮$", s, re.M), "and its size")
        t.type("Escape")
        t.wait("› meanwhile", "back from it")
        t.type("Escape")
        t.wait("stopped", "Esc stops")
        t.type("C-u", "C-d")
        t.wait(lambda s: s.rstrip().endswith("\nready>"), "C-d leaves")
        stands_once(t, "after all", "You", "tell me all", *PARAGRAPHS[:33],
                    "stopped")
        t.left("leaving")
        t.close()


def suspends_in_the_scrollback(home):
    with chat(home, "--reply", "An answer.", "--events", "2",
              words=["--inline"]) as t:
        t.type("a question", "Enter")
        t.wait(lambda s: "An answer." in s and "Esc stops" not in s, "a turn")
        t.type("before", "C-z")
        t.wait("Stopped", "C-z suspends")
        t.type("fg", "Enter")
        t.wait("› before", "fg brings it back")
        t.type("C-o")
        t.wait("before, edited", "C-o edits")
        t.type("Enter")
        t.wait(lambda s: s.count("An answer.") == 2 and "Esc stops" not in s,
               "another turn")
        t.type("C-d")
        t.wait(lambda s: s.rstrip().endswith("\nready>"), "C-d leaves")
        stands_once(t, "after C-z", "You", "a question", "An answer.",
                    "You", "before, edited", "An answer.")
        t.left("leaving")
        t.chat("--inline", "-c", "last")
        t.wait("before, edited", "it goes on")
        os.kill(t.pid(), signal.SIGSEGV)
        t.left("SIGSEGV")
        t.chat("--inline")
        t.type("F5")
        t.wait("emories", "a view")
        os.kill(t.pid(), signal.SIGSEGV)
        t.left("SIGSEGV with a view")
        t.chat("--inline")
        t.type("a draft")
        t.wait("› a draft", "a draft")
        os.kill(t.pid(), signal.SIGHUP)
        t.left("SIGHUP")
        t.close()


for case in (streams_and_stops, suspends, survives, keeps_partial_answers,
             sets_up, learns, speaks_plainly, leaves_the_last_exchange,
             shows_what_others_say, disarms, stays_in_the_scrollback,
             suspends_in_the_scrollback):
    # What ends with its terminal may still write there.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        editor = os.path.join(folder, "editor")
        with open(editor, "w", encoding="utf-8") as out:
            out.write("#!/bin/sh\nprintf ', edited\\n' >> \"$1\"\n")
        os.chmod(editor, 0o755)
        try:
            case(folder)
        finally:
            for terminal in Terminal.all:
                terminal.close()
    print("ok", case.__name__, flush=True)
