"""Which asyncio tasks of this process stand still, where, for what, and what they hold.

The one walk for both ways into a process: `sitecustomize.py` calls it on a signal in targets that hanglab
starts, and `hanglab diagnose --inject` brings its text into any other. So it imports nothing that could
be missing, leaves nothing behind in `sys.modules`, and never runs code of the program's own objects.
"""

import gc
import sys
import types
import weakref

# A dump of more tells a person no more, and takes long to write.
MAX_TASKS = 2000
MAX_THREADS = 200


# A new future often gets the address of one that was freed: by these numbers two looks of the agent tell them
# apart. What --inject brings is forgotten in between, and has the addresses only.
_numbers = weakref.WeakKeyDictionary()
_next = [0]


def write(path, remember=False):
    """Writes the description as JSON, whole or not at all: its reader watches for the file."""
    import json
    import os

    try:
        answer = describe(remember)
    except Exception as error:  # noqa: BLE001 - the asker has to hear of it, the program must not
        answer = {"error": type(error).__name__ + ": " + str(error)}
    part = path + ".part"
    with open(part, "w", encoding="utf-8") as file:
        json.dump(answer, file)
    os.replace(part, path)


def describe(remember=False):
    # A program without asyncio must not get it through being asked.
    asyncio = sys.modules.get("asyncio")
    tasks = []
    waiters, loops = {}, []
    if asyncio is not None:
        waiters, loops = _survey(asyncio)
        for loop in loops:
            tasks += [task for task in asyncio.all_tasks(loop) if not task.done()]
    timers = {number: when for loop in loops for number, when in _timers(loop)}
    names = {id(task): task.get_name() for task in tasks}
    locks = {wait["id"] for wait in waiters.values() if wait["kind"] == "lock"}
    return {
        "python": list(sys.version_info[:3]),
        "count": len(tasks),
        "tasks": [
            _task(task, waiters, timers, names, locks, remember) for task in tasks[:MAX_TASKS]
        ],
        "threads": _threads(),
    }


def _survey(asyncio):
    """One walk over all objects: futures in the queues of locks and the like, by id, and running loops."""
    kinds = [asyncio.Lock, asyncio.Semaphore, asyncio.Event, asyncio.Condition, asyncio.Queue]
    anyio = sys.modules.get("anyio._backends._asyncio")
    for name in ("Lock", "Semaphore"):
        found = getattr(anyio, name, None)
        if isinstance(found, type):
            kinds.append(found)
    loop_kind = asyncio.AbstractEventLoop
    wanted = tuple(kinds) + (loop_kind,)
    waiters, loops = {}, []
    for found in gc.get_objects():
        kind = type(found)  # isinstance would ask a proxy for its __class__, which is the program's code
        if not issubclass(kind, wanted):
            continue
        if issubclass(kind, loop_kind):
            if found.is_running():
                loops.append(found)
            continue
        for field in ("_waiters", "_getters", "_putters"):
            for entry in getattr(found, field, None) or ():
                future = entry[-1] if isinstance(entry, tuple) else entry
                waiters[id(future)] = {"kind": "lock", "id": id(found), "name": kind.__name__}
    return waiters, loops


def _timers(loop):
    """Futures that a timer of the loop will settle, by id, and when."""
    for handle in getattr(loop, "_scheduled", ()):
        for argument in handle._args or ():
            yield id(argument), handle.when()


def _sleep_code():
    """Other loops than asyncio's own do not show their timers, but who sleeps is in this function."""
    return sys.modules["asyncio"].sleep.__code__


