"""Requests that come: for the time that one is worked on, its context is the current one."""

from .context import context_of, current
from .reports import library
from .wrapping import harmless, wrap


def _begin(traceparent):
    try:
        current.set(context_of(traceparent))
    except Exception:
        pass


def _reset(token):
    try:
        current.reset(token)
    except Exception:
        pass


def http_server(module):
    """http.server, and what is made of it: wsgiref, werkzeug, Django's runserver."""

    def parsing(parse_request):
        def parse_request_of(self, *args, **kwargs):
            # One connection may have several requests: while the next is waited for there is none.
            current.set(None)
            is_request = parse_request(self, *args, **kwargs)
            if is_request:
                _begin(_header(self))
            return is_request

        return parse_request_of

    def finishing(finish_request):
        def finish_request_of(self, *args, **kwargs):
            token = current.set(None)
            try:
                return finish_request(self, *args, **kwargs)
            finally:
                _reset(token)

        return finish_request_of

    wrap(module.BaseHTTPRequestHandler, "parse_request", parsing)
    wrap(module.socketserver.BaseServer, "finish_request", finishing)
    library("http.server")


@harmless
def _header(handler):
    return handler.headers.get("traceparent")


def _gunicorn(worker):
    def handling(handle_request):
        def handle_request_of(self, *args, **kwargs):
            token = current.set(None)
            _begin(_gunicorn_header(args))
            try:
                return handle_request(self, *args, **kwargs)
            finally:
                _reset(token)

        return handle_request_of

    wrap(worker, "handle_request", handling)
    library("gunicorn")


@harmless
def _gunicorn_header(args):
    for arg in args:
        headers = getattr(arg, "headers", None)
        if isinstance(headers, list):
            return next((value for name, value in headers if name.upper() == "TRACEPARENT"), None)
    return None


def gunicorn_sync(module):
    _gunicorn(module.SyncWorker)


def gunicorn_threads(module):
    _gunicorn(module.ThreadWorker)


def gunicorn_async(module):
    _gunicorn(module.AsyncWorker)


@harmless
def _scope_header(scope):
    return next((value for name, value in scope["headers"] if bytes(name).lower() == b"traceparent"), None)


def _asgi(owner, name, scope_of):
    """A coroutine that works on one request, in a task of its own or within another."""

    def running(run):
        async def run_of(self, *args, **kwargs):
            token = current.set(None)
            _begin(_scope_header(scope_of(self, args)))
            try:
                return await run(self, *args, **kwargs)
            finally:
                _reset(token)

        return run_of

    wrap(owner, name, running)


def uvicorn_http(module):
    _asgi(module.RequestResponseCycle, "run_asgi", lambda cycle, args: cycle.scope)
    library("uvicorn")


def uvicorn_websocket(module):
    for name in ("WebSocketProtocol", "WSProtocol", "WebSocketsSansIOProtocol"):
        protocol = getattr(module, name, None)
        if protocol is not None:
            _asgi(protocol, "run_asgi", lambda protocol, args: getattr(protocol, "scope", None))


def hypercorn(module):
    _asgi(module.ASGIWrapper, "__call__", lambda wrapper, args: args[0])
    _asgi(module.WSGIWrapper, "__call__", lambda wrapper, args: args[0])
    library("hypercorn")


def aiohttp_web(module):
    def handling(handle):
        async def handle_of(self, request, *args, **kwargs):
            token = current.set(None)
            _begin(_aiohttp_header(request))
            try:
                return await handle(self, request, *args, **kwargs)
            finally:
                _reset(token)

        return handle_of

    wrap(module.RequestHandler, "_handle_request", handling)
    library("aiohttp")


@harmless
def _aiohttp_header(request):
    return request.headers.get("traceparent")
