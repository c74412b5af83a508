#!/usr/bin/env python3
"""The chat line by line with somebody at a terminal: readline's keys, Ctrl-C
and Ctrl-Z, hidden answers, an editor, what is learned meanwhile.

The terminal is a pty that can do nothing but add lines; each step waits for
what it should print.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from stub import Stub

MNEME = os.environ["MNEME"]
LONGEST = 60
FACT = ('{"memories":[{"type":"fact","key":"home","value":"The user lives in '
        'Lisbon","confidence":0.9,"importance":0.8,"quote":"I live in '
        'Lisbon."}]}')


class Chat:
    """`mneme chat --plain` at a terminal of its own."""

    def __init__(self, home, stub=None, *words, command=None, **more):
        env = {"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
               "TERM": "dumb", "ASAN_OPTIONS": "detect_leaks=0",
               "MNEME_RETRIES": "0",
               "EDITOR": os.path.join(home, "editor"), **more}
        if stub:
            env.update(LLM_PROVIDER="openai", LLM_MODEL="stub-model",
                       LLM_API_KEY="k",
                       LLM_BASE_URL="http://127.0.0.1:%d/v1" % stub.port)
        self.seen = self.all = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # So wide that no line is broken.
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", 50, 2000, 0, 0))
            os.execve(MNEME, [MNEME, *(command or ("chat", "--plain")),
                              *words], env)

    def wait(self, pattern, why):
        """Until it has printed that; what comes after it is kept."""
        end = time.monotonic() + LONGEST
        while True:
            match = re.search(pattern, self.seen)
            if match:
                self.seen = self.seen[match.end():]
                return match
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                break
            try:
                new = os.read(self.fd, 65536)
            except OSError:
                break
            self.seen += new.decode(errors="replace").replace("\r", "")
            self.seen = self.seen.replace("\a", "")
            self.all += new.decode(errors="replace")
        sys.exit("%s: not seen: %s\n%s\n%r" % (why, pattern, self.all,
                                                self.seen))

    def type(self, text):
        os.write(self.fd, text.encode())

    def say(self, text, pattern, why, prompt="\n> "):
        """A line, what it leads to, and the next prompt."""
        self.type(text + "\n")
        match = self.wait(pattern, why)
        self.wait(prompt, why + ": a prompt")
        return match

    def ready(self, prompt="> "):
        self.wait("/help lists the commands\n" + re.escape(prompt), "a prompt")

    def cooked(self):
        flags = termios.tcgetattr(self.fd)[3]
        return flags & termios.ICANON and flags & termios.ECHO

    def ends(self, why):
        """It is over, has said nothing that moves anything, and the terminal
        is as it was."""
        while select.select([self.fd], [], [], LONGEST)[0]:
            try:
                self.all += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:
                break
        else:
            sys.exit("%s: it goes on\n%s" % (why, self.all))
        _, status = os.waitpid(self.pid, 0)
        if status != 0:
            sys.exit("%s: status %d\n%s" % (why, status, self.all))
        if not self.cooked():
            sys.exit("%s: the terminal is not what it was" % why)
        if "\x1b" in self.all:
            sys.exit("%s: an escape sequence\n%r" % (why, self.all))
        os.close(self.fd)


def answers_and_remembers(home):
    with Stub("--reply", "Noted.", "--events", "1") as stub:
        c = Chat(home, stub)
        c.ready()
        c.say("remember that Ana likes tea",
              r"Noted\.\nRemembered: Ana likes tea\n/unlearn takes it back",
              "a wish")
        c.say("what does Ana like?", r"Noted\.\n1 memory", "an answer")
        c.say("/used", r"rests on 1 memory:\n1\. Ana likes tea\n"
              r" +a memory of yours, [-0-9]+, in \"remember that Ana likes "
              r"tea\"(?s:.*)words +it has the question's words", "/used")
        c.say("/unlearn", "taken back: Ana likes tea", "/unlearn")
        c.say("/memory-mode read", "memory read: recalled from", "a mode",
              "\nmemory read> ")
        c.say("/incognito", "nothing of it is stored", "incognito",
              "\nincognito> ")
        c.say("sesame", r"Noted\.", "an incognito turn", "\nincognito> ")
        c.say("/incognito", "remembered again", "its end")
        c.say("/stop", r"Ctrl-C stops an answer", "what only a screen has")
        c.type("/mem\t")
        c.wait(r"/mem\W*or", "Tab completes")
        c.say("ies", "nothing is remembered yet", "a completed command")
        c.type("/quit\n")
        c.ends("leaving")


def learns_meanwhile(home):
    """The learner goes on while a line is awaited; what it found is told on a
    line of its own, after what is being written."""
    with Stub("--reply", "Good.", "--extract", FACT) as stub:
        c = Chat(home, stub)
        c.ready()
        c.type("I live in Lisbon.\n")
        c.wait(r"Learned: The user lives in Lisbon \(/unlearn takes it back\)",
               "what was learned")
        c.wait("\n> ", "a prompt")
        c.say("/unlearn", "taken back: The user lives in Lisbon", "/unlearn")
        c.say("/memories", "nothing is remembered yet", "it is gone")
        c.type("\x04")
        c.ends("Ctrl-D leaves")


def stops_and_goes_on(home):
    script = os.path.join(home, "script")
    with open(script, "w", encoding="utf-8") as out:
        out.write("--hang 3\n--reply ' and more'\n--reply anew\n\n")
    with Stub("--events", "6", "--reply", "one two three four five six",
              "--script", script) as stub:
        c = Chat(home, stub)
        c.ready()
        c.type("count\n")
        c.wait("one two three", "the answer streams")
        c.type("\x03")
        c.wait("what had come is kept; /continue goes on", "Ctrl-C stops it")
        c.wait("\n> ", "a prompt")
        c.say("/show", r"1\. stub-model: one two three ?\n\(stopped\)",
              "what came is kept")
        c.say("/continue", " and more", "it goes on")
        c.say("/show", r"one two three +and more", "as one answer")
        c.say("/regenerate", "anew", "another answer")
        c.say("/branch-back", r"branch 2/3\n1\. stub-model: one two",
              "the branch before")
        c.type("half a line")
        c.wait("half a line", "what is written")
        c.type("\x03")
        c.wait(r"\^C\n> ", "Ctrl-C clears the line")
        c.say("/find anew", "no line of this conversation",
              "nothing of it is left")
        c.type("\x04")
        c.ends("Ctrl-D leaves")


def changes_a_question(home):
    with Stub("--events", "1") as stub:
        c = Chat(home, stub, "--no-memory")
        c.ready()
        c.say("the first", "You said: the first", "a turn")
        c.say("the second", "You said: the second", "another")
        c.type("/edit 1\n")
        c.wait("edit> the first", "the old words stand there")
        c.type(" one\n")
        c.wait("You said: the first one", "they are asked instead")
        c.wait("\n> ", "a prompt")
        c.say("/branch-back 1", r"branch 1/2\n1\. You: the first\n(?s:.*)"
              r"2\. You: the second", "the branch before has them all")
        c.type("\x10")  # up
        c.wait("/branch-back 1", "the line before")
        c.type("\x10")
        c.wait("the first one", "the one before that")
        c.type("\x15")
        c.say("/editor written", "You said: written, edited",
              "what was written in the editor")
        c.say("/copy | tr a-z A-Z", "YOU SAID: WRITTEN, EDITED", "a command")
        path = os.path.join(home, "a.txt")
        c.say("/copy " + path, "bytes written", "a file")
        c.type("/copy %s\n" % path)
        c.wait(r"is there: replace it\? \[y/N\] ", "a question")
        c.type("n\n")
        c.wait(r"left as it is\n> ", "no")
        c.type("\x04")
        c.ends("Ctrl-D leaves")


def sets_up(home):
    with Stub("--events", "1", "--reply", "Works.") as stub:
        c = Chat(home)
        c.wait("no model answers yet; /help lists", "without a model")
        c.wait("> ", "a prompt")
        c.type("/setup\n")
        number = c.wait(r"(\d+)\. Another server", "the providers").group(1)
        c.wait("Its number: ", "who")
        c.type(number + "\n")
        c.wait(r"Address of its API \(Enter: [^)]*\): ", "where")
        c.type("http://127.0.0.1:%d/v1\n" % stub.port)
        c.wait(r"\(not shown\): ", "the key")
        c.type("open-sesame\n")
        c.wait(r"stub-model\n(?s:.*)Which model\? \(Enter: stub-model\)",
               "the models")
        c.type("\n")
        c.wait("stub-model answers from now on", "it works")
        c.wait("\n> ", "a prompt")
        c.say("hello", r"Works\.", "an answer")
        c.say("/model better", "better answers from now on", "another model")
        c.say("/model", "stub-model\n", "a list of them")
        c.type("/profile eva\n")
        c.wait(r"nobody called eva: add them\? \[y/N\] ", "a new person")
        c.type("y\n")
        c.wait("you are eva", "is there")
        c.wait("\neva> ", "the prompt says who it is")
        c.type("\x04")
        c.ends("Ctrl-D leaves")
        if "sesame" in c.all:
            sys.exit("the key was shown\n" + c.all)
        subprocess.run([MNEME, "--profile", "eva", "profile", "passwd"],
                       input="long enough words\n", text=True, check=True,
                       env={"HOME": home, "PATH": os.environ["PATH"]})
        c = Chat(home)
        c.wait("/help lists", "again")
        c.wait("> ", "a prompt")
        for word, told in (("wrong words", "that is not the password"),
                           ("long enough words", "you are eva")):
            c.type("/profile eva\n")
            c.wait("Password: ", "a lock")
            c.type(word + "\n")
            c.wait(told + r"(?s:.*)\n(eva)?> ", word)
        c.type("\x04")
        c.ends("Ctrl-D leaves")
        if "enough" in c.all:
            sys.exit("the password was shown\n" + c.all)


def stops_for_a_while(home):
    """Ctrl-Z puts the terminal back; what was written is still there."""
    with Stub("--events", "1") as stub:
        c = Chat(home, stub, "--no-memory")
        c.ready()
        c.type("before")
        c.wait("before", "what is written")
        c.type("\x1a")
        _, status = os.waitpid(c.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status) or not c.cooked():
            sys.exit("Ctrl-Z did not stop it, or kept the terminal")
        os.kill(c.pid, signal.SIGCONT)
        c.wait("> before", "it is back")
        c.type(" and after\n")
        c.wait("You said: before and after", "the line goes on")
        c.wait("\n> ", "a prompt")
        c.type("half")
        c.wait("half", "what is written")
        os.kill(c.pid, signal.SIGTERM)
        c.ends("SIGTERM")
        c = Chat(home, stub, "--no-memory", "-c", "last")
        c.wait("/help lists the commands\n> half", "what was written")
        c.type(" a line\n")
        c.wait("You said: half a line", "it is sent")
        c.wait("\n> ", "a prompt")
        c.type("\x04")
        c.ends("Ctrl-D leaves")


def gives_the_echo_back(home):
    """Ctrl-C where a password is asked for."""
    Chat(home, None, command=("profile", "list")).ends("the first person")
    c = Chat(home, None, command=("profile", "passwd"))
    c.wait("New password: ", "it asks")
    if c.cooked():
        sys.exit("a password would be seen")
    c.type("se\x03")
    while select.select([c.fd], [], [], LONGEST)[0]:
        try:
            c.all += os.read(c.fd, 65536).decode(errors="replace")
        except OSError:
            break
    _, status = os.waitpid(c.pid, 0)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGINT:
        sys.exit("Ctrl-C did not end it: status %d" % status)
    if not c.cooked():
        sys.exit("the terminal has no echo after Ctrl-C")
    os.close(c.fd)


for case in (answers_and_remembers, learns_meanwhile, stops_and_goes_on,
             changes_a_question, sets_up, stops_for_a_while,
             gives_the_echo_back):
    with tempfile.TemporaryDirectory() as folder:
        editor = os.path.join(folder, "editor")
        with open(editor, "w", encoding="utf-8") as out:
            out.write("#!/bin/sh\nprintf ', edited\\n' >> \"$1\"\n")
        os.chmod(editor, 0o755)
        case(folder)
    print("ok", case.__name__, flush=True)
