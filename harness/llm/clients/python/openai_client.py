import json
from typing import List

import openai
from checks import *
from pydantic import BaseModel


def client(**over):
    return openai.OpenAI(base_url=BASE_URL, api_key=KEY, **{"max_retries": 0, **over})


def ask(text):
    return [{"role": "user", "content": text}]


TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": WEATHER_PARAMETERS, "strict": True}}]


class Part(BaseModel):
    title: str
    text: str


class Parts(BaseModel):
    parts: List[Part]


def chat():
    answer = client().chat.completions.create(model="m", messages=ask(QUESTION))
    assert ANSWER in answer.choices[0].message.content
    response = client().responses.create(model="m", input=QUESTION)
    assert ANSWER in response.output_text


def stream():
    text = ""
    for chunk in client().chat.completions.create(model="m", messages=ask(QUESTION), stream=True):
        text += chunk.choices[0].delta.content or ""
    assert ANSWER in text
    with client().responses.stream(model="m", input=QUESTION) as events:
        assert ANSWER in events.get_final_response().output_text


def tools():
    messages = ask(WEATHER_QUESTION)
    first = client().chat.completions.create(model="m", messages=messages, tools=TOOLS).choices[0]
    assert first.finish_reason == "tool_calls"
    call = first.message.tool_calls[0]
    assert "Paris" in json.loads(call.function.arguments)["city"]
    result = {"role": "tool", "tool_call_id": call.id, "content": WEATHER_RESULT}
    second = client().chat.completions.create(
        model="m", messages=[*messages, first.message, result], tools=TOOLS
    )
    assert WEATHER_RESULT in second.choices[0].message.content


def structured():
    answer = client().chat.completions.parse(model="m", messages=ask(DOCUMENT), response_format=Parts)
    assert [part.title for part in answer.choices[0].message.parsed.parts] == PART_TITLES
    response = client().responses.parse(model="m", input=DOCUMENT, text_format=Parts)
    assert [part.title for part in response.output_parsed.parts] == PART_TITLES


def embeddings():
    answer = client().embeddings.create(model="e", input=["The pump starts", "x"], dimensions=64)
    assert [len(one.embedding) for one in answer.data] == [64, 64]


def retry_after():
    script({"when": {"times": 2}, "behaviour": {"name": "limit", "status": 429, "retryAfterS": 0.01}})
    client(max_retries=2).chat.completions.create(model="m", messages=ask("x"))
    assert hits() == {"limit": 2}
    script({"behaviour": {"name": "down", "status": 429, "retryAfterS": 30}})
    error = raises(openai.RateLimitError, lambda: client().models.list())
    assert error.response.headers["retry-after"] == "30"
    assert error.code == "rate_limit_exceeded" and error.request_id.startswith("req_")


def silence():
    script({"behaviour": {"name": "held", "holdHeaders": True}})
    with Patience():
        raises(openai.APITimeoutError, lambda: client(timeout=PATIENCE_S).models.list())
    script({"behaviour": {"name": "silence", "silentAfterTokens": 2}})
    read = []
    events = client(timeout=PATIENCE_S).chat.completions.create(model="m", messages=ask(QUESTION), stream=True)
    with Patience():
        # The error of the HTTP library below it.
        raises(Exception, lambda: read.extend(event.choices[0].delta.content for event in events))
    assert len([text for text in read if text]) == 2, read


run(globals())
