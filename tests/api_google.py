#!/usr/bin/env python3
"""Signing in with Google: tokens signed by a key of the test, whose
certificate the test serves, and the emulator's, which nobody signed."""
import base64
import hashlib
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
import urllib.error
import urllib.parse
import urllib.request

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

    def test_the_log_says_that_unsigned_tokens_let_in(self):
        self.assertIn("FIREBASE_AUTH_EMULATOR_HOST", self.server.stderr())

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


class Google:
    """What Google and Firebase answer to a terminal that signs in."""

    def __init__(self):
        outer = self
        self.asked, self.nonce, self.challenge = [], None, None

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append((self.path, body.decode()))
                answer, status = outer.answer(self.path, body.decode())
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, path, body):
        if path == "/token":
            form = dict(urllib.parse.parse_qsl(body))
            proof = b64(hashlib.sha256(
                form["code_verifier"].encode()).digest())
            if form["code"] != "the code" or proof != self.challenge:
                return {"error": "invalid_grant",
                        "error_description": "bad code"}, 400
            return {"id_token": "x." + b64({"nonce": self.nonce}) + ".x"}, 200
        return {"idToken": b64({"alg": "none"}) + "." + b64(claims()) +
                "."}, 200

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Terminal(Case):
    provider = False
    settings = {"FIREBASE_PROJECT_ID": PROJECT,
                "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099"}

    def begin(self, google, profile):
        self.server.run("profile", "add", profile)
        env = {**self.server.env, "MNEME_GOOGLE_URL": google.url,
               "GOOGLE_CLIENT_ID": "client", "GOOGLE_CLIENT_SECRET": "secret",
               "FIREBASE_API_KEY": "key"}
        process = subprocess.Popen(
            [os.environ["MNEME"], "--profile", profile, "profile", "google"],
            env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        process.stderr.readline()
        query = dict(urllib.parse.parse_qsl(
            process.stderr.readline().strip().split("?", 1)[1]))
        google.nonce, google.challenge = (query["nonce"],
                                          query["code_challenge"])
        self.assertEqual(query["code_challenge_method"], "S256")
        return process, query

    def come_back(self, query, **more):
        back = query["redirect_uri"] + "?" + urllib.parse.urlencode(
            {"code": "the code", "state": query["state"], **more})
        try:
            return urllib.request.urlopen(back).status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def end(self, process):
        out, err = process.communicate()
        return process.returncode, out, err

    def test_the_browser_comes_back_and_the_profile_is_known(self):
        google = Google()
        self.addCleanup(google.close)
        process, query = self.begin(google, "typist")
        self.assertEqual(self.come_back(query, state="another"), 404)
        self.assertEqual(self.come_back(query), 200)
        self.assertEqual(self.end(process)[:2],
                         (0, "signed in as ada@example.org\n"))
        answer = self.anyone.post("/auth/google", {
            "id_token": b64({"alg": "none"}) + "." + b64(claims()) + "."})
        self.assertEqual(answer.json["user"]["username"], "typist")
        # Another profile cannot take the same Google account.
        process, query = self.begin(google, "copyist")
        self.come_back(query)
        status, _, err = self.end(process)
        self.assertEqual(status, 1, err)
        self.assertIn("taken", err)

    def test_a_wrong_code_and_a_refusal_change_nothing(self):
        google = Google()
        self.addCleanup(google.close)
        process, query = self.begin(google, "refused")
        self.come_back(query, code="another code")
        status, _, err = self.end(process)
        self.assertEqual(status, 4, err)
        self.assertIn("bad code", err)
        process, query = self.begin(google, "denied")
        self.come_back(query, code="", error="access_denied")
        self.assertEqual(self.end(process)[0], 4)


class ServiceAccount(Emulated):
    """The project's name out of the account that the settings hold."""

    settings = {"FIREBASE_SERVICE_ACCOUNT_JSON": json.dumps(
        {"type": "service_account", "project_id": PROJECT}),
        "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099"}


class NotSetUp(Case):
    provider = False

    def test_without_a_project_that_is_said(self):
        self.assertProblem(self.anyone.post(
            "/auth/google", {"id_token": "x"}), 404, "setup")


if __name__ == "__main__":
    main()