def _task(task, waiters, timers, names, locks, remember):
    coroutines = list(_chain(task.get_coro()))
    future = getattr(task, "_fut_waiter", None)
    waits = None
    # What is done is waited for no more: its task has only not had its turn yet.
    if future is not None and not future.done():
        number = id(future)
        if number in waiters:
            waits = waiters[number]
        elif number in names:
            waits = {"kind": "task", "id": number, "name": names[number]}
        elif number in timers or coroutines and coroutines[-1][1].f_code is _sleep_code():
            waits = {"kind": "timer", "id": number, "name": "sleep"}
        else:
            # gather and shield wait for others through a future of their own.
            on = [id(child) for child in getattr(future, "_children", ()) if id(child) in names]
            waits = {"kind": "future", "id": number, "name": type(future).__name__, "on": on}
    return {
        "id": id(task),
        "name": task.get_name(),
        "frames": [_frame(frame) for _, frame in coroutines],
        "future": _identity(future, timers, remember) if waits else None,
        "waits": waits,
        "holds": _holds(coroutines, locks),
    }


def _identity(future, timers, remember):
    if not remember:
        return "{}@{}".format(id(future), timers.get(id(future)))
    if future not in _numbers:
        _next[0] += 1
        _numbers[future] = _next[0]
    return "number {}".format(_numbers[future])


def _chain(coroutine):
    """Coroutines and generators, each with its frame, from the outermost to the one that waits."""
    while coroutine is not None:
        frame = None
        for field in ("cr_frame", "gi_frame", "ag_frame"):
            frame = frame or getattr(coroutine, field, None)
        if frame is not None:
            yield coroutine, frame
            following = None
            for field in ("cr_await", "gi_yieldfrom", "ag_await"):
                following = following or getattr(coroutine, field, None)
            coroutine = following
        else:
            # The next value of an async generator is awaited through an object that does not name it.
            inner = (types.AsyncGeneratorType, types.CoroutineType, types.GeneratorType)
            referents = gc.get_referents(coroutine) if gc.is_tracked(coroutine) else ()
            coroutine = next((found for found in referents if type(found) in inner), None)


def _frame(frame):
    code = frame.f_code
    name = getattr(code, "co_qualname", code.co_name)
    return {"function": name, "file": code.co_filename, "line": frame.f_lineno}


def _holds(coroutines, locks):
    """Locks that are entered: by ``async with``, whose exit stands on the suspended frame's stack, or by
    ``acquire`` in a function that releases them too and is past the first."""
    held = []

    def hold(owner, frame):
        # What a condition's block holds is the lock inside it; those in its own queue wait for notify.
        owner = getattr(owner, "_lock", owner) if type(owner).__name__ == "Condition" else owner
        if all(each["id"] != id(owner) for each in held):
            held.append({"id": id(owner), "name": type(owner).__name__, "frame": _frame(frame)})

    for index, (coroutine, frame) in enumerate(coroutines):
        inner = coroutines[index + 1][1] if index + 1 < len(coroutines) else None
        waiting_for = inner.f_locals.get("self") if inner is not None else None
        for found in gc.get_referents(coroutine) + gc.get_referents(frame):
            if type(found) is not types.MethodType or found.__name__ not in ("__aexit__", "__exit__"):
                continue
            if found.__self__ is not waiting_for:
                hold(found.__self__, frame)
        names = frame.f_code.co_names
        if "acquire" in names and "release" in names:
            for found in _within_reach(frame, names):
                if id(found) in locks and found is not waiting_for:
                    hold(found, frame)
    return held


def _within_reach(frame, names):
    local = frame.f_locals
    yield from local.values()
    for name in names:
        yield frame.f_globals.get(name)
    fields = getattr(local.get("self"), "__dict__", None)
    if type(fields) is dict:
        for name in names:
            yield fields.get(name)


def _threads():
    import threading

    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return [
        {"name": names.get(ident, str(ident)), "frames": list(_stack(frame))}
        for ident, frame in list(sys._current_frames().items())[:MAX_THREADS]
    ]


def _stack(frame):
    own = _stack.__code__.co_filename
    while frame is not None:
        if frame.f_code.co_filename != own:
            yield _frame(frame)
        frame = frame.f_back
