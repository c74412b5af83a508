#!/usr/bin/env python3
"""OpenAI's routes: by hand, and by the `openai` package where there is one."""
import base64
import hashlib
import json
import os
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from mneme_api import Case, Client, Server, Stub, main, register, venv

MODEL = os.environ.get("MNEME_TEST_MODEL", "")
HAVE_MODEL = os.path.exists(os.path.join(MODEL, "config.json"))
SETTINGS = {"EMBEDDING_MODEL": MODEL} if HAVE_MODEL else {}


def user(text):
    return {"role": "user", "content": text}


def run_package(case, client, part):
    python = venv("openai")
    if not python:
        case.skipTest("the package openai could not be installed")
    key = client.post("/auth/keys", {"name": "k"}).json["key"]
    done = subprocess.run(
        [python, os.path.join(os.path.dirname(__file__), "tools",
                              "openai_client.py"),
         case.server.url, key, part], capture_output=True, text=True)
    case.assertEqual(done.returncode, 0, done.stderr)


class Completions(Case):
    @classmethod
    def setUpClass(cls):
        cls.log = os.path.join(os.environ["MNEME_BUILD"], "api_openai.log")
        open(cls.log, "w").close()
        cls.stub_options = ("--log", cls.log)
        super().setUpClass()

    def setUp(self):
        name = "".join(c for c in self._testMethodName if c.isalpha())[-30:]
        self.ada = register(self.server, name)

    def ask(self, headers=None, **body):
        return self.ada.post("/v1/chat/completions", body, headers=headers)

    def last_request(self):
        with open(self.log) as file:
            return json.loads(file.read().splitlines()[-1])

    def assertOpenAIError(self, answer, status, kind):
        has_shape(self, answer, status, kind)

    def test_only_the_last_question_and_its_answer_are_stored(self):
        answer = self.ask(model="stub", messages=[
            {"role": "system", "content": "Be brief."}, user("first"),
            {"role": "assistant", "content": "yes"}, user("second")])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["object"], "chat.completion")
        chat = answer.headers["X-Mneme-Conversation"]
        stored = self.ada.get(f"/conversations/{chat}/messages").json
        self.assertEqual([m["role"] for m in stored], ["user", "assistant"])
        self.assertEqual(stored[0]["content"], "second")
        sent = self.last_request()
        self.assertEqual([m["role"] for m in sent["messages"]],
                         ["system", "user", "assistant", "user"])

    def test_a_conversation_can_be_named(self):
        name = {"X-Mneme-Conversation": "my notes"}
        chats = {self.ask(headers=name, messages=[user(text)]).headers[
            "X-Mneme-Conversation"] for text in ("one", "two")}
        self.assertEqual(len(chats), 1)
        by_id = self.ask(headers={"X-Mneme-Conversation": chats.pop()},
                         messages=[user("three")])
        self.assertEqual(by_id.status, 200)
        own = self.ask(messages=[user("four")]).headers[
            "X-Mneme-Conversation"]
        self.assertNotEqual(own, by_id.headers["X-Mneme-Conversation"])

    def test_each_key_has_a_conversation_of_its_own(self):
        seen = []
        for name in ("one", "two"):
            client = Client(self.server, self.ada.post(
                "/auth/keys", {"name": name}).json["key"])
            seen.append({client.post("/v1/chat/completions", {
                "messages": [user(text)]}).headers["X-Mneme-Conversation"]
                for text in ("first", "second")})
        self.assertEqual([len(s) for s in seen], [1, 1])
        self.assertNotEqual(*seen)

    def test_a_question_that_comes_again_is_stored_once(self):
        for _ in range(2):
            chat = self.ask(messages=[user("again")]).headers[
                "X-Mneme-Conversation"]
        stored = self.ada.get(f"/conversations/{chat}/messages").json
        # An answered question that is asked again is a new one.
        self.assertEqual([m["role"] for m in stored],
                         ["user", "assistant"] * 2)

    def test_memory_goes_in_unless_it_is_told_not_to(self):
        self.ada.post("/memories", {"value": "I like green tea"})
        for headers, more, inside in (
                (None, {}, True), (None, {"memory": True}, True),
                (None, {"memory": False}, False),
                ({"X-Mneme-Memory": "off"}, {}, False)):
            self.ask(headers=headers, messages=[user("which tea?")], **more)
            sent = self.last_request()["messages"][-1]["content"]
            self.assertEqual("green tea" in sent, inside, sent)

    def test_what_was_asked_long_ago_is_remembered(self):
        self.ask(messages=[user("my bicycle is called Rosinante")])
        self.ask(messages=[user("what is my bicycle called?")])
        self.assertIn("Rosinante",
                      self.last_request()["messages"][-1]["content"])

    def test_what_the_caller_sends_along_is_not_recalled(self):
        said = [user("my bicycle is called Rosinante"),
                {"role": "assistant",
                 "content": "You said: my bicycle is called Rosinante"}]
        self.ask(messages=said[:1])
        self.ask(messages=said + [user("what is it called?")])
        self.assertEqual(self.last_request()["messages"][-1]["content"],
                         "what is it called?")

    def test_fields_that_we_do_not_know_go_on(self):
        self.ask(messages=[{"role": "developer", "content": "Be brief."},
                           user("x")], temperature=0.5, top_p=0.9, seed=7,
                 max_tokens=5, metadata={"a": "b"}, memory=False)
        sent = self.last_request()
        self.assertEqual((sent["top_p"], sent["seed"], sent["temperature"],
                          sent["max_tokens"], sent["metadata"]),
                         (0.9, 7, 0.5, 5, {"a": "b"}))
        self.assertNotIn("memory", sent)
        self.assertEqual(sent["messages"][0]["role"], "system")

    def test_memory_goes_before_the_words_however_they_came(self):
        text = 'and "tea",\n which do I like? \u00e9'
        self.ada.post("/memories", {"value": "I like \"green\" tea"})
        parts = [{"type": "text", "text": text},
                 {"type": "image_url",
                  "image_url": {"url": "https://example.org/cup.png"}}]
        for content in (text, parts):
            with self.subTest(kind=type(content)):
                messages = [user("hello"), {"role": "assistant",
                                            "content": None,
                                            "refusal": "no"},
                            {"content": content, "role": "user",
                             "name": "ada"}]
                self.ask(messages=messages)
                sent = self.last_request()["messages"]
                last = sent.pop()
                self.assertEqual(sent, messages[:2])
                self.assertEqual((last["role"], last["name"]), ("user", "ada"))
                if content is text:
                    block, words = last["content"].split("\n" + text)
                    self.assertEqual(words, "")
                else:
                    self.assertEqual(last["content"][1:], parts)
                    block = last["content"][0]["text"]
                self.assertIn('I like "green" tea', block)

    def test_images_go_on_as_they_came(self):
        parts = [{"type": "text", "text": "what is this?"},
                 {"type": "image_url",
                  "image_url": {"url": "https://example.org/cat.png"}}]
        answer = self.ask(messages=[{"role": "user", "content": parts}])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.last_request()["messages"][-1]["content"],
                         parts)
        chat = answer.headers["X-Mneme-Conversation"]
        self.assertEqual(self.ada.get(
            f"/conversations/{chat}/messages").json[0]["content"],
            "what is this?\n[image https://example.org/cat.png]")

    def image(self, data, *words):
        url = "data:image/png;base64," + base64.b64encode(data).decode()
        return {"role": "user", "content": [
            {"type": "text", "text": word} for word in words] + [
            {"type": "image_url", "image_url": {"url": url}}]}

    def test_images_within_a_request_are_kept(self):
        one = b"\x89PNG\r\n\x1a\none"
        two = b"\x89PNG\r\n\x1a\ntwo"
        answer = self.ask(messages=[self.image(one, "what is this?")])
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.last_request()["messages"][-1],
                         self.image(one, "what is this?"))
        chat = f"/conversations/{answer.headers['X-Mneme-Conversation']}"
        self.ask(messages=[self.image(two)])
        self.ask(messages=[self.image(b"no image", "and this?")])
        said = [m for m in self.ada.get(f"{chat}/messages").json
                if m["role"] == "user"]
        self.assertEqual([m["content"] for m in said], [
            "what is this?", "(an image)",
            "and this?\n[an image that was not kept]"])
        self.assertEqual([m.get("attachments", [{}])[0].get("name")
                          for m in said], ["image-1.png", "image-1.png", None])
        kept = said[0]["attachments"][0]
        self.assertEqual(kept["sha256"], hashlib.sha256(one).hexdigest())
        self.assertEqual(self.ada.get(
            f"{chat}/attachments/{kept['sha256']}").body, one)

    def test_bad_requests_have_openais_shape(self):
        for body in ({}, {"messages": []}, {"messages": "x"},
                     {"messages": [{"role": "pirate", "content": "x"}]},
                     {"messages": [7]},
                     {"messages": [{"role": "user", "content": 7}]},
                     {"messages": [user("x")], "temperature": 9},
                     {"messages": [user("x")], "stream": "yes"},
                     {"messages": [user("x")], "n": 2}):
            with self.subTest(body):
                self.assertOpenAIError(
                    self.ada.post("/v1/chat/completions", body), 400,
                    "invalid_request_error")
        self.assertOpenAIError(self.anyone.post(
            "/v1/chat/completions", {"messages": [user("x")]}), 401,
            "authentication_error")

    def test_what_is_not_there_has_openais_shape(self):
        self.assertOpenAIError(self.ada.post("/v1/responses", {}), 404,
                               "invalid_request_error")
        self.assertOpenAIError(self.ada.get("/v1/chat/completions"), 405,
                               "invalid_request_error")

    def test_without_an_embedding_model_that_is_said(self):
        server = Server(self.stub)
        self.addCleanup(server.close)
        answer = register(server, "ada").post("/v1/embeddings",
                                              {"input": "x"})
        self.assertOpenAIError(answer, 404, "invalid_request_error")

    def test_the_openai_package_is_served(self):
        self.ada.post("/memories", {"value": "I like green tea"})
        run_package(self, self.ada, "chat")


