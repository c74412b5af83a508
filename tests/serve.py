#!/usr/bin/env python3
"""mneme serve as a program: framing over the wire, slow clients, clients that
never read, draining, TLS, socket files, signals, exit statuses, the log.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import sys
import tempfile
import unittest

MNEME = os.environ["MNEME"]
BUILD = os.environ["MNEME_BUILD"]
WAIT = 60  # seconds after which a test has failed; nothing is timed by it


class Server:
    """A server on a port of its own, or on a socket file."""

    def __init__(self, folder, *arguments, log="warn", **settings):
        self.folder = folder
        environment = dict(os.environ, XDG_CONFIG_HOME=folder,
                           XDG_STATE_HOME=folder, MNEME_RATE_LOGIN="0",
                           MNEME_RATE_REQUESTS="0", MNEME_RATE_CHAT="0",
                           MNEME_LOG_LEVEL=log)
        environment.pop("NOTIFY_SOCKET", None)
        environment.update(settings)
        for name in [n for n, value in environment.items() if value is None]:
            del environment[name]
        self.log = os.path.join(folder, "log")
        if "--unix" not in arguments:
            arguments += ("--port", "0")
        with open(self.log, "a") as log_file:
            self.process = subprocess.Popen(
                [MNEME, "serve", "--data-dir", os.path.join(folder, "data"),
                 *arguments], env=environment, cwd=folder,
                stdout=subprocess.PIPE, stderr=log_file, text=True)
        self.line = self.process.stdout.readline().strip()
        if not self.line:
            raise RuntimeError("did not start: " + open(self.log).read())
        self.port = int(self.line.rsplit(":", 1)[1]) \
            if "://" in self.line else None

    def socket(self, receive_buffer=0):
        s = socket.socket()
        s.settimeout(WAIT)
        if receive_buffer:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        s.connect(("127.0.0.1", self.port))
        return s

    def call(self, method, path, body=None, token=None, **fields):
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=WAIT)
        headers = dict(fields)
        if token:
            headers["Authorization"] = "Bearer " + token
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def account(self, name="ada"):
        answer, text = self.call("POST", "/auth/register", {
            "email": name + "@example.org", "username": name,
            "password": "correct horse"})
        if answer.status != 201:
            raise RuntimeError(text)
        return json.loads(text)["access_token"]

    def stop(self, signo=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(signo)
        status = self.process.wait(WAIT)
        self.process.stdout.close()
        return status

    def logged(self):
        with open(self.log) as file:
            return file.read()


class Stub:
    """The provider's server."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "stub_provider"), "--exit-on-eof",
             *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        port = int(self.process.stdout.readline())
        self.settings = {
            "LLM_PROVIDER": "openai", "LLM_MODEL": "stub",
            "LLM_BASE_URL": "http://127.0.0.1:%d/v1" % port,
            "LLM_API_KEY": "k" * 20,
        }

    def stop(self):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait(WAIT)
        self.process.stdout.close()


def read_all(s):
    data = b""
    while True:
        piece = s.recv(65536)
        if not piece:
            return data
        data += piece


def read_until(s, mark, data=b""):
    while mark not in data:
        piece = s.recv(65536)
        if not piece:
            raise AssertionError("closed before %r: %r" % (mark, data[-500:]))
        data += piece
    return data


class ServeTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="mneme-serve-")
        self.started = []

    def tearDown(self):
        for thing in self.started:
            thing.stop()
        shutil.rmtree(self.folder)

    def serve(self, *arguments, **settings):
        server = Server(self.folder, *arguments, **settings)
        self.started.insert(0, server)
        return server

    def stub(self, *arguments):
        stub = Stub(*arguments)
        self.started.append(stub)
        return stub

    def run_once(self, *arguments, **settings):
        return subprocess.run(
            [MNEME, "serve", "--data-dir", os.path.join(self.folder, "data"),
             *arguments], env=dict(os.environ, XDG_CONFIG_HOME=self.folder,
                                   **settings),
            cwd=self.folder, capture_output=True, text=True, timeout=WAIT)

    # ---- the wire

    def test_pipelined_requests_are_answered_in_order(self):
        server = self.serve()
        with server.socket() as s:
            s.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
                      b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
                      b"HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n"
                      b"GET / HTTP/1.1\r\nHost: a\r\n"
                      b"Connection: close\r\n\r\n")
            data = read_all(s)
        statuses = [line.split()[1] for line in data.split(b"\r\n")
                    if line.startswith(b"HTTP/1.1 ")]
        # A body without its line end stands before the next status line.
        self.assertEqual(data.count(b"HTTP/1.1 "), 4)
        self.assertEqual(statuses[0], b"200")
        self.assertIn(b'"name":"mneme"', data)
        self.assertEqual(data.count(b'"status":"ok"'), 1)

    def test_a_request_that_cannot_be_framed_is_refused(self):
        server = self.serve()
        with server.socket() as s:
            s.sendall(b"POST /auth/login HTTP/1.1\r\nHost: a\r\n"
                      b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"
                      b"\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            data = read_all(s)
        self.assertTrue(data.startswith(b"HTTP/1.1 400 Bad Request\r\n"))
        self.assertIn(b"application/problem+json", data)
        self.assertEqual(data.count(b"HTTP/1.1 "), 1)

    def test_slow_clients_do_not_hinder_others(self):
        server = self.serve()
        slow = [server.socket() for _ in range(200)]
        for s in slow:
            s.sendall(b"POST /auth/login HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        for _ in range(20):
            for s in slow:
                try:
                    s.sendall(b"a")
                except OSError:
                    pass  # one that took too long has been closed
            answer, _ = server.call("GET", "/health")
            self.assertEqual(answer.status, 200)
        for s in slow:
            s.close()

    # ---- streams

    def send(self, server, token, receive_buffer=0):
        body = json.dumps({"content": "go on", "stream": True}).encode()
        s = server.socket(receive_buffer)
        s.sendall(b"POST /chat/send HTTP/1.1\r\nHost: a\r\n"
                  b"Authorization: Bearer " + token.encode() + b"\r\n"
                  b"Content-Type: application/json\r\n"
                  b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return s

    def test_sigterm_tells_open_streams_and_drains(self):
        stub = self.stub("--reply", "one two three four", "--hang", "2")
        server = self.serve(**stub.settings)
        token = server.account()
        s = self.send(server, token)
        data = read_until(s, b'"type":"chunk"')
        server.process.send_signal(signal.SIGTERM)
        data += read_all(s)
        s.close()
        self.assertIn(b'"type":"error"', data)
        self.assertIn(b"data: [DONE]", data)
        self.assertTrue(data.endswith(b"\r\n0\r\n\r\n"), data[-200:])
        self.assertEqual(server.process.wait(WAIT), 0)
        # What had come is kept, and marked.
        again = self.serve()
        _, text = again.call("GET", "/conversations", token=token)
        conversation = json.loads(text)[0]["id"]
        _, text = again.call(
            "GET", "/conversations/%s/messages" % conversation, token=token)
        last = json.loads(text)[-1]
        self.assertTrue(last["partial"])
        self.assertTrue(last["content"].startswith("one"))

    def test_a_second_sigterm_ends_it_though_an_answer_is_owed(self):
        stub = self.stub("--reply", "one two three four", "--hang", "2")
        server = self.serve(**stub.settings)
        token = server.account()
        idle = server.socket()
        body = b'{"content":"go on"}'
        with server.socket() as s, idle:
            idle.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            read_until(idle, b'"ok"}')
            s.sendall(b"POST /chat/send HTTP/1.1\r\nHost: a\r\n"
                      b"Authorization: Bearer " + token.encode() + b"\r\n"
                      b"Content-Length: %d\r\n\r\n" % len(body) + body)
            while not json.loads(server.call("GET", "/conversations",
                                             token=token)[1]):
                pass
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(idle.recv(1), b"")
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(WAIT), 0)
            data = read_all(s)
            self.assertIn(b" 503 ", data.split(b"\r\n")[0])
            self.assertIn(b'"code":"stopping"', data)

    def test_a_client_that_never_reads_costs_little(self):
        stub = self.stub("--reply", "flood " * 1000, "--repeat", "500",
                         "--events", "3000")
        server = self.serve(**stub.settings)
        token = server.account()
        s = self.send(server, token, receive_buffer=4096)
        # The answer is done when the conversation has it.
        conversation = None
        while True:
            _, text = server.call("GET", "/metrics")
            waiting = [float(line.split()[1]) for line in text.split("\n")
                       if line.startswith("mneme_waiting_bytes ")][0]
            self.assertLessEqual(waiting, 1 << 20)
            _, text = server.call("GET", "/conversations", token=token)
            rows = json.loads(text)
            if rows and not conversation:
                conversation = rows[0]["id"]
            if not conversation:
                continue
            _, text = server.call(
                "GET", "/conversations/%s/messages" % conversation,
                token=token)
            rows = json.loads(text)
            if rows and rows[-1]["role"] == "assistant":
                break
        s.close()

    # ---- TLS

    def certificate(self, name):
        paths = [os.path.join(self.folder, name + end)
                 for end in (".crt", ".key")]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "2", "-subj", "/CN=" + name, "-addext",
             "subjectAltName=DNS:localhost", "-out", paths[0], "-keyout",
             paths[1]], check=True, capture_output=True)
        return paths

    def shake(self, server, certificate, **limits):
        context = ssl.create_default_context(cafile=certificate)
        context.set_alpn_protocols(limits.get("alpn", ["h2", "http/1.1"]))
        for name in ("minimum_version", "maximum_version"):
            if name in limits:
                setattr(context, name, limits[name])
        return context.wrap_socket(server.socket(),
                                   server_hostname="localhost")

    def test_tls(self):
        certificate, key = self.certificate("first")
        server = self.serve("--tls-cert", certificate, "--tls-key", key)
        self.assertIn("https://127.0.0.1:", server.line)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.shake(server, certificate, minimum_version=version,
                            maximum_version=version) as s:
                self.assertEqual(s.selected_alpn_protocol(), "http/1.1")
                s.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                data = read_until(s, b'{"status":"ok"}')
                s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n"
                          b"Connection: close\r\n\r\n")
                data = read_all(s)
                self.assertIn(b'"name":"mneme"', data)
        with self.assertRaises(ssl.SSLError):
            self.shake(server, certificate, alpn=["h2"])
        # Plain HTTP gets no answer that could be mistaken for one.
        with server.socket() as s:
            s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try:
                data = read_all(s)
            except ConnectionResetError:
                data = b""
        self.assertFalse(data.startswith(b"HTTP/1.1 200"))

    def test_tls_carries_large_bodies_both_ways(self):
        certificate, key = self.certificate("large")
        server = self.serve("--tls-cert", certificate, "--tls-key", key)
        with self.shake(server, certificate) as s:
            body = b'{"content":"' + b"x" * 200000 + b'"}'
            s.sendall(b"POST /chat/send HTTP/1.1\r\nHost: a\r\n"
                      b"Content-Type: application/json\r\n"
                      b"Connection: close\r\n"
                      b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.assertIn(b"HTTP/1.1 401 ", read_all(s))
        with self.shake(server, certificate) as s:
            s.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n"
                      b"Connection: close\r\n\r\n")
            head, body = read_all(s).split(b"\r\n\r\n", 1)
            json.loads(body)
            self.assertGreater(len(body), 20000)

    def test_sighup_reads_the_certificate_again(self):
        certificate, key = self.certificate("first")
        server = self.serve("--tls-cert", certificate, "--tls-key", key,
                            log="info")
        second = self.certificate("second")
        os.replace(second[0], certificate)
        os.replace(second[1], key)
        server.process.send_signal(signal.SIGHUP)
        while "read again" not in server.logged():
            self.assertIsNone(server.process.poll())
        with self.shake(server, certificate) as s:
            self.assertIn((("commonName", "second"),),
                          s.getpeercert()["subject"])

    def test_a_wrong_certificate_is_refused_at_once(self):
        certificate, _ = self.certificate("one")
        _, key = self.certificate("two")
        done = self.run_once("--tls-cert", certificate, "--tls-key", key)
        self.assertEqual(done.returncode, 4)
        self.assertIn("two.key", done.stderr)
        done = self.run_once("--tls-cert", certificate)
        self.assertEqual(done.returncode, 2)

    # ---- where it listens

    def test_a_socket_file_is_private(self):
        path = os.path.join(self.folder, "s")
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(path)
        stale.close()
        server = self.serve("--unix", path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(WAIT)
            s.connect(path)
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n"
                      b"Connection: close\r\n\r\n")
            self.assertIn(b"mneme_connections 1\n", read_all(s))
        other = self.run_once("--unix", path)
        self.assertEqual(other.returncode, 4)
        self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(path))

    def test_the_world_needs_a_secret(self):
        done = self.run_once("--host", "0.0.0.0", "--port", "0")
        self.assertEqual(done.returncode, 4)
        self.assertIn("SECRET_KEY", done.stderr)
        done = self.run_once("--host", "0.0.0.0", "--check",
                             SECRET_KEY="s" * 32)
        self.assertEqual((done.returncode, done.stdout),
                         (0, "the configuration is good\n"))

    def test_check_finds_what_is_wrong(self):
        self.assertEqual(self.run_once("--check").returncode, 0)
        done = self.run_once("--check", PORT="http")
        self.assertEqual(done.returncode, 2)
        self.assertIn("PORT", done.stderr)
        done = self.run_once("--check", "--tls-cert", "/nowhere",
                             "--tls-key", "/nowhere")
        self.assertEqual(done.returncode, 4)
        self.assertIn("/nowhere", done.stderr)

    def test_check_looks_where_it_would_listen(self):
        taken = os.path.join(self.folder, "no-socket")
        with open(taken, "w") as file:
            file.write("precious")
        for words, settings, what in (
                (("--unix", taken), {}, "no socket"),
                (("--unix", self.folder + "/none/s"), {}, "none/s"),
                (("--unix", "/" + "x" * 200), {}, "over 107 bytes"),
                (("--host", "192.0.2.77"), {"SECRET_KEY": "s" * 32},
                 "192.0.2.77"),
                ((), {"EMBEDDING_MODEL": self.folder + "/none"},
                 self.folder + "/none"),
                ((), {"CORS_ORIGINS": "example.org"}, "CORS_ORIGINS"),
                ((), {"FIREBASE_SERVICE_ACCOUNT_JSON": "{}"},
                 "FIREBASE_PROJECT_ID")):
            with self.subTest(words + tuple(settings)):
                done = self.run_once("--check", *words, **settings)
                self.assertEqual((done.returncode, done.stdout), (4, ""))
                self.assertIn(what, done.stderr)
        with open(taken) as file:
            self.assertEqual(file.read(), "precious")
        # A running server is no fault, and is not disturbed.
        path = os.path.join(self.folder, "s")
        self.serve("--unix", path)
        done = self.run_once("--check", "--unix", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(path)
        server = self.serve()
        done = self.run_once("--check", "--port", str(server.port))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(server.call("GET", "/health")[0].status, 200)

    def test_a_taken_port_is_said(self):
        server = self.serve()
        done = self.run_once("--port", str(server.port),
                             MNEME_LOG_LEVEL="warn")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(server.port), done.stderr)

    def test_dotenv_is_read(self):
        with open(os.path.join(self.folder, ".env"), "w") as file:
            file.write("MNEME_RATE_LOGIN=2\n")
        os.chmod(os.path.join(self.folder, ".env"), 0o600)
        server = self.serve(MNEME_RATE_LOGIN=None)
        seen = []
        for _ in range(3):
            answer, _ = server.call("POST", "/auth/login", {
                "email": "no@example.org", "password": "wrong wrong"})
            seen.append(answer.status)
        self.assertEqual(seen, [401, 401, 429])
        self.assertGreaterEqual(int(answer.getheader("Retry-After")), 1)
        self.assertIn('"login";q=2;w=60',
                      answer.getheader("RateLimit-Policy"))

    # ---- operations

    def test_readiness_names_what_lacks(self):
        server = self.serve()
        answer, text = server.call("GET", "/health/ready")
        self.assertEqual(answer.status, 200, text)
        self.assertEqual(json.loads(text)["checks"]["store"], "writable")
        server.stop()
        server = self.serve(EMBEDDING_MODEL="/no/such/model")
        answer, text = server.call("GET", "/health/ready")
        self.assertEqual(answer.status, 503)
        self.assertEqual(json.loads(text)["checks"]["model"], "missing")
        server.stop()
        broken = os.path.join(self.folder, "broken")
        os.mkdir(broken)
        server = self.serve(EMBEDDING_MODEL=broken)
        answer, text = server.call("GET", "/health/ready")
        self.assertEqual(answer.status, 503)
        self.assertEqual(json.loads(text)["checks"]["model"], "broken")

    def test_readiness_opens_the_model(self):
        model = os.environ.get("MNEME_TEST_MODEL")
        if not model or not os.path.isdir(model):
            self.skipTest("no model")
        folder = os.path.join(self.folder, "model")
        shutil.copytree(model, folder)
        weights = os.path.join(folder, "model.safetensors")
        server = self.serve(EMBEDDING_MODEL=folder)
        for _ in range(2):
            answer, text = server.call("GET", "/health/ready")
            self.assertEqual(answer.status, 200, text)
            self.assertEqual(json.loads(text)["checks"]["model"], "usable")
        # Another file in its place, and not all of it.
        with open(weights, "rb") as file:
            part = file.read(4096)
        with open(weights + ".new", "wb") as file:
            file.write(part)
        os.rename(weights + ".new", weights)
        answer, text = server.call("GET", "/health/ready")
        self.assertEqual(answer.status, 503, text)
        self.assertEqual(json.loads(text)["checks"]["model"], "broken")

    def test_metrics_are_not_for_everybody(self):
        server = self.serve()
        token = server.account()
        answer, text = server.call("GET", "/metrics")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.getheader("Content-Type")
                        .startswith("text/plain; version=0.0.4"))
        proxied = {"X-Forwarded-For": "192.0.2.1"}
        answer, _ = server.call("GET", "/metrics", **proxied)
        self.assertEqual(answer.status, 401)
        answer, _ = server.call("GET", "/metrics", token=token, **proxied)
        self.assertEqual(answer.status, 200)
        promtool = shutil.which("promtool") or \
            os.path.join(os.environ["MNEME_SOURCE"],
                         "build/tools/usr/bin/promtool")
        if not os.path.exists(promtool):
            self.skipTest("no promtool")
        done = subprocess.run([promtool, "check", "metrics"], input=text,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_log_has_requests_and_no_secrets(self):
        server = self.serve(log="info", MNEME_LOG_FORMAT="json")
        token = server.account()
        answer, _ = server.call(
            "POST", "/memories", {"value": "my-private-words"}, token=token,
            **{"X-Request-Id": "trace-1"})
        self.assertEqual(answer.getheader("X-Request-Id"), "trace-1")
        server.call("GET", "/memories?q=my-private-words", token=token)
        server.stop()
        text = server.logged()
        for secret in ("my-private-words", "correct horse", token):
            self.assertNotIn(secret, text)
        records = [json.loads(line) for line in text.splitlines()
                   if line.startswith("{")]
        mine = [r for r in records if r.get("request_id") == "trace-1"]
        self.assertEqual(len(mine), 1)
        self.assertEqual((mine[0]["method"], mine[0]["path"],
                          mine[0]["status"]), ("POST", "/memories", 201))

    def test_no_log_has_what_was_said_or_lets_in(self):
        stub = self.stub()
        stub.settings["LLM_API_KEY"] = "MARK-provider-key"
        server = self.serve(log="debug", SECRET_KEY="MARK" + "s" * 32,
                            CORS_ORIGINS="http://a.example", DEBUG="true",
                            **stub.settings)
        token = server.account()

        def send(method, path, body=None, **fields):
            return json.loads(server.call(method, path, body, token,
                                          **fields)[1] or "null")
        key = send("POST", "/auth/keys", {"name": "MARK-key"})["key"]
        grant = send("POST", "/auth/login", {
            "email": "ada@example.org", "password": "correct horse"})
        send("POST", "/auth/login", {"email": "MARK@example.org",
                                     "password": "MARK-password"})
        send("POST", "/auth/refresh", {"refresh_token": "mr_MARK"})
        grant = send("POST", "/auth/refresh",
                     {"refresh_token": grant["refresh_token"]})
        send("PUT", "/auth/password", {"old": "MARK-old", "new": "MARK-new"})
        send("PUT", "/users/profile", {"username": "MARK-name"})
        send("POST", "/chat/send", {"content": "remember that MARK is it"})
        send("POST", "/memories", {"value": "MARK is a memory"})
        send("GET", "/memories?q=MARK")
        send("GET", "/health?token=MARK")
        send("POST", "/v1/chat/completions", {"messages": [
            {"role": "system", "content": "MARK"},
            {"role": "user", "content": "MARK?"}]})
        send("POST", "/v1/embeddings", {"input": "MARK"})
        send("POST", "/memories", {"MARK": "MARK"})
        send("GET", "/health", **{"X-Request-Id": "MARK MARK", "Cookie": "MARK"})
        server.stop()
        text = server.logged()
        self.assertIn("/v1/chat/completions", text)
        self.assertIn("/auth/login from 127.0.0.1 failed", text)
        for secret in ("MARK", key, token, "correct horse",
                       grant["refresh_token"], grant["access_token"]):
            self.assertNotIn(secret, text)

    def test_the_unit_is_hardened(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze")
        unit = os.path.join(os.environ["MNEME_SOURCE"],
                            "share/mneme.service")
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true",
             "--no-pager", "--threshold=20", unit],
            capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-300:])

    def test_the_service_manager_is_told(self):
        path = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(WAIT)
            server = self.serve(NOTIFY_SOCKET=path)
            self.assertEqual(manager.recv(100), b"READY=1")
            self.assertEqual(server.stop(), 0)
            self.assertEqual(manager.recv(100), b"STOPPING=1")


if __name__ == "__main__":
    if not shutil.which("openssl"):
        sys.exit("openssl is missing")
    unittest.main(verbosity=1)
