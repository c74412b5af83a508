#!/usr/bin/env python3
"""The way to a provider: certificates are checked, a company's own can be
added, proxies are used as everywhere else.

All on loopback; `openssl` makes the certificates.
"""
import http.server
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

MNEME = os.environ["MNEME"]
ANSWER = "".join("data: %s\n\n" % line for line in (
    json.dumps({"model": "far", "choices": [
        {"delta": {"content": "It got here."}, "finish_reason": "stop"}]}),
    "[DONE]")).encode()
failures = 0


class Provider(http.server.BaseHTTPRequestHandler):
    """Answers; as a plain proxy it is asked with a whole address."""
    seen = []

    def log_message(self, *words):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the client did not like our certificate


class Tunnel(http.server.BaseHTTPRequestHandler):
    """A proxy for https; every host is this one."""
    seen = []

    def log_message(self, *words):
        pass

    def do_CONNECT(self):
        self.seen.append(self.path)
        at = "127.0.0.1", int(self.path.rsplit(":", 1)[1])
        with socket.create_connection(at) as end:
            self.send_response(200)
            self.end_headers()
            pairs = {self.connection: end, end: self.connection}
            while True:
                for one in select.select(list(pairs), [], [])[0]:
                    part = one.recv(65536)
                    if not part:
                        self.close_connection = True
                        return
                    pairs[one].sendall(part)


def serve(handler, certificate=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def certificate(home, name, subject):
    place = os.path.join(home, name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=" + name, "-addext",
                    "subjectAltName=" + subject, "-keyout", place + ".key",
                    "-out", place + ".crt"], check=True, capture_output=True)
    with open(place, "w", encoding="ascii") as both:
        for part in (".key", ".crt"):
            with open(place + part, encoding="ascii") as text:
                both.write(text.read())
    return place


def ask(home, url, **more):
    env = {"HOME": home, "PATH": os.defpath, "LC_ALL": "C.UTF-8",
           "LLM_PROVIDER": "openai", "LLM_MODEL": "far", "LLM_API_KEY": "k",
           "LLM_BASE_URL": url, "MNEME_RETRIES": "0",
           **{k: v for k, v in os.environ.items() if "SAN_OPTIONS" in k},
           **more}
    return subprocess.run([MNEME, "ask", "are you there?"], env=env, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL,
                          check=False)


def check(what, good, done):
    global failures
    if not good:
        failures += 1
        print("FAILED: %s: %d\n%s%s" % (what, done.returncode, done.stdout,
                                        done.stderr))


def arrives(what, done):
    check(what, done.returncode == 0 and "It got here." in done.stdout, done)


with tempfile.TemporaryDirectory() as home:
    good = certificate(home, "good", "IP:127.0.0.1,DNS:far.example")
    other = certificate(home, "other", "DNS:elsewhere.example")
    port = serve(Provider, good)
    secure = "https://127.0.0.1:%d/v1" % port
    far = "https://far.example:%d/v1" % port
    wrong = "https://127.0.0.1:%d/v1" % serve(Provider, other)
    plain = "http://127.0.0.1:%d/v1" % serve(Provider)
    tunnel = "http://127.0.0.1:%d" % serve(Tunnel)
    through = "http://127.0.0.1:%d" % serve(Provider)
    nobody = "http://127.0.0.1:1"

    done = ask(home, secure)
    check("an unknown certificate", done.returncode == 3
          and "certificate" in done.stderr and not Provider.seen, done)
    arrives("one that is named", ask(home, secure, SSL_CERT_FILE=good + ".crt"))
    Provider.seen.clear()
    done = ask(home, wrong, SSL_CERT_FILE=other + ".crt")
    check("one of another host", done.returncode == 3
          and "host name" in done.stderr and not Provider.seen, done)
    done = ask(home, secure, SSL_CERT_FILE=home + "/none")
    check("a file that is not there", done.returncode == 4
          and home + "/none" in done.stderr, done)

    done = ask(home, far, https_proxy=tunnel, SSL_CERT_FILE=good + ".crt")
    arrives("through a tunnel", done)
    check("which saw the host alone",
          set(Tunnel.seen) == {"far.example:%d" % port}, done)
    Provider.seen.clear()
    done = ask(home, "http://far.example/v1", http_proxy=through)
    arrives("through a plain proxy", done)
    check("which saw the address", set(Provider.seen) ==
          {"http://far.example/v1/chat/completions"}, done)
    arrives("this machine's servers, past a proxy",
            ask(home, plain, http_proxy=nobody))
    done = ask(home, "http://far.example/v1", http_proxy=nobody)
    check("a proxy that is not there", done.returncode == 3
          and "proxy" in done.stderr and "127.0.0.1" in done.stderr, done)
sys.exit(1 if failures else 0)
