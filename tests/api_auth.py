#!/usr/bin/env python3
"""Signing in over HTTP: every way in, and every way of being kept out."""
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import signal
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from mneme_api import Answer, Case, Client, Server, main, register, PASSWORD

SECRET = "a secret of thirty-two bytes, or more"


def b64(data):
    if isinstance(data, dict):
        data = json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(header, claims, key=SECRET, digest=hashlib.sha256):
    body = b64(header) + "." + b64(claims)
    if key is None:
        return body + "."
    return body + "." + b64(hmac.new(key.encode(), body.encode(),
                                     digest).digest())


def claims_of(text):
    part = text.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Accounts(Case):
    provider = False
    settings = {"SECRET_KEY": SECRET}

    def test_an_account_is_made_and_a_taken_one_is_not(self):
        ada = register(self.server, "ada")
        self.assertEqual(ada.user["email"], "ada@example.org")
        self.assertEqual(ada.user["username"], "ada")
        self.assertEqual(ada.get("/auth/me").json["id"], ada.user["id"])
        for email, name in (("ada@example.org", "other"),
                            ("ADA@EXAMPLE.ORG", "other"),
                            ("other@example.org", "Ada")):
            self.assertProblem(self.anyone.post("/auth/register", {
                "email": email, "username": name, "password": PASSWORD}),
                409, "conflict")

    def test_what_is_no_account_is_named_field_by_field(self):
        for body, field in (
                ({"email": "x", "password": PASSWORD}, "email"),
                ({"email": "x@y", "password": "1234567"}, "password"),
                ({"email": "x@y", "password": "a" * 1025}, "password"),
                ({"email": "x@y"}, "password"),
                ({"email": "x@y", "password": 7}, "password"),
                ({"email": "x@y", "password": PASSWORD, "admin": True},
                 "admin"),
                ({"email": None, "password": PASSWORD}, "email")):
            problem = self.assertProblem(
                self.anyone.post("/auth/register", body), 422, "invalid")
            self.assertEqual(problem["errors"][0]["field"], field, problem)

    def test_a_password_of_1024_bytes_counts_to_its_last(self):
        long = "p" * 1023
        register(self.server, "long", long + "1")
        for end, status in (("1", 200), ("2", 401), ("", 401)):
            self.assertEqual(self.anyone.post("/auth/login", {
                "email": "long@example.org",
                "password": long + end}).status, status)

    def test_login_takes_json_a_form_and_multipart(self):
        register(self.server, "forms")
        form = "username=forms%40example.org&password=correct+horse"
        parts = ("--x\r\nContent-Disposition: form-data; name=\"username\"\r\n"
                 "\r\nforms@example.org\r\n--x\r\nContent-Disposition: "
                 "form-data; name=\"password\"\r\n\r\ncorrect horse\r\n"
                 "--x--\r\n")
        for body, kind in (
                ({"email": "forms@example.org", "password": PASSWORD}, None),
                ({"username": "forms@example.org", "password": PASSWORD},
                 None),
                ({"username": "forms", "password": PASSWORD}, None),
                (form, "application/x-www-form-urlencoded"),
                (form + "&grant_type=password&scope=",
                 "application/x-www-form-urlencoded"),
                (parts, "multipart/form-data; boundary=x")):
            answer = self.anyone.post("/auth/login", body, headers={
                "Content-Type": kind} if kind else None)
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(answer.json["token_type"], "bearer")

    def test_an_unknown_email_and_a_wrong_password_look_the_same(self):
        register(self.server, "known")
        answers = [self.anyone.post("/auth/login",
                                    {"email": who, "password": "wrong one"})
                   for who in ("known@example.org", "unknown@example.org")]
        for answer in answers:
            self.assertProblem(answer, 401, "auth")
            self.assertIn("Bearer", answer.headers["WWW-Authenticate"])
        first, second = [{**a.json, "request_id": ""} for a in answers]
        self.assertEqual(first, second)

    def test_more_sign_ins_than_may_wait_are_told_to_come_again(self):
        register(self.server, "crowd")
        body = json.dumps({"email": "crowd@example.org",
                           "password": "wrong one"})
        waiting = []
        # They all lie there when the server looks, and hashing one takes
        # longer than reading all of them.
        self.server.process.send_signal(signal.SIGSTOP)
        for _ in range(100):
            c = http.client.HTTPConnection(self.server.host, self.server.port)
            c.request("POST", "/auth/login", body,
                      {"Content-Type": "application/json"})
            waiting.append(c)
        self.server.process.send_signal(signal.SIGCONT)
        refused = 0
        for c in waiting:
            with contextlib.closing(c), c.getresponse() as response:
                answer = Answer(response, response.read())
            if answer.status == 429:
                refused += 1
                self.assertProblem(answer, 429, "busy")
                self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
                self.assertIn("sign-ins", answer.json["detail"])
            else:
                self.assertProblem(answer, 401, "auth")
        self.assertGreater(refused, 0)
        self.assertLess(refused, len(waiting))
        # And then there is room again.
        self.assertEqual(self.anyone.post("/auth/login", {
            "email": "crowd@example.org",
            "password": PASSWORD}).status, 200)

    def test_a_refresh_token_is_good_once_and_its_reuse_ends_all(self):
        ada = register(self.server, "rotate")
        first = self.anyone.post("/auth/refresh",
                                 {"refresh_token": ada.refresh})
        self.assertEqual(first.status, 200)
        new = first.json
        self.assertEqual(Client(self.server, new["access_token"])
                         .get("/auth/me").status, 200)
        self.assertProblem(self.anyone.post(
            "/auth/refresh", {"refresh_token": ada.refresh}), 401)
        self.assertProblem(self.anyone.post(
            "/auth/refresh", {"refresh_token": new["refresh_token"]}), 401)
        self.assertProblem(Client(self.server, new["access_token"])
                           .get("/auth/me"), 401)

    def test_logout_ends_the_session_and_no_other(self):
        ada = register(self.server, "leaver")
        other = self.anyone.post("/auth/login", {
            "email": "leaver@example.org", "password": PASSWORD}).json
        self.assertEqual(ada.post("/auth/logout").status, 204)
        self.assertProblem(ada.get("/auth/me"), 401)
        self.assertProblem(self.anyone.post(
            "/auth/refresh", {"refresh_token": ada.refresh}), 401)
        self.assertEqual(Client(self.server, other["access_token"])
                         .get("/auth/me").status, 200)

    def test_logout_ends_another_session_by_its_whole_token_only(self):
        ada = register(self.server, "twice")
        def sign_in():
            return self.anyone.post("/auth/login", {
                "email": "twice@example.org", "password": PASSWORD}).json
        def status(grant):
            return Client(self.server, grant["access_token"]).get(
                "/auth/me").status
        other, third = sign_in(), sign_in()
        # The ids in it are right, the secret is not.
        token = other["refresh_token"]
        middle = len(token) - 20
        forged = token[:middle] + ("B" if token[middle] == "A" else "A") + \
            token[middle + 1:]
        self.assertEqual(ada.post("/auth/logout", {
            "refresh_token": forged}).status, 204)
        self.assertProblem(ada.get("/auth/me"), 401)
        self.assertEqual(status(other), 200)
        self.assertEqual(Client(self.server, third["access_token"]).post(
            "/auth/logout", {"refresh_token": token}).status, 204)
        self.assertEqual(status(other), 401)

    def test_sessions_are_listed_and_ended(self):
        ada = register(self.server, "many")
        self.anyone.post("/auth/login", {
            "email": "many@example.org", "password": PASSWORD},
            headers={"User-Agent": "phone"})
        sessions = ada.get("/auth/sessions").json
        self.assertEqual(len(sessions), 2)
        phone = [s for s in sessions if s["client"] == "phone"][0]
        self.assertFalse(phone["current"])
        path = "/auth/sessions/" + phone["id"]
        self.assertEqual(ada("DELETE", path).status, 204)
        self.assertProblem(ada("DELETE", path), 404)
        self.assertEqual(len(ada.get("/auth/sessions").json), 1)

    def test_a_new_password_ends_every_session(self):
        ada = register(self.server, "change")
        wrong = ada("PUT", "/auth/password", {"old": "x", "new": "another1"})
        self.assertProblem(wrong, 403, "wrong_password")
        self.assertProblem(ada("PUT", "/auth/password",
                               {"old": PASSWORD, "new": "short"}), 422)
        self.assertEqual(ada("PUT", "/auth/password", {
            "old": PASSWORD, "new": "another horse"}).status, 204)
        self.assertProblem(ada.get("/auth/me"), 401)
        self.assertProblem(self.anyone.post(
            "/auth/refresh", {"refresh_token": ada.refresh}), 401)
        for password, status in ((PASSWORD, 401), ("another horse", 200)):
            self.assertEqual(self.anyone.post("/auth/login", {
                "email": "change@example.org",
                "password": password}).status, status)

    def test_keys_let_in_as_far_as_their_scope(self):
        ada = register(self.server, "keys")
        made = ada.post("/auth/keys", {"name": "script", "scope": "read"})
        self.assertEqual(made.status, 201)
        key = made.json
        self.assertRegex(key["key"], r"^mk_[0-9a-z]{32}$")
        listed = ada.get("/auth/keys").json
        self.assertEqual([k["name"] for k in listed], ["script"])
        self.assertNotIn("key", listed[0])
        reader = Client(self.server, key["key"])
        self.assertEqual(reader.get("/conversations").status, 200)
        self.assertProblem(reader.post("/conversations"), 403, "read_only")
        writer = Client(self.server, ada.post(
            "/auth/keys", {"name": "all"}).json["key"])
        self.assertEqual(writer.post("/conversations").status, 201)
        for method, path, body in (
                ("POST", "/auth/keys", {"name": "another"}),
                ("GET", "/auth/keys", None),
                ("DELETE", "/auth/keys/" + key["id"], None),
                ("GET", "/auth/sessions", None),
                ("DELETE", "/auth/sessions/" + ada.get(
                    "/auth/sessions").json[0]["id"], None),
                ("PUT", "/auth/password", {"old": PASSWORD,
                                           "new": "another horse"}),
                ("PUT", "/users/profile", {"email": "new@example.org"}),
                ("DELETE", "/users/profile", None),
                ("DELETE", "/user/delete", None)):
            with self.subTest(f"{method} {path}"):
                self.assertProblem(writer(method, path, body), 403,
                                   "session_needed")
        self.assertEqual(ada("DELETE", "/auth/keys/" + key["id"]).status, 204)
        self.assertProblem(reader.get("/conversations"), 401)
        self.assertProblem(ada("DELETE", "/auth/keys/" + key["id"]), 404)

    def test_an_account_that_is_deleted_is_gone_with_everything(self):
        ada = register(self.server, "gone")
        ada.post("/memories", {"value": "zanzibar is where I was born"})
        self.assertEqual(ada("DELETE", "/users/profile").status, 204)
        self.assertProblem(ada.get("/auth/me"), 401)
        self.assertProblem(self.anyone.post("/auth/login", {
            "email": "gone@example.org", "password": PASSWORD}), 401)
        again = register(self.server, "gone")
        self.assertEqual(again.get("/memories").json, [])

    def test_the_profile_is_changed_and_keeps_to_what_is_free(self):
        ada = register(self.server, "before")
        register(self.server, "taken")
        done = ada("PUT", "/users/profile", {"username": "after"})
        self.assertEqual(done.status, 200)
        self.assertEqual(done.json["username"], "after")
        self.assertEqual(ada.get("/users/profile").json["username"], "after")
        self.assertProblem(ada("PUT", "/users/profile",
                               {"username": "taken"}), 409)
        self.assertProblem(ada("PUT", "/users/profile",
                               {"email": "taken@example.org"}), 409)
        self.assertProblem(ada("PUT", "/users/profile",
                               {"username": "a@b"}), 422)


