"""Describes the process: its asyncio tasks, its threads, the pools that they wait for, and who holds which lock."""

import gc
import sys
import time
import weakref

from .bytecode import Codes
from .frames import Places, awaited_chain, entered
from .objects import attribute, is_named, kind_name, members
from .pools import describe_pool
from .requests import request_of
from .sockets import socket_in
from .locks import holds_of, is_held_at_rest, is_locked, is_released_elsewhere, owner_of
from .threads import describe, running_loops, survey
from .waits import World, deadline_ms, linked_futures, wait_of

# Of tasks that do the same, these are described one by one, and the others counted.
MAX_ALIKE = 25
MAX_TASKS = 2000
# The event loop stands still meanwhile: what is not described by then is only counted.
MAX_SECONDS = 0.4
# The outermost frames know the request.
_REQUEST_DEPTH = 14

# A new future often gets the address of one that was freed: by these numbers two looks of the agent tell them apart.
# What --inject brings is forgotten in between, and has the addresses only.
_numbers = weakref.WeakKeyDictionary()
_next = [0]


def write(path, remember=False):
    """Writes the description as JSON, whole or not at all: its reader watches for the file."""
    import json
    import os

    try:
        answer = describe_process(remember)
    except Exception as error:  # noqa: BLE001 - the asker has to hear of it, the program must not
        answer = {"error": type(error).__name__ + ": " + str(error)}
    part = path + ".part"
    with open(part, "w", encoding="utf-8", errors="backslashreplace") as file:
        json.dump(answer, file)
    os.replace(part, path)


def answerer(folder):
    """A handler of a signal, which answers into a file named for the process: forked workers have their own."""
    import os

    return lambda _number, _frame: write(os.path.join(folder, str(os.getpid()) + ".json"), True)


def describe_process(remember=False):
    begin = time.monotonic()
    world, places = World(Codes()), Places()
    threads = survey(world)
    loops = running_loops(threads)
    tasks = _tasks_of(loops)
    for task in tasks:
        world.names[id(task)] = attribute(task, "_name") or task.get_name()
    for loop, _ in list(loops.values()) + [(attribute(task, "_loop"), None) for task in tasks]:
        _note_timers(loop, world)
    chains = []
    for task in tasks:
        if time.monotonic() - begin > MAX_SECONDS / 2:
            break
        chains.append((task, awaited_chain(_coroutine(task))))
    described = [_task(task, chain, world, places, remember) for task, chain in chains]
    rows = [describe(each, world, places) for each in threads]
    settled = _settled_by_tasks(chains) if any((row["waits"] or {}).get("kind") == "work" for row in rows) else {}
    # Only now is it known which locks are waited for.
    for row, (_, chain) in zip(described, chains):
        if time.monotonic() - begin > MAX_SECONDS:
            row["holds"] = None
        elif world.locks:
            row["holds"] = _task_holds(chain, world, places)
    for row, (_, _, _, frames) in zip(rows, threads):
        if world.locks:
            row["holds"] = holds_of(frames, world, places)
    return {
        "version": 2,
        "python": list(sys.version_info[:3]),
        "count": len(tasks),
        "isWhole": len(described) == len(tasks) and all(row["holds"] is not None for row in described),
        "tasks": _grouped(described),
        "threads": rows,
        "loops": [{"id": number, "thread": thread} for number, (_, thread) in loops.items()],
        "locks": [_lock(lock, frame, world) for lock, frame in world.locks.values()],
        "pools": [describe_pool(pool) for pool in world.pools.values()],
        "workers": [{"future": future, "thread": thread} for future, thread in world.workers.items()],
        "threadPools": list(world.threadpools.values()),
        "settled": [{"future": future, "task": task} for future, task in settled.items()],
        "places": places.rows,
        "tookMs": (time.monotonic() - begin) * 1000,
    }


def _coroutine(task):
    return attribute(task, "_coro") or task.get_coro()


def _tasks_of(loops):
    """From asyncio's own registry: a walk over all objects would miss what `gc.freeze` has set aside."""
    asyncio = sys.modules.get("asyncio")
    # A program without asyncio must not get it through being asked.
    if asyncio is None:
        return []
    registry = sys.modules.get("asyncio.tasks")
    found = {}
    for name in ("_all_tasks", "_scheduled_tasks", "_eager_tasks"):
        for each in members_of_set(attribute(registry, name)):
            found[id(each)] = each
    if sys.version_info >= (3, 14):
        for loop, _ in loops.values():
            found.update((id(each), each) for each in asyncio.all_tasks(loop))
    return [each for each in found.values() if attribute(each, "_state") == "PENDING"]


