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

    def test_every_answer_is_as_described(self):
        python = venv("schemathesis")
        if not python:
            self.skipTest("the package schemathesis could not be installed")
        ada = register(self.server, "ada")
        key = ada.post("/auth/keys", {"name": "k"}).json["key"]
        done = subprocess.run(
            [os.path.join(os.path.dirname(python), "st"), "run",
             self.server.url + "/openapi.json", "--no-color",
             "--seed", "1", "--max-examples", os.environ.get("MNEME_TEST_EXAMPLES", "4"),
             "--exclude-path", "/users/profile",
             "--exclude-path", "/user/delete",
             "--header", "Authorization: Bearer " + key],
            cwd=self.server.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-8000:])


if __name__ == "__main__":
    main()