def has_shape(case, answer, status, kind):
    case.assertEqual(answer.status, status, answer)
    error = answer.json["error"]
    case.assertEqual(error["type"], kind, answer)
    case.assertTrue(error["message"])
    case.assertIn("code", error)


@unittest.skipUnless(HAVE_MODEL, "no embedding model is here")
class Vectors(Case):
    """Nothing is recalled on this server: that would prepare the search."""

    provider = False
    settings = SETTINGS

    def test_vectors_come_as_numbers_and_as_bytes(self):
        self.ada = register(self.server, "ada")
        numbers = self.ada.post("/v1/embeddings", {
            "model": "x", "input": ["green tea", "rain"]}).json
        self.assertEqual([d["index"] for d in numbers["data"]], [0, 1])
        self.assertGreater(numbers["usage"]["prompt_tokens"], 0)
        first = numbers["data"][0]["embedding"]
        self.assertAlmostEqual(sum(x * x for x in first), 1, places=4)
        coded = self.ada.post("/v1/embeddings", {
            "model": "x", "input": "green tea",
            "encoding_format": "base64"}).json
        bytes_ = base64.b64decode(coded["data"][0]["embedding"])
        again = struct.unpack(f"<{len(first)}f", bytes_)
        for a, b in zip(first, again):
            self.assertAlmostEqual(a, b, places=6)
        short = self.ada.post("/v1/embeddings", {
            "input": "green tea", "dimensions": 5}).json
        self.assertAlmostEqual(sum(
            x * x for x in short["data"][0]["embedding"]), 1, places=4)
        has_shape(self, self.ada.post("/v1/embeddings", {
            "input": "x", "dimensions": 999}), 404, "invalid_request_error")
        for body in ({"input": []}, {"input": ""}, {"input": [1, 2]}, {},
                     {"input": ["x"] * 257},
                     {"input": "x", "encoding_format": "hex"}):
            has_shape(self, self.ada.post("/v1/embeddings", body), 400,
                      "invalid_request_error")

    def test_the_openai_package_gets_vectors(self):
        run_package(self, register(self.server, "bob"), "embed")


