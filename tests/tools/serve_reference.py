"""The same few routes as a FastAPI application, to compare a server with.

Served by uvicorn with uvloop and httptools, one worker.  SETTINGS: SECRET, and
UPSTREAM, the address of a model's server.
"""
import json
import os

import fastapi
import httpx
import jwt
import pydantic
from fastapi.responses import StreamingResponse

SECRET = os.environ["SECRET"]
UPSTREAM = os.environ.get("UPSTREAM", "")
app = fastapi.FastAPI()
client = httpx.AsyncClient(
    timeout=None, limits=httpx.Limits(max_connections=None))


class Conversation(pydantic.BaseModel):
    id: str
    title: str
    created_at: str
    updated_at: str
    turn_count: int
    memory_mode: str
    archived: bool
    pinned: bool


ROWS = [{
    "id": "01m89fcf82mnr6qq8cqskxr1%02d" % i, "title": "Conversation %d" % i,
    "created_at": "2026-11-25T13:47:37.25866Z",
    "updated_at": "2026-11-25T13:47:37.25866Z", "turn_count": 0,
    "memory_mode": "off", "archived": False, "pinned": False,
} for i in range(20)]


def person(authorization: str = fastapi.Header()):
    try:
        return jwt.decode(authorization.removeprefix("Bearer "), SECRET,
                          algorithms=["HS256"])["sub"]
    except jwt.PyJWTError:
        raise fastapi.HTTPException(401)


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.get("/conversations", response_model=list[Conversation])
async def conversations(limit: int = 50, who: str = fastapi.Depends(person)):
    return ROWS[:limit]


class Send(pydantic.BaseModel):
    content: str
    stream: bool = False
    conversation_id: str | None = None


async def relay(content):
    request = {"model": "load", "stream": True,
               "messages": [{"role": "user", "content": content}]}
    async with client.stream("POST", UPSTREAM + "/chat/completions",
                             json=request) as answer:
        async for line in answer.aiter_lines():
            if not line.startswith("data: ") or line == "data: [DONE]":
                continue
            piece = json.loads(line[6:])["choices"][0]["delta"]
            if piece.get("content"):
                yield "data: %s\n\n" % json.dumps(
                    {"type": "chunk", "content": piece["content"]},
                    separators=(",", ":"))
    yield "data: [DONE]\n\n"


@app.post("/chat/send")
async def send(body: Send, who: str = fastapi.Depends(person)):
    return StreamingResponse(relay(body.content),
                             media_type="text/event-stream")
