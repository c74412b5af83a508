#!/usr/bin/env python3
"""Bodies that are read on the pool, so that nobody waits for them.

The pool is held up by a model whose file is a pipe that nobody writes: what
then gets an answer needed no thread of it.
"""
import base64
import json
import os
import select
import shutil
import socket
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from mneme_api import Client, Server, Stub, main, register

WAIT = 120  # seconds after which a test has failed; nothing is timed by it
LARGE = "a long word " * 8000


def read_answer(s):
    """One answer: status, fields, body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = s.recv(65536)
        if not piece:
            raise AssertionError(f"closed after {data!r}")
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    lines = head.decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:])
    length = int(fields["content-length"])
    while len(rest) < length:
        rest += s.recv(length - len(rest))
    return int(lines[0].split()[1]), fields, rest[:length], rest[length:]


class HeldUp(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="mneme-large-")
        self.pipe = os.path.join(self.folder, "config.json")
        os.mkfifo(self.pipe)
        self.stub = Stub("--reply", "so it is")
        self.server = Server(self.stub, EMBEDDING_MODEL=self.folder)
        self.ada = register(self.server, "ada")
        chat = self.ada.post("/conversations", {}).json["id"]
        self.path = f"/conversations/{chat}/messages"
        self.sockets, self.held = [], []

    def tearDown(self):
        self.release()
        for s in self.sockets:
            s.close()
        self.server.close()
        self.stub.close()
        shutil.rmtree(self.folder)

    def connect(self):
        s = socket.create_connection((self.server.host, self.server.port),
                                     timeout=WAIT)
        self.sockets.append(s)
        return s

    def request(self, body, *fields):
        body = json.dumps(body).encode()
        lines = [f"POST {self.path} HTTP/1.1", "Host: a",
                 "Content-Type: application/json",
                 "Authorization: Bearer " + self.ada.token,
                 f"Content-Length: {len(body)}", *fields]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def post(self, body, *fields):
        s = self.connect()
        s.sendall(self.request(body, *fields))
        return s

    def queue(self):
        text = Client(self.server).get("/metrics").body.decode()
        return int(next(line for line in text.split("\n") if
                        line.startswith("mneme_work_queue ")).split()[1])

    def hold(self):
        """Every thread of the pool waits for the pipe from here on.  Nothing
        may be asked meanwhile that needs the model."""
        self.held = [self.connect() for _ in range(2)]
        for s in self.held:
            s.sendall(b"GET /health/ready HTTP/1.1\r\nHost: a\r\n\r\n")
        while self.queue() < len(self.held):
            pass

    def release(self):
        """Who waits for the pipe finds it empty; no one else finds it."""
        gone = self.pipe + ".gone"
        if os.path.exists(self.pipe):
            os.rename(self.pipe, gone)
        waiting, self.held = self.held, []
        while waiting:
            try:
                os.close(os.open(gone, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:
                pass  # nobody waits for it just now
            for s in select.select(waiting, [], [], 0.01)[0]:
                read_answer(s)
                waiting.remove(s)

    def stored(self):
        return [m["content"] for m in self.ada.get(self.path).json]

    def test_others_are_answered_while_bodies_wait(self):
        self.hold()
        s = self.post({"content": LARGE})
        while self.queue() < 3:
            pass
        self.assertEqual(Client(self.server).get("/health").status, 200)
        self.assertEqual(self.ada.post(self.path, {"content": ""}).status, 422)
        self.assertEqual(self.stored(), [])
        self.release()
        self.assertEqual(read_answer(s)[0], 201)
        self.assertEqual(self.stored(), [LARGE, "so it is"])

    def test_an_openai_clients_images_wait_too(self):
        image = b"GIF89a" + bytes(100000)
        url = "data:image/gif;base64," + base64.b64encode(image).decode()
        parts = [{"type": "text", "text": "what is this?"},
                 {"type": "image_url", "image_url": {"url": url}}]
        self.hold()
        self.path = "/v1/chat/completions"
        s = self.post({"model": "stub", "messages": [
            {"role": "user", "content": parts}]}, "X-Mneme-Conversation: v")
        while self.queue() < 3:
            pass
        self.assertEqual(Client(self.server).get("/health").status, 200)
        self.release()
        status, fields, body, _ = read_answer(s)
        self.assertEqual(status, 200, body)
        chat = fields["x-mneme-conversation"]
        first = self.ada.get(f"/conversations/{chat}/messages").json[0]
        self.assertEqual((first["content"], first["attachments"][0]["size"]),
                         ("what is this?", len(image)))

    def test_answers_of_a_connection_come_in_the_order_of_its_requests(self):
        self.hold()
        s = self.post({"content": LARGE})
        s.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        while self.queue() < 3:
            pass
        self.release()
        status, _, body, rest = read_answer(s)
        self.assertEqual((status, json.loads(body)["message"]["content"]),
                         (201, "so it is"))
        self.assertTrue(rest.startswith(b"HTTP/1.1 200") or
                        read_answer(s)[0] == 200)

    def test_what_was_sent_whole_is_done_though_its_client_left(self):
        self.hold()
        reset = struct.pack("ii", 1, 0)
        texts = [LARGE + str(n) for n in range(2)]
        for text in texts:
            chat = self.ada.post("/conversations", {}).json["id"]
            self.path = f"/conversations/{chat}/messages"
            s = self.post({"content": text})
            while self.queue() < 3 + texts.index(text):
                pass
            if text == texts[0]:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            s.close()
        self.release()
        seen = set()
        while len(seen) < len(texts):
            seen = {m["content"] for chat in self.ada.get("/conversations").json
                    for m in self.ada.get(
                        f"/conversations/{chat['id']}/messages").json
                    if m["role"] == "user"}
        self.assertEqual(seen, set(texts))

    def test_too_many_bodies_at_a_time_are_refused(self):
        self.hold()
        body = {"content": LARGE, "wrong": True}
        posts = [self.post(body) for _ in range(80)]
        refused = select.select(posts, [], [], WAIT)[0]
        self.assertTrue(refused)
        status, fields, text, _ = read_answer(refused[0])
        posts.remove(refused[0])
        self.assertEqual((status, fields["retry-after"]), (429, "1"))
        self.assertEqual(json.loads(text)["code"], "busy")
        self.release()
        self.assertEqual({read_answer(s)[0] for s in posts}, {422, 429})
        self.assertEqual(self.ada.post(self.path, body).status, 422)

    def test_a_key_counts_from_the_moment_its_body_is_read(self):
        self.hold()
        posts = [self.post({"content": LARGE}, "Idempotency-Key: one")
                 for _ in range(2)]
        while self.queue() < 4:
            pass
        self.release()
        answers = [read_answer(s) for s in posts]
        self.assertIn(201, [a[0] for a in answers])
        # The other one came too soon, or after all was done.
        for status, fields, body, _ in answers:
            if status == 409:
                self.assertEqual(json.loads(body)["code"], "in_progress")
            else:
                self.assertEqual(status, 201)
        self.assertEqual(self.stored(), [LARGE, "so it is"])
        again = self.ada.post(self.path, {"content": LARGE + "?"},
                              headers={"Idempotency-Key": "one"})
        self.assertEqual((again.status, again.json["code"]),
                         (422, "key_reused"))

    def test_stopping_answers_the_bodies_that_wait(self):
        idle = self.connect()
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(read_answer(idle)[0], 200)
        self.hold()
        s = self.post({"content": LARGE, "wrong": True})
        while self.queue() < 3:
            pass
        self.server.terminate()
        self.assertEqual(idle.recv(1), b"")
        self.release()
        status, fields, body, _ = read_answer(s)
        self.assertEqual((status, fields["connection"]), (422, "close"))
        self.assertEqual(json.loads(body)["errors"][0]["field"], "wrong")

    def test_a_large_body_is_checked_as_any(self):
        other = {"content": "x", "attachments": [
            {"data": base64.b64encode(b"GIF89a" + bytes(100000)).decode(),
             "kind": "x"}]}
        text = json.dumps(other)
        json_type = {"Content-Type": "application/json"}
        for body, status, code in (
                (text[:-1], 400, "bad_json"),
                (text.replace('"kind"', '"data"'), 400, "bad_json"),
                (text.replace("AAAA", "\\ud800", 1), 400, "bad_json"),
                (f"[{text}]", 422, "invalid"),
                (text, 422, "invalid"),
                (json.dumps({"content": "x" * 300000}), 413, "too_large")):
            with self.subTest(code, begins=body[:20]):
                answer = self.ada("POST", self.path, body, headers=json_type)
                self.assertEqual((answer.status, answer.json["code"]),
                                 (status, code))
                self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        answer = self.ada("POST", self.path, text, headers=json_type)
        self.assertEqual(answer.json["errors"], [
            {"field": "attachments[0].kind", "message": "is not known here"}])
        answer = self.ada("POST", self.path, text,
                          headers={"Content-Type": "text/plain"})
        self.assertEqual(answer.status, 415)
        self.assertEqual(self.stored(), [])


if __name__ == "__main__":
    main()
