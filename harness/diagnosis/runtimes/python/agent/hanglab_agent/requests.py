"""The request that a frame works for: from an ASGI scope, a WSGI environment, or a handler's own fields."""

from .objects import attribute, is_named, is_number, is_text, length

_NAMES = ("scope", "environ", "env", "request", "self")
_MAX_TEXT = 200


def request_of(frames):
    """The first that the frames (from the outermost) know: {"method", "path", "peer"}, or None."""
    for frame in frames:
        names = frame.f_code.co_varnames
        if not any(name in names for name in _NAMES):
            continue
        local = frame.f_locals
        for name in _NAMES:
            found = _request(local[name]) if name in names and name in local else None
            if found is not None:
                return found
    return None


def _request(found):
    if type(found) is dict:
        return _from_scope(found) if "type" in found else _from_environ(found) if "REQUEST_METHOD" in found else None
    scope = attribute(found, "scope")
    if type(scope) is dict and "type" in scope:
        return _from_scope(scope)
    if is_named(found, ("BaseHTTPRequestHandler",)):
        return _text(attribute(found, "command"), attribute(found, "path"), attribute(found, "client_address"))
    # aiohttp.web
    if is_named(found, ("BaseRequest",)) and is_text(attribute(found, "_method")):
        url = attribute(found, "_rel_url")
        peer = attribute(found, "_transport_peername")
        return _text(attribute(found, "_method"), attribute(url, "_path"), peer)
    # Django, and others that keep what WSGI gave them.
    environ = attribute(found, "environ")
    return _from_environ(environ) if type(environ) is dict and "REQUEST_METHOD" in environ else None


def _from_scope(scope):
    kind = scope["type"]
    if not is_text(kind) or kind not in ("http", "websocket"):
        return None
    method = scope.get("method") if kind == "http" else "WEBSOCKET"
    return _text(method, scope.get("path"), scope.get("client"))


def _from_environ(environ):
    peer = (environ.get("REMOTE_ADDR"), environ.get("REMOTE_PORT"))
    return _text(environ["REQUEST_METHOD"], environ.get("PATH_INFO"), peer)


def _text(method, path, peer):
    if not is_text(method) or not is_text(path):
        return None
    # Queries have secrets.
    return {"method": method[:20], "path": path.split("?")[0][:_MAX_TEXT], "peer": _peer(peer)}


def _peer(peer):
    if length(peer) is None or len(peer) < 2:
        return None
    host, port = peer[0], peer[1]
    if not is_text(host) or not (is_number(port) or is_text(port) and port.isdigit()):
        return None
    return {"host": host[:_MAX_TEXT], "port": int(port)}
