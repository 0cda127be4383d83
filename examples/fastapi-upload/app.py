"""Documents are uploaded, and a worker has a model summarise each of them: FastAPI and the openai SDK.

FAULT=no-deadline   the call to the model has no end of its own
FAULT=sync-client   the call to the model blocks the event loop
"""

import asyncio
import os
import uuid
from contextlib import asynccontextmanager

import openai
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

FAULT = os.environ.get("FAULT")
DEADLINE = 1.5  # seconds for one document, retries included
WORKERS = 4

async_client = openai.AsyncOpenAI(timeout=None, max_retries=0)
sync_client = openai.OpenAI(timeout=10, max_retries=0)
documents: dict[str, dict] = {}
queue: asyncio.Queue[str] = asyncio.Queue()


class Upload(BaseModel):
    title: str
    text: str


def prompt(text: str) -> dict:
    return {"model": "any", "messages": [{"role": "user", "content": f"Summarise: {text[:2000]}"}]}


async def summarise(text: str) -> str:
    if FAULT == "sync-client":
        answer = sync_client.chat.completions.create(**prompt(text))
    else:
        async with asyncio.timeout(None if FAULT == "no-deadline" else DEADLINE):
            answer = await async_client.chat.completions.create(**prompt(text))
    return answer.choices[0].message.content or ""


async def work() -> None:
    while True:
        document = documents[await queue.get()]
        try:
            document["summary"] = await summarise(document["text"])
            document["state"] = "done"
        except (openai.OpenAIError, TimeoutError):
            document["state"] = "failed"


@asynccontextmanager
async def lifespan(_: FastAPI):
    workers = [asyncio.create_task(work()) for _ in range(WORKERS)]
    yield
    for worker in workers:
        worker.cancel()


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/documents", status_code=202)
async def upload(upload: Upload):
    id = uuid.uuid4().hex
    documents[id] = {"id": id, "title": upload.title, "text": upload.text, "state": "open"}
    queue.put_nowait(id)
    return {"id": id}


@app.get("/documents")
async def counts():
    states = [document["state"] for document in documents.values()]
    return {state: states.count(state) for state in ("open", "done", "failed")}


@app.get("/documents/{id}")
async def read(id: str):
    if id not in documents:
        raise HTTPException(404, "there is no such document")
    return documents[id]
