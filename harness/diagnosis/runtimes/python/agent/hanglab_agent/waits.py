"""What an asyncio task waits for in the end: a lock, another task, a socket, a timer, a pool, a child, an event."""

import types

from .frames import entered, is_library
from .objects import attribute, is_named, is_number, kind_name, members, module_name
from .pools import pool_waited_for
from .sockets import socket_in

_LOCKS = ("Lock", "Semaphore", "CapacityLimiter")
_SIGNALS = ("Event", "Queue", "Condition", "Barrier")
_HOMES = ("asyncio.locks", "asyncio.queues", "anyio.", "janus", "aiorwlock", "asyncio.mixins")
# How far out from the innermost frame a library's own waits are looked for.
_MAX_DEPTH = 16


class World:
    """What is known of the whole process while its tasks are described."""

    def __init__(self, codes):
        self.codes = codes
        self.names = {}  # of tasks, by id
        self.timers = {}  # when a timer of a loop will call, by the ids of what it calls
        self.times = {}  # the clock of each loop, by its id
        self.workers = {}  # the thread that works for a future, by the future's id
        self.queued = {}  # the pool in which a future waits for its turn, by the future's id
        self.pools = {}  # the pools met, by id
        self.locks = {}  # the locks that are waited for, each with the program's frame that waits, by id
        self.threadpools = {}  # by the id of what their workers take work from
        self.program = None  # functions of the program's own modules and classes, once they are asked for
        self.generators = None  # those that are suspended, once they are asked for

    def note_lock(self, lock, frames):
        own = next((each for each in frames if not is_library(each.f_code.co_filename)), None)
        self.locks.setdefault(id(lock), (lock, own))


def is_pending(future):
    return future is not None and attribute(future, "_state") == "PENDING"


def wait_of(task, chain, world):
    """{"kind", "id", "name", ...} of a task that is suspended, or None: it only waits for its turn."""
    future = attribute(task, "_fut_waiter")
    if not is_pending(future):
        return None
    frames = [frame for _, frame in reversed(chain)]
    if id(future) in world.names:
        return _tasks([future], True, world)
    found = _by_frames(frames, future, world) or _by_future(future, world)
    return found or {"kind": "future", "id": id(future), "name": kind_name(future)}


def _by_frames(frames, future, world):
    """Libraries' frames say by their names what they wait for; the innermost of the program ends them."""
    signal = None
    near = frames[:_MAX_DEPTH]
    for index, frame in enumerate(near):
        name, file = frame.f_code.co_name, frame.f_code.co_filename
        if not is_library(file):
            break
        if "asyncio" in file:
            found = _by_asyncio(frame, name, file, future, world)
            if found is not None:
                return found
        pool = pool_waited_for(near, index)
        if pool is not None:
            world.pools[id(pool)] = pool
            return {"kind": "pool", "id": id(pool), "name": kind_name(pool)}
        signal = signal or _primitive(frame)
        if signal is not None and signal["kind"] == "lock":
            world.note_lock(frame.f_locals["self"], frames)
            return signal
    for frame in near:
        if not is_library(frame.f_code.co_filename) and not _calls_socket(frame):
            break
        inode = socket_in(frame)
        if inode is not None:
            return {"kind": "socket", "id": id(future), "name": "socket", "inode": inode}
    return signal


def _calls_socket(frame):
    return any(name.startswith("sock_") for name in frame.f_code.co_names)


def _primitive(frame):
    if "self" not in frame.f_code.co_varnames:
        return None
    owner = frame.f_locals.get("self")
    if not module_name(owner).startswith(_HOMES):
        return None
    name = kind_name(owner)
    if any(name.endswith(each) for each in _LOCKS):
        return {"kind": "lock", "id": id(owner), "name": name}
    if any(name.endswith(each) for each in _SIGNALS):
        return {"kind": "event", "id": id(owner), "name": name}
    return None


def _by_asyncio(frame, name, file, future, world):
    local = frame.f_locals
    if name == "sleep" and file.endswith("tasks.py"):
        handle = local.get("h")
        return {"kind": "timer", "id": id(future), "name": "sleep", "inMs": _in_ms(handle, world, id(future))}
    if name in ("_wait", "wait_for") and file.endswith("tasks.py"):
        waited = members(local.get("fs")) or [local.get("fut")]
        is_all = str(local.get("return_when")) == "ALL_COMPLETED"
        known = _tasks(waited, is_all, world)
        return known if known["on"] or known["work"] else None
    if name == "__aexit__" and is_named(local.get("self"), ("TaskGroup",)):
        return _tasks(members(attribute(local["self"], "_tasks")), True, world)
    if name in ("_wait", "wait") and ("subprocess" in file):
        owner = local.get("self")
        transport = attribute(owner, "_transport", owner)
        pid = attribute(transport, "_pid")
        if is_number(pid):
            return {"kind": "child", "id": id(future), "name": "child process", "pid": pid}
    if name.startswith("sock_") and "sock" in local:
        inode = socket_in(frame)
        return {"kind": "socket", "id": id(future), "name": name, "inode": inode} if inode is not None else None
    return None


