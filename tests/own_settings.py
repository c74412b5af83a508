#!/usr/bin/env python3
"""Provider, model and key of each person: from the command line, line by line,
and over HTTP; whose key reaches whom, and that it is shown nowhere."""
import http.server
import fcntl
import json
import os
import pty
import queue
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from mneme_api import MNEME, Client, Server, main, register

WAIT = 120  # after which a test has failed; nothing is timed by it
ADA_KEY = "sk-adas-own-key-4711"
ALL_KEY = "sk-everybodys-key-0815"


def tail(key):
    """What an answer may say of it, and so be stored."""
    return key[-4:]


class Provider:
    """Says who it is, by which key and for which model it was asked; a key
    that begins with "bad" is refused, with its own text."""

    def __init__(self, name):
        self.name, self.lessons = name, queue.Queue()
        self.requests, self.heard = [], queue.Queue()
        self.gate = None  # an answer waits for it
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *words):
                pass

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # it was cancelled

            def do_GET(self):
                provider.requests.append((self.path, self.key(), {}))
                self.answer(200, {"data": [{"id": "model-of-" + name}]})

            def do_POST(self):
                body = json.loads(self.rfile.read(
                    int(self.headers["Content-Length"])))
                if "generateContent" in self.path.replace("streamG", "g"):
                    self.gemini(body)
                    return
                if "response_format" in body:
                    provider.lessons.put((self.key(), body["model"]))
                    text = '{"memories":[]}'
                else:
                    provider.requests.append((self.path, self.key(), body))
                    provider.heard.put((self.key(), body["model"]))
                    text = f"{name} {tail(self.key())} {body['model']}"
                    if provider.gate:
                        provider.gate.wait(WAIT)
                if self.key().startswith("bad"):
                    self.answer(401, {"error": {
                        "message": "wrong key: " + self.key()}})
                elif body.get("stream"):
                    self.stream(body, text)
                else:
                    self.answer(200, {"model": body["model"], "choices": [{
                        "message": {"role": "assistant", "content": text},
                        "finish_reason": "stop"}]})

            def gemini(self, body):
                key = self.headers["x-goog-api-key"]
                model = self.path.split("/models/")[1].split(":")[0]
                provider.heard.put((key, model))
                provider.requests.append((self.path, key, body))
                event = {"modelVersion": model, "candidates": [{
                    "finishReason": "STOP", "content": {"parts": [{
                        "text": f"{name} {tail(key)} {model}"}]}}]}
                if "stream" in self.path:
                    self.send(200, "text/event-stream",
                              f"data: {json.dumps(event)}\n\n")
                else:
                    self.answer(200, event)

            def key(self):
                return (self.headers["Authorization"] or "none").split()[-1]

            def answer(self, status, value):
                self.send(status, "application/json", json.dumps(value))

            def stream(self, body, text):
                event = {"model": body["model"], "choices": [{
                    "delta": {"content": text}, "finish_reason": "stop"}]}
                self.send(200, "text/event-stream",
                          f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n")

            def send(self, status, kind, text):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}/v1"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Own(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="mneme-own-")
        self.one, self.two = Provider("one"), Provider("two")
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("LLM_", "MNEME_", "XDG_", "OPEN",
                                         "GEMINI"))}
        self.env.update(HOME=self.folder, MNEME_RETRIES="0")
        os.makedirs(os.path.join(self.folder, "config", "mneme"))
        self.env.update(
            XDG_CONFIG_HOME=os.path.join(self.folder, "config"),
            XDG_DATA_HOME=os.path.join(self.folder, "data"),
            XDG_STATE_HOME=os.path.join(self.folder, "state"))
        self.write_config(
            "LLM_PROVIDER=openai", "LLM_BASE_URL=" + self.one.base,
            "LLM_MODEL=plain", "OPENAI_API_KEY=" + ALL_KEY)

    def tearDown(self):
        self.one.close()
        self.two.close()
        shutil.rmtree(self.folder)

    def write_config(self, *lines):
        path = os.path.join(self.folder, "config", "mneme", "config")
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")
        os.chmod(path, 0o600)

    def run_(self, *words, input="", status=0, **env):
        done = subprocess.run([MNEME, *words], env={**self.env, **env},
                              input=input, capture_output=True, text=True)
        self.assertEqual(done.returncode, status,
                         f"{words}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def own(self, name, **settings):
        """NAME=None takes it out; a secret is piped in."""
        for key, value in settings.items():
            if value is None:
                self.run_("profile", "unset", name, key)
            elif key.endswith("_API_KEY"):
                self.run_("profile", "set", name, key, input=value + "\n")
            else:
                self.run_("profile", "set", name, key, value)

    def adas(self, name="ada", **more):
        self.own(name, LLM_PROVIDER="openai", LLM_BASE_URL=self.two.base,
                 LLM_MODEL="fine", OPENAI_API_KEY=ADA_KEY, **more)

    def ask(self, *words, **env):
        return self.run_("ask", *words, "hello", **env).strip()

    def assertNoByte(self, text):
        for top, _, files in os.walk(self.folder):
            for name in files:
                with open(os.path.join(top, name), "rb") as file:
                    self.assertFalse(text.encode() in file.read(),
                                     f"{text} is still in {name}")


class Commands(Own):
    def setUp(self):
        super().setUp()
        self.run_("profile", "add", "ada")

    def test_each_person_reaches_their_own_provider(self):
        self.adas(LLM_TEMPERATURE="0.25", LLM_MAX_TOKENS="77",
                  MNEME_SYSTEM_PROMPT="Speak as to Ada.")
        self.assertEqual(self.ask("--profile", "ada"), f"two {tail(ADA_KEY)} fine")
        self.assertEqual(self.ask(), f"one {tail(ALL_KEY)} plain")
        body = self.two.requests[-1][2]
        self.assertEqual(body["temperature"], 0.25)
        self.assertEqual(body.get("max_tokens",
                                  body.get("max_completion_tokens")), 77)
        self.assertEqual(body["messages"][0]["content"], "Speak as to Ada.")
        self.assertNotIn("temperature", self.one.requests[-1][2])
        self.ask("--profile", "ada", "--temperature", "1")
        self.assertEqual(self.two.requests[-1][2]["temperature"], 1)

    def test_the_environment_and_the_command_line_go_first(self):
        self.own("ada", LLM_MODEL="fine")
        self.assertEqual(self.ask("--profile", "ada"), f"one {tail(ALL_KEY)} fine")
        self.assertEqual(self.ask("--profile", "ada", LLM_MODEL="env"),
                         f"one {tail(ALL_KEY)} env")
        self.assertEqual(
            self.ask("--profile", "ada", "-m", "flag", LLM_MODEL="env"),
            f"one {tail(ALL_KEY)} flag")
        shown = self.run_("profile", "set", "ada", "LLM_MODEL", "x",
                          LLM_MODEL="env")
        self.assertIn("environment's LLM_MODEL still wins", shown)
        self.assertIn("the environment's is used",
                      self.run_("profile", "show", "ada", LLM_MODEL="env"))
        self.own("ada", LLM_MODEL=None)
        self.assertEqual(self.ask("--profile", "ada"), f"one {tail(ALL_KEY)} plain")

    def test_another_provider_for_one_turn_gets_nothing_of_the_first(self):
        self.write_config("LLM_PROVIDER=openai", "LLM_MODEL=plain",
                          "LLM_BASE_URL=" + self.one.base,
                          "LLM_API_KEY=" + ALL_KEY)
        text = self.run_("ask", "-m", "gemini:fine", "hello", status=4,
                         GEMINI_BASE_URL="")
        self.assertIn("Gemini wants a key", text)
        self.assertEqual(
            self.ask("-m", "gemini:fine", GEMINI_API_KEY=ADA_KEY,
                     GEMINI_BASE_URL=self.two.base),
            f"two {tail(ADA_KEY)} fine")
        self.assertEqual(self.ask("-m", "openai:other"),
                         f"one {tail(ALL_KEY)} other")
        self.assertEqual([b["model"] for _, _, b in self.one.requests],
                         ["other"])

    def test_a_key_goes_to_nobody_else(self):
        self.own("ada", LLM_BASE_URL=self.two.base, LLM_MODEL="m")
        self.assertEqual(self.ask("--profile", "ada"), "two none m")
        self.own("ada", LLM_BASE_URL=None, LLM_PROVIDER="openrouter")
        text = self.run_("ask", "--profile", "ada", "hello", status=4)
        self.assertIn("OpenRouter wants a key", text)
        self.assertEqual([k for _, k, _ in self.one.requests], [])
        self.write_config("LLM_PROVIDER=openai", "LLM_MODEL=plain",
                          "LLM_BASE_URL=" + self.one.base,
                          "LLM_API_KEY=" + ALL_KEY)
        self.run_("ask", "--profile", "ada", "hello", status=4)

    def test_words_are_stemmed_in_a_persons_own_language(self):
        words = {"EMBEDDING_MODEL": "none"}
        self.own("ada", MNEME_LANGUAGE="german")
        for who in ("ada", "default"):
            self.run_("remember", "--profile", who,
                      "Ana besitzt ein altes Bauernhaus", **words)

        def found(who, **env):
            done = subprocess.run(
                [MNEME, "recall", "--json", "--profile", who,
                 "Bauernhäusern"],
                env={**self.env, **words, **env}, capture_output=True)
            return len(json.loads(done.stdout)["results"])

        self.assertEqual(found("ada"), 1)
        self.assertEqual(found("default"), 0)
        self.assertEqual(found("ada", MNEME_LANGUAGE="english"), 0)
        self.own("ada", MNEME_LANGUAGE=None)
        self.assertEqual(found("ada"), 0)

    def test_the_doctor_looks_at_a_persons_model(self):
        self.adas()
        self.assertIn("fine at " + self.two.base,
                      self.doctor("--profile", "ada"))
        self.assertIn("plain at " + self.one.base, self.doctor())

    def doctor(self, *words):
        return subprocess.run([MNEME, "doctor", *words], env=self.env,
                              text=True, capture_output=True).stdout

    def test_what_does_not_do_is_named(self):
        for key, value, why in (
                ("LLM_TEMPERATURE", "7", r"ada: LLM_TEMPERATURE: 7: not from"),
                ("LLM_MAX_TOKENS", "x", "LLM_MAX_TOKENS: x: not a whole"),
                ("LLM_PROVIDER", "nobody", "'nobody': not one of: openrouter"),
                ("LLM_BASE_URL", "file:///x", "not an http"),
                ("LLM_MODEL", "", "LLM_MODEL: is empty"),
                ("MNEME_LANGUAGE", "klingon", "not one of: arabic"),
                ("SECRET_KEY", "x" * 32, "cannot be set for a profile, but"),
                ("HOST", "0.0.0.0", "LLM_PROVIDER, LLM_MODEL"),
                ("MNEME_EDITOR", "sh", "cannot be set for a profile"),
                ("OPENAI_API_KEY_CMD", "touch ran", "configuration file only"),
                ("OPENAI_API_KEY_FILE", "/etc/passwd", "file only"),
                ("NO_SUCH", "x", "ada: NO_SUCH: unknown key")):
            text = self.run_("profile", "set", "ada", key, value, status=2)
            self.assertRegex(text, why)
        text = self.run_("profile", "set", "ada", "OPENAI_API_KEY",
                         input="k" * 4097 + "\n", status=5)
        self.assertNotIn("kkkk", text)
        self.assertEqual(self.run_("profile", "show", "ada"), "")
        self.run_("profile", "set", "eve", "LLM_MODEL", "x", status=1)
        self.run_("profile", "unset", "eve", "LLM_MODEL", status=1)
        self.run_("profile", "unset", "ada", "NO_SUCH", status=2)
        self.run_("profile", "show", "eve", status=1)

    def test_a_secret_is_shown_nowhere_and_leaves_the_files(self):
        self.adas()
        self.ask("--profile", "ada")
        for words in (("profile", "show", "ada"),
                      ("profile", "show", "ada", "--json"),
                      ("profile", "show", "--profile", "ada"),
                      ("profile", "list", "--json"),
                      ("config", "list", "--profile", "ada"),
                      ("doctor", "--profile", "ada"),
                      ("conversation", "list", "--json", "--profile", "ada"),
                      ("check",), ("export", "--profile", "ada")):
            done = subprocess.run([MNEME, *words], env=self.env, text=True,
                                  capture_output=True)
            self.assertNotIn(ADA_KEY, done.stdout + done.stderr, words)
        shown = json.loads(self.run_("profile", "show", "ada", "--json"))
        self.assertIn({"name": "OPENAI_API_KEY", "value": "set",
                       "used": True}, shown)
        bad = "bad-key-of-adas-1234"
        self.own("ada", OPENAI_API_KEY=bad)
        text = self.run_("ask", "--profile", "ada", "hello", status=4)
        self.assertIn("wrong key: ****", text)
        self.assertNotIn(bad, text)
        self.own("ada", OPENAI_API_KEY=None)
        self.assertNoByte(bad)
        third = "sk-third-key-99"
        self.own("ada", OPENAI_API_KEY=third)
        self.run_("profile", "delete", "--yes", "ada")
        self.assertNoByte(third)

    def test_line_by_line_the_one_who_sits_there_is_answered(self):
        self.adas()
        text = self.run_("chat", "--plain", input="one\n/profile ada\ntwo\n"
                         "/model other\nthree\n/profile default\nfour\n")
        heard = [line for line in text.splitlines() if line[:4] in ("one ", "two ")]
        self.assertEqual(heard, [
            f"one {tail(ALL_KEY)} plain", f"two {tail(ADA_KEY)} fine",
            f"two {tail(ADA_KEY)} other", f"one {tail(ALL_KEY)} plain"], text)

    def at_terminal(self, *words, term):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, 80, 0, 0))
        chat = subprocess.Popen([MNEME, "chat", *words], stdin=slave,
                                stdout=slave, stderr=slave,
                                env={**self.env, "TERM": term},
                                start_new_session=True)
        os.close(slave)
        return chat, master

    def test_on_the_screen_too(self):
        self.adas()
        self.own("default", LLM_MODEL="chosen")
        chat, master = self.at_terminal(term="xterm-256color")
        drained = threading.Event()

        def drain():
            try:
                while os.read(master, 65536):
                    drained.set()
            except OSError:
                pass  # it has left

        threading.Thread(target=drain, daemon=True).start()
        self.assertTrue(drained.wait(WAIT))
        for line in ("one", "/profile ada", "two"):
            os.write(master, line.encode() + b"\r")
        self.assertEqual(self.one.heard.get(timeout=WAIT),
                         (ALL_KEY, "chosen"))
        self.assertEqual(self.two.heard.get(timeout=WAIT), (ADA_KEY, "fine"))
        self.own("default", LLM_MODEL="newer")
        os.write(master, b"/profile default\rthree\r")
        self.assertEqual(self.one.heard.get(timeout=WAIT),
                         (ALL_KEY, "newer"))
        os.write(master, b"\x15\x04")
        self.assertEqual(chat.wait(WAIT), 0)
        os.close(master)

    def test_at_a_terminal_too(self):
        self.adas()
        chat, master = self.at_terminal("--plain", term="dumb")
        text = b""

        def until(what):
            nonlocal text
            while what not in text:
                ready, _, _ = select.select([master], [], [], WAIT)
                self.assertTrue(ready, text)
                text += os.read(master, 65536)
            text = text.split(what, 1)[1]

        until(b"/help")
        self.own("default", LLM_MODEL="newer")
        for line, answer in ((b"one", f"one {tail(ALL_KEY)} newer"),
                             (b"/profile ada", "you are ada"),
                             (b"two", f"two {tail(ADA_KEY)} fine"),
                             (b"/setup", "a model of their own"),
                             (b"/model other", "other answers"),
                             (b"three", f"two {tail(ADA_KEY)} other"),
                             (b"/profile default", "you are default"),
                             (b"four", f"one {tail(ALL_KEY)} newer")):
            os.write(master, line + b"\n")
            until(answer.encode())
        os.write(master, b"/quit\n")
        self.assertEqual(chat.wait(WAIT), 0)
        os.close(master)


