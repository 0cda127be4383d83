"""What a frame that runs has entered, and which lock it asks for: its values cannot be seen, but its code says it.

The stack of a suspended coroutine can be read. That of a running thread cannot: from its code is read which `with`
blocks surround the current instruction, and of what, where that is a plain expression like `self.lock`.
"""

import dis

from .objects import attribute

_ENTERS = ("BEFORE_WITH", "BEFORE_ASYNC_WITH", "SETUP_WITH", "LOAD_SPECIAL")
_ENTER_NUMBERS = [dis.opmap[name] for name in _ENTERS if dis.opmap.get(name, 256) < 256]
_SKIPPED = ("CACHE", "COPY", "DUP_TOP", "NOP", "PUSH_NULL", "RESUME", "EXTENDED_ARG", "PRECALL", "NOT_TAKEN", "SWAP")
_CALLS = ("CALL", "CALL_METHOD", "CALL_FUNCTION", "CALL_KW", "CALL_FUNCTION_KW", "CALL_FUNCTION_EX")
# A call's own arguments stand between its name and it.
_MAX_ARGUMENTS = 12


class Unknown(Exception):
    """The value would need code to be run."""


class Codes:
    """Instructions by code object, each decoded once."""

    def __init__(self):
        self._decoded = {}
        self._enters = {}
        self._found = {}

    def instructions(self, code):
        if code not in self._decoded:
            entries = dis._parse_exception_table(code) if hasattr(dis, "_parse_exception_table") else None
            self._decoded[code] = (list(dis.get_instructions(code)), entries)
        return self._decoded[code]

    def may_enter(self, code):
        """Whether it has a `with` at all: most functions have none, and need not be looked at further."""
        if code not in self._enters:
            operations = code.co_code[::2]
            self._enters[code] = any(number in operations for number in _ENTER_NUMBERS)
        return self._enters[code]

    def entered(self, frame):
        """The objects of the `with` blocks that it is in, from the innermost; None for one that cannot be told."""
        instructions, _ = self.instructions(frame.f_code)
        return [_value_or_none(instructions, enter - 1, frame) for enter in self._enters_of(frame)]

    def depth(self, frame):
        """In how many blocks it is."""
        return len(self._enters_of(frame))

    def _enters_of(self, frame):
        key = (frame.f_code, frame.f_lasti)
        if key not in self._found:
            instructions, entries = self.instructions(frame.f_code)
            at = _index(instructions, frame.f_lasti)
            if entries is None:
                enters = _enters_by_setup(instructions, frame.f_lasti)
            else:
                enters = _enters_by_table(instructions, entries, frame.f_lasti)
            self._found[key] = [enter for enter in enters if enter != at]
        return self._found[key]

    def entering(self, frame):
        """The object whose `with` block it is about to enter, or None."""
        instructions, _ = self.instructions(frame.f_code)
        at = _index(instructions, frame.f_lasti)
        if instructions[at].opname in ("BEFORE_WITH", "SETUP_WITH"):
            return _value_or_none(instructions, at - 1, frame)
        # From 3.14 on the method is loaded and called by itself.
        before = at - 1
        while before > 0 and instructions[before].opname in _SKIPPED:
            before -= 1
        is_enter = instructions[before].opname == "LOAD_SPECIAL" and "enter" in instructions[before].argrepr
        return _value_or_none(instructions, _first_special(instructions, before) - 1, frame) if is_enter else None

    def acquired(self, frame):
        """Objects of which its code, up to here, has called `acquire` and not `release`."""
        names = frame.f_code.co_names
        if "acquire" not in names:
            return []
        instructions, _ = self.instructions(frame.f_code)
        at = _index(instructions, frame.f_lasti)
        held = {}
        for index in range(at):
            each = instructions[index]
            if each.opname not in ("LOAD_METHOD", "LOAD_ATTR") or each.argval not in ("acquire", "release"):
                continue
            found = _value_or_none(instructions, index - 1, frame)
            if each.argval == "release":
                held.pop(id(found), None)
            elif index < at - _MAX_ARGUMENTS or not _is_same_call(instructions, index, at):
                held[id(found)] = found
        return [found for found in held.values() if found is not None]

    def called(self, frame):
        """The method that it has called, and the object that it belongs to: (name, object or None)."""
        instructions, _ = self.instructions(frame.f_code)
        at = _index(instructions, frame.f_lasti)
        if instructions[at].opname not in _CALLS:
            return (None, None)
        for index in range(at - 1, max(-1, at - _MAX_ARGUMENTS), -1):
            opname = instructions[index].opname
            if opname in _CALLS:
                break
            if opname in ("LOAD_METHOD", "LOAD_ATTR"):
                # The last that is loaded may be an argument; a method's name says what is waited for.
                return (instructions[index].argval, _value_or_none(instructions, index - 1, frame))
            if opname in ("LOAD_GLOBAL", "LOAD_NAME") and index == at - 1:
                return (instructions[index].argval, None)
        return (None, None)