def _by_future(future, world):
    # gather and shield wait for others through a future of their own.
    children = members(attribute(future, "_children"))
    if children:
        known = _tasks([each for each in children if is_pending(each)], True, world)
        if known["on"] or known["work"]:
            return known
    if id(future) in world.workers or id(future) in world.queued:
        return _work([id(future)], world)
    linked = [each for each in _linked(future) if each is not future]
    if any(id(each) in world.names for each in linked):
        return _tasks([each for each in linked if id(each) in world.names], True, world)
    work = [id(each) for each in linked if id(each) in world.workers or id(each) in world.queued]
    return _work(work, world) if work else None


def _linked(future):
    """Futures in the closures of its callbacks: the inner one of shield, the thread's of run_in_executor."""
    for entry in members(attribute(future, "_callbacks")):
        callback = entry[0] if type(entry) is tuple and entry else entry
        if type(callback) is not types.FunctionType:
            continue
        for cell in callback.__closure__ or ():
            try:
                found = cell.cell_contents
            except ValueError:
                continue
            if is_named(found, ("Future",)) or id(found) and attribute(found, "_fut_waiter") is not None:
                yield found


def linked_futures(future):
    return list(_linked(future))


def _tasks(waited, is_all, world):
    on = [id(each) for each in waited if id(each) in world.names]
    work = [work_id for each in waited if id(each) not in world.names for work_id in _work_of(each, world)]
    others = sum(is_pending(each) for each in waited) - len(on) - len(work)
    name = world.names[on[0]] if on else "Future"
    first = on[0] if on else id(waited[0]) if waited else 0
    return {"kind": "task", "id": first, "name": name, "on": on, "work": work, "others": max(0, others), "all": is_all}


def _work_of(future, world):
    ids = [id(future)] + [id(each) for each in _linked(future)]
    return [each for each in ids if each in world.workers or each in world.queued][:1]


def _work(ids, world):
    return {"kind": "work", "id": ids[0], "name": "work", "work": ids, "on": [], "all": True}


def deadline_ms(task, chain, future, world):
    """In how many ms a timer ends the wait; None when none is known to."""
    found = [world.timers[each] for each in (id(future), id(task)) if each in world.timers]
    clock = world.times.get(id(attribute(task, "_loop")))
    for index, (coroutine, frame) in enumerate(reversed(chain)):
        if index < _MAX_DEPTH and is_library(frame.f_code.co_filename) and "self" in frame.f_code.co_varnames:
            owner = frame.f_locals.get("self")
            for each in (owner, attribute(owner, "_protocol")):
                if each is not None and id(each) in world.timers:
                    found.append(world.timers[id(each)])
        for manager, _ in entered(coroutine, frame, world.codes) if world.codes.may_enter(frame.f_code) else ():
            when = _when(manager)
            if when is not None and clock is not None:
                found.append((when - clock) * 1000)
        if frame.f_code.co_name == "wait_for" and "timeout_handle" in frame.f_code.co_varnames:
            found.append(_in_ms(frame.f_locals.get("timeout_handle"), world, 0))
    known = [max(0, each) for each in found if each is not None]
    return min(known) if known else None


def _when(manager):
    name, module = kind_name(manager), module_name(manager)
    if name == "Timeout" and module in ("asyncio.timeouts", "async_timeout"):
        return _finite(attribute(manager, "_when", attribute(manager, "_deadline")))
    if name == "CancelScope" and module.startswith("anyio"):
        return _finite(attribute(manager, "_deadline"))
    return None


def _finite(when):
    return when if is_number(when) and abs(when) < 1e15 else None


def _in_ms(handle, world, future):
    if future in world.timers:
        return world.timers[future]
    when = attribute(handle, "_when")
    clock = world.times.get(id(attribute(handle, "_loop")))
    if when is None and module_name(handle).startswith("uvloop"):
        try:
            when, clock = handle.when(), next(iter(world.times.values()), None)
        except (AttributeError, TypeError):
            return None
    return (when - clock) * 1000 if is_number(when) and clock is not None else None

