"""Reads attributes of any object without running code of its class: no property, no `__getattr__`, no `__class__`."""

import collections
import types

_mro = type.__dict__["__mro__"].__get__
_namespace = type.__dict__["__dict__"].__get__
_name = type.__dict__["__name__"].__get__
_module = type.__dict__["__module__"].__get__
_DESCRIPTORS = (types.GetSetDescriptorType, types.MemberDescriptorType)
_NOTHING = object()


def kind_name(found):
    return _name(type(found))


def module_name(found):
    """Of the module that defines its class, `asyncio.locks`."""
    module = _module(type(found))
    return module if type(module) is str else ""


def is_named(found, names):
    """Whether its class, or one that this is derived from, has one of these names."""
    return any(_name(kind) in names for kind in _mro(type(found)))


def namespaces(kind):
    """What a class and those that it is derived from define, without `object`."""
    return [_namespace(each) for each in _mro(kind) if each is not object]


def fields(found):
    """Its own dictionary; an empty one where it has none."""
    for kind in _mro(type(found)):
        own = _namespace(kind).get("__dict__")
        if own is not None:
            # Anything else under this name would be the program's code.
            value = own.__get__(found) if type(own) in _DESCRIPTORS else None
            return value if type(value) is dict else {}
    return {}


def slots(found):
    """What its classes declare with `__slots__`, by name."""
    values = {}
    for kind in _mro(type(found)):
        for name, member in list(_namespace(kind).items()):
            if type(member) is types.MemberDescriptorType and name != "__dict__":
                try:
                    values.setdefault(name, member.__get__(found))
                except AttributeError:
                    continue
    return values


def attribute(found, name, default=None):
    own = fields(found)
    if name in own:
        return own[name]
    for kind in _mro(found if issubclass(type(found), type) else type(found)):
        value = _namespace(kind).get(name, _NOTHING)
        if value is _NOTHING:
            continue
        if type(value) in _DESCRIPTORS:
            try:
                return value.__get__(found)
            except (AttributeError, TypeError):
                return default
        return default if "__get__" in _namespace(type(value)) else value
    return default


def length(found):
    """Of the plain containers only: another's `__len__` may be anything."""
    return len(found) if _is_plain(found) else None


def members(found):
    if _is_plain(found):
        try:
            return list(found.values() if issubclass(type(found), dict) else found)
        except RuntimeError:  # it was changed meanwhile, by another thread
            pass
    return []


def _is_plain(found):
    kind = type(found)
    return kind in (list, tuple, dict, set, frozenset, collections.deque, collections.OrderedDict, collections.defaultdict)


def is_number(found):
    return type(found) in (int, float)


def is_text(found):
    return type(found) is str
