#!/usr/bin/env python3
"""Every route of the table: who may call it, what it refuses, and that no
person sees another one's data.  The routes come from /openapi.json, so a new
one is tested the day it is made."""
import base64
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from mneme_api import Case, Client, Server, main, register, PASSWORD

METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLE = "application/json"
GIF = base64.b64encode(b"GIF89a").decode()


class Routes(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.api = cls.anyone.get("/openapi.json").json

    def operations(self):
        for path, item in self.api["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def body_of(self, operation):
        body = operation.get("requestBody")
        return body and body["content"][EXAMPLE]["example"]

    def fill(self, path, **ids):
        return re.sub(r"\{(\w+)\}", lambda m: ids.get(m[1], "0" * 26), path)

    def things(self, person):
        """One of each thing that a path may name."""
        turn = person.post("/chat/send", {
            "content": "hello", "attachments": [{"data": GIF}]}).json
        said = person.get(f"/conversations/{turn['conversation']['id']}"
                          "/messages").json[0]
        memory = person.post("/memories", {"value": "I like tea"}).json
        key = person.post("/auth/keys", {"name": "k"}).json
        session = person.get("/auth/sessions").json[0]
        return {"conversations": turn["conversation"]["id"],
                "mid": turn["message"]["id"], "memories": memory["id"],
                "keys": key["id"], "sessions": session["id"],
                "sha256": said["attachments"][0]["sha256"]}

    def path_for(self, path, things):
        kind = path.split("/")[1]
        if kind == "chat":
            kind = "conversations"
        elif kind == "auth":
            kind = path.split("/")[2]
        elif kind == "memory":
            kind = "memories"
        return self.fill(path, id=things.get(kind, "x"),
                         mid=things["mid"], sha256=things["sha256"])

    def test_the_description_is_openapi(self):
        self.assertEqual(self.api["openapi"], "3.1.0")
        seen = set()
        for method, path, operation in self.operations():
            self.assertNotIn(operation["operationId"], seen)
            seen.add(operation["operationId"])
            self.assertTrue(operation["summary"], path)
            names = set(re.findall(r"\{(\w+)\}", path))
            self.assertEqual(names, {p["name"] for p in
                                     operation["parameters"]
                                     if p["in"] == "path"}, path)
        text = json.dumps(self.api)
        for reference in set(re.findall(r'"#/components/(\w+)/(\w+)"', text)):
            self.assertIn(reference[1],
                          self.api["components"][reference[0]])

    def test_every_route_is_in_the_page(self):
        page = self.anyone.get("/docs")
        self.assertTrue(page.headers["Content-Type"].startswith("text/html"))
        self.assertIn("default-src 'none'",
                      page.headers["Content-Security-Policy"])
        text = page.body.decode()
        for method, path, _ in self.operations():
            self.assertIn(path, text)
        self.assertNotRegex(text, r"(src|href)=\"https?:")

    def test_without_a_token_closed_routes_are_401(self):
        for method, path, operation in self.operations():
            with self.subTest(f"{method} {path}"):
                answer = self.anyone(method, self.fill(path),
                                     self.body_of(operation))
                if operation["security"]:
                    self.assertEqual(answer.status, 401, answer)
                    self.assertIn("Bearer",
                                  answer.headers["WWW-Authenticate"])

    def test_a_reading_key_may_only_read(self):
        ada = register(self.server, "reader")
        key = ada.post("/auth/keys", {"name": "r", "scope": "read"}).json
        reader = Client(self.server, key["key"])
        for method, path, operation in self.operations():
            if not operation["security"]:
                continue
            with self.subTest(f"{method} {path}"):
                answer = reader(method, self.fill(path),
                                self.body_of(operation))
                if "403" in operation["responses"]:
                    self.assertEqual(answer.status, 403, answer)
                else:
                    self.assertNotEqual(answer.status, 403, answer)

    def test_no_person_reaches_what_is_anothers(self):
        ada = register(self.server, "owner")
        bob = register(self.server, "other")
        things = self.things(ada)
        chat = f"/conversations/{things['conversations']}"
        before = {path: ada.get(path).json for path in (
            "/conversations", "/memories", "/auth/keys", "/users/profile",
            chat + "/messages")}
        sessions = len(ada.get("/auth/sessions").json)
        for method, path, operation in self.operations():
            if "{" not in path or path.startswith("/v1/models"):
                continue
            with self.subTest(f"{method} {path}"):
                answer = bob(method, self.path_for(path, things),
                             self.body_of(operation))
                self.assertEqual(answer.status, 404, answer)
        self.assertEqual(bob.get("/conversations").json, [])
        self.assertEqual(bob.get("/memories").json, [])
        self.assertEqual(bob.get("/memories?q=tea").json["results"], [])
        self.assertProblem(bob.post("/chat/send", {
            "conversation_id": things["conversations"], "content": "x"}), 404)
        # A conversation of that name is one of his own.
        self.assertNotEqual(bob.post("/v1/chat/completions", {
            "messages": [{"role": "user", "content": "mine"}]}, headers={
                "X-Mneme-Conversation": things["conversations"]}).headers[
                    "X-Mneme-Conversation"], things["conversations"])
        self.assertProblem(bob.post(
            f"/conversations/{bob.get('/conversations').json[0]['id']}/fork",
            {"message_id": things["mid"]}), 409)
        for path, was in before.items():
            self.assertEqual(ada.get(path).json, was)
        self.assertEqual(len(ada.get("/auth/sessions").json), sessions)
        # Nor by a key for a request that the other made.
        for person in (ada, bob):
            made = person.post("/conversations", {"title": "t"}, headers={
                "Idempotency-Key": "the same"})
            self.assertNotIn("Idempotency-Replayed", made.headers)

    def test_what_is_not_anothers_is_reached_by_the_same_request(self):
        """Else a 404 above says nothing."""
        bob = register(self.server, "neighbour")
        paths = 0
        for method, path, operation in self.operations():
            if "{" not in path or path.startswith("/v1/models"):
                continue
            paths += 1
            with self.subTest(f"{method} {path}"):
                ada = register(self.server, f"owner{paths}")
                where = self.path_for(path, self.things(ada))
                body = self.body_of(operation)
                if body and "message_id" in body:
                    body = {}
                self.assertEqual(bob(method, where, body).status, 404)
                answer = ada(method, where, body)
                self.assertEqual(answer.status // 100, 2, answer)
        self.assertGreaterEqual(paths, 20)

    def test_a_cursor_leads_to_nothing_of_anothers(self):
        ada = register(self.server, "pages")
        bob = register(self.server, "thief")
        chats = {}
        for person in (ada, bob):
            for i in range(3):
                said = person.post("/chat/send", {"content": f"one {i}"}).json
                person.post("/chat/send", {
                    "content": "two",
                    "conversation_id": said["conversation"]["id"]})
                person.post("/memories", {"value": f"number {i} is {i * 3}"})
            chats[person] = said["conversation"]["id"]
        paths = ("/conversations?limit=1", "/memories?limit=1",
                 "/conversations/%s/messages?limit=1")
        for path in paths:
            link = ada.get(path.replace("%s", chats[ada])).headers["Link"]
            cursor = re.search(r"cursor=([^>&]+)", link)[1]
            own = {m["id"] for m in bob.get(
                path.replace("%s", chats[bob])[:-1] + "200").json}
            with self.subTest(path):
                got = bob.get(path.replace("%s", chats[bob])[:-1] +
                              "200&cursor=" + cursor)
                if got.status == 200:
                    self.assertLessEqual({m["id"] for m in got.json}, own)
                else:
                    self.assertIn("cursor",
                                  self.assertProblem(got, 404)["detail"])
        # Nor from one conversation into another.
        other = ada.post("/conversations").json["id"]
        cursor = re.search(r"cursor=([^>&]+)", ada.get(
            f"/conversations/{chats[ada]}/messages?limit=1").headers[
                "Link"])[1]
        self.assertProblem(ada.get(
            f"/conversations/{other}/messages?cursor={cursor}"), 404)

    def test_another_method_is_405_and_says_which_there_are(self):
        ada = register(self.server, "methods")
        for path, item in self.api["paths"].items():
            have = {m.upper() for m in METHODS if m in item}
            if "GET" in have:
                have.add("HEAD")
            for method in {"GET", "PUT", "PATCH", "DELETE", "TRACE",
                           "BREW"} - have:
                with self.subTest(f"{method} {path}"):
                    answer = ada(method, self.fill(path))
                    self.assertEqual(answer.status, 405, answer)
                    self.assertEqual(
                        set(answer.headers["Allow"].split(", ")),
                        have | {"OPTIONS"})

    def test_unknown_paths_are_404(self):
        ada = register(self.server, "paths")
        for path in ("/nothing", "/conversations/", "//", "/auth",
                     "/conversations/x/y", "/Conversations", "/v1",
                     "/conversations/%00", "/conversations/%zz"):
            with self.subTest(path):
                answer = ada.get(path)
                self.assertIn(answer.status, (400, 404), answer)
                self.assertEqual(answer.headers["Content-Type"],
                                 "application/problem+json")

    def test_bodies_that_are_not_as_described_are_refused(self):
        ada = register(self.server, "bodies")
        things = self.things(ada)
        kind = {"Content-Type": "application/json"}
        for method, path, operation in self.operations():
            if "requestBody" not in operation:
                continue
            for body in ("", "{", "[]", "7", "null", '{"a":1,"a":2}',
                         "[" * 50, b"\xff", '{"no_such_field":1}',
                         '{"\\u0000":1}'):
                with self.subTest(f"{method} {path} {body!r}"):
                    answer = ada(method, self.path_for(path, things), body,
                                 headers=kind)
                    self.assertIn(answer.status, (400, 422), answer)
                    self.assertTrue(answer.json)
            example = self.body_of(operation)
            for name in example:
                for value in ([], {}, True, 1e400, "\u0007" * 3000):
                    what = repr(value)[:20]
                    with self.subTest(f"{method} {path} {name}={what}"):
                        answer = ada(method, self.path_for(path, things),
                                     json.dumps({**example, name: value}),
                                     headers=kind)
                        self.assertLess(answer.status, 500, answer)
                break

    def test_counts_are_told_as_people_tell_them(self):
        for password, count in (("", "0 bytes"), ("x", "1 byte,"),
                                ("xy", "2 bytes")):
            answer = self.anyone.post("/auth/register", {
                "email": "one@example.org", "username": "one",
                "password": password})
            self.assertEqual(answer.status, 422)
            self.assertIn(count, answer.json["detail"])

    def test_no_body_is_one_without_fields_where_none_is_needed(self):
        person = register(self.server, "bodiless")
        chat = person.post("/chat/send", {"content": "x"}).json[
            "conversation"]["id"]
        for path, status in (("/conversations", 201),
                             (f"/conversations/{chat}/fork", 201),
                             ("/memories", 400), ("/auth/keys", 400),
                             ("/auth/logout", 204)):
            with self.subTest(path):
                answer = person("POST", path)
                self.assertEqual(answer.status, status, answer)
                if status == 400:
                    self.assertIn("empty", answer.json["detail"])
        for method, path, operation in self.operations():
            if "requestBody" in operation:
                body = operation["requestBody"]
                name = body["content"][EXAMPLE]["schema"]["$ref"]
                schema = self.api["components"]["schemas"][
                    name.rsplit("/", 1)[1]]
                self.assertEqual(body["required"], "required" in schema or
                                 "anyOf" in schema, path)

    def test_a_refusal_says_where_and_why(self):
        ada = register(self.server, "reasons")
        for answer, words in (
                (ada.get("/memories?limit=-1"), "limit: is not an integer"),
                (ada.get("/memories?explain=maybe"),
                 "explain: is not true or false: maybe"),
                (ada.get("/memories?q=%zz"), "in the query: "),
                (ada.get("/memories/%zz"), "in the path: "),
                (self.anyone.post("/auth/login", "a=%zz", headers={
                    "Content-Type": "application/x-www-form-urlencoded"}),
                 "in the form: "),
                (ada.post("/chat/send", {"content": "x", "max_tokens": 0}),
                 "max_tokens: is not from 1 to 16777216")):
            with self.subTest(words):
                self.assertIn(words, self.assertProblem(
                    answer, answer.status)["detail"])

    def test_queries_that_are_not_as_described_are_refused(self):
        ada = register(self.server, "queries")
        things = self.things(ada)
        for method, path, operation in self.operations():
            if method != "GET" or not operation["security"]:
                continue
            base = self.path_for(path, things)
            with self.subTest(path):
                answer = ada.get(base + "?no_such_thing=1")
                self.assertIn(answer.status, (400, 422), answer)
            for parameter in operation["parameters"]:
                if parameter["in"] != "query":
                    continue
                with self.subTest(f"{path} {parameter['name']}"):
                    twice = f"{parameter['name']}=1&{parameter['name']}=1"
                    self.assertEqual(ada.get(f"{base}?{twice}").status, 422)
                    self.assertEqual(ada.get(
                        f"{base}?{parameter['name']}=%ff").status, 400)

    def test_head_gives_the_head_alone(self):
        answer = self.anyone("HEAD", "/health")
        self.assertEqual((answer.status, answer.body), (200, b""))

    def test_answers_are_not_kept_and_not_guessed(self):
        answer = self.anyone.get("/")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_every_refusal_is_as_safe_and_of_its_kind(self):
        ada = register(self.server, "refused")
        kind = {"Content-Type": "application/json"}
        huge = '{"input":"' + "x" * (1 << 20) + '"}'
        for status, openai, answer in (
                (422, False, ada.post("/auth/register", {"email": "x"})),
                (422, False, ada.get("/memories?limit=x")),
                (422, False, self.anyone.post("/auth/login", {
                    "password": "x"})),
                (401, False, self.anyone.get("/memories")),
                (405, False, ada("PUT", "/memories")),
                # Of those the server itself refuses.
                (413, False, ada("POST", "/memories", huge, headers=kind)),
                (413, True, ada("POST", "/v1/embeddings", huge,
                                headers=kind)),
                (431, False, ada.get("/memories", headers={
                    f"X-{i}": "x" for i in range(70)})),
                (414, False, ada.get("/v1/" + "x" * 9000)),
                (400, False, ada.get("/memories",
                                     headers={"X-A": "\x01"}))):
            with self.subTest(f"{status} {answer.body[:80]}"):
                self.assertEqual(answer.status, status, answer)
                self.assertEqual(answer.headers["X-Content-Type-Options"],
                                 "nosniff")
                self.assertEqual(answer.headers["Cache-Control"], "no-store")
                if openai:
                    self.assertEqual(answer.headers["Content-Type"],
                                     "application/json")
                    self.assertIn("1048576", answer.json["error"]["message"])
                else:
                    self.assertProblem(answer, status)

    def test_a_request_id_goes_out_as_it_came_in(self):
        answer = self.anyone.get("/nothing",
                                 headers={"X-Request-Id": "mine-1"})
        self.assertEqual(answer.headers["X-Request-Id"], "mine-1")
        self.assertEqual(answer.json["request_id"], "mine-1")


class Memories(Case):
    provider = False

    def test_a_memory_is_made_found_corrected_and_forgotten(self):
        ada = register(self.server, "ada")
        made = ada.post("/memories", {"value": "I like green tea",
                                      "type": "preference", "key": "tea",
                                      "importance": 0.9})
        self.assertEqual(made.status, 201, made)
        memory = made.json
        self.assertEqual((memory["confidence"], memory["importance"],
                          memory["key"], memory["version"]),
                         (1, 0.9, "tea", 1))
        path = "/memories/" + memory["id"]
        self.assertEqual(ada.get(path).json, memory)
        found = ada.get("/memories?q=tea").json
        self.assertEqual(found["results"][0]["id"], memory["id"])
        why = found["results"][0]["why"]
        self.assertAlmostEqual(sum(why.values()),
                               found["results"][0]["score"])
        told = json.loads(self.server.run(
            "--profile", "ada", "recall", "tea", "--json").stdout)
        for one in (told, found):
            del one["elapsed_ms"]
        self.assertEqual(told.keys(), found.keys())
        self.assertEqual([r["id"] for r in told["results"]],
                         [r["id"] for r in found["results"]])
        changed = ada("PATCH", path, {"value": "I like black tea"})
        self.assertEqual(changed.status, 200, changed)
        self.assertEqual((changed.json["value"], changed.json["version"]),
                         ("I like black tea", 2))
        history = ada.get(path + "/history").json
        self.assertEqual([h["value"] for h in history],
                         ["I like green tea", "I like black tea"])
        stats = ada.get("/memories/stats").json
        self.assertEqual((stats["active"], stats["types"]["preference"]),
                         (1, 1))
        gone = ada("DELETE", path)
        self.assertEqual((gone.status, gone.json["success"]), (200, True))
        self.assertProblem(ada.get(path), 404)
        self.assertProblem(ada("DELETE", path), 404)
        self.assertEqual(ada.get("/memories?q=tea").json["results"], [])

    def test_forgetting_names_the_messages_that_still_say_it(self):
        ada = register(self.server, "sayer")
        ada.post("/chat/send",
                 {"content": "remember that my cat is called Miso"})
        memory = ada.get("/memories").json[0]
        self.assertEqual(memory["source_turn"], 1)
        gone = ada("DELETE", "/memories/" + memory["id"]).json
        self.assertEqual(gone["said_in"][0]["content"],
                         "remember that my cat is called Miso")

    def test_the_list_is_filtered_and_paged(self):
        ada = register(self.server, "lister")
        for i in range(5):
            ada.post("/memories", {"value": f"fact number {i} is {i * 7}",
                                   "type": "goal" if i % 2 else "fact"})
        self.assertEqual(len(ada.get("/memories?type=goal").json), 2)
        self.assertEqual(len(ada.get("/memory/?memory_type=goal").json), 2)
        self.assertProblem(ada.get("/memories?type=dream"), 422)
        seen, path = [], "/memories?limit=2"
        while path:
            page = ada.get(path)
            self.assertLessEqual(len(page.json), 2)
            seen += [m["id"] for m in page.json]
            link = page.headers["Link"]
            path = link[1:link.index(">")] if link else None
        self.assertEqual(len(set(seen)), 5)

    def test_the_past_can_be_asked_for(self):
        ada = register(self.server, "past")
        ada.post("/memories", {"value": "I like green tea"})
        old = ada.get("/memories?q=tea&as_of=2020-01-01").json
        self.assertEqual(old["results"], [])
        self.assertProblem(ada.get("/memories?q=tea&as_of=soon"), 422)


class Export(Case):
    def test_it_is_what_the_command_writes(self):
        ada = register(self.server, "ada")
        ada.post("/chat/send", {"content": "hello"})
        ada.post("/memories", {"value": "I like tea"})
        answer = ada.get("/users/export")
        self.assertEqual(answer.headers["Content-Type"],
                         "application/x-ndjson")
        kinds = [json.loads(line)["type"]
                 for line in answer.body.decode().splitlines()]
        self.assertEqual(sorted(kinds), ["conversation", "memory", "message",
                                         "message"])
        told = self.server.run("--profile", "ada", "export").stdout
        self.assertEqual(answer.body.decode(), told)
        bob = register(self.server, "bob")
        self.assertEqual(bob.get("/users/export").body, b"")


class WebClient(Case):
    """The paths and answers that an existing web client reads."""

    settings = {"CORS_ORIGINS": "http://localhost:3000, https://a.example"}

    def test_it_signs_up_chats_lists_and_deletes(self):
        origin = {"Origin": "http://localhost:3000"}
        made = self.anyone.post("/auth/register", {
            "email": "web@example.org", "username": "web",
            "password": PASSWORD}, headers=origin)
        self.assertEqual(made.status, 201)
        self.assertLessEqual({"id", "email", "username"},
                             made.json["user"].keys())
        web = Client(self.server, made.json["access_token"])
        chat = web.post("/chat/conversations", {"title": None}).json
        self.assertEqual(chat["title"], "New Conversation")
        stream = web.events("POST", "/chat/send", {
            "conversation_id": chat["id"], "stream": True,
            "content": "a question that is much longer than sixty characters "
                       "so that its title must be cut"}, headers=origin)
        self.assertEqual(stream.headers["Access-Control-Allow-Origin"],
                         origin["Origin"])
        complete = stream.all()[-2][1]
        self.assertLessEqual({"id", "content", "turn_number", "created_at"},
                             complete["message"].keys())
        title = complete["conversation"]["title"]
        self.assertTrue(title.endswith("...") and len(title) <= 64, title)
        self.assertEqual(complete["conversation"]["turn_count"], 2)
        listed = web.get("/chat/conversations?limit=50").json
        self.assertEqual([c["id"] for c in listed], [chat["id"]])
        said = web.get(
            f"/chat/conversations/{chat['id']}/messages?limit=100").json
        self.assertEqual([m["role"] for m in said], ["user", "assistant"])
        web.post("/memories", {"value": "I like tea"})
        for path in ("/memory", "/memory/"):
            memory = web.get(path).json[0]
            self.assertLessEqual({
                "id", "type", "key", "value", "confidence", "importance",
                "source_turn", "access_count", "created_at"}, memory.keys())
        self.assertEqual(web("DELETE", f"/memory/{memory['id']}").status, 200)
        gone = web("DELETE", f"/chat/conversations/{chat['id']}")
        self.assertEqual(gone.json, {"success": True})
        self.assertEqual(web("DELETE", "/user/delete").status, 204)
        self.assertEqual(web.get("/auth/me").status, 401)

    def test_preflights_are_answered_for_known_origins_only(self):
        for origin, allowed in (("http://localhost:3000", True),
                                ("https://a.example", True),
                                ("http://localhost:3001", False),
                                ("https://a.example.evil", False),
                                ("null", False)):
            answer = self.anyone("OPTIONS", "/chat/send", headers={
                "Origin": origin, "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers":
                    "authorization,content-type,x-stainless-os"})
            self.assertEqual(answer.status, 204, answer)
            self.assertEqual(
                answer.headers["Access-Control-Allow-Origin"],
                origin if allowed else None)
            self.assertEqual("Origin", answer.headers["Vary"])
            if allowed:
                fields = answer.headers[
                    "Access-Control-Allow-Headers"].split(", ")
                self.assertLessEqual({"Authorization", "x-stainless-os"},
                                     set(fields))
                self.assertIn("POST", answer.headers[
                    "Access-Control-Allow-Methods"])
            self.assertIsNone(
                answer.headers["Access-Control-Allow-Credentials"])
        answer = self.anyone.get("/nothing", headers={
            "Origin": "http://localhost:3000"})
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"],
                         "http://localhost:3000")


if __name__ == "__main__":
    main()
