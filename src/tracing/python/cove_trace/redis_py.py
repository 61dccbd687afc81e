"""Redis: all that redis-py sends on a connection passes one method, which knows how many bytes they are. Commands may be on
their way before the last one was answered, so bytes are told and not times."""

from . import reports
from .context import word
from .edges import connection_of
from .wrapping import harmless, wrap


def sync(module):
    owner = getattr(module, "AbstractConnection", None) or module.Connection

    def sending(send_packed_command):
        def send_of(self, command, *args, **kwargs):
            command, of = _listed(command), word()
            result = send_packed_command(self, command, *args, **kwargs)
            _told(self, getattr(self, "_sock", None), command, of)
            return result

        return send_of

    wrap(owner, "send_packed_command", sending)
    reports.library("redis")


def asynchronous(module):
    owner = getattr(module, "AbstractConnection", None) or module.Connection

    def sending(send_packed_command):
        async def send_of(self, command, *args, **kwargs):
            command, of = _listed(command), word()
            result = await send_packed_command(self, command, *args, **kwargs)
            _told(self, getattr(self, "_writer", None), command, of)
            return result

        return send_of

    wrap(owner, "send_packed_command", sending)
    reports.library("redis")


def _listed(command):
    return command if isinstance(command, (bytes, str, list, tuple)) else list(command)


@harmless
def _told(connection, socket, command, of):
    """After it was sent: what connecting and checking sent before it has been told then."""
    if socket is None:
        return
    known, told = getattr(connection, "_cove_trace", (None, None))
    if known is not socket:
        told = _ports_of(socket)
        connection._cove_trace = (socket, told)
    if told is not None:
        told.told_bytes(_size(command), of)


@harmless
def _ports_of(socket):
    if hasattr(socket, "get_extra_info"):
        if socket.get_extra_info("ssl_object") is not None:
            return None
        return connection_of(socket.get_extra_info("sockname"), socket.get_extra_info("peername"))
    # Of what is encrypted other bytes are on their way.
    if hasattr(socket, "cipher"):
        return None
    return connection_of(socket.getsockname(), socket.getpeername())


def _size(command):
    if isinstance(command, str):
        return len(command.encode())
    if isinstance(command, bytes):
        return len(command)
    return sum(len(part.encode()) if isinstance(part, str) else len(part) for part in command)