def _is_same_call(instructions, loaded, at):
    """Whether the method loaded there is what the frame is in: an awaited one, or a call that has not come back."""
    between = [each.opname for each in instructions[loaded + 1 : at]]
    return not any(each in ("POP_TOP", "RETURN_VALUE", "POP_JUMP_IF_FALSE", "POP_JUMP_IF_TRUE") for each in between) and not any(
        each.startswith("STORE_") for each in between
    )


def _index(instructions, offset):
    """Of the instruction at an offset, or of the one whose cache it points into."""
    found = 0
    for index, instruction in enumerate(instructions):
        if instruction.offset > offset:
            break
        found = index
    return found


def _enters_by_table(instructions, entries, offset):
    """From Python 3.11 on: each handler that would clean up after a `with` says where that began."""
    by_offset = {each.offset: index for index, each in enumerate(instructions)}
    seen = set()
    while True:
        entry = next((each for each in entries if each.start <= offset < each.end), None)
        if entry is None or entry.target in seen:
            return
        seen.add(entry.target)
        handler = by_offset.get(entry.target)
        opnames = [each.opname for each in instructions[handler : handler + 3]] if handler is not None else []
        if "WITH_EXCEPT_START" in opnames:
            begin = min(each.start for each in entries if each.target == entry.target)
            enter = _last_enter(instructions, by_offset.get(begin, 0))
            if enter is not None:
                yield enter
        offset = entry.target


def _enters_by_setup(instructions, offset):
    blocks = []
    for index, each in enumerate(instructions):
        if each.offset >= offset:
            break
        if each.opname in ("SETUP_WITH", "SETUP_ASYNC_WITH") and offset < each.argval:
            is_async = each.opname == "SETUP_ASYNC_WITH"
            enter = _last_enter(instructions, index) if is_async else index
            if enter is not None:
                blocks.append(enter)
    return reversed(blocks)


def _last_enter(instructions, before):
    for index in range(before - 1, -1, -1):
        if instructions[index].opname in _ENTERS:
            return _first_special(instructions, index)
    return None


def _first_special(instructions, index):
    """`__exit__` is loaded before `__enter__`: the first of the two stands behind the expression."""
    if instructions[index].opname != "LOAD_SPECIAL":
        return index
    first = index
    while index > 0 and instructions[index].opname in _SKIPPED + ("LOAD_SPECIAL",):
        if instructions[index].opname == "LOAD_SPECIAL":
            first = index
        index -= 1
    return first


def _value_or_none(instructions, index, frame):
    try:
        return _value(instructions, index, frame)[0]
    except Unknown:
        return None


def _value(instructions, index, frame):
    """What the instruction leaves on the stack, and the index of the first one that it takes."""
    while index >= 0 and instructions[index].opname in _SKIPPED:
        index -= 1
    if index < 0:
        raise Unknown
    opname, argval = instructions[index].opname, instructions[index].argval
    if opname.startswith("LOAD_FAST") or opname in ("LOAD_DEREF", "LOAD_CLASSDEREF"):
        name = argval[-1] if type(argval) is tuple else argval
        if name not in frame.f_locals:
            raise Unknown
        return frame.f_locals[name], index
    if opname in ("LOAD_GLOBAL", "LOAD_NAME"):
        for scope in (frame.f_locals, frame.f_globals) if opname == "LOAD_NAME" else (frame.f_globals,):
            if argval in scope:
                return scope[argval], index
        raise Unknown
    if opname == "LOAD_CONST":
        return argval, index
    if opname in ("LOAD_ATTR", "LOAD_METHOD"):
        owner, begin = _value(instructions, index - 1, frame)
        found = attribute(owner, argval, Unknown)
        if found is Unknown:
            raise Unknown
        return found, begin
    if opname == "BINARY_SUBSCR" or opname == "BINARY_OP" and instructions[index].argrepr == "[]":
        key, begin = _value(instructions, index - 1, frame)
        container, begin = _value(instructions, begin - 1, frame)
        is_plain = type(container) in (dict, list, tuple) and type(key) in (str, int, bytes)
        try:
            return (container[key], begin) if is_plain else (_unknown(), begin)
        except (KeyError, IndexError, TypeError):
            raise Unknown from None
    raise Unknown


def _unknown():
    raise Unknown
