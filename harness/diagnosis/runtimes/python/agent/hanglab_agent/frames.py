"""Frames of coroutines, greenlets and threads, and what suspended ones have entered."""

import gc
import sys
import types

from .objects import attribute, is_named, members

_FRAMES = ("cr_frame", "gi_frame", "ag_frame")
_AWAITED = ("cr_await", "gi_yieldfrom", "ag_await")
_SUSPENDED = (types.AsyncGeneratorType, types.CoroutineType, types.GeneratorType)
# A recursion without end is no longer of interest from here on.
MAX_FRAMES = 120
_BOUND = (types.MethodType, types.BuiltinMethodType, types.MethodWrapperType)
_MAX_NESTING = 4


class Places:
    """Each place in the source once: thousands of tasks stand at the same few."""

    def __init__(self):
        self.rows = []
        self._numbers = {}

    def number(self, frame):
        key = (frame.f_code, frame.f_lineno)
        if key not in self._numbers:
            code = frame.f_code
            self._numbers[key] = len(self.rows)
            name = getattr(code, "co_qualname", code.co_name)
            self.rows.append([name, code.co_filename, frame.f_lineno or code.co_firstlineno])
        return self._numbers[key]


def awaited_chain(coroutine):
    """Coroutines and generators, each with its frame, from the outermost to the one that waits."""
    chain = []
    while coroutine is not None and len(chain) < MAX_FRAMES:
        frame = _first(coroutine, _FRAMES)
        if frame is not None:
            chain.append((coroutine, frame))
            following = _first(coroutine, _AWAITED)
            chain += _behind_greenlet(frame)
            coroutine = following
        else:
            # The next value of an async generator is awaited through an object that does not name it.
            referents = gc.get_referents(coroutine) if gc.is_tracked(coroutine) else ()
            coroutine = next((found for found in referents if type(found) in _SUSPENDED), None)
    return chain


def _first(found, names):
    for name in names:
        value = attribute(found, name)
        if value is not None:
            return value
    return None


def _behind_greenlet(frame):
    """SQLAlchemy runs its synchronous half in a greenlet, which stands still while its caller awaits."""
    if frame.f_code.co_name != "greenlet_spawn":
        return []
    return [(None, each) for each in greenlet_stack(frame.f_locals.get("context"))]


def greenlet_stack(found):
    """The frames of a suspended greenlet, outermost first."""
    if not is_named(found, ("greenlet",)):
        return []
    return list(reversed(list(stack(attribute(found, "gr_frame")))))


def stack(frame):
    """From a frame outwards."""
    count = 0
    while frame is not None and count < MAX_FRAMES:
        yield frame
        frame = frame.f_back
        count += 1


def is_running(coroutine):
    return bool(_first(coroutine, ("cr_running", "gi_running", "ag_running")))


def entered(coroutine, frame, codes, nesting=0):
    """Context managers whose blocks it is in, each with the frame that is in the block."""
    if coroutine is None or is_running(coroutine) or sys.version_info >= (3, 14):
        found = [each for each in codes.entered(frame) if each is not None]
    else:
        held = gc.get_referents(coroutine) + gc.get_referents(frame)
        exits = [each.__self__ for each in held if type(each) in _BOUND and _is_exit(each)]
        # The last is there too while it is only being entered.
        found = exits[: codes.depth(frame)]
    for manager in found:
        yield manager, frame
        if nesting < _MAX_NESTING:
            yield from _within(manager, frame, codes, nesting + 1)


def _within(manager, frame, codes, nesting):
    """A context manager that is a generator holds what its own blocks have entered; a stack of them, all its parts."""
    if is_named(manager, ("_GeneratorContextManagerBase",)):
        generator = attribute(manager, "gen")
        inner = _first(generator, _FRAMES) if type(generator) in _SUSPENDED else None
        if inner is not None:
            yield from entered(generator, inner, codes, nesting)
    for callback in members(attribute(manager, "_exit_callbacks", ())) if is_named(manager, ("_BaseExitStack",)) else ():
        function = callback[-1] if type(callback) is tuple and callback else None
        owner = attribute(function, "__self__") if type(function) is types.MethodType else None
        if owner is not None:
            yield owner, frame
            yield from _within(owner, frame, codes, nesting)


def _is_exit(found):
    if type(found) is types.MethodType:
        found = found.__func__
    if type(found) not in (types.FunctionType,) + _BOUND[1:]:
        return False
    return found.__name__ in ("__aexit__", "__exit__")


def is_library(filename):
    return "-packages/" in filename or "/lib/python3" in filename or "/lib64/python3" in filename or filename[:1] == "<"


