"""Requests that go out: towards Cove's edges they carry the trace of the request that they are made for."""

from .edges import headers_for
from .wrapping import harmless, wrap


def http_client(module):
    """http.client, and so urllib, urllib3, requests."""

    def ending(endheaders):
        def endheaders_with(self, *args, **kwargs):
            _put_headers(self)
            return endheaders(self, *args, **kwargs)

        return endheaders_with

    wrap(module.HTTPConnection, "endheaders", ending)


@harmless
def _put_headers(connection):
    lines = connection._buffer
    names = {bytes(line).split(b":", 1)[0].decode("latin-1").lower() for line in lines[1:]}
    for name, value in headers_for(connection.host, connection.port, names):
        connection.putheader(name, value)


def httpcore_sync(module):
    def handling(handle_request):
        def handle_request_with(self, request, *args, **kwargs):
            _extend(request)
            return handle_request(self, request, *args, **kwargs)

        return handle_request_with

    wrap(module.ConnectionPool, "handle_request", handling)


def httpcore_async(module):
    def handling(handle_async_request):
        async def handle_async_request_with(self, request, *args, **kwargs):
            _extend(request)
            return await handle_async_request(self, request, *args, **kwargs)

        return handle_async_request_with

    wrap(module.AsyncConnectionPool, "handle_async_request", handling)


_PORTS = {b"http": 80, b"https": 443}


@harmless
def _extend(request):
    """httpcore, and so httpx."""
    url = request.url
    names = {bytes(name).decode("latin-1").lower() for name, _ in request.headers}
    more = headers_for(url.host, url.port or _PORTS.get(bytes(url.scheme)), names)
    if more:
        request.headers = list(request.headers) + [(name.encode(), value.encode()) for name, value in more]


def aiohttp_client(module):
    def sending(send):
        async def send_with(self, *args, **kwargs):
            _set_headers(self)
            return await send(self, *args, **kwargs)

        return send_with

    wrap(module.ClientRequest, "send", sending)


@harmless
def _set_headers(request):
    names = {name.lower() for name in request.headers}
    for name, value in headers_for(request.url.host, request.url.port, names):
        request.headers[name] = value
