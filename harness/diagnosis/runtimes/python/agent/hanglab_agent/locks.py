"""Locks of threads and of asyncio: which one a frame asks for, and which ones it has."""

import gc
import re
import sys
import types

from .frames import entered, is_library
from .objects import attribute, fields, is_number, kind_name, module_name, namespaces

_LOCK_KINDS = ("lock", "RLock")
_MAX_FIELDS = 100


def asked_lock(frame, world):
    """The lock of the `threading` module that a running frame is about to take, or None."""
    owner = _entering(frame, world)
    if owner is None:
        called, found = called_by(frame, world)
        owner = found if called in ("acquire", "__enter__") else None
    return owner if owner is not None and kind_name(owner) in _LOCK_KINDS else None


def _entering(frame, world):
    try:
        return world.codes.entering(frame)
    except Exception:  # noqa: BLE001 - another version's bytecode is not worth a failure
        return None


def called_by(frame, world):
    try:
        return world.codes.called(frame)
    except Exception:  # noqa: BLE001
        return (None, None)


def holds_of(frames, world, places, managers=None):
    """
    Of the locks that are waited for: those whose block a frame is in, or that it has acquired by a call. `frames` from
    the innermost; `managers` says what each has entered, for those whose values can be seen.
    """
    held = []
    given_up = _given_up(frames)

    def hold(found, frame):
        lock = inner_lock(found)
        if id(lock) in world.locks and id(lock) not in given_up and all(each["id"] != id(lock) for each in held):
            held.append({"id": id(lock), "name": kind_name(lock), "frame": places.number(frame)})

    for number, frame in enumerate(frames):
        found = managers[number] if managers is not None else None
        if found is None and world.codes.may_enter(frame.f_code):
            found = [(each, frame) for each in _entered(frame, world)]
        for manager, inside in found or ():
            hold(manager, inside)
            own = fields(manager)
            for each in own.values() if len(own) < _MAX_FIELDS else ():
                hold(each, inside)
        for lock in _acquired(frame, world):
            hold(lock, frame)
    return held


def _given_up(frames):
    """Who waits for news has given back the lock of the condition meanwhile."""
    owners = [frame.f_locals.get("self") for frame in frames[:4] if "self" in frame.f_code.co_varnames]
    return {id(inner_lock(each)) for each in owners if kind_name(each) == "Condition"}


def _entered(frame, world):
    try:
        return [each for each in world.codes.entered(frame) if each is not None]
    except Exception:  # noqa: BLE001
        return []


def inner_lock(found):
    """What a condition's block holds is the lock inside it; those in its own queue wait for notify."""
    return attribute(found, "_lock", found) if kind_name(found) == "Condition" else found


def _acquired(frame, world):
    if is_library(frame.f_code.co_filename):
        return []
    try:
        return world.codes.acquired(frame)
    except Exception:  # noqa: BLE001
        return []


def owner_of(lock):
    """The identifier of the thread that has a reentrant lock; only its text says it."""
    if kind_name(lock) != "RLock" or module_name(lock) != "_thread":
        return None
    found = re.search(r"owner=(\d+)", repr(lock))
    return int(found.group(1)) if found else None


def is_locked(lock):
    """None when its kind does not tell."""
    kind, module = kind_name(lock), module_name(lock)
    if module == "_thread" and kind == "lock":
        return lock.locked()
    if module == "_thread" and kind == "RLock":
        return (owner_of(lock) or 0) != 0
    if attribute(lock, "_locked") in (True, False):
        return attribute(lock, "_locked")
    value = attribute(lock, "_value")
    return value <= 0 if is_number(value) else None


def is_released_elsewhere(lock, frame, world):
    """
    Whether code that knows the lock calls `release` by itself, not only by leaving a `with`: it may yet. `frame` is the
    program's that waits for it. True too where it is not found by what the lock is called.
    """
    owner = frame.f_locals.get("self")
    names = {name for name, value in _named(frame, owner) if value is lock or inner_lock(value) is lock}
    if not names:
        return True
    if world.program is None:
        world.program = _program()
    own = [frame.f_code] + [each for space in namespaces(type(owner)) for each in space.values()]
    return any(_releases(each, names) for each in own + world.program)


def _program():
    """What the modules that are no libraries define, and their classes."""
    known = []
    for found in list(sys.modules.values()):
        if type(found) is types.ModuleType and not is_library(str(attribute(found, "__file__") or "<")):
            known += list(attribute(found, "__dict__", {}).values())
    for kind in [each for each in known if issubclass(type(each), type)]:
        for namespace in namespaces(kind):
            known += list(namespace.values())
    return known


def is_held_at_rest(lock, world):
    """Whether a generator that is suspended at a `yield` has it: no task waits in it, and no thread runs it."""
    if world.generators is None:
        world.generators = _generators_at_rest()
    for found in world.generators:
        frame = attribute(found, "gi_frame") or attribute(found, "ag_frame")
        if frame is None or not world.codes.may_enter(frame.f_code):
            continue
        if any(inner_lock(manager) is lock for manager, _ in entered(found, frame, world.codes)):
            return True
    return False


def _generators_at_rest():
    found = gc.get_objects()
    return [each for each in found if type(each) in (types.GeneratorType, types.AsyncGeneratorType)]


def _named(frame, owner):
    yield from list(frame.f_locals.items())
    for name in frame.f_code.co_names:
        yield name, frame.f_globals.get(name)
        if owner is not None:
            yield name, attribute(owner, name)


def _releases(found, names):
    found = attribute(found, "__func__", found)
    code = found.__code__ if type(found) is types.FunctionType else found
    return type(code) is types.CodeType and _releases_in(code, names, set())


def _releases_in(code, names, outer):
    """A callback inside it may use its variables."""
    used = outer.union(code.co_names, code.co_varnames, code.co_freevars)
    if "release" in code.co_names and not names.isdisjoint(used):
        return True
    return any(_releases_in(each, names, used) for each in code.co_consts if type(each) is types.CodeType)
