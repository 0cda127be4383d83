"""What each thread does: where it stands, what it waits for, what it holds, and of which pool it is a worker."""

import gc
import sys

from .frames import is_library, stack
from .locks import asked_lock, called_by
from .objects import attribute, is_named, is_number, kind_name, members
from .pools import pool_waited_for
from .requests import request_of
from .sockets import socket_in

_MAX_THREADS = 400
_MAX_QUEUED = 500


def thread_objects():
    """By identifier. `threading.enumerate` would take a lock, which may be the one that everybody waits for."""
    active = attribute(sys.modules.get("threading"), "_active", {})
    return dict(active) if type(active) is dict else {}


def own_stack(frame):
    """Without the frames of this description itself, which the main thread runs."""
    frames = list(stack(frame))
    own = [index for index, each in enumerate(frames) if str(each.f_globals.get("__name__")).startswith("hanglab")]
    if not own:
        return frames
    rest = frames[own[-1] + 1 :]
    # What a pending call runs is a text without a name.
    return rest[1:] if rest and rest[0].f_code.co_filename == "<string>" else rest


def survey(world):
    """Frames of all threads, from the innermost; what the workers of pools do is noted in `world`."""
    objects = thread_objects()
    found = []
    for ident, frame in list(sys._current_frames().items())[:_MAX_THREADS]:
        frames = own_stack(frame)
        number = attribute(objects.get(ident), "_native_id")
        found.append((ident, number, attribute(objects.get(ident), "_name"), frames))
        for index, each in enumerate(frames):
            _note_worker(frames, index, each, number, world)
    return found


def _note_worker(frames, index, frame, number, world):
    name, file = frame.f_code.co_name, frame.f_code.co_filename
    if name == "_worker" and file.endswith("concurrent/futures/thread.py"):
        local = frame.f_locals
        queue = local.get("work_queue")
        pool = _pool(queue, "executor", world)
        executor = local.get("executor_reference")
        executor = executor() if type(executor).__name__ in ("ReferenceType", "weakref") else local.get("executor")
        if executor is not None:
            pool["size"] = attribute(executor, "_max_workers")
            pool["name"] = attribute(executor, "_thread_name_prefix")
        item = frames[index - 1].f_locals.get("self") if index > 0 else None
        future = attribute(item, "future")
        if not pool["queued"]:
            pool["queued"] = [id(each) for each in _queued(queue)]
            for each in pool["queued"]:
                world.queued[each] = pool["id"]
        if future is not None and frames[index - 1].f_code.co_name == "run":
            world.workers[id(future)] = number
            pool["busy"].append(number)
        else:
            pool["idle"] += 1
    elif name == "run" and file.endswith("anyio/_backends/_asyncio.py"):
        pool = _pool(None, "anyio", world)
        future = frame.f_locals.get("future")
        if index > 0 and frames[index - 1].f_code.co_name != "get" and future is not None:
            world.workers[id(future)] = number
            pool["busy"].append(number)
        else:
            pool["idle"] += 1
    elif name == "handler_thread" and "waitress" in file:
        dispatcher = frame.f_locals.get("self")
        pool = _pool(dispatcher, "waitress", world)
        pool["waiting"] = len(members(attribute(dispatcher, "queue")))
        is_idle = index > 0 and frames[index - 1].f_code.co_filename.endswith("threading.py")
        if is_idle:
            pool["idle"] += 1
        else:
            pool["busy"].append(number)


def _pool(owner, kind, world):
    key = id(owner) if owner is not None else 0
    if key not in world.threadpools:
        world.threadpools[key] = {
            "id": key,
            "kind": kind,
            "name": "",
            "size": None,
            "busy": [],
            "idle": 0,
            "queued": [],
            "waiting": None,
        }
    return world.threadpools[key]


def _queued(queue):
    """Futures of the work that waits in an executor's queue, which shows its items to the garbage collector only."""
    items = []
    for found in gc.get_referents(queue) if queue is not None else ():
        items += found if type(found) is list else [found]
    futures = [attribute(item, "future") for item in items[:_MAX_QUEUED]]
    return [future for future in futures if future is not None]


