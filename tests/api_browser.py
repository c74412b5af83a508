#!/usr/bin/env python3
"""A page of another origin in a real browser: preflights, a multipart sign-in,
an answer that is read while it streams."""
import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from mneme_api import SOURCE, Server, Stub, main

CHROMIUM = shutil.which("chromium")
PAGE = os.path.join(SOURCE, "tests", "data", "web_client.html")


class Pages:
    """Serves the page, and hears what it saw."""

    def __init__(self):
        outer = self
        self.seen = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, body, kind):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                with open(PAGE, "rb") as file:
                    self.answer(file.read(), "text/html; charset=utf-8")

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                outer.seen.put(json.loads(self.rfile.read(length)))
                self.answer(b"", "text/plain")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@unittest.skipUnless(CHROMIUM, "chromium is not installed")
class Browser(unittest.TestCase):
    def look(self, allowed):
        pages, stub = Pages(), Stub("--events", "6", "--delay", "60")
        self.addCleanup(pages.close)
        self.addCleanup(stub.close)
        server = Server(stub, CORS_ORIGINS=pages.origin if allowed
                        else "http://elsewhere.example")
        self.addCleanup(server.close)
        profile = tempfile.mkdtemp(prefix="mneme-browser-")
        self.addCleanup(shutil.rmtree, profile, True)
        browser = subprocess.Popen(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run",
             "--user-data-dir=" + profile,
             f"{pages.origin}/?api={server.url}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return pages.seen.get(timeout=120)
        finally:
            browser.kill()
            browser.wait()

    def test_a_page_signs_up_chats_and_deletes(self):
        seen = self.look(True)
        self.assertNotIn("error", seen)
        self.assertEqual((seen["register"], seen["login"]), (201, 200))
        self.assertEqual(seen["title"], "New Conversation")
        stream = seen["stream"]
        self.assertTrue(stream["type"].startswith("text/event-stream"))
        self.assertGreater(stream["reads"], 2)  # as it came, not at once
        events = [json.loads(e) for e in stream["events"][:-1]]
        self.assertEqual(stream["events"][-1], "[DONE]")
        self.assertEqual(events[-1]["type"], "complete")
        text = "".join(e["content"] for e in events if e["type"] == "chunk")
        self.assertEqual(text, events[-1]["message"]["content"])
        self.assertIn("\U0001f375", text)
        self.assertEqual(seen["messages"], ["user", "assistant"])
        self.assertEqual(len(seen["sidebar"]), 1)
        self.assertEqual(seen["memories"], ["I like green tea \U0001f375"])
        self.assertEqual((seen["forget"], seen["delete"], seen["stranger"],
                          seen["gone"], seen["after"]),
                         (200, {"success": True}, 401, 204, 401))

    def test_a_page_of_an_unknown_origin_is_kept_out(self):
        self.assertIn("Failed to fetch", self.look(False)["error"])


if __name__ == "__main__":
    main()