class Forgeries(Case):
    provider = False
    settings = {"SECRET_KEY": SECRET}

    def test_a_forged_token_is_401_whatever_it_says(self):
        ada = register(self.server, "ada")
        good = claims_of(ada.token)
        header = {"alg": "HS256", "typ": "JWT"}
        public = ("-----BEGIN PUBLIC KEY-----\nMIIBIjAN\n"
                  "-----END PUBLIC KEY-----\n")
        forged = {
            "none": token({"alg": "none"}, good, None),
            "None": token({"alg": "None"}, good, None),
            "none, signed": token({"alg": "none"}, good),
            "confusion": token({"alg": "RS256"}, good, public),
            "a public key as secret": token(header, good, public),
            "HS512": token({"alg": "HS512"}, good, digest=hashlib.sha512),
            "no signature": token(header, good, None),
            "expired": token(header, {**good, "exp": 1}),
            "no expiry": token(header, {k: v for k, v in good.items()
                                        if k != "exp"}),
            "wrong use": token(header, {**good, "use": "refresh"}),
            "wrong audience": token(header, {**good, "aud": "others"}),
            "another session": token(header, {**good, "sid": "0" * 26}),
            "another person": token(header, {**good, "sub": "0" * 26}),
            "from tomorrow": token(header, {**good, "nbf": 99999999999}),
            "the refresh token": ada.refresh,
            "tampered": ada.token[:-2] + ("AA" if ada.token[-2:] != "AA"
                                          else "BB"),
            "half": ada.token[:60],
            "words": "let me in",
            "a key that is none": "mk_" + "0" * 32,
        }
        self.assertEqual(Client(self.server, token(header, good))
                         .get("/auth/me").status, 200)
        for why, text in forged.items():
            with self.subTest(why):
                self.assertProblem(Client(self.server, text).get("/auth/me"),
                                   401, "auth")

    def test_no_token_is_401_and_other_schemes_are_too(self):
        self.assertProblem(self.anyone.get("/conversations"), 401)
        for value in ("Basic YTpi", "Bearer", "Bearer ", "Token x"):
            self.assertProblem(self.anyone.get("/conversations", headers={
                "Authorization": value}), 401)


