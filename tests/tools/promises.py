#!/usr/bin/env python3
"""One line for each promise, with the figures of the tests that keep it.

usage: promises.py LOG   (ctest's own log of the run)
"""
import re
import sys

PROMISES = [  # what is promised, and whose last lines prove it
    ("durability", ["crash", "kill", "serve_kill", "faults", "hard"]),
    ("isolation", ["test_isolation"]),
    ("safety", ["escapes", "secrets", "fuzz_*"]),
    ("honesty", ["providers"]),
]


def results(path):
    """The last line of each test that passed, None where it failed."""
    with open(path, encoding="utf-8", errors="replace") as f:
        log = f.read()
    found = {}
    for m in re.finditer(r"^\d+/\d+ Test: (\S+)\n(.*?)^Test (\w+)\.$", log,
                         re.M | re.S):
        body = m[2].split("-" * 58 + "\n", 1)[-1].split("<end of output>")[0]
        lines = [line for line in body.split("\n") if line.strip()]
        passed = m[3] == "Passed"
        found[m[1]] = (lines[-1] if lines else "passed") if passed else None
    return found


def fuzzed(found):
    mine = {n: line for n, line in found.items() if n.startswith("fuzz_")}
    if not mine:
        return None
    inputs = sum(int(line.split()[0]) for line in mine.values() if line)
    failed = sum(line is None for line in mine.values())
    return "%d corpora of %d inputs replayed%s" % (
        len(mine), inputs, ", %d FAILED" % failed if failed else "")


def main():
    found = results(sys.argv[1])
    for promise, tests in PROMISES:
        parts = []
        for name in tests:
            if name == "fuzz_*":
                parts.append(fuzzed(found))
            elif name in found:
                parts.append(found[name] or name + " FAILED")
        parts = [p for p in parts if p]
        if parts:
            print("%s: %s" % (promise, "; ".join(
                p.removeprefix(promise + ": ") for p in parts)))


main()
