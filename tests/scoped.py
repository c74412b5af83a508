#!/usr/bin/env python3
"""No variable that is cleaned up at the end of its block is met there unmade.

What SCOPED declares without a value must be given one before the first
`return` behind it: a destructor would be handed what lay on the stack.
"""
import os
import re
import sys

ROOT = os.environ.get("MNEME_SOURCE", ".")
MAX = 4  # lines of a declaration


def sources():
    for folder in ("src", "tests"):
        for where, _, files in os.walk(os.path.join(ROOT, folder)):
            for name in sorted(files):
                if name.endswith((".c", ".h", ".cc")):
                    yield os.path.join(where, name)


def declarations(lines):
    """The line after each declaration without a value, and its name."""
    for i, line in enumerate(lines):
        if not re.match(r"\s*SCOPED\(\w+\)", line):
            continue
        whole = " ".join(lines[i:i + MAX]).split(";")[0]
        if "=" in whole:
            continue
        name = re.search(r"(\w+)(\[[^\]]*\])?\s*$", whole).group(1)
        end = next(k for k in range(i, len(lines)) if ";" in lines[k])
        yield end + 1, name


def unmade(lines, start, name):
    """The number of the return that comes too soon, or 0."""
    made = re.compile(r"&%s\b|\b%s(\[\w+\])?\s*=" % (name, name))
    for k in range(start, len(lines)):
        if made.search(lines[k]):
            return 0
        if re.search(r"\breturn\b", lines[k]) or lines[k].startswith("}"):
            return k + 1
    return 0


def main():
    seen = bad = 0
    for path in sources():
        with open(path, encoding="utf-8") as text:
            lines = text.read().split("\n")
        for start, name in declarations(lines):
            seen += 1
            at = unmade(lines, start, name)
            if at:
                bad += 1
                print("%s:%d: %s has no value yet" % (path, at, name))
    print("%d declarations, %d unmade" % (seen, bad))
    return 1 if bad or not seen else 0


sys.exit(main())
