#!/usr/bin/env python3
"""Turn a conversation in LoCoMo's format into import lines.

usage: locomo.py FILE.json [--no-session] > lines.jsonl
"""
import datetime
import json
import re
import sys


def when(text):
    return datetime.datetime.strptime(text, "%I:%M %p on %d %B, %Y")


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    path = sys.argv[1]
    sessions = "--no-session" not in sys.argv
    name = re.sub(r".*/|\.json$", "", path)
    talk = json.load(open(path, encoding="utf-8"))
    talk = talk.get("conversation", talk)
    numbers = sorted(int(m.group(1)) for m in
                     (re.match(r"session_(\d+)$", k) for k in talk) if m)
    first = when(talk["session_%d_date_time" % numbers[0]])
    print(json.dumps({"type": "conversation", "id": name,
                      "title": "%s and %s" % (talk["speaker_a"],
                                              talk["speaker_b"]),
                      "created_at": stamp(first)}))
    for n in numbers:
        at = when(talk["session_%d_date_time" % n])
        for i, turn in enumerate(talk["session_%d" % n]):
            text = turn["text"]
            if turn.get("blip_caption"):
                text += " [shared a photo: %s]" % turn["blip_caption"]
            line = {"type": "message", "conversation": name,
                    "id": turn["dia_id"],
                    "role": "user" if turn["speaker"] == talk["speaker_a"]
                    else "assistant",
                    "speaker": turn["speaker"]}
            if sessions:
                line["session"] = str(n)
            line["content"] = text
            line["created_at"] = stamp(at + datetime.timedelta(seconds=i))
            print(json.dumps(line, ensure_ascii=False))


main()