def describe(thread, world, places):
    ident, number, name, frames = thread
    return {
        "id": number,
        "ident": ident,
        "name": name,
        "frames": [places.number(frame) for frame in frames],
        "waits": _wait_of(frames, world) if frames else None,
        "holds": [],
        "request": request_of(list(reversed(frames))),
        "socket": next((inode for inode in map(socket_in, frames[:3]) if inode is not None), None) if frames else None,
    }


def _wait_of(frames, world):
    """By the innermost frames, which are the standard library's when a thread waits for others."""
    top = frames[0]
    name, file = top.f_code.co_name, top.f_code.co_filename
    for index in range(min(len(frames), 8)):
        pool = pool_waited_for(frames, index)
        if pool is not None:
            world.pools[id(pool)] = pool
            return {"kind": "pool", "id": id(pool), "name": kind_name(pool)}
        if not is_library(frames[index].f_code.co_filename):
            break
    if file.endswith("/threading.py") and name in ("wait", "_wait_for_tstate_lock", "join"):
        return _wait_in_threading(frames, world)
    if file.endswith("/subprocess.py"):
        pid = attribute(top.f_locals.get("self"), "pid")
        return {"kind": "child", "id": pid, "name": "child process", "pid": pid} if is_number(pid) else None
    lock = asked_lock(top, world)
    if lock is not None:
        world.note_lock(lock, frames)
        return {"kind": "lock", "id": id(lock), "name": "Lock" if kind_name(lock) == "lock" else "RLock"}
    called, owner = called_by(top, world)
    if called == "sleep":
        return {"kind": "timer", "id": id(top), "name": "sleep"}
    if called in ("get", "put") and owner is not None and kind_name(owner) == "SimpleQueue":
        return {"kind": "event", "id": id(owner), "name": "SimpleQueue"}
    return None


def _wait_in_threading(frames, world):
    """Conditions are what all else in it is made of: whose condition it is, the next frames say."""
    wait = None
    for frame in frames[:6]:
        name, file = frame.f_code.co_name, frame.f_code.co_filename
        if not file.endswith(("/threading.py", "/queue.py", "concurrent/futures/_base.py")):
            break
        owner = frame.f_locals.get("self")
        kind = kind_name(owner)
        if is_named(owner, ("Thread",)):
            number = attribute(owner, "_native_id")
            return {"kind": "thread", "id": number or 0, "name": attribute(owner, "_name") or "a thread", "on": [number]}
        if is_named(owner, ("Future",)):
            return {"kind": "work", "id": id(owner), "name": "Future", "work": [id(owner)], "state": attribute(owner, "_state")}
        if is_named(owner, ("Semaphore",)):
            world.note_lock(owner, frames)
            wait = {"kind": "lock", "id": id(owner), "name": kind}
        elif owner is not None:
            wait = {"kind": "event", "id": id(owner), "name": kind}
    return wait


def running_loops(threads):
    """Event loops by the thread that runs them, from the frames that do."""
    loops = {}
    for _, number, _, frames in threads:
        for frame in frames:
            if frame.f_code.co_name in ("run_forever", "run_until_complete", "run", "run_once"):
                owner = frame.f_locals.get("self")
                loop = owner if is_named(owner, ("AbstractEventLoop",)) else attribute(owner, "_loop")
                if loop is not None and is_named(loop, ("AbstractEventLoop",)):
                    loops.setdefault(id(loop), (loop, number))
    return loops


def greenlets():
    """Suspended greenlets of a program that serves its requests in them."""
    module = sys.modules.get("greenlet")
    kind = attribute(module, "greenlet")
    if kind is None or "gevent" not in sys.modules and "eventlet" not in sys.modules:
        return []
    found = [each for each in gc.get_objects() if issubclass(type(each), kind)]
    return [each for each in found if attribute(each, "gr_frame") is not None]


