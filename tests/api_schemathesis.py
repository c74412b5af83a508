#!/usr/bin/env python3
"""Schemathesis, which makes up requests from /openapi.json, good and bad, and
compares every answer with what is described there."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from mneme_api import Case, main, register, venv


class Described(Case):
    settings = {"FIREBASE_PROJECT_ID": "demo",
                "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099"}

    def check(self, bearer, *words):
        python = venv("schemathesis")
        if not python:
            self.skipTest("the package schemathesis could not be installed")
        done = subprocess.run(
            [os.path.join(os.path.dirname(python), "st"), "run",
             self.server.url + "/openapi.json", "--no-color",
             "--seed", os.environ.get("MNEME_TEST_SEED", "1"),
             "--max-examples", os.environ.get("MNEME_TEST_EXAMPLES", "4"),
             # No word of how long the machine takes.
             "--suppress-health-check", "all", "--request-timeout", "300",
             "--header", "Authorization: Bearer " + bearer, *words],
            cwd=self.server.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-8000:])

    def test_every_answer_is_as_described(self):
        ada = register(self.server, "ada")
        self.check(ada.post("/auth/keys", {"name": "k"}).json["key"])

    def test_what_needs_a_session_answers_as_described(self):
        bob = register(self.server, "bob")
        self.check(bob.token, "--include-path", "/auth/keys",
                   "--include-path", "/auth/sessions",
                   "--include-path", "/users/settings",
                   "--include-path", "/auth/keys/{id}",
                   "--include-path", "/auth/sessions/{id}")


if __name__ == "__main__":
    main()
