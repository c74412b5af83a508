"""The `openai` package against a server of ours: URL and key are arguments.
Run by tests/api_openai.py in an environment that has the package."""
import sys

import openai

base, key, part = sys.argv[1:4]
client = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0)
if part == "embed":
    one = client.embeddings.create(model="x", input="green tea")
    many = client.embeddings.create(model="x", input=["green tea", "rain"],
                                    encoding_format="float")
    assert len(one.data[0].embedding) == 384, one
    difference = max(abs(a - b) for a, b in zip(one.data[0].embedding,
                                                many.data[0].embedding))
    assert difference < 1e-6, difference
    assert [d.index for d in many.data] == [0, 1]
    sys.exit(0)

question = [{"role": "system", "content": "Be brief."},
            {"role": "user", "content": "which tea do I like?"}]

answer = client.chat.completions.create(model="default", messages=question)
assert "green tea" in answer.choices[0].message.content, answer
assert answer.choices[0].finish_reason == "stop", answer
assert answer.usage.prompt_tokens == 10, answer
assert answer.id.startswith("chatcmpl-"), answer

text, reason, usage = "", None, None
for chunk in client.chat.completions.create(
        model="default", messages=question, stream=True,
        stream_options={"include_usage": True}):
    if chunk.choices:
        text += chunk.choices[0].delta.content or ""
        reason = chunk.choices[0].finish_reason or reason
    usage = chunk.usage or usage
assert "green tea" in text and reason == "stop", text
assert usage.completion_tokens == 5, usage

plain = client.chat.completions.create(
    model="default", messages=question, extra_body={"memory": False})
assert "green tea" not in plain.choices[0].message.content, plain

models = [model.id for model in client.models.list()]
assert "stub-model" in models, models
assert client.models.retrieve("stub-model").id == "stub-model"

def fails(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


error = fails(openai.BadRequestError, lambda: client.chat.completions.create(
    model="default", messages=[]))
assert error.type == "invalid_request_error", error
fails(openai.NotFoundError, lambda: client.models.retrieve("nothing"))
stranger = openai.OpenAI(base_url=base + "/v1", api_key="mk_" + "0" * 32,
                         max_retries=0)
fails(openai.AuthenticationError, lambda: stranger.models.list())
print("the openai package is served")
