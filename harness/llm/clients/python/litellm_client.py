import os

# Its table of prices would be downloaded otherwise.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
from checks import *

litellm.suppress_debug_info = True
# The same model over three of its protocols.
OPENAI = {"model": "openai/m", "api_base": BASE_URL, "api_key": KEY}
ANTHROPIC = {"model": "anthropic/claude-sonnet-4-5", "api_base": ORIGIN, "api_key": KEY}
OLLAMA = {"model": "ollama_chat/m", "api_base": ORIGIN}

TOOLS = [
    {
        "type": "function",
        "function": {"name": "get_weather", "description": "The weather of a city", "parameters": WEATHER_PARAMETERS},
    }
]


def ask(text):
    return [{"role": "user", "content": text}]


def complete(route, text, **over):
    return litellm.completion(**route, messages=ask(text), **{"num_retries": 0, "max_retries": 0, **over})


def chat():
    for route in [OPENAI, ANTHROPIC, OLLAMA]:
        assert ANSWER in complete(route, QUESTION).choices[0].message.content, route


def stream():
    for route in [OPENAI, ANTHROPIC, OLLAMA]:
        text = "".join(chunk.choices[0].delta.content or "" for chunk in complete(route, QUESTION, stream=True))
        assert ANSWER in text, route


def tools():
    for route in [OPENAI, ANTHROPIC]:
        first = complete(route, WEATHER_QUESTION, tools=TOOLS).choices[0]
        call = first.message.tool_calls[0]
        assert "Paris" in json.loads(call.function.arguments)["city"]
        result = {"role": "tool", "tool_call_id": call.id, "content": WEATHER_RESULT}
        messages = [*ask(WEATHER_QUESTION), first.message.model_dump(), result]
        second = litellm.completion(**route, messages=messages, tools=TOOLS)
        assert WEATHER_RESULT in second.choices[0].message.content, route


def structured():
    schema = {
        "type": "object",
        "properties": {
            "parts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"title": {"type": "string"}, "text": {"type": "string"}},
                    "required": ["title", "text"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["parts"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "parts", "schema": schema, "strict": True}}
    answer = complete(OPENAI, DOCUMENT, response_format=wanted)
    assert [part["title"] for part in json.loads(answer.choices[0].message.content)["parts"]] == PART_TITLES


def embeddings():
    answer = litellm.embedding(model="openai/e", api_base=BASE_URL, api_key=KEY, input=["The pump starts", "x"])
    assert [len(one["embedding"]) for one in answer.data] == [256, 256]


def retry_after():
    script({"when": {"times": 1}, "behaviour": {"name": "limit", "status": 429, "retryAfterS": 0.01}})
    complete(OPENAI, "x", num_retries=2)
    assert hits() == {"limit": 1}
    script({"behaviour": {"name": "limit", "status": 429, "retryAfterS": 30}})
    for route in [OPENAI, ANTHROPIC]:
        raises(litellm.RateLimitError, lambda: complete(route, "x"))


def silence():
    script({"behaviour": {"name": "held", "holdHeaders": True}})
    with Patience():
        raises(litellm.Timeout, lambda: complete(OPENAI, "x", timeout=PATIENCE_S))
    script({"behaviour": {"name": "silence", "silentAfterTokens": 2}})
    read = []
    with Patience():
        raises(
            Exception,
            lambda: read.extend(
                chunk.choices[0].delta.content for chunk in complete(OPENAI, QUESTION, timeout=PATIENCE_S, stream=True)
            ),
        )
    assert len([text for text in read if text]) == 2, read


run(globals())