class Refused(unittest.TestCase):
    def case(self, *options):
        stub = Stub(*options)
        server = Server(stub)
        self.addCleanup(stub.close)
        self.addCleanup(server.close)
        return register(server, "ada")

    def test_models_are_asked_for_once(self):
        stub = Stub()
        server = Server(stub)
        self.addCleanup(server.close)
        ada = register(server, "ada")
        first = ada.get("/v1/models")
        self.assertEqual(first.status, 200, first)
        stub.close()
        again = ada.get("/v1/models")
        self.assertEqual((again.status, again.json), (200, first.json))
        one = first.json["data"][0]["id"]
        self.assertEqual(ada.get("/v1/models/" + one).json["id"], one)

    def test_a_refusal_keeps_its_meaning(self):
        for options, status, code in (
                (("--status", "401"), 502, "upstream_auth"),
                (("--status", "403"), 502, "upstream_auth"),
                (("--status", "503"), 502, "upstream"),
                (("--status", "429", "--retry-after", "9"), 429,
                 "upstream_busy")):
            ada = self.case(*options)
            for stream in (False, True):
                with self.subTest(f"{options} {stream}"):
                    answer = ada.post("/v1/chat/completions", {
                        "messages": [user("x")], "stream": stream})
                    self.assertEqual(answer.status, status, answer)
                    self.assertEqual(answer.json["error"]["code"], code)
                    if status == 429:
                        self.assertEqual(answer.headers["Retry-After"], "9")
            models = ada.get("/v1/models")
            self.assertIn(models.status, (200, status), models)

    def test_what_the_provider_refuses_of_a_request_is_the_callers(self):
        for given, status in ((400, 400), (404, 404), (422, 400)):
            ada = self.case("--status", str(given), "--error", "not such a one")
            for stream in (False, True):
                with self.subTest(f"{given} {stream}"):
                    answer = ada.post("/v1/chat/completions", {
                        "messages": [user("x")], "stream": stream})
                    has_shape(self, answer, status, "invalid_request_error")
                    error = answer.json["error"]
                    self.assertEqual(error["code"], "upstream_refused")
                    self.assertIn("not such a one", error["message"])
            # Where the message was put together here it is a bad gateway.
            self.assertEqual(ada.post("/chat/send",
                                      {"content": "x"}).status, 502)

    def test_how_an_answer_ended_and_what_it_cost_comes_through(self):
        for options, reason, usage in (
                (("--finish", "length", "--usage", "7,3,2"), "length",
                 {"prompt_tokens": 7, "completion_tokens": 3,
                  "total_tokens": 10,
                  "prompt_tokens_details": {"cached_tokens": 2}}),
                (("--finish", "content_filter", "--usage", "none"),
                 "content_filter", None)):
            ada = self.case(*options)
            with self.subTest(options):
                whole = ada.post("/v1/chat/completions", {
                    "messages": [user("x")]}).json
                self.assertEqual(whole["choices"][0]["finish_reason"], reason)
                self.assertEqual(whole.get("usage"), usage)
                events = ada.events("POST", "/v1/chat/completions", {
                    "messages": [user("y")], "stream": True,
                    "stream_options": {"include_usage": True}}).all()
                self.assertEqual(events[-3][1]["choices"][0]["finish_reason"],
                                 reason)
                self.assertEqual((events[-2][1]["choices"],
                                  events[-2][1]["usage"]), ([], usage))

    def test_a_break_in_the_middle_is_an_error_in_the_stream(self):
        ada = self.case("--reply", "one two three four", "--error-after", "2")
        events = ada.events("POST", "/v1/chat/completions", {
            "messages": [user("x")], "stream": True}).all()
        self.assertEqual(events[-1][1], "[DONE]")
        self.assertIn("message", events[-2][1]["error"])

    def test_calls_of_tools_are_passed_on(self):
        call = [{"index": 0, "id": "c1", "type": "function",
                 "function": {"name": "f", "arguments": "{}"}}]
        whole = {"id": "x", "object": "chat.completion", "model": "m",
                 "choices": [{"index": 0, "finish_reason": "tool_calls",
                              "message": {"role": "assistant",
                                          "content": None,
                                          "tool_calls": call}}]}
        raw = json.dumps(whole)
        ada = self.case("--raw", raw, "--type", "application/json")
        tools = [{"type": "function", "function": {"name": "f"}}]
        answer = ada.post("/v1/chat/completions", {
            "messages": [user("x")], "tools": tools})
        self.assertEqual(answer.status, 200, answer)
        choice = answer.json["choices"][0]
        self.assertEqual(choice["finish_reason"], "tool_calls")
        self.assertEqual(choice["message"]["tool_calls"], call)
        self.assertIsNone(choice["message"]["content"])

        def chunk(delta, reason=None):
            return "data: " + json.dumps({
                "id": "x", "object": "chat.completion.chunk", "model": "m",
                "choices": [{"index": 0, "delta": delta,
                             "finish_reason": reason}]}) + "\\n\\n"
        stream = (chunk({"role": "assistant", "content": None}) +
                  chunk({"tool_calls": call}) + chunk({}, "tool_calls") +
                  "data: [DONE]\\n\\n")
        ada = self.case("--raw", stream)
        events = ada.events("POST", "/v1/chat/completions", {
            "messages": [user("x")], "tools": tools, "stream": True}).all()
        calls = [d["choices"][0]["delta"].get("tool_calls")
                 for _, d in events[:-1]]
        self.assertIn(call, calls)
        self.assertEqual(events[-2][1]["choices"][0]["finish_reason"],
                         "tool_calls")
        # The tool's answer goes on; its question is not stored again.
        history = [user("x"), {"role": "assistant", "tool_calls": call},
                   {"role": "tool", "tool_call_id": "c1", "content": "5"}]
        again = ada.events("POST", "/v1/chat/completions", {
            "messages": history, "tools": tools, "stream": True}).all()
        self.assertEqual(again[-1][1], "[DONE]")
        chat = ada.get("/conversations").json[0]["id"]
        self.assertEqual([m["content"] for m in ada.get(
            f"/conversations/{chat}/messages").json], ["x"])


class WithoutAModel(Case):
    provider = False

    def test_memory_answers_in_openais_shape(self):
        ada = register(self.server, "ada")
        ada.post("/memories", {"value": "I like green tea"})
        answer = ada.post("/v1/chat/completions",
                          {"messages": [user("which tea do I like?")]}).json
        self.assertIn("green tea", answer["choices"][0]["message"]["content"])
        self.assertEqual(answer["choices"][0]["finish_reason"], "stop")
        self.assertEqual(ada.get("/v1/models").json["data"][0]["id"],
                         "mneme-recall")
        events = ada.events("POST", "/v1/chat/completions", {
            "messages": [user("tea?")], "stream": True}).all()
        self.assertEqual(events[-1][1], "[DONE]")


if __name__ == "__main__":
    main()
