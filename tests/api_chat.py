#!/usr/bin/env python3
"""Sending messages over HTTP: whole, streamed, picked up again, stopped."""
import base64
import hashlib
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from mneme_api import (
    MNEME, Answer, Case, Client, Server, Stub, main, register)


def new_conversation(client, **more):
    answer = client.post("/conversations", more)
    assert answer.status == 201, answer
    return answer.json["id"]


def messages(client, conversation, query=""):
    return client.get(f"/conversations/{conversation}/messages{query}")


class Turns(Case):
    def setUp(self):
        name = "".join(c for c in self._testMethodName if c.isalpha())[-30:]
        self.ada = register(self.server, name)

    def test_an_answer_comes_whole_and_is_stored(self):
        chat = new_conversation(self.ada)
        answer = self.ada.post(f"/conversations/{chat}/messages",
                               {"content": "hello"})
        self.assertEqual(answer.status, 201, answer)
        turn = answer.json
        self.assertEqual(turn["type"], "complete")
        self.assertEqual(turn["message"]["content"], "You said: hello")
        self.assertEqual(turn["message"]["turn_number"], 2)
        self.assertEqual(turn["message"]["finish_reason"], "stop")
        self.assertFalse(turn["message"]["partial"])
        self.assertEqual(turn["conversation"]["title"], "hello")
        self.assertEqual(turn["conversation"]["turn_count"], 2)
        self.assertEqual(turn["usage"]["prompt_tokens"], 10)
        self.assertIsNone(turn["warning"])
        stored = messages(self.ada, chat).json
        self.assertEqual([(m["role"], m["content"], m["turn_number"])
                          for m in stored],
                         [("user", "hello", 1),
                          ("assistant", "You said: hello", 2)])
        self.assertEqual(stored[1]["id"], turn["message"]["id"])
        one = self.ada.get(
            f"/conversations/{chat}/messages/{stored[0]['id']}")
        self.assertEqual(one.json, stored[0])

    def test_turns_of_one_moment_have_ids_of_their_own(self):
        chats = [new_conversation(self.ada) for _ in range(24)]
        sent = []
        self.server.process.send_signal(signal.SIGSTOP)
        for chat in chats:
            # All wait together, and are taken in one turn of the loop.
            c = http.client.HTTPConnection(self.server.host, self.server.port,
                                           timeout=120)
            c.request("POST", f"/conversations/{chat}/messages",
                      json.dumps({"content": "now"}), {
                          "Content-Type": "application/json",
                          "Authorization": "Bearer " + self.ada.token})
            sent.append(c)
        self.server.process.send_signal(signal.SIGCONT)
        for c in sent:
            self.assertEqual(c.getresponse().status, 201)
            c.close()
        ids = []
        for chat in chats:
            stored = messages(self.ada, chat).json
            self.assertEqual([m["role"] for m in stored],
                             ["user", "assistant"])
            ids += [m["id"] for m in stored]
        self.assertEqual(len(set(ids)), 2 * len(chats))

    def test_the_tokens_that_answers_cost_are_counted(self):
        def counted():
            text = self.anyone.get("/metrics").body.decode()
            return {line.split('"')[1]: float(line.split()[1])
                    for line in text.splitlines()
                    if line.startswith("mneme_tokens_total{")}
        before = counted()
        self.ada.post("/chat/send", {"content": "one"})
        self.ada.events("POST", "/chat/send", {"content": "two",
                                               "stream": True}).all()
        self.ada.post("/v1/chat/completions", {"messages": [
            {"role": "user", "content": "three"}]})
        after = counted()
        self.assertEqual([after[k] - before[k]
                          for k in ("prompt", "completion")], [30, 15])

    def test_a_stream_begins_goes_on_and_completes(self):
        chat = new_conversation(self.ada)
        stream = self.ada.events("POST", f"/conversations/{chat}/messages",
                                 {"content": "h\u00e9llo \U0001f600",
                                  "stream": True})
        self.assertEqual(stream.headers["Cache-Control"], "no-cache")
        events = stream.all()
        self.assertEqual(events[-1], (None, "[DONE]"))
        kinds = [data["type"] for _, data in events[:-1]]
        self.assertEqual(kinds[0], "start")
        self.assertEqual(kinds[-1], "complete")
        self.assertEqual(set(kinds[1:-1]), {"chunk"})
        mid = events[0][1]["message_id"]
        numbers = []
        for name, _ in events[:-1]:
            prefix, number = name.split(":")
            self.assertEqual(prefix, mid)
            numbers.append(int(number))
        self.assertEqual(numbers, sorted(set(numbers)))
        text = "".join(data["content"] for _, data in events[1:-2])
        self.assertEqual(text, "You said: h\u00e9llo \U0001f600")
        complete = events[-2][1]
        self.assertEqual(complete["message"]["id"], mid)
        self.assertEqual(complete["message"]["content"], text)
        self.assertEqual(complete["memory_metadata"], {"active_memories": []})

    def test_an_answer_that_is_over_is_told_again_from_any_event(self):
        chat = new_conversation(self.ada)
        path = f"/conversations/{chat}/messages"
        events = self.ada.events("POST", path, {"content": "h\u00e9llo",
                                                "stream": True}).all()
        mid = events[0][1]["message_id"]
        text = events[-2][1]["message"]["content"]
        seen = ""
        for name, data in events[:-1]:
            seen += data.get("content", "")
            rest = self.ada.events("GET", f"{path}/{mid}/stream",
                                   headers={"Last-Event-ID": name}).all()
            with self.subTest(name):
                self.assertEqual(rest.pop(), (None, "[DONE]"))
                if data["type"] != "complete":
                    last = rest.pop()
                    self.assertEqual(last, events[-2])
                self.assertLessEqual(len(rest), 1)
                self.assertEqual(seen + "".join(
                    d["content"] for _, d in rest), text)

    def test_images_are_sent_along_and_given_back(self):
        chat = new_conversation(self.ada)
        path = f"/conversations/{chat}"
        one = b"\x89PNG\r\n\x1a\n" + os.urandom(3 << 20)
        sent = {"name": "cat.png", "data": base64.b64encode(one).decode()}
        answer = self.ada.post(f"{path}/messages",
                               {"content": "what is this?",
                                "attachments": [sent]})
        self.assertEqual(answer.status, 201, answer)
        stored = messages(self.ada, chat).json
        self.assertNotIn("attachments", stored[1])
        self.assertEqual(stored[0]["attachments"], [
            {"name": "cat.png", "media_type": "image/png",
             "sha256": hashlib.sha256(one).hexdigest(), "size": len(one)}])
        where = f"{path}/attachments/{stored[0]['attachments'][0]['sha256']}"
        back = self.ada.get(where)
        self.assertEqual((back.status, back.headers["Content-Type"]),
                         (200, "image/png"))
        self.assertEqual(back.headers["X-Content-Type-Options"], "nosniff")
        self.assertTrue(back.body == one)
        other = register(self.server, "otherimages")
        for client, at, status in ((other, where, 404),
                                   (Client(self.server), where, 401),
                                   (self.ada, where[:-1] + "g", 404),
                                   (self.ada, where[:-2], 404),
                                   (self.ada, where[:-64] + "0" * 64, 404)):
            with self.subTest(at, status=status):
                self.assertEqual(client.get(at).status, status)
        self.assertEqual(self.ada.get(
            f"{path}/attachments/{'0' * 64}").status, 404)
        fork = self.ada.post(f"{path}/fork", {}).json["id"]
        self.ada("DELETE", path)
        self.assertEqual(self.ada.get(where).status, 404)
        self.assertTrue(self.ada.get(where.replace(chat, fork)).body == one)

    def test_bad_attachments_are_named(self):
        chat = new_conversation(self.ada)
        gif = base64.b64encode(b"GIF89a").decode()
        large = base64.b64encode(b"GIF89a" + bytes(8 << 20)).decode()
        third = base64.b64encode(b"GIF89a" + bytes(11 << 19)).decode()
        for status, what, given in (
                (422, "attachments[0].data", [{"data": "R0lG*"}]),
                (422, "no image", [{"data": base64.b64encode(b"x").decode()}]),
                (422, "attachments[1].data", [{"data": gif}, {"data": ""}]),
                (422, "attachments[0].data", [{"name": "x"}]),
                (422, "attachments[0].type", [{"data": gif, "type": "x"}]),
                (422, "17 items", [{"data": gif}] * 17),
                (422, "attachments", gif),
                (413, "attachments[0].data", [{"data": large}]),
                (413, "at most 16777216", [{"data": third}] * 3)):
            with self.subTest(what):
                answer = self.ada.post(f"/conversations/{chat}/messages",
                                       {"content": "x", "attachments": given})
                self.assertEqual(answer.status, status, what)
                self.assertIn(what, answer.body.decode())
        self.assertEqual(messages(self.ada, chat).json, [])

    def test_a_key_that_comes_again_with_another_image_is_refused(self):
        chat = new_conversation(self.ada)
        given = [{"content": "x", "attachments": [
            {"data": base64.b64encode(b"GIF89a" + bytes(3 << 20)
                                      + end).decode()}]} for end in (b"1", b"2")]
        got = [self.ada.post(f"/conversations/{chat}/messages", body,
                             headers={"Idempotency-Key": "images"})
               for body in (given[0], given[0], given[1])]
        self.assertEqual([a.status for a in got], [201, 201, 422])
        self.assertEqual(len(messages(self.ada, chat).json), 2)

    def test_without_a_conversation_one_is_made(self):
        answer = self.ada.post("/chat/send", {"content": "a first word",
                                              "stream": False})
        self.assertEqual(answer.status, 201, answer)
        chat = answer.json["conversation"]["id"]
        again = self.ada.post("/chat/send", {"conversation_id": chat,
                                             "content": "and more"})
        self.assertEqual(again.json["conversation"]["turn_count"], 4)

    def test_what_is_remembered_is_used_and_named(self):
        made = self.ada.post("/memories", {"value": "I like green tea",
                                           "type": "preference"}).json
        chat = new_conversation(self.ada)
        events = self.ada.events(
            "POST", f"/conversations/{chat}/messages",
            {"content": "which tea do I like?", "stream": True}).all()
        memories = [d for _, d in events
                    if d != "[DONE]" and d["type"] == "memories"]
        self.assertEqual(memories[0]["memories"][0]["id"], made["id"])
        complete = events[-2][1]
        self.assertEqual(complete["memory_metadata"]["active_memories"],
                         [made["id"]])
        self.assertIn("green tea", complete["message"]["content"])
        without = self.ada.post(f"/conversations/{chat}/messages", {
            "content": "and coffee?", "memory": False}).json
        self.assertEqual(without["memory_metadata"]["active_memories"], [])

    def test_an_inference_names_what_it_rests_on(self):
        stub = Stub("--reply", "Try the map fair.\n"
                    "[inferred from 1; confidence 0.6]")
        self.addCleanup(stub.close)
        server = Server(stub)
        self.addCleanup(server.stop)
        ada = register(server, "inferred")
        made = ada.post("/memories", {"value": "I collect old maps"}).json
        for body in ({}, {"stream": True}):
            chat = new_conversation(ada)
            path = f"/conversations/{chat}/messages"
            body["content"] = "what about my old maps?"
            complete = ada.events("POST", path, body).all()[-2][1] \
                if "stream" in body else ada.post(path, body).json
            self.assertEqual(complete["inference"], {
                "confidence": 0.6, "memories": [made["id"]]})

    def test_a_wish_is_remembered_at_once(self):
        chat = new_conversation(self.ada)
        self.ada.post(f"/conversations/{chat}/messages",
                      {"content": "remember that my cat is called Miso"})
        values = [m["value"] for m in self.ada.get("/memories").json]
        self.assertEqual(values, ["my cat is called Miso"])

    def test_bad_messages_are_refused_before_anything_is_stored(self):
        chat = new_conversation(self.ada)
        path = f"/conversations/{chat}/messages"
        for body, status in (({}, 422), ({"content": ""}, 422),
                             ({"content": "  \n"}, 422),
                             ({"content": 7}, 422),
                             ({"content": "x", "stream": "yes"}, 422),
                             ({"content": "x", "temperature": 3}, 422),
                             ({"content": "x", "max_tokens": 0}, 422),
                             ({"content": "x", "contents": "y"}, 422)):
            self.assertProblem(self.ada.post(path, body), status)
        json_type = {"Content-Type": "application/json"}
        for body in ('{"content":"x","content":"y"}', '{"content":',
                     '[' * 40 + ']' * 40, b'{"content":"\xff"}',
                     '{"content":"a\\u0000b"}', ""):
            self.assertProblem(self.ada.post(path, body, headers=json_type),
                               400, "bad_json")
        self.assertProblem(self.ada.post(path, "content=x", headers={
            "Content-Type": "application/x-www-form-urlencoded"}), 415)
        self.assertProblem(self.ada.post(path, {"content": "x" * 300000}),
                           413)
        self.assertProblem(self.ada.post(path, {"content": "x" * 2000000}),
                           413)
        self.assertEqual(messages(self.ada, chat).json, [])

    def head_alone(self, path, length, token):
        """The answer to a head whose body never comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port,
                                                timeout=60)
        connection.putrequest("POST", path)
        connection.putheader("Content-Type", "application/json")
        connection.putheader(*length)
        connection.putheader("Authorization", "Bearer " + token)
        connection.endheaders()
        status = connection.getresponse().status
        connection.close()
        return status

    def test_a_large_body_is_read_from_those_who_may_send_it(self):
        chat = new_conversation(self.ada)
        large = ("Content-Length", str(20 << 20))
        for path in (f"/conversations/{chat}/messages", "/chat/send",
                     "/v1/chat/completions"):
            self.assertEqual(self.head_alone(path, large, "x.y.z"), 401)
            self.assertEqual(self.head_alone(
                path, ("Transfer-Encoding", "chunked"), "x.y.z"), 401)
            self.assertEqual(self.head_alone(
                path, ("Content-Length", str(25 << 20)), self.ada.token), 413)
        self.assertProblem(self.ada.post("/conversations", {
            "title": "x" * (1 << 20)}), 413)

    def test_messages_come_in_pages(self):
        chat = new_conversation(self.ada)
        for i in range(4):
            self.ada.post(f"/conversations/{chat}/messages",
                          {"content": f"number {i}"})
        newest = messages(self.ada, chat, "?limit=3")
        self.assertEqual([m["turn_number"] for m in newest.json], [6, 7, 8])
        seen = newest.json
        link = newest.headers["Link"]
        while link:
            self.assertRegex(link, r'^<[^>]+>; rel="next"$')
            page = self.ada.get(link[1:link.index(">")])
            seen = page.json + seen
            link = page.headers["Link"]
        self.assertEqual([m["turn_number"] for m in seen],
                         list(range(1, 9)))
        self.assertProblem(messages(self.ada, chat, "?cursor=zzz"), 422)
        self.assertProblem(messages(self.ada, chat, "?limit=0"), 422)
        self.assertProblem(messages(self.ada, chat, "?limit=x"), 422)
        self.assertProblem(messages(self.ada, chat, "?lmit=1"), 422)

    def test_a_key_makes_a_request_once(self):
        chat = new_conversation(self.ada)
        path = f"/conversations/{chat}/messages"
        key = {"Idempotency-Key": "once"}
        first = self.ada.post(path, {"content": "hello"}, headers=key)
        again = self.ada.post(path, {"content": "hello"}, headers=key)
        self.assertEqual(again.status, 201, again)
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertEqual(first.json["message"], again.json["message"])
        self.assertEqual(len(messages(self.ada, chat).json), 2)
        self.assertProblem(self.ada.post(path, {"content": "other"},
                                         headers=key), 422, "key_reused")
        stream = self.ada.events("POST", path, {
            "content": "streamed", "stream": True},
            headers={"Idempotency-Key": "two"}).all()
        again = self.ada.events("POST", path, {
            "content": "streamed", "stream": True},
            headers={"Idempotency-Key": "two"}).all()
        self.assertEqual(stream[-2][1]["message"], again[-2][1]["message"])
        self.assertEqual(len(messages(self.ada, chat).json), 4)

    def test_a_key_makes_things_once_too(self):
        for path, body in (("/conversations", {"title": "x"}),
                           ("/memories", {"value": "I like tea"})):
            key = {"Idempotency-Key": "make" + path}
            made = [self.ada.post(path, body, headers=key)
                    for _ in range(2)]
            self.assertEqual([m.status for m in made], [201, 201])
            self.assertEqual(made[0].json["id"], made[1].json["id"])
        self.assertEqual(len(self.ada.get("/conversations").json), 1)

    def test_a_key_that_comes_many_times_at_once_makes_one_thing(self):
        for path, body in (("/conversations", {"title": "x"}),
                           ("/memories", {"value": "I like tea"}),
                           ("/chat/send", {"content": "hello"})):
            with self.subTest(path):
                self.together(path, body)
        self.assertEqual(len(self.ada.get("/conversations").json), 2)

    def together(self, path, body):
        sent, made = [], set()
        self.server.process.send_signal(signal.SIGSTOP)
        for _ in range(8):
            c = http.client.HTTPConnection(self.server.host, self.server.port,
                                           timeout=120)
            c.request("POST", path, json.dumps(body), {
                "Content-Type": "application/json",
                "Idempotency-Key": "at once " + path,
                "Authorization": "Bearer " + self.ada.token})
            sent.append(c)
        self.server.process.send_signal(signal.SIGCONT)
        for c in sent:
            response = c.getresponse()
            answer = Answer(response, response.read())
            c.close()
            if answer.status == 201:
                made.add(answer.json.get("id") or
                         answer.json["message"]["id"])
            else:
                self.assertProblem(answer, 409, "in_progress")
        self.assertEqual(len(made), 1)

    def test_a_fork_begins_as_the_other_did(self):
        chat = new_conversation(self.ada)
        for text in ("one", "two"):
            self.ada.post(f"/conversations/{chat}/messages",
                          {"content": text})
        first = messages(self.ada, chat).json[1]["id"]
        fork = self.ada.post(f"/conversations/{chat}/fork",
                             {"message_id": first})
        self.assertEqual(fork.status, 201, fork)
        self.assertEqual(fork.json["forked_from"], chat)
        self.assertEqual(len(messages(self.ada, fork.json["id"]).json), 2)
        self.assertProblem(self.ada.post(f"/conversations/{chat}/fork",
                                         {"message_id": "0" * 26}), 409)

    def test_a_conversation_is_changed_listed_and_deleted(self):
        ids = [new_conversation(self.ada, title=f"t{i}") for i in range(5)]
        done = self.ada("PATCH", f"/conversations/{ids[0]}", {
            "title": "new", "pinned": True, "memory_mode": "off"})
        self.assertEqual(done.status, 200, done)
        self.assertEqual((done.json["title"], done.json["pinned"],
                          done.json["memory_mode"]), ("new", True, "off"))
        self.ada("PATCH", f"/conversations/{ids[1]}", {"archived": True})
        self.assertEqual(len(self.ada.get("/conversations").json), 4)
        self.assertEqual([c["id"] for c in self.ada.get(
            "/conversations?archived=true").json], [ids[1]])
        self.assertProblem(self.ada("PATCH", f"/conversations/{ids[0]}",
                                    {"memory_mode": "x"}), 422)
        seen, path = [], "/conversations?limit=2&archived=all"
        while path:
            page = self.ada.get(path)
            seen += [c["id"] for c in page.json]
            link = page.headers["Link"]
            path = link[1:link.index(">")] if link else None
        self.assertEqual(sorted(seen), sorted(ids))
        gone = self.ada("DELETE", f"/conversations/{ids[0]}")
        self.assertEqual((gone.status, gone.json), (200, {"success": True}))
        self.assertProblem(self.ada.get(f"/conversations/{ids[0]}"), 404)
        self.assertProblem(self.ada("DELETE", f"/conversations/{ids[0]}"),
                           404)


class Interrupted(Case):
    """The stub stops in the middle of an answer and stays open."""

    stub_options = ("--reply", "one two three four", "--events", "4",
                    "--hang", "2")
    settings = {"MNEME_STREAM_GRACE": "3600"}

    def setUp(self):
        name = "".join(c for c in self._testMethodName if c.isalpha())[-30:]
        self.ada = register(self.server, name)
        self.chat = new_conversation(self.ada)
        self.path = f"/conversations/{self.chat}/messages"

    def begin(self):
        stream = self.ada.events("POST", self.path,
                                 {"content": "count", "stream": True})
        _, start = stream.next_of("start")
        return stream, start["message_id"]

    def test_a_second_send_waits_its_turn(self):
        stream, mid = self.begin()
        stream.next_of("chunk")
        self.assertProblem(self.ada.post(self.path, {"content": "more"}),
                           409, "turn_running")
        self.assertEqual(self.ada.post(f"{self.path}/{mid}/cancel").status,
                         202)
        stream.all()

    def test_a_cancelled_answer_is_kept_as_far_as_it_came(self):
        stream, mid = self.begin()
        first = stream.next_of("chunk")[1]["content"]
        second = stream.next_of("chunk")[1]["content"]
        done = self.ada.post(f"{self.path}/{mid}/cancel")
        self.assertEqual(done.status, 202, done)
        rest = stream.all()
        self.assertEqual(rest[-1][1], "[DONE]")
        self.assertEqual((rest[-2][1]["type"], rest[-2][1]["code"]),
                         ("error", "cancelled"))
        stored = messages(self.ada, self.chat).json[-1]
        self.assertEqual(stored["content"], first + second)
        self.assertEqual((stored["id"], stored["partial"],
                          stored["finish_reason"]), (mid, True, "cancelled"))
        again = self.ada.post(f"{self.path}/{mid}/cancel")
        self.assertEqual(again.status, 200, again)
        self.assertProblem(self.ada.post(
            f"{self.path}/{'0' * 26}/cancel"), 404)

    def test_a_lost_stream_is_picked_up_where_it_broke(self):
        stream, mid = self.begin()
        name, first = stream.next_of("chunk")
        second = stream.next_of("chunk")[1]["content"]
        stream.close()
        resumed = self.ada.events("GET", f"{self.path}/{mid}/stream",
                                  headers={"Last-Event-ID": name})
        _, chunk = next(resumed)
        self.assertEqual((chunk["type"], chunk["content"]),
                         ("chunk", second))
        again = self.ada.events("GET", f"{self.path}/{mid}/stream")
        self.assertEqual(next(again)[1]["type"], "start")
        self.assertEqual(next(again)[1]["content"],
                         first["content"] + second)
        self.ada.post(f"{self.path}/{mid}/cancel")
        for one in (resumed, again):
            self.assertEqual(one.all()[-2][1]["code"], "cancelled")
        # After the end: the rest in one chunk, then the stored end.
        over = self.ada.events("GET", f"{self.path}/{mid}/stream",
                               headers={"Last-Event-ID": name}).all()
        self.assertEqual([d["type"] for _, d in over[:-1]],
                         ["chunk", "error"])
        self.assertEqual(over[0][1]["content"], second)

    def test_only_events_of_the_answer_are_resumed_from(self):
        stream, mid = self.begin()
        for value in ("x", "0" * 26 + ":1", f"{mid}:", f"{mid}:-1",
                      f"{mid}:1:2", f"{mid}:99999999999999999999"):
            self.assertProblem(self.ada.get(
                f"{self.path}/{mid}/stream",
                headers={"Last-Event-ID": value}), 400)
        self.assertProblem(self.ada.get(f"{self.path}/{'0' * 26}/stream"),
                           404)
        other = new_conversation(self.ada)
        self.assertProblem(self.ada.get(
            f"/conversations/{other}/messages/{mid}/stream"), 404)
        self.ada.post(f"{self.path}/{mid}/cancel")
        stream.all()

    def test_a_retried_send_joins_the_answer_that_still_comes(self):
        key = {"Idempotency-Key": "retry"}
        body = {"content": "count", "stream": True}
        stream = self.ada.events("POST", self.path, body, headers=key)
        _, start = stream.next_of("start")
        self.assertProblem(self.ada.post(self.path, body, headers=key), 409,
                           "in_progress")
        stream.next_of("chunk")  # of nothing nothing would be kept
        self.ada.post(f"{self.path}/{start['message_id']}/cancel")
        stream.all()
        self.assertEqual(len(messages(self.ada, self.chat).json), 2)

    def test_nobody_else_hears_or_stops_an_answer_that_comes(self):
        bob = register(self.server, "eavesdropper")
        own = new_conversation(bob)
        stream, mid = self.begin()
        stream.next_of("chunk")
        for chat in (self.chat, own):
            path = f"/conversations/{chat}/messages/{mid}"
            self.assertProblem(bob.get(path + "/stream"), 404)
            self.assertProblem(bob.post(path + "/cancel"), 404)
            self.assertProblem(bob.get(path), 404)
        self.assertProblem(bob.post(self.path, {"content": "x"}), 404)
        # It still runs: its own person can stop it.
        self.assertEqual(self.ada.post(f"{self.path}/{mid}/cancel").status,
                         202)
        stream.all()

    def test_deleting_a_conversation_ends_its_answer(self):
        stream, _ = self.begin()
        stream.next_of("chunk")
        self.assertEqual(self.ada(
            "DELETE", f"/conversations/{self.chat}").status, 200)
        self.assertEqual(stream.all()[-1][1], "[DONE]")
        self.assertProblem(self.ada.get(self.path), 404)


class Grace(Case):
    stub_options = ("--reply", "one two three four", "--events", "4",
                    "--hang", "2")
    settings = {"MNEME_STREAM_GRACE": "0", "LLM_IDLE_TIMEOUT": "3600"}

    def test_a_whole_answer_that_nobody_waits_for_is_cancelled(self):
        ada = register(self.server, "whole")
        chat = new_conversation(ada)
        path = f"/conversations/{chat}/messages"
        for reset in (False, True):
            asked = len(messages(ada, chat).json)
            connection = http.client.HTTPConnection(
                self.server.host, self.server.port, timeout=120)
            connection.request("POST", path, '{"content":"x"}', {
                "Content-Type": "application/json",
                "Authorization": "Bearer " + ada.token})
            while len(messages(ada, chat).json) == asked:
                pass
            if reset:
                connection.sock.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
            connection.close()
            # As long as the answer runs another one may not.
            stream = ada.events("POST", path, {"content": "y", "stream": True})
            while isinstance(stream, Answer):
                self.assertEqual(stream.status, 409)
                stream = ada.events("POST", path,
                                    {"content": "y", "stream": True})
            stream.next_of("chunk")
            stream.close()
            while not messages(ada, chat).json[-1]["partial"]:
                pass

    def test_an_answer_without_a_client_is_cancelled(self):
        ada = register(self.server, "ada")
        chat = new_conversation(ada)
        path = f"/conversations/{chat}/messages"
        stream = ada.events("POST", path, {"content": "x", "stream": True})
        _, start = stream.next_of("start")
        stream.next_of("chunk")
        stream.close()
        # The stream of who comes back ends with the cancelled answer.
        events = ada.events(
            "GET", f"{path}/{start['message_id']}/stream")
        while isinstance(events, Answer):
            events = ada.events(
                "GET", f"{path}/{start['message_id']}/stream")
        self.assertIn(events.all()[-2][1]["code"], ("cancelled",))
        self.assertTrue(messages(ada, chat).json[-1]["partial"])

    def test_stopping_the_server_tells_the_streams(self):
        stub = Stub("--hang", "2")
        server = Server(stub, MNEME_STREAM_GRACE="3600")
        ada = register(server, "bob")
        chat = new_conversation(ada)
        stream = ada.events("POST", f"/conversations/{chat}/messages",
                            {"content": "x", "stream": True})
        stream.next_of("chunk")
        server.terminate()
        rest = stream.all()
        self.assertEqual(rest[-2][1]["type"], "error")
        self.assertEqual(rest[-2][1]["code"], "stopping")
        server.close()
        stub.close()


class Failing(Case):
    """What the provider does wrong is told with its true name."""

    def case(self, *options, **settings):
        stub = Stub(*options)
        server = Server(stub, **settings)
        self.addCleanup(stub.close)
        self.addCleanup(server.close)
        ada = register(server, "ada")
        return ada, f"/conversations/{new_conversation(ada)}/messages"

    def test_a_refusal_is_a_bad_gateway_and_an_error_event(self):
        for options, status, code in (
                (("--status", "401"), 502, "upstream_auth"),
                (("--status", "403"), 502, "upstream_auth"),
                (("--status", "500"), 502, "upstream"),
                (("--status", "429", "--retry-after", "7"), 429,
                 "upstream_busy"),
                (("--reply", " "), 502, "empty_answer")):
            with self.subTest(options):
                ada, path = self.case(*options)
                answer = ada.post(path, {"content": "x"})
                self.assertProblem(answer, status, code)
                if "--retry-after" in options:
                    self.assertEqual(answer.headers["Retry-After"], "7")
                events = ada.events("POST", path, {"content": "y",
                                                   "stream": True}).all()
                self.assertEqual(events[-1][1], "[DONE]")
                self.assertEqual(events[-2][1]["type"], "error")
                self.assertEqual(events[-2][1]["code"], code)
                roles = [m["role"] for m in ada.get(path).json]
                self.assertEqual(roles, ["user", "user"])
                mid = events[0][1]["message_id"]
                again = ada.events("GET", f"{path}/{mid}/stream").all()
                self.assertEqual(again[-2][1]["code"], code)

    def test_a_provider_that_says_nothing_is_a_gateway_timeout(self):
        ada, path = self.case("--hang", "0", LLM_IDLE_TIMEOUT="1")
        self.assertProblem(ada.post(path, {"content": "x"}), 504)

    def test_an_answer_that_breaks_off_is_kept_and_called_partial(self):
        ada, path = self.case("--reply", "one two three four", "--cut", "2")
        events = ada.events("POST", path, {"content": "x",
                                           "stream": True}).all()
        self.assertEqual(events[-2][1]["type"], "error")
        stored = ada.get(path).json[-1]
        self.assertEqual((stored["role"], stored["partial"],
                          stored["finish_reason"]),
                         ("assistant", True, "error"))
        self.assertTrue("one two three four".startswith(stored["content"]))


class WithoutAModel(Case):
    provider = False

    def test_memory_answers_by_itself(self):
        ada = register(self.server, "ada")
        ada.post("/memories", {"value": "I like green tea"})
        chat = new_conversation(ada)
        turn = ada.post(f"/conversations/{chat}/messages",
                        {"content": "what tea do I like?"}).json
        self.assertIn("I like green tea", turn["message"]["content"])
        self.assertEqual(turn["message"]["finish_reason"], "recall")
        self.assertIsInstance(turn["warning"], str)
        events = ada.events("POST", f"/conversations/{chat}/messages",
                            {"content": "tea?", "stream": True}).all()
        self.assertEqual(events[-2][1]["type"], "complete")


    def test_what_another_process_said_is_learned_from(self):
        stub = Stub("--reply", "Nice.")
        self.addCleanup(stub.close)
        ada = register(self.server, "beekeeper")
        # With a model of its own, a question leaves the learning to others.
        done = subprocess.run(
            [MNEME, "--profile", "beekeeper", "ask", "I live in Rotterdam."],
            env={**self.server.env, "LLM_PROVIDER": "openai",
                 "LLM_BASE_URL": stub.base, "LLM_MODEL": "stub"},
            capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        until = time.monotonic() + 60
        memories = []
        while not memories and time.monotonic() < until:
            memories = ada.get("/memories").json
        self.assertIn("Rotterdam", memories[0]["value"])


class Killed(Case):
    provider = False

    def test_a_key_survives_a_kill_in_the_middle_of_the_answer(self):
        stub = Stub("--reply", "one two three four", "--hang", "2")
        server = Server(stub, MNEME_STREAM_GRACE="3600")
        ada = register(server, "ada")
        chat = new_conversation(ada)
        path = f"/conversations/{chat}/messages"
        body, key = {"content": "count", "stream": True}, {
            "Idempotency-Key": "once"}
        stream = ada.events("POST", path, body, headers=key)
        mid = stream.next_of("start")[1]["message_id"]
        stream.next_of("chunk")
        server.kill()
        stream.close()
        stub.close()
        stub = Stub("--reply", "five six")
        server.env["LLM_BASE_URL"] = stub.base
        server.start()
        # What had come was kept, or it is answered now; never asked twice.
        last = ada.events("POST", path, body, headers=key).all()[-2][1]
        self.assertEqual((last["message_id"] if last["type"] == "error"
                          else last["message"]["id"]), mid)
        stored = messages(ada, chat).json
        self.assertEqual([m["role"] for m in stored], ["user", "assistant"])
        self.assertEqual((stored[1]["id"], stored[1]["partial"]),
                         (mid, last["type"] == "error"))
        again = ada.events("POST", path, body, headers=key).all()[-2][1]
        self.assertEqual(again["type"], last["type"])
        self.assertEqual(len(messages(ada, chat).json), 2)
        server.close()
        stub.close()

    def test_what_was_acknowledged_is_there_after_a_kill(self):
        server = Server()
        ada = register(server, "ada")
        made = [ada.post("/memories", {"value": f"fact number {i}"}).json
                for i in range(5)]
        chat = new_conversation(ada)
        turn = ada.post(f"/conversations/{chat}/messages",
                        {"content": "hello"}).json
        server.kill()
        server.start()
        ada.server = server
        listed = {m["id"] for m in ada.get("/memories").json}
        self.assertTrue({m["id"] for m in made} <= listed)
        stored = messages(ada, chat).json
        self.assertEqual(stored[-1]["id"], turn["message"]["id"])
        server.close()


if __name__ == "__main__":
    main()