def members_of_set(found):
    """Of a set, or of a weak one, which other threads may change meanwhile."""
    data = attribute(found, "data", found)
    for _ in range(100):
        try:
            entries = list(data) if type(data) in (set, frozenset) else []
            break
        except RuntimeError:
            continue
    else:
        return []
    alive = (each() if type(each) is weakref.ref else each for each in entries)
    return [each for each in alive if each is not None]


def _note_timers(loop, world):
    """In how many ms timers will settle futures, or call methods of objects, by their ids."""
    if loop is None or id(loop) in world.times:
        return
    clock = loop.time() if is_named(loop, ("BaseEventLoop", "Loop")) else time.monotonic()
    world.times[id(loop)] = clock
    for handle in members(attribute(loop, "_scheduled", ())):
        when = attribute(handle, "_when")
        if when is None or attribute(handle, "_cancelled"):
            continue
        callback = attribute(handle, "_callback")
        called = [attribute(callback, "__self__")] + members(attribute(handle, "_args"))
        if kind_name(called[0]) == "TimeoutHandle":  # aiohttp's total time-out
            for entry in members(attribute(called[0], "_callbacks")):
                context = attribute(entry[0], "__self__") if type(entry) is tuple else None
                called += members(attribute(context, "_tasks"))
        for each in called:
            if each is not None:
                left = (when - clock) * 1000
                world.timers[id(each)] = min(left, world.timers.get(id(each), left))


def _task(task, chain, world, places, remember):
    future = attribute(task, "_fut_waiter")
    waits = wait_of(task, chain, world)
    frames = [frame for _, frame in chain]
    return {
        "id": id(task),
        "name": world.names[id(task)],
        "loop": id(attribute(task, "_loop")),
        "frames": [places.number(frame) for frame in frames],
        "future": _identity(future, world.timers, remember) if waits else None,
        "waits": waits,
        "deadlineMs": deadline_ms(task, chain, future, world) if waits else None,
        "holds": [],
        "request": request_of(frames[:_REQUEST_DEPTH]),
        "socket": next((each for each in map(socket_in, frames[:2]) if each is not None), None),
    }


def _identity(future, timers, remember):
    if not remember:
        return "{}@{}".format(id(future), round(timers[id(future)] / 1000) if id(future) in timers else None)
    if future not in _numbers:
        _next[0] += 1
        _numbers[future] = _next[0]
    return "number {}".format(_numbers[future])


def _task_holds(chain, world, places):
    managers = [
        list(entered(coroutine, frame, world.codes)) if world.codes.may_enter(frame.f_code) else []
        for coroutine, frame in reversed(chain)
    ]
    return holds_of([frame for _, frame in reversed(chain)], world, places, managers)


def _lock(lock, frame, world):
    """What a lock says of itself, and who else may have it: not every holder is a function that waits."""
    owner = attribute(lock, "_owner_task")
    borrowers = members(attribute(lock, "_borrowers")) + ([owner] if owner is not None else [])
    return {
        "id": id(lock),
        "name": kind_name(lock),
        "isLocked": is_locked(lock),
        "owner": owner_of(lock),
        "tasks": [id(each) for each in borrowers],
        "isReleasedElsewhere": frame is None or is_released_elsewhere(lock, frame, world) or is_held_at_rest(lock, world),
    }


def _settled_by_tasks(chains):
    """Futures of other threads (`run_coroutine_threadsafe`) that a task will settle when it is done."""
    settled = {}
    for task, _ in chains:
        for future in linked_futures(task):
            if not is_named(future, ("Task",)):
                settled[id(future)] = id(task)
    return settled


def _grouped(rows):
    """Of tasks that stand at one place for one thing, a few; who holds something, or is waited for, always."""
    wanted = {each for row in rows for each in (row["waits"] or {}).get("on", ())}
    alike, kept = {}, []
    for row in rows:
        waits = row["waits"] or {}
        is_shared = waits.get("kind") in ("lock", "pool", "event")
        key = (tuple(row["frames"]), waits.get("kind"), waits.get("id") if is_shared else None)
        group = alike.setdefault(key, [])
        if row["holds"] or row["id"] in wanted or (len(group) < MAX_ALIKE and len(kept) < MAX_TASKS):
            group.append(row)
            row["more"] = 0
            kept.append(row)
        elif group:
            group[0]["more"] += 1
    return kept