class Serving(Own):
    settings = {}

    def setUp(self):
        super().setUp()
        self.write_config(
            "LLM_PROVIDER=openai", "LLM_BASE_URL=" + self.one.base,
            "LLM_MODEL=plain", "OPENAI_API_KEY=" + ALL_KEY,
            "GEMINI_BASE_URL=" + self.two.base)
        self.server = Server(None, self.folder, **self.settings)
        self.ada, self.bob, self.eve = (
            register(self.server, n) for n in ("ada", "bob", "eve"))

    def tearDown(self):
        self.server.close()
        super().tearDown()

    def said(self, client, **more):
        chat = client.post("/conversations", {}).json["id"]
        answer = client.post(f"/conversations/{chat}/messages",
                             {"content": "hello", **more})
        self.assertEqual(answer.status, 201, answer)
        return answer.json["message"]["content"]

    def said_openai(self, client):
        answer = client.post("/v1/chat/completions", {
            "messages": [{"role": "user", "content": "hello"}]})
        self.assertEqual(answer.status, 200, answer)
        return (answer.json["choices"][0]["message"]["content"],
                answer.json["model"])

    def test_each_caller_reaches_their_own_provider(self):
        self.adas(LLM_TEMPERATURE="0.25")
        self.own("bob", LLM_MODEL="bobs")
        for _ in range(2):
            self.assertEqual(self.said(self.ada), f"two {tail(ADA_KEY)} fine")
            self.assertEqual(self.said(self.bob), f"one {tail(ALL_KEY)} bobs")
            self.assertEqual(self.said(self.eve), f"one {tail(ALL_KEY)} plain")
        self.assertEqual(self.two.requests[-1][2]["temperature"], 0.25)
        self.assertEqual(self.said(self.ada, model="asked", temperature=1),
                         f"two {tail(ADA_KEY)} asked")
        self.assertEqual(self.two.requests[-1][2]["temperature"], 1)
        self.assertEqual(self.said_openai(self.ada),
                         (f"two {tail(ADA_KEY)} fine", "fine"))
        self.assertEqual(self.said_openai(self.bob),
                         (f"one {tail(ALL_KEY)} bobs", "bobs"))

    def test_the_models_are_those_of_the_callers_provider(self):
        self.adas()
        for client, name, key in ((self.ada, "two", ADA_KEY),
                                  (self.eve, "one", ALL_KEY)) * 2:
            models = client.get("/v1/models").json["data"]
            self.assertEqual([m["id"] for m in models], ["model-of-" + name])
            self.assertEqual(
                client.get("/v1/models/model-of-" + name).status, 200)
        self.assertEqual([k for p, k, _ in self.two.requests], [ADA_KEY])
        self.assertEqual([k for p, k, _ in self.one.requests], [ALL_KEY])

    def test_a_change_counts_from_the_next_turn_on(self):
        self.assertEqual(self.said(self.ada), f"one {tail(ALL_KEY)} plain")
        self.adas()
        self.assertEqual(self.said(self.ada), f"two {tail(ADA_KEY)} fine")
        self.own("ada", OPENAI_API_KEY="sk-another", LLM_MODEL=None)
        self.assertEqual(self.said(self.ada), "two ther gpt-4o-mini")
        self.own("ada", LLM_PROVIDER=None, LLM_BASE_URL=None,
                 OPENAI_API_KEY=None)
        self.assertEqual(self.said(self.ada), f"one {tail(ALL_KEY)} plain")
        self.assertNoByte("sk-another")

    def test_an_answer_that_comes_is_not_touched_by_a_change(self):
        self.adas()
        self.two.gate = threading.Event()
        chat = self.ada.post("/conversations", {}).json["id"]
        answers = queue.Queue()
        threading.Thread(target=lambda: answers.put(self.ada.post(
            f"/conversations/{chat}/messages", {"content": "hello"})),
            daemon=True).start()
        self.assertEqual(self.two.heard.get(timeout=WAIT), (ADA_KEY, "fine"))
        self.own("ada", LLM_PROVIDER=None, LLM_BASE_URL=None,
                 OPENAI_API_KEY=None, LLM_MODEL=None)
        self.assertEqual(self.said(self.ada), f"one {tail(ALL_KEY)} plain")
        self.two.gate.set()
        answer = answers.get(timeout=WAIT)
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.json["message"]["content"],
                         f"two {tail(ADA_KEY)} fine")

    def test_what_one_set_wrongly_is_nobody_elses_trouble(self):
        self.own("ada", LLM_PROVIDER="openrouter")
        chat = self.ada.post("/conversations", {}).json["id"]
        answer = self.ada.post(f"/conversations/{chat}/messages",
                               {"content": "hello"})
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("OpenRouter wants a key", answer.json["detail"])
        self.assertEqual(self.ada.get("/v1/models").status, 503)
        self.assertEqual(self.said(self.eve), f"one {tail(ALL_KEY)} plain")
        self.own("ada", LLM_PROVIDER="openai", LLM_BASE_URL=self.two.base,
                 OPENAI_API_KEY="bad-key-of-ada")
        answer = self.ada.post(f"/conversations/{chat}/messages",
                               {"content": "hello"})
        self.assertEqual(answer.status, 502, answer)
        self.assertIn("wrong key: ****", answer.json["detail"])
        self.assertEqual(self.said(self.eve), f"one {tail(ALL_KEY)} plain")

    def test_a_persons_own_model_learns_from_them(self):
        self.adas()
        self.said(self.ada)
        self.assertEqual(self.two.lessons.get(timeout=WAIT), (ADA_KEY, "fine"))
        self.said(self.eve)
        self.assertEqual(self.one.lessons.get(timeout=WAIT),
                         (ALL_KEY, "plain"))
        self.own("bob", LLM_PROVIDER="openai", LLM_BASE_URL=self.two.base,
                 OPENAI_API_KEY="bad-key-of-bob")
        chat = self.bob.post("/conversations", {}).json["id"]
        self.bob.post(f"/conversations/{chat}/messages", {"content": "hello"})
        self.said(self.eve)  # whose lessons wait for nobody
        self.assertEqual(self.one.lessons.get(timeout=WAIT),
                         (ALL_KEY, "plain"))

    def put(self, client, status=200, **body):
        answer = client("PATCH", "/users/settings", body)
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def test_callers_bring_a_provider_and_a_key_of_their_own(self):
        everybodys = self.ada.get("/users/settings").json
        self.assertEqual(everybodys, {
            "provider": None, "model": None, "temperature": None,
            "max_tokens": None, "language": None, "has_api_key": False,
            "answering": {"provider": "openai", "model": "plain"}})
        told = self.put(self.ada, provider="gemini", api_key=ADA_KEY,
                        model="own", temperature=0.25, max_tokens=77,
                        language="german")
        self.assertEqual(told, {
            "provider": "gemini", "model": "own", "temperature": 0.25,
            "max_tokens": 77, "language": "german", "has_api_key": True,
            "answering": {"provider": "gemini", "model": "own"}})
        self.assertEqual(self.ada.get("/users/settings").json, told)
        self.assertEqual(self.said(self.ada), f"two {tail(ADA_KEY)} own")
        sent = self.two.requests[-1][2]["generationConfig"]
        self.assertEqual((sent["temperature"], sent["maxOutputTokens"]),
                         (0.25, 77))
        self.assertEqual(self.said_openai(self.ada),
                         (f"two {tail(ADA_KEY)} own", "own"))
        self.assertEqual(self.bob.get("/users/settings").json, everybodys)
        self.assertEqual(self.said(self.bob), f"one {tail(ALL_KEY)} plain")
        self.assertNotIn(ADA_KEY, self.run_("profile", "show", "ada"))
        self.put(self.ada, temperature=None, max_tokens=None, language=None)
        self.put(self.ada, provider=None, model=None)
        self.assertEqual(self.ada.get("/users/settings").json, everybodys)
        self.assertEqual(self.said(self.ada), f"one {tail(ALL_KEY)} plain")

    def test_nobody_spends_anothers_key_or_chooses_an_address(self):
        for body in ({"provider": "openai"}, {"api_key": "k"},
                     {"provider": "gemini", "model": "x"}):
            told = self.put(self.ada, 409, **body)
            self.assertIn("api_key", told["detail"])
        for body in ({"base_url": "http://127.0.0.1:1/"},
                     {"LLM_BASE_URL": "http://127.0.0.1:1/"},
                     {"provider": "ollama"}, {"provider": "vllm"},
                     {"provider": "openai", "api_key": "a\nX-Evil: 1"},
                     {"provider": "openai", "api_key": ""},
                     {"api_key_cmd": "id"}, {"model": ""},
                     {"temperature": 7}, {"language": "klingon"}):
            self.put(self.ada, 422, **body)
        self.put(self.ada, provider="gemini", api_key=ADA_KEY)
        self.put(self.ada, 409, api_key=None)
        self.put(self.ada, 409, provider="openrouter")  # nor the old key
        self.put(self.ada, api_key="sk-newer", model="m")
        self.assertEqual(self.said(self.ada), "two ewer m")
        self.put(self.ada, provider="gemini")  # is as it was
        self.assertEqual(self.said(self.ada), "two ewer m")
        key = self.ada.post("/auth/keys", {"name": "k"}).json["key"]
        lost = Client(self.server, key)
        self.assertEqual(lost.get("/users/settings").status, 200)
        self.put(lost, 403, model="x")
        self.put(Client(self.server), 401, model="x")

    def test_what_the_environment_says_cannot_be_changed(self):
        self.server.stop()
        self.server.env["LLM_MODEL"] = "fixed"
        self.server.start()
        told = self.put(self.ada, 409, model="x")
        self.assertIn("environment sets LLM_MODEL", told["detail"])
        self.own("ada", LLM_MODEL="x")
        self.assertEqual(self.said(self.ada), f"one {tail(ALL_KEY)} fixed")
        self.server.env["LLM_BASE_URL"] = self.one.base
        self.server.stop()
        self.server.start()
        told = self.put(self.ada, 409, provider="gemini", api_key=ADA_KEY)
        self.assertIn("environment sets LLM_BASE_URL", told["detail"])

    def test_a_provider_of_ones_own_is_not_asked_at_anothers_address(self):
        self.adas()
        self.put(self.ada, provider="gemini", api_key="sk-mine", model="m")
        self.assertEqual(self.said(self.ada), "two mine m")
        shown = self.run_("profile", "show", "ada")
        self.assertNotIn("LLM_BASE_URL", shown)
        self.assertNotIn("OPENAI_API_KEY", shown)

    def test_where_nobody_else_has_a_model_rules_learn_and_theirs_too(self):
        self.server.stop()
        self.write_config("EMBEDDING_MODEL=none")
        self.server.start()
        self.adas()
        for client in (self.eve, self.ada):
            chat = client.post("/conversations", {}).json["id"]
            answer = client.post(f"/conversations/{chat}/messages",
                                 {"content": "I live in Bonn"})
            self.assertEqual(answer.status, 201, answer)
        self.assertEqual(self.two.lessons.get(timeout=WAIT), (ADA_KEY, "fine"))
        self.assertEqual(self.said_openai(self.eve)[1], "mneme-recall")
        self.assertEqual(self.eve.get("/v1/models").json["data"][0]["id"],
                         "mneme-recall")

    def test_a_key_is_told_to_nobody_and_goes_with_the_account(self):
        key = "bad-key-which-nobody-sees"
        self.adas()
        self.put(self.ada, api_key=key)
        chat = self.ada.post("/conversations", {}).json["id"]
        self.ada.post(f"/conversations/{chat}/messages", {"content": "hello"})
        for path in ("/users/export", "/users/profile", "/auth/me",
                     "/users/settings", "/openapi.json",
                     f"/conversations/{chat}/messages", "/metrics"):
            self.assertNotIn(key, self.ada.get(path).body.decode(), path)
        self.assertNotIn(key, self.server.stderr())
        self.assertEqual(self.ada("DELETE", "/users/profile").status, 204)
        self.server.stop()
        self.run_("check")
        self.server.start()
        self.assertNoByte(key)


if __name__ == "__main__":
    main()
