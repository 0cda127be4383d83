import os

from checks import *

import litellm.litellm_core_utils.tokenizers as tokenizers

# Its token counter would download a vocabulary otherwise.
os.environ["TIKTOKEN_CACHE_DIR"] = os.path.dirname(tokenizers.__file__)

import openai
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI
from pydantic import BaseModel


def llm(**over):
    return OpenAI(model="gpt-4.1", api_base=BASE_URL, api_key=KEY, **{"max_retries": 0, **over})


class Part(BaseModel):
    title: str
    text: str


class Parts(BaseModel):
    parts: list[Part]


def get_weather(city: str) -> str:
    """The weather of a city."""
    return WEATHER_RESULT


def ask(text):
    return [ChatMessage(role="user", content=text)]


def chat():
    assert ANSWER in llm().chat(ask(QUESTION)).message.content
    assert ANSWER in llm().complete(QUESTION).text


def stream():
    assert ANSWER in "".join(part.delta or "" for part in llm().stream_chat(ask(QUESTION)))


def tools():
    answer = llm().predict_and_call([FunctionTool.from_defaults(fn=get_weather)], user_msg=WEATHER_QUESTION)
    assert WEATHER_RESULT in str(answer)


def structured():
    answer = llm().as_structured_llm(Parts).chat(ask(DOCUMENT))
    assert [part.title for part in answer.raw.parts] == PART_TITLES


def embeddings():
    embedder = OpenAIEmbedding(model="text-embedding-3-small", api_base=BASE_URL, api_key=KEY, max_retries=0)
    assert [len(one) for one in embedder.get_text_embedding_batch(["The pump starts", "x"])] == [256, 256]


def retry_after():
    script({"when": {"times": 1}, "behaviour": {"name": "limit", "status": 429, "retryAfterS": 0.01}})
    llm(max_retries=3).chat(ask("x"))
    assert hits() == {"limit": 1}
    script({"behaviour": {"name": "limit", "status": 429, "retryAfterS": 30}})
    raises(openai.RateLimitError, lambda: llm().chat(ask("x")))


def silence():
    script({"behaviour": {"name": "held", "holdHeaders": True}})
    with Patience():
        raises(openai.APITimeoutError, lambda: llm(timeout=PATIENCE_S).chat(ask("x")))
    script({"behaviour": {"name": "silence", "silentAfterTokens": 2}})
    read = []
    with Patience():
        raises(Exception, lambda: read.extend(part.delta for part in llm(timeout=PATIENCE_S).stream_chat(ask(QUESTION))))
    assert len([text for text in read if text]) == 2, read


run(globals())
