#!/usr/bin/env python3
"""Signing in with Google: tokens signed by a key of the test, whose
certificate the test serves, and the emulator's, which nobody signed."""
import base64
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from mneme_api import Case, Client, Server, main, register

PROJECT = "demo-project"


def b64(data):
    if isinstance(data, dict):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """A key and its certificate, made by openssl(1)."""

    def __init__(self, folder, name, bits=2048, days="30"):
        self.key = os.path.join(folder, name + ".key")
        self.certificate = os.path.join(folder, name + ".pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", f"rsa:{bits}", "-nodes",
             "-keyout", self.key, "-out", self.certificate, "-days", days,
             "-subj", "/CN=test"], check=True, capture_output=True)
        with open(self.certificate) as file:
            self.pem = file.read()

    def sign(self, header, claims):
        body = b64(header) + "." + b64(claims)
        done = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self.key],
            input=body.encode(), check=True, capture_output=True)
        return body + "." + b64(done.stdout)


class Certificates:
    """Where the keys are fetched from; counts how often."""

    def __init__(self):
        outer = self
        self.keys, self.fetched, self.status = {}, 0, 200

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.fetched += 1
                body = json.dumps(outer.keys).encode()
                self.send_response(outer.status)
                self.send_header("Cache-Control", "public, max-age=3600")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/certs"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def claims(**more):
    now = int(time.time())
    return {"iss": "https://securetoken.google.com/" + PROJECT,
            "aud": PROJECT, "iat": now, "auth_time": now, "exp": now + 3600,
            "sub": "google-1", "email": "ada@example.org",
            "email_verified": True, "name": "Ada", **more}


class Signed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="mneme-google-")
        cls.signer = Signer(cls.folder, "one")
        cls.stranger = Signer(cls.folder, "two")
        cls.weak = Signer(cls.folder, "weak", 1024)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.certificates = Certificates()
        self.certificates.keys = {"k1": self.signer.pem,
                                  "weak": self.weak.pem}
        self.addCleanup(self.certificates.close)
        self.server = Server(FIREBASE_PROJECT_ID=PROJECT,
                             MNEME_FIREBASE_CERTS_URL=self.certificates.url)
        self.addCleanup(self.server.close)
        self.anyone = Client(self.server)

    def sign_in(self, token):
        return self.anyone.post("/auth/google", {
            "id_token": token, "access_token": "x",
            "user_info": {"uid": "someone else", "email": "evil@example.org",
                          "emailVerified": True}})

    def good(self, **more):
        return self.signer.sign({"alg": "RS256", "kid": "k1", "typ": "JWT"},
                                claims(**more))

    def test_a_signed_token_makes_an_account_and_finds_it_again(self):
        first = self.sign_in(self.good())
        self.assertEqual(first.status, 200, first)
        self.assertEqual(first.json["user"]["email"], "ada@example.org")
        self.assertEqual(first.json["user"]["username"], "Ada")
        again = self.sign_in(self.good(email="new@example.org"))
        self.assertEqual(again.json["user"]["id"], first.json["user"]["id"])
        other = self.sign_in(self.good(sub="google-2"))
        self.assertNotEqual(other.json["user"]["id"],
                            first.json["user"]["id"])
        client = Client(self.server, first.json["access_token"])
        self.assertEqual(client.get("/auth/me").status, 200)
        self.assertEqual(self.certificates.fetched, 1)
        # Who has no password yet sets one without an old one.
        self.assertEqual(client("PUT", "/auth/password",
                                {"new": "a new password"}).status, 204)

    def test_the_email_leads_into_nobodys_account(self):
        ada = register(self.server, "ada")
        answer = self.sign_in(self.good())
        self.assertEqual(answer.status, 200, answer)
        self.assertNotEqual(answer.json["user"]["id"], ada.user["id"])

    def test_forged_tokens_are_refused(self):
        header = {"alg": "RS256", "kid": "k1"}
        good = self.good()
        self.assertEqual(self.sign_in(good).status, 200)
        body, signature = good.rsplit(".", 1)
        now = int(time.time())
        for why, token in {
                "another key": self.stranger.sign(header, claims()),
                "an unknown name": self.signer.sign(
                    {"alg": "RS256", "kid": "k9"}, claims()),
                "no name": self.signer.sign({"alg": "RS256"}, claims()),
                "a key too short": self.weak.sign(
                    {"alg": "RS256", "kid": "weak"}, claims()),
                "none": b64({"alg": "none"}) + "." + b64(claims()) + ".",
                "HS256 named": self.signer.sign(
                    {"alg": "HS256", "kid": "k1"}, claims()),
                "a key it brings along": self.signer.sign(
                    {"alg": "RS256", "kid": "k1", "crit": ["jwk"]},
                    claims()),
                "no signature": body + ".",
                "half of it": body + "." + signature[:-40],
                "another project": self.good(aud="other"),
                "another issuer": self.good(
                    iss="https://securetoken.google.com/other"),
                "a custom token": self.good(
                    aud="https://identitytoolkit.googleapis.com/google."
                        "identity.identitytoolkit.v1.IdentityToolkit"),
                "expired": self.good(exp=now - 1),
                "from the future": self.good(iat=now + 600),
                "signed in tomorrow": self.good(auth_time=now + 600),
                "nobody": self.good(sub=""),
                "a long name": self.good(sub="x" * 129)}.items():
            with self.subTest(why):
                answer = self.sign_in(token)
                self.assertEqual(answer.status, 401, answer)

    def test_made_up_key_names_cost_one_fetch_a_minute(self):
        for i in range(5):
            self.sign_in(self.signer.sign(
                {"alg": "RS256", "kid": f"made-up-{i}"}, claims()))
        self.assertEqual(self.certificates.fetched, 1)

    def test_keys_that_cannot_be_had_are_nobodys_fault(self):
        self.certificates.status = 500
        answer = self.sign_in(self.good())
        self.assertEqual(answer.status, 502, answer)


class Emulated(Case):
    provider = False
    settings = {"FIREBASE_PROJECT_ID": PROJECT,
                "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099"}

    def test_the_emulators_tokens_are_taken_and_still_checked(self):
        def token(**more):
            return (b64({"alg": "none", "typ": "JWT"}) + "." +
                    b64(claims(**more)) + ".")
        answer = self.anyone.post("/auth/google", {"id_token": token()})
        self.assertEqual(answer.status, 200, answer)
        for more in ({"aud": "other"}, {"exp": 1}, {"sub": ""}):
            self.assertProblem(self.anyone.post(
                "/auth/google", {"id_token": token(**more)}), 401)
        self.assertProblem(self.anyone.post(
            "/auth/google", {"id_token": token() + "AAAA"}), 401)


class NotSetUp(Case):
    provider = False

    def test_without_a_project_that_is_said(self):
        self.assertProblem(self.anyone.post(
            "/auth/google", {"id_token": "x"}), 404, "setup")


if __name__ == "__main__":
    main()
