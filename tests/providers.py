#!/usr/bin/env python3
"""What real providers are known to send, through `ask` to the store.

Each row is one oddity: how the stub answers, what the person sees, the exit
status, and what is stored of the answer (None: nothing; "partial": what came,
marked).  Streams are cut at every byte; silence ends in bounded time.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "tools"))
from stub import Stub

MNEME = os.environ["MNEME"]
SCRATCH = tempfile.mkdtemp()
LOG = os.path.join(SCRATCH, "log")
failed = 0


def sse(*events, end="\n\n"):
    return "\n\n".join("data: " + e if not e.startswith(":") else e
                       for e in events) + end


def chunk(content=None, finish=None, **more):
    delta = {"role": "assistant"}
    if content is not None:
        delta["content"] = content
    return json.dumps({"id": "gen-1", "object": "chat.completion.chunk",
                       "model": "m", "choices": [
                           {"index": 0, "delta": delta,
                            "finish_reason": finish}], **more})


def gemini(text=None, finish=None, **more):
    candidate = {"index": 0}
    if text is not None:
        candidate["content"] = {"parts": [{"text": text}], "role": "model"}
    if finish:
        candidate["finishReason"] = finish
    return json.dumps({"candidates": [candidate], **more})


def raw(text):
    for a, b in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(a, b)
    return ["--raw", text]


OPENROUTER_BROKE = json.dumps({
    "id": "cmpl-1", "object": "chat.completion.chunk", "provider": "openai",
    "error": {"code": "server_error", "message": "Provider disconnected"},
    "choices": [{"index": 0, "delta": {"content": ""},
                 "finish_reason": "error"}]})
GEMINI_BROKE = ('{\n  "error": {\n    "code": 503,\n    "message": "The model '
                'is overloaded",\n    "status": "UNAVAILABLE"\n  }\n}')
# Provider, the stub's options, shown, exit status, stored.
ROWS = [
    # --- OpenRouter
    ("openrouter", ["--reply", "hello there"], "hello there", 0, "hello there"),
    ("openrouter", ["--comments", "--reply", "after comments"],
     "after comments", 0, "after comments"),
    ("openrouter", raw(sse(": OPENROUTER PROCESSING", ": OPENROUTER PROCESSING",
                           chunk("ab"), chunk("cd", "stop"), "[DONE]")),
     "abcd", 0, "abcd"),
    # Bytes that are no UTF-8 (argv gives them back) lose no answer.
    ("openrouter", raw(sse(chunk("kept", "stop").replace(
        '"stop"', '"sto\udc81p"'), "[DONE]")), "kept", 0, "kept"),
    ("openrouter", raw(sse(chunk("kept", "stop").replace(
        '"m"', '"m\udcff"'), "[DONE]")), "kept", 0, "kept"),
    ("openrouter", raw(sse(chunk("caf#", "stop").replace(
        '#', '\udce9'), "[DONE]")), "caf\ufffd", 0, "caf\ufffd"),
    ("openrouter", raw(sse(chunk("so far"), OPENROUTER_BROKE)),
     "Provider disconnected", 3, "partial"),
    ("openrouter", raw(sse(json.dumps({"error": {"code": 429, "message":
                                                 "slow down"}}))),
     "slow down", 1, None),
    ("openrouter", ["--status", "402", "--error", "add credits"],
     "add credits", 3, None),
    ("openrouter", ["--status", "403", "--error", "flagged"], "flagged", 4,
     None),
    ("openrouter", ["--status", "408"], "408", 3, None),
    ("openrouter", ["--status", "502"], "502", 3, None),
    ("openrouter", ["--status", "503"], "503", 3, None),
    ("openrouter", raw(sse(chunk("x", "content_filter"), "[DONE]")), "filter", 0,
     "x"),
    # --- OpenAI
    ("openai", raw(sse(chunk("a", usage=None), chunk("b", "stop", usage=None),
                       json.dumps({"choices": [], "usage": {
                           "prompt_tokens": 3, "completion_tokens": 2}}),
                       "[DONE]")), "ab", 0, "ab"),
    ("openai", raw(sse(chunk("cut"), "[DONE]")), "finish reason", 3,
     "partial"),
    ("openai", raw(sse(chunk("no done", "stop"))), "no done", 0, "no done"),
    ("openai", raw("\ufeff" + sse(chunk("bom", "stop"), "[DONE]")), "bom", 0,
     "bom"),
    ("openai", raw(sse(chunk("crlf", "stop"), "[DONE]").replace(
        "\n", "\r\n")), "crlf", 0, "crlf"),
    ("openai", raw(sse(chunk("cr", "stop"), "[DONE]").replace("\n", "\r")),
     "cr", 0, "cr"),
    ("openai", raw("event: x\nid: 1\nretry: 5\n" + sse(chunk("f", "stop"))),
     "f", 0, "f"),
    ("openai", ["--status", "401", "--error", "wrong key"], "wrong key", 4,
     None),
    ("openai", ["--status", "400", "--error", "maximum context length is 9"],
     "context", 5, None),
    ("openai", ["--status", "429"], "stub fails", 1, None),
    ("openai", ["--status", "500"], "500", 3, None),
    ("openai", ["--close", "--cut", "2", "--reply", "one two three four"],
     "broke", 3, "partial"),
    ("openai", ["--reply", ""], "empty answer", 3, None),
    ("openai", raw(sse(chunk("", "stop"), "[DONE]")), "empty answer", 3, None),
    ("openai", raw(sse(chunk("  \n ", "stop"), "[DONE]")), "empty answer", 3,
     None),
    ("openai", raw(sse(chunk("long", "length"), "[DONE]")), "token limit", 0, "long"),
    ("openai", ["--status", "307", "--raw", ""], "307", 3, None),
    # --- Ollama, llama.cpp, vLLM, LM Studio
    ("ollama", ["--reply", "local"], "local", 0, "local"),
    ("llamacpp", raw(sse(chunk(None), chunk("pp", "stop"), "[DONE]", end="")),
     "pp", 0, "pp"),
    ("llamacpp", raw('error: {"code":500,"message":"slot gone"}\n\n'),
     "ended|slot gone|finish", 3, None),
    ("llamacpp", ["--status", "503", "--error", "Loading model"],
     "Loading model", 3, None),
    ("vllm", raw(sse(chunk("v"), json.dumps(
        {"object": "error", "message": "engine died"}))), "engine died", 3,
     "partial"),
    ("vllm", raw(sse(chunk("v", "stop"), json.dumps(
        {"choices": None, "usage": {"prompt_tokens": 1}}), "[DONE]")), "v", 0,
     "v"),
    ("lmstudio", raw(sse(json.dumps({"error": "model unloaded"}))),
     "model unloaded", 3, None),
    # --- Gemini
    ("gemini", ["--reply", "from gemini"], "from gemini", 0, "from gemini"),
    ("gemini", raw(sse(gemini("a"), gemini("b", "STOP"))), "ab", 0, "ab"),
    ("gemini", raw(sse(gemini("a"), gemini("b", "MAX_TOKENS"))), "ab", 0,
     "ab"),
    ("gemini", raw(sse(json.dumps({"promptFeedback": {
        "blockReason": "SAFETY"}}))), "SAFETY|blocked", 3, None),
    ("gemini", raw(sse(gemini("half"), gemini(None, "RECITATION"))),
     "half", 0, "half"),
    ("gemini", raw(sse(gemini("half"), end="\n\n") + GEMINI_BROKE),
     "overloaded", 3, "partial"),
    ("gemini", raw(sse(gemini("half"))), "finish reason", 3, "partial"),
    ("gemini", raw(sse(json.dumps({"candidates": [{"content": {"parts": [
        {"text": "secret thought", "thought": True}, {"text": "said"}]},
        "finishReason": "STOP"}]}))), "said", 0, "said"),
    ("gemini", ["--status", "429"], "stub fails", 1, None),
    ("gemini", ["--status", "403"], "stub fails", 4, None),
]


def environment(provider, port, home):
    base = "http://127.0.0.1:%d/v1" % port
    return {"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
            "LLM_PROVIDER": provider, "LLM_MODEL": "m", "LLM_BASE_URL": base,
            "GEMINI_BASE_URL": base, "LLM_API_KEY": "sk-hidden",
            "OPENROUTER_API_KEY": "sk-hidden", "OPENAI_API_KEY": "sk-hidden",
            "GEMINI_API_KEY": "sk-hidden", "MNEME_RETRIES": "0",
            "EMBEDDING_MODEL": "none",
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}


def wrong(what, row, done):
    global failed
    failed += 1
    print("FAILED: %s: %.600s\nexit %d\n%.600s%.600s" % (
        what, row, done.returncode, done.stdout, done.stderr))


def answer_stored(env):
    done = subprocess.run([MNEME, "export"], env=env, capture_output=True,
                          text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    answers = [a for a in answers if a.get("role") == "assistant"]
    return answers[-1] if answers else None


def one(row, more=None, **settings):
    provider, options, shown, status, stored = row
    home = tempfile.mkdtemp(dir=SCRATCH)
    with Stub("--log", LOG, *options, *(more or [])) as stub:
        env = {**environment(provider, stub.port, home), **settings}
        done = subprocess.run([MNEME, "ask", "hi"], env=env, text=True,
                              capture_output=True, timeout=300, check=False,
                              stdin=subprocess.DEVNULL)
    said = done.stdout + done.stderr
    if done.returncode != status or \
            not any(word in said for word in shown.split("|")):
        wrong("what is said", row, done)
    if "sk-hidden" in said or "secret thought" in said:
        wrong("what must not be said", row, done)
    answer = answer_stored(env)
    if stored is None and answer:
        wrong("an answer is stored", row, done)
    elif stored == "partial" and not (answer and answer.get("partial")):
        wrong("the part is not kept and marked", row, done)
    elif stored not in (None, "partial") and (
            not answer or answer["content"] != stored):
        wrong("what is stored", row, done)


def at_every_byte():
    """The same stream in writes of each size, and each answer the same."""
    text = "gr\u00fc\u00dfe \u4e16\u754c \U0001f469\u200d\U0001f680"
    body = sse(": c", chunk(text), chunk("!", "stop"), "[DONE]")
    for size in range(1, 40):
        one(("openai", raw(body), text + "!", 0, text + "!"),
            ["--bytes", str(size)])
    body = sse(gemini(text), gemini("!", "STOP"))
    for size in range(1, 40):
        one(("gemini", raw(body), text + "!", 0, text + "!"),
            ["--bytes", str(size)])


def silence():
    """Before the head, before the first byte, between two: never for ever."""
    for hang, stored in (("-2", None), ("0", None), ("2", "partial")):
        one(("openai", ["--hang", hang, "--reply", "one two three four"],
             "silent|timed out|time-out|no answer|seconds", 3, stored),
            LLM_IDLE_TIMEOUT="1")


def huge_line():
    """A line over the ceiling is refused; one below it is an answer."""
    path = os.path.join(SCRATCH, "script")
    big = "x" * 600_000
    with open(path, "w", encoding="ascii") as out:
        out.write('--reply "%s" --events 1\n' % big)
    one(("openai", ["--script", path], big, 0, big))
    with open(path, "w", encoding="ascii") as out:
        out.write('--reply "%s" --events 1 --repeat 4\n' % big)
    one(("openai", ["--script", path], "line|large|long|MiB|bytes", 3, None))


def tries():
    """Again before the first byte only, as the provider asks, then others."""
    def requests(script, more, status, shown):
        path = os.path.join(SCRATCH, "script")
        with open(path, "w", encoding="ascii") as out:
            out.write("\n".join(script) + "\n")
        if os.path.exists(LOG):
            os.unlink(LOG)
        home = tempfile.mkdtemp(dir=SCRATCH)
        with Stub("--log", LOG, "--script", path) as stub:
            env = environment("openai", stub.port, home)
            env.update(more)
            start = time.monotonic()
            done = subprocess.run([MNEME, "ask", "hi"], env=env, text=True,
                                  capture_output=True, timeout=300,
                                  stdin=subprocess.DEVNULL, check=False)
            took = time.monotonic() - start
        if done.returncode != status or shown not in done.stdout + done.stderr:
            wrong("tries", script, done)
        with open(LOG, encoding="utf-8") as lines:
            return [json.loads(x)["model"] for x in lines], took

    two = {"MNEME_RETRIES": "2"}
    got, _ = requests(["--status 500", "--status 503", "--reply fine"], two, 0,
                      "fine")
    expect(got == ["m"] * 3, "two tries more: %s" % got)
    got, _ = requests(["--status 500"], two, 3, "500")
    expect(len(got) == 3, "at most two: %s" % got)
    got, took = requests(["--status 429 --retry-after 1", "--reply fine"], two,
                         0, "fine")
    expect(len(got) == 2 and took >= 1, "Retry-After: %s, %.2f s" % (got, took))
    got, _ = requests(["--status 429 --retry-after 9999", "--reply fine"], two,
                      1, "stub fails")
    expect(len(got) == 1, "too long to wait: %s" % got)
    for status in ("400", "401", "402", "403"):
        got, _ = requests(["--status " + status, "--reply fine"], two,
                          4 if status in ("401", "403") else 3, "stub fails")
        expect(len(got) == 1, "%s is not tried again: %s" % (status, got))
    got, _ = requests(["--error-after 2 --reply \"one two three\"",
                       "--reply fine"], two, 3, "stub fails")
    expect(len(got) == 1, "not after the first byte: %s" % got)
    got, _ = requests(["--status 503", "--reply fine"],
                      {"MNEME_FALLBACK_MODELS": "other"}, 0, "fine")
    expect(got == ["m", "other"], "the next model: %s" % got)


def expect(good, what):
    global failed
    if not good:
        failed += 1
        print("FAILED:", what)


for each in ROWS:
    one(each)
at_every_byte()
silence()
huge_line()
tries()
if failed:
    sys.exit("%d failed" % failed)
print("providers: %d rows, 78 splits, silence, tries: all as they should" %
      len(ROWS))
