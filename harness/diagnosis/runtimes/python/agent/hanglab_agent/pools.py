"""Pools: of connections, and of threads. Which one a wait is for, how large it is and how much of it is taken."""

from .objects import attribute, is_named, is_number, kind_name, length, members, module_name
from .sockets import socket_of

_MAX_MEMBERS = 40


def pool_waited_for(frames, index):
    """The pool for whose next connection the frame (of `frames`, from the innermost) waits, or None."""
    frame = frames[index]
    known = _WAITS.get(frame.f_code.co_name)
    if known is None or not any(part in frame.f_code.co_filename for part in known[0]):
        return None
    _, kinds, is_outer = known
    # In a pool a new connection may be opened as well: that is a wait for its peer.
    inner = frames[index - 1].f_code.co_name if index > 0 else None
    if not is_outer and inner not in ("get", "wait", "acquire", "_get", "wait_for"):
        return None
    owner = index + 1 if is_outer else index
    found = frames[owner].f_locals.get("self") if owner < len(frames) else None
    return found if found is not None and is_named(found, kinds) else None


# By the function that waits: in whose files, what it is a method of, and whether its caller is.
_AIO_POOL = (("aiomysql/pool", "aiopg/pool", "asyncpg/pool"), ("Pool",), False)
_WAITS = {
    "wait_for_connection": (("httpcore/",), ("AsyncConnectionPool", "ConnectionPool"), True),
    "_wait_for_available_connection": (("aiohttp/connector",), ("BaseConnector",), True),
    "_acquire_impl": _AIO_POOL,
    "_acquire": _AIO_POOL,
    "acquire": _AIO_POOL,
    "_do_get": (("sqlalchemy/pool/",), ("Pool",), False),
    "getconn": (("psycopg_pool/",), ("BasePool",), False),
    "_getconn_unchecked": (("psycopg_pool/",), ("BasePool",), False),
    "_get_conn": (("urllib3/connectionpool",), ("ConnectionPool",), False),
    "get_connection": (("redis/",), ("BlockingConnectionPool",), False),
    "connection": (("dbutils/", "DBUtils/"), ("PooledDB",), False),
}


def describe_pool(pool):
    """{"id", "name", "size", "used", "waiting", "sockets"}; what cannot be known is None."""
    size, used, waiting, parts = _numbers(pool)
    inodes = [inode for inode in map(socket_of, parts[:_MAX_MEMBERS]) if inode is not None]
    name = "{}.{}".format(_package(pool), kind_name(pool))
    return {"id": id(pool), "kind": "connections", "name": name, "size": size, "used": used, "waiting": waiting, "sockets": inodes}


def _package(pool):
    return module_name(pool).split(".")[0]


def _numbers(pool):
    read = lambda name: attribute(pool, name)  # noqa: E731
    count = lambda name: length(read(name))  # noqa: E731
    if is_named(pool, ("AsyncConnectionPool", "ConnectionPool")) and read("_max_connections") is not None:
        parts = members(read("_connections"))
        requests = members(read("_requests"))
        waiting = sum(attribute(each, "connection") is None for each in requests)
        return read("_max_connections"), len(parts), waiting, parts
    if is_named(pool, ("BaseConnector",)):
        parts = members(read("_acquired"))
        waiting = sum(length(each) or 0 for each in members(read("_waiters")))
        return _finite(read("_limit")), len(parts), waiting, parts
    if read("_holders") is not None:  # asyncpg
        parts = [attribute(each, "_con") for each in members(read("_holders"))]
        used = sum(attribute(each, "_in_use") is not None for each in members(read("_holders")))
        return read("_maxsize"), used, None, [each for each in parts if each is not None]
    if is_named(pool, ("BasePool",)):  # psycopg_pool
        total = read("_nconns")
        used = total - (count("_pool") or 0) if is_number(total) else None
        return read("_max_size"), used, count("_waiting"), []
    if is_named(pool, ("Pool",)) and read("_max_overflow") is not None:  # SQLAlchemy
        queue = read("_pool")
        size, overflow = attribute(queue, "maxsize"), read("_overflow")
        inner = attribute(queue, "_queue", attribute(queue, "queue"))
        idle = length(attribute(inner, "_queue", inner)) or 0
        extra = read("_max_overflow")
        if not is_number(size):
            size = attribute(inner, "_maxsize")
        if not is_number(size) or not is_number(overflow):
            return None, None, None, []
        return (size + extra if extra >= 0 else None), size + overflow - idle, None, []
    return _finite(read("max_connections")), count("_in_use_connections"), None, members(read("_in_use_connections"))


def _finite(found):
    return found if is_number(found) and 0 < found < 1e9 else None
