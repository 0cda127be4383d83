"""Sockets that a frame works with: found through the attributes by which libraries keep them."""

import os
import socket

from .objects import attribute, fields, is_number, kind_name, members, module_name, slots

# Names of attributes that lead from a stream, a protocol or a connection to its socket.
_LEADS = {
    "_conn",
    "_connection",
    "_fp",
    "_http2_stream",
    "_network_stream",
    "_protocol",
    "_raw",
    "_raw_socket",
    "_reader",
    "_receive_stream",
    "_request",
    "_sock",
    "_socket",
    "_ssl_protocol",
    "_stream",
    "_stream_reader",
    "_transport",
    "_writer",
    "conn",
    "connection",
    "fp",
    "protocol",
    "raw",
    "reader",
    "rfile",
    "sock",
    "socket",
    "stream",
    "transport",
    "transport_stream",
    "writer",
    "ws",
}
# Locals of a frame to begin with.
_BEGINS = ("self", "sock", "reader", "writer", "stream", "transport", "protocol", "conn", "connection", "response", "s")
_MAX_VISITED = 60


def socket_of(found):
    """The inode of the first socket that is reached from an object, or None."""
    seen = set()
    level = [found]
    while level and len(seen) < _MAX_VISITED:
        following = []
        for each in level:
            if id(each) in seen:
                continue
            seen.add(id(each))
            descriptor = _descriptor(each)
            if descriptor is not None:
                return _inode(descriptor)
            following += _leads(each)
        level = following
    return None


def socket_in(frame):
    """The same, from the locals of a frame."""
    names = frame.f_code.co_varnames
    wanted = [name for name in _BEGINS if name in names]
    local = frame.f_locals if wanted or "fileno" in names else {}
    for name in wanted:
        if name in local:
            inode = socket_of(local[name])
            if inode is not None:
                return inode
    # psycopg waits for the descriptor alone.
    number = local.get("fileno")
    return _inode(number) if type(number) is int else None


def _leads(found):
    values = []
    for name, value in list(fields(found).items()) + (list(slots(found).items()) if not fields(found) else []):
        if name in _LEADS and value is not None:
            values += members(value)[:4] if type(value) in (list, tuple) else [value]
    return values


def _descriptor(found):
    if issubclass(type(found), socket.socket):
        return socket.socket.fileno(found)
    module = module_name(found)
    if module == "asyncio.trsock":
        return _descriptor(attribute(found, "_sock"))
    # asyncio's own keep the socket; those of uvloop only give it out.
    if module.startswith("asyncio.") and attribute(found, "_sock_fd") is not None:
        number = attribute(found, "_sock_fd")
        return number if is_number(number) and attribute(found, "_sock") is not None else None
    if module.startswith("uvloop") and "Transport" in kind_name(found):
        try:
            return found.get_extra_info("socket").fileno()
        except (AttributeError, OSError, ValueError):
            return None
    return None


def _inode(descriptor):
    try:
        return os.fstat(descriptor).st_ino if descriptor is not None and descriptor >= 0 else None
    except (OSError, OverflowError, ValueError):
        return None


def timeout_ms(found):
    """The time-out of a socket object; None when it waits without end."""
    if not issubclass(type(found), socket.socket):
        return None
    seconds = socket.socket.gettimeout(found)
    return None if seconds is None else seconds * 1000


