import os

from checks import *

# LangChain cuts texts into tokens before it has them embedded; litellm brings the vocabulary along, which
# would be downloaded otherwise.
import litellm.litellm_core_utils.tokenizers as tokenizers

os.environ["TIKTOKEN_CACHE_DIR"] = os.path.dirname(tokenizers.__file__)

import openai
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


def llm(**over):
    return ChatOpenAI(model="gpt-4.1", base_url=BASE_URL, api_key=KEY, **{"max_retries": 0, **over})


class Part(BaseModel):
    title: str
    text: str


class Parts(BaseModel):
    parts: list[Part]


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return WEATHER_RESULT


def chat():
    assert ANSWER in llm().invoke(QUESTION).text
    assert ANSWER in llm(use_responses_api=True).invoke(QUESTION).text


def stream():
    assert ANSWER in "".join(chunk.text for chunk in llm().stream(QUESTION))


def tools():
    bound = llm().bind_tools([get_weather])
    first = bound.invoke(WEATHER_QUESTION)
    call = first.tool_calls[0]
    assert "Paris" in call["args"]["city"]
    result = ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"])
    second = bound.invoke([HumanMessage(WEATHER_QUESTION), first, result])
    assert WEATHER_RESULT in second.text


def structured():
    for method in ["json_schema", "function_calling"]:
        answer = llm().with_structured_output(Parts, method=method).invoke(DOCUMENT)
        assert [part.title for part in answer.parts] == PART_TITLES


def embeddings():
    # As it comes: it sends arrays of tokens.
    embedder = OpenAIEmbeddings(model="text-embedding-3-small", base_url=BASE_URL, api_key=KEY)
    documents = embedder.embed_documents(["The pump starts at dawn.", "The tank overflows into the garden."])
    query = embedder.embed_query("Where does the tank overflow?")
    near = [sum(a * b for a, b in zip(query, one)) for one in documents]
    assert len(query) == 256 and near[1] > near[0], near


def retry_after():
    script({"when": {"times": 1}, "behaviour": {"name": "limit", "status": 429, "retryAfterS": 0.01}})
    llm(max_retries=2).invoke("x")
    assert hits() == {"limit": 1}
    script({"behaviour": {"name": "limit", "status": 429, "retryAfterS": 30}})
    raises(openai.RateLimitError, lambda: llm().invoke("x"))


def silence():
    script({"behaviour": {"name": "held", "holdHeaders": True}})
    with Patience():
        raises(openai.APITimeoutError, lambda: llm(timeout=PATIENCE_S).invoke("x"))
    script({"behaviour": {"name": "silence", "silentAfterTokens": 2}})
    read = []
    with Patience():
        raises(Exception, lambda: read.extend(chunk.text for chunk in llm(timeout=PATIENCE_S).stream(QUESTION)))
    assert len([text for text in read if text]) == 2, read


run(globals())
