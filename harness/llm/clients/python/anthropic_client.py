import anthropic
from checks import *


def client(**over):
    return anthropic.Anthropic(base_url=ORIGIN, api_key=KEY, **{"max_retries": 0, **over})


BASE = {"model": "m", "max_tokens": 1000}
TOOLS = [{"name": "get_weather", "description": "The weather of a city", "input_schema": WEATHER_PARAMETERS}]
PARTS = {
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


def ask(text):
    return [{"role": "user", "content": text}]


def chat():
    answer = client().messages.create(**BASE, messages=ask(QUESTION), system="Briefly.")
    assert ANSWER in answer.content[0].text
    assert client().messages.count_tokens(model="m", messages=ask(QUESTION)).input_tokens > 40


def stream():
    with client().messages.stream(**BASE, messages=ask(QUESTION)) as events:
        text = "".join(events.text_stream)
        assert ANSWER in text
        assert events.get_final_message().stop_reason == "end_turn"


def tools():
    messages = ask(WEATHER_QUESTION)
    with client().messages.stream(**BASE, messages=messages, tools=TOOLS) as events:
        first = events.get_final_message()
    assert first.stop_reason == "tool_use"
    call = first.content[0]
    assert "Paris" in call.input["city"]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": WEATHER_RESULT}
    second = client().messages.create(
        **BASE,
        tools=TOOLS,
        messages=[*messages, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}],
    )
    assert WEATHER_RESULT in second.content[0].text


def structured():
    answer = client().messages.create(
        **BASE, messages=ask(DOCUMENT), output_config={"format": {"type": "json_schema", "schema": PARTS}}
    )
    assert [part["title"] for part in json.loads(answer.content[0].text)["parts"]] == PART_TITLES


def retry_after():
    script({"when": {"times": 2}, "behaviour": {"name": "limit", "status": 429, "retryAfterS": 0.01}})
    client(max_retries=2).messages.create(**BASE, messages=ask("x"))
    assert hits() == {"limit": 2}
    script({"behaviour": {"name": "busy", "status": 529, "retryAfterS": 9}})
    error = raises(anthropic.APIStatusError, lambda: client().messages.create(**BASE, messages=ask("x")))
    assert error.status_code == 529 and error.response.headers["retry-after"] == "9"
    assert error.body["error"]["type"] == "overloaded_error"


def silence():
    script({"behaviour": {"name": "held", "holdHeaders": True}})
    with Patience():
        raises(
            anthropic.APITimeoutError,
            lambda: client(timeout=PATIENCE_S).messages.create(**BASE, messages=ask("x")),
        )
    script({"behaviour": {"name": "silence", "silentAfterTokens": 2}})
    read = []
    with Patience(), client(timeout=PATIENCE_S).messages.stream(**BASE, messages=ask(QUESTION)) as events:
        raises(Exception, lambda: read.extend(events.text_stream))
    assert len(read) == 2, read


run(globals())