class Old(Case):
    provider = False

    def test_an_account_with_a_bcrypt_hash_signs_in_and_is_rehashed(self):
        hashed = ("$2b$04$abcdefghijklmnopqrstuujydOTSfIH"
                  "/d5oUHpsygqV5X9xJLQc6e")
        self.server.run("profile", "add", "old", "--email", "old@example.org",
                        "--password-hash", hashed)
        for password, status in (("wrong", 401), (PASSWORD, 200),
                                 (PASSWORD, 200)):
            self.assertEqual(self.anyone.post("/auth/login", {
                "email": "old@example.org",
                "password": password}).status, status)
        bad = self.server.run("profile", "add", "x", "--email", "x@y",
                              "--password-hash", "plain", check=False)
        self.assertNotEqual(bad.returncode, 0)

    def test_a_key_made_by_the_command_lets_in(self):
        self.server.run("profile", "add", "local")
        made = json.loads(self.server.run(
            "--profile", "local", "profile", "key", "add", "laptop",
            "--scope", "read", "--json").stdout)
        client = Client(self.server, made["key"])
        self.assertEqual(client.get("/auth/me").json["username"], "local")
        self.assertProblem(client.post("/conversations"), 403)
        listed = json.loads(self.server.run(
            "--profile", "local", "profile", "key", "list", "--json").stdout)
        self.assertEqual([k["name"] for k in listed], ["laptop"])
        self.server.run("--profile", "local", "profile", "key", "revoke",
                        made["id"])
        self.assertProblem(client.get("/auth/me"), 401)

    def test_a_password_set_by_the_command_signs_in(self):
        self.server.run("profile", "add", "typed", "--email",
                        "typed@example.org")
        self.server.run("--profile", "typed", "profile", "passwd",
                        input="a new password\n")
        self.assertEqual(self.anyone.post("/auth/login", {
            "email": "typed@example.org",
            "password": "a new password"}).status, 200)


