#!/usr/bin/env python3
"""Complete the manual page from the program's own tables.

usage: man_page.py MNEME PAGE > OUT

Replaces PAGE's comments "the table of commands", "... options", "... keys",
"... slashes", "... settings" and "... routes" by what `MNEME help`, `MNEME help
COMMAND`, `MNEME help keys`, `MNEME help plain`, `MNEME config list` and `MNEME
serve --openapi` print.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

OPTION = re.compile(r"  (?:-(\w),|   ) --([\w-]+)(?: (\S+))?\s+(.*)$")
SETTING = re.compile(r"([A-Z][A-Z_]+)=(.*?)  \(default\)  (.*)$")


def run(mneme, *words):
    """What a command prints, with nobody's settings."""
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "LC_ALL": "C.UTF-8", "PATH": os.defpath}
        return subprocess.run([mneme, *words], env=env, check=True, text=True,
                              capture_output=True).stdout.splitlines()


def text(words):
    """Words that no macro or escape begins."""
    words = words.replace("\\", "\\e").replace("--", "\\-\\-")
    # Each sentence begins a line.
    return re.sub(r"([.!?]) (?=[A-Z])", r"\1\n", words)


def names(lines):
    """Rows of (name, operands, summary), up to the empty line after them."""
    rows = [line[2:] for line in lines[4:lines.index("", 4)]]
    for row in rows:
        left, _, summary = row.partition("  ")
        if not summary:  # the operands fill their column
            match = re.match(r"((?:[a-z|]+ |\[?[A-Z]{2,}\.*\]? )+)", row)
            left, summary = match.group(1), row[match.end():]
        words = left.split()
        count = sum(bool(re.fullmatch("[a-z]+", w)) for w in words[:2])
        yield (" ".join(words[:count]), " ".join(words[count:]),
               summary.strip())


def commands(lines):
    yield ".Bl -tag -width Ds"
    for name, operands, summary in names(lines):
        words = " ".join(f"Cm {w}" for w in name.split())
        if operands:
            words += f" Ar {text(operands)}"
        yield f".It {words}"
        yield text(summary)
    yield ".El"


def options(mneme, lines):
    """Each option once, with the commands that take it."""
    everywhere, takers = [], {}
    for line in lines:
        if OPTION.match(line):
            everywhere.append(OPTION.match(line).groups())
    for name, _, _ in names(lines):
        for line in run(mneme, "help", *name.split()):
            match = OPTION.match(line)
            if match and match.groups() not in everywhere:
                takers.setdefault(match.groups(), []).append(name)
    yield ".Bl -tag -width Ds"
    for row in everywhere + list(takers):
        letter, name, value, summary = row
        short = f"Fl {letter} , " if letter else ""
        yield f".It {short}Fl -{name}" + (f" Ar {value}" if value else "")
        yield text(summary)
        if row in takers:
            yield "(" + ", ".join(takers[row]) + ")"
    yield ".El"


def settings(lines, rows):
    own = {row["name"] for row in rows if row["per_profile"]}
    yield ".Bl -tag -width Ds"
    for line in lines:
        match = SETTING.match(line)
        if not match:
            sys.exit(f"man_page.py: not a setting: {line}")
        name, default, summary = match.groups()
        yield f".It Ev {name}"
        yield text(summary) + "."
        if name in own:
            yield "Also for a profile."
        if default:
            yield "The default is"
            yield f".Dq {' '.join(default.split())} ."
    yield ".El"


def keys(lines):
    """A list for each heading."""
    row = re.compile(r"  (\S.*?)\s{2,}(\S.*)$")
    first = True
    for line in lines:
        match = row.match(line)
        if match:
            yield f".It Ic {text(match.group(1))}"
            yield text(match.group(2)[0].upper() + match.group(2)[1:]) + "."
        elif line and not line.endswith("."):  # a sentence is no heading
            if not first:
                yield ".El"
            first = False
            yield f".Ss {text(line)}"
            yield ".Bl -tag -width Ds"
    yield ".El"


def slashes(lines):
    """The commands of the chat line by line."""
    yield ".Bl -tag -width Ds"
    for line in lines:
        left, summary = re.match(r"  (/\S.*?)\s{2,}(\S.*)$", line).groups()
        yield f".It Ic {text(left)}"
        yield text(summary[0].upper() + summary[1:]) + "."
    yield ".El"


def routes(document):
    """The server's routes by what they are for."""
    tag = None
    for path, item in document["paths"].items():
        for method, route in item.items():
            if route["tags"][0] != tag:
                if tag:
                    yield ".El"
                tag = route["tags"][0]
                yield f".Ss {tag}"
                yield ".Bl -tag -width Ds"
            yield f".It Cm {method.upper()} Pa {text(path)}"
            yield text(route["description"])
            body = route.get("requestBody")
            if body:
                name = body["content"]["application/json"]["schema"]["$ref"]
                schema = document["components"]["schemas"][
                    name.split("/")[-1]]
                needed = schema.get("required", [])
                fields = [f if f in needed else f"[{f}]"
                          for f in schema["properties"]]
                yield "Body: " + text(", ".join(fields)) + "."
    yield ".El"


def main():
    mneme, page = sys.argv[1:]
    help_lines = run(mneme, "help")
    tables = {
        "commands": lambda: commands(help_lines),
        "options": lambda: options(mneme, help_lines),
        "keys": lambda: keys(run(mneme, "help", "keys")),
        "slashes": lambda: slashes(run(mneme, "help", "plain")),
        "routes": lambda: routes(json.loads(
            "\n".join(run(mneme, "serve", "--openapi")))),
        "settings": lambda: settings(
            run(mneme, "config", "list"),
            json.loads("".join(run(mneme, "config", "list", "--json")))),
    }
    with open(page, encoding="utf-8") as lines:
        for line in lines:
            match = re.match(r'\.\\" the table of (\w+)$', line)
            if match:
                print("\n".join(tables[match.group(1)]()))
            else:
                print(line, end="")


if __name__ == "__main__":
    main()
