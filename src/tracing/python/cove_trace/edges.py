"""Which addresses are Cove's, and connections to them."""

import os
from _thread import RLock

from . import context, reports

_told = os.environ.get("COVE_TRACE_EDGES", "")
_any = _told.strip() == "*"
_ports = frozenset(int(port) for port in _told.split(",") if port.strip().isdigit())


def is_edge(host, port):
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("latin-1")
    host = str(host).strip("[]").lower()
    is_loopback = host == "localhost" or host == "::1" or host.startswith("127.") or host.startswith("::ffff:127.")
    return is_loopback and (_any or port in _ports)


def headers_for(host, port, names):
    """What a request for this place gets besides its own header fields, whose names are `names`, in lower case."""
    of = context.current.get()
    if not of or "traceparent" in names or not is_edge(host, port):
        return ()
    trace, span = of
    if "tracestate" in names:
        return (("traceparent", "00-%s-%s-01" % (trace, span)),)
    fresh = context.random_hex(8)
    return (("traceparent", "00-%s-%s-01" % (trace, fresh)), ("tracestate", "cove=%s-%s" % (fresh, span)))


class Connection:
    """A connection to one of Cove's edges: what is reported of it."""

    __slots__ = ("local", "remote", "sent", "lock", "asking", "word", "mixed")

    def __init__(self, local, remote):
        self.local = local
        self.remote = remote
        #: Bytes, where they are counted.
        self.sent = 0
        #: Round trips that are under way or waited for, of which context, and whether there was another one's among them.
        self.lock = RLock()
        self.asking = 0
        self.word = None
        self.mixed = False
        reports.report("o %d %d" % (local, remote))

    def begin(self):
        """A round trip begins; gives what `end` needs."""
        word = context.word()
        with self.lock:
            self.mixed = self.asking > 0 and (self.mixed or word != self.word)
            self.asking += 1
            self.word = word
        return reports.now(), word

    def end(self, begun):
        """All that was sent meanwhile is of its context, unless several threads share the connection: they wait for each other,
        and nobody sees when."""
        since, word = begun
        with self.lock:
            self.asking -= 1
            mixed = self.mixed
        if not mixed:
            self.told_time(since, word)

    def told_time(self, since, word):
        """All that was sent between then and now is of this context; `word`: None where that isn't known."""
        if word is not None:
            reports.report("t %d %d %d %d %s" % (self.local, self.remote, since, reports.now() + 1, word))

    def told_bytes(self, count, word):
        """So many more were sent."""
        offset = self.sent
        self.sent += count
        if word is not None:
            reports.report("b %d %d %d %d %s" % (self.local, self.remote, offset, count, word))


def connection_of(local, remote):
    """By the socket's names, as getsockname and getpeername give them; None where it leads elsewhere."""
    if not isinstance(local, tuple) or not isinstance(remote, tuple) or len(remote) < 2:
        return None
    return Connection(local[1], remote[1]) if is_edge(remote[0], remote[1]) else None


def connection_at(fd):
    """The same for a descriptor that a library in C holds."""
    import socket

    with socket.socket(fileno=os.dup(fd)) as copy:
        if copy.family not in (socket.AF_INET, socket.AF_INET6):
            return None
        return connection_of(copy.getsockname(), copy.getpeername())