class Limited(unittest.TestCase):
    """One request a minute, so that the second is one too many."""

    def server(self, **settings):
        server = Server(**{"MNEME_RATE_" + k: v for k, v in settings.items()})
        self.addCleanup(server.close)
        return server

    def check(self, answer, status, name):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["RateLimit-Policy"],
                         f'"{name}";q=1;w=60')
        self.assertRegex(answer.headers["RateLimit"],
                         rf'^"{name}";r=0;t=[1-9][0-9]?$')
        if status == 429:
            self.assertIn(int(answer.headers["Retry-After"]), range(1, 61))
            self.assertIn("rate_limited", answer.body.decode())
        else:
            self.assertIsNone(answer.headers["Retry-After"])

    def test_people_have_budgets_of_their_own(self):
        server = self.server(REQUESTS="1", CHAT="1")
        question = {"messages": [{"role": "user", "content": "x"}]}
        for name in ("ada", "bob"):
            person = register(server, name)
            self.check(person.get("/auth/me"), 200, "requests")
            self.check(person.get("/conversations"), 429, "requests")
            self.check(person.post("/chat/send", {"content": "x"}), 201,
                       "chat")
            refused = person.post("/v1/chat/completions", question)
            self.check(refused, 429, "chat")
            self.assertEqual(refused.json["error"]["type"],
                             "rate_limit_error")
            # A key is the same person; the health has no budget.
            self.assertEqual(person.get("/health").status, 200)

    def sign_in(self, server, address=None):
        return Client(server).post("/auth/login", {
            "email": "no@example.org", "password": "wrong one"}, headers={
                "X-Forwarded-For": address} if address else None)

    def test_an_address_is_the_sockets_unless_a_proxy_is_trusted(self):
        server = self.server(LOGIN="1")
        self.check(self.sign_in(server), 401, "login")
        self.check(self.sign_in(server, "192.0.2.1"), 429, "login")
        server = Server(MNEME_RATE_LOGIN="1", MNEME_TRUST_PROXY="true")
        self.addCleanup(server.close)
        # Its own word is the last; what stands before it was sent along.
        for address, status in (("192.0.2.1", 401), ("192.0.2.2", 401),
                                ("192.0.2.9, 192.0.2.1", 429)):
            with self.subTest(address):
                self.check(self.sign_in(server, address), status, "login")


class Starting(unittest.TestCase):
    def test_the_emulator_and_other_addresses_need_what_they_need(self):
        for settings in ({"HOST": "0.0.0.0"},
                         {"HOST": "0.0.0.0", "SECRET_KEY": SECRET,
                          "FIREBASE_PROJECT_ID": "demo",
                          "FIREBASE_AUTH_EMULATOR_HOST": "localhost:9099"},
                         {"CORS_ORIGINS": "example.org"}):
            with self.subTest(settings):
                self.assertRaisesRegex(RuntimeError, "no server", Server,
                                       **settings)


if __name__ == "__main__":
    main()
