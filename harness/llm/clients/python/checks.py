"""What the checks of all clients share. A client's file defines functions with the names in CAPABILITIES,
and calls run() last, which prints one line of JSON for each."""
import json
import os
import sys
import time
import traceback
import urllib.request

CAPABILITIES = ["chat", "stream", "tools", "structured", "embeddings", "retry_after", "silence"]

ORIGIN = os.environ["HANGLAB_MODEL"]
BASE_URL = ORIGIN + "/v1"
KEY = "any"
PATIENCE_S = 0.7

DOCUMENT = """# Pumps
The pump starts at dawn and stops at dusk. It is fed by the northern well.

# Valves
Each valve opens in eleven seconds. A stuck valve is reported to the keeper.

# Tanks
The tank holds nine hundred litres. It overflows into the garden.
"""
QUESTION = DOCUMENT + "\nHow much does the tank hold?"
ANSWER = "nine hundred litres"
PART_TITLES = ["Pumps", "Valves", "Tanks"]
WEATHER_QUESTION = "What is the weather in Paris today?"
WEATHER_RESULT = "It is eighteen degrees and raining in Paris."
WEATHER_PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{ORIGIN}/_hanglab/{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def script(*rules):
    control("PUT", "rules", list(rules))


def hits():
    return control("GET", "hits")


def raises(kind, action):
    """The error of this kind that the action raises; anything else fails the check."""
    try:
        action()
    except kind as error:
        return error
    raise AssertionError(f"nothing was raised, and {kind} was expected")


class Patience:
    """Fails when what is inside took far longer than the client was to wait."""

    def __enter__(self):
        self.began = time.monotonic()

    def __exit__(self, *_):
        took = time.monotonic() - self.began
        assert took < 20, f"the client waited {took:.1f} s"


def run(functions):
    for name in CAPABILITIES:
        if name not in functions:
            continue
        script()
        error = None
        try:
            functions[name]()
        except BaseException as thrown:
            error = "".join(traceback.format_exception(thrown))[-2000:]
        print(json.dumps({"name": name, "error": error}), flush=True)
    # Threads of a client that still waits are no reason to stay.
    sys.stdout.flush()
    os._exit(0)
