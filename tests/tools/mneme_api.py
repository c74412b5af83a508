"""A server of ours with a stub provider behind it, and a client for tests.

Nothing here waits by the clock: the server says where it listens, streams are
read event by event, and the end of a process is waited for.
"""
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.parse

MNEME = os.environ["MNEME"]
BUILD = os.environ["MNEME_BUILD"]
SOURCE = os.environ.get("MNEME_SOURCE", ".")
PASSWORD = "correct horse"


class Stub:
    """tests/programs/stub_provider.c as a child."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "stub_provider"), "--exit-on-eof", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.base = f"http://127.0.0.1:{self.port}/v1"

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Server:
    """mneme serve in a folder of its own."""

    def __init__(self, stub=None, folder=None, **settings):
        self.own = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="mneme-api-")
        self.env = {k: v for k, v in os.environ.items()
                    if not k.startswith(("LLM_", "MNEME_", "XDG_",
                                         "FIREBASE_", "OPEN", "GEMINI"))}
        self.env.update(
            HOME=self.folder,
            XDG_CONFIG_HOME=os.path.join(self.folder, "config"),
            XDG_DATA_HOME=os.path.join(self.folder, "data"),
            XDG_STATE_HOME=os.path.join(self.folder, "state"),
            MNEME_RATE_LOGIN="0", MNEME_RATE_REQUESTS="0",
            MNEME_RATE_CHAT="0", MNEME_RETRIES="0")
        if stub:
            self.env.update(LLM_PROVIDER="openai", LLM_BASE_URL=stub.base,
                            LLM_MODEL="stub")
        self.env.update(settings)
        self.start()

    def start(self):
        self.errors = open(os.path.join(self.folder, "stderr"), "ab")
        self.process = subprocess.Popen(
            [MNEME, "serve", "--port", "0"], env=self.env, cwd=self.folder,
            stdout=subprocess.PIPE, stderr=self.errors)
        self.stopping = False
        line = self.process.stdout.readline().decode()
        if "http://" not in line:
            self.process.wait()
            text = self.stderr()
            self.process.stdout.close()
            self.errors.close()
            if self.own:
                shutil.rmtree(self.folder, ignore_errors=True)
            raise RuntimeError(f"no server: {line}{text}")
        where = urllib.parse.urlsplit(line.split()[-1])
        self.host, self.port = where.hostname, where.port
        self.url = f"http://{self.host}:{self.port}"

    def stderr(self):
        self.errors.flush()
        with open(self.errors.name, errors="replace") as file:
            return file.read()

    def terminate(self):
        self.stopping = True
        self.process.send_signal(signal.SIGTERM)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def stop(self):
        """SIGTERM, unless it had one; the exit status."""
        if not self.stopping:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait()
        self.process.stdout.close()
        self.errors.close()
        return status

    def close(self):
        status = self.stop()
        with open(self.errors.name, errors="replace") as file:
            text = file.read()
        if self.own:
            shutil.rmtree(self.folder, ignore_errors=True)
        if status != 0 or "Sanitizer" in text:
            raise RuntimeError(f"the server ended with {status}: {text}")

    def run(self, *words, input=None, check=True):
        """A command of mneme on the same store."""
        done = subprocess.run([MNEME, *words], env=self.env, cwd=self.folder,
                              input=input, capture_output=True, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"{words}: {done.returncode} {done.stderr}")
        return done


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Client:
    """One person, or nobody."""

    def __init__(self, server, token=None):
        self.server, self.token = server, token

    def open(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = "Bearer " + self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(self.server.host,
                                                self.server.port, timeout=120)
        connection.request(method, path, body=body, headers=headers)
        return connection, connection.getresponse()

    def __call__(self, method, path, body=None, headers=None):
        connection, response = self.open(method, path, body, headers)
        with contextlib.closing(connection):
            return Answer(response, response.read())

    def get(self, path, **more):
        return self("GET", path, **more)

    def post(self, path, body=None, **more):
        return self("POST", path, {} if body is None else body, **more)

    def events(self, method, path, body=None, headers=None):
        """Open a stream; a Stream, or an Answer when it is refused."""
        connection, response = self.open(method, path, body, headers)
        if not response.headers.get("Content-Type", "").startswith(
                "text/event-stream"):
            with contextlib.closing(connection):
                return Answer(response, response.read())
        return Stream(connection, response)


class Stream:
    """Server-sent events, one at a time: (id, data)."""

    def __init__(self, connection, response):
        self.connection, self.response = connection, response
        self.status, self.headers = response.status, response.headers
        self.done = False

    def __iter__(self):
        return self

    def __next__(self):
        name, data, other = None, None, []
        while True:
            line = self.response.readline()
            if not line:
                self.close()
                raise StopIteration
            line = line.decode().rstrip("\n").rstrip("\r")
            if line == "":
                if data is not None:
                    break
            elif line.startswith("id: "):
                name = line[4:]
            elif line.startswith("data: "):
                data = line[6:]
            elif not line.startswith(":"):
                other.append(line)
        if other:
            raise AssertionError(f"lines of another kind: {other}")
        if data == "[DONE]":
            self.done = True
            return name, data
        return name, json.loads(data)

    def all(self):
        return [event for event in self]

    def next_of(self, kind):
        for name, data in self:
            if data != "[DONE]" and data.get("type") == kind:
                return name, data
        raise AssertionError(f"the stream ended without {kind}")

    def close(self):
        self.connection.close()


def register(server, name, password=PASSWORD):
    answer = Client(server).post("/auth/register", {
        "email": f"{name}@example.org", "username": name,
        "password": password})
    assert answer.status == 201, answer
    client = Client(server, answer.json["access_token"])
    client.refresh = answer.json["refresh_token"]
    client.user = answer.json["user"]
    return client


class Case(unittest.TestCase):
    """Tests of one server, with a stub behind it unless `provider` is off."""

    provider = True
    stub_options = ()
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.stub = Stub(*cls.stub_options) if cls.provider else None
        cls.server = Server(cls.stub, **cls.settings)
        cls.anyone = Client(cls.server)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        if cls.stub:
            cls.stub.close()

    def assertProblem(self, answer, status, code=None):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"],
                         "application/problem+json", answer)
        problem = answer.json
        self.assertEqual(problem["status"], status)
        self.assertIsInstance(problem["detail"], str)
        self.assertEqual(problem["request_id"],
                         answer.headers["X-Request-Id"])
        if code:
            self.assertEqual(problem["code"], code, answer)
        return problem


def venv(*packages):
    """A Python with these packages, made under build/ by `dev`; None."""
    folder = os.environ.get("MNEME_VENV",
                            os.path.join(SOURCE, "build", "venv"))
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        return None
    test = "import " + ", ".join(packages)
    if subprocess.run([python, "-c", test], capture_output=True).returncode:
        return None
    return python


def main():
    unittest.main(verbosity=2)
