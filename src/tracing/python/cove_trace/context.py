"""For which request something is done: it follows threads' and tasks' own contexts."""

import os
from _contextvars import ContextVar

#: Of a request: (trace id, span id), as its `traceparent` named it. None: for no request, since nothing led from one here.
#: False: unknown, such as in a thread that a request's work started: what that does may be for any request.
current = ContextVar("cove_trace", default=None)

UNKNOWN = False

_HEX = frozenset("0123456789abcdef")

#: A request has come by Cove. Before that nothing is said to be of no request: the program's server may be an unknown one.
seen = False


def context_of(traceparent):
    """The context of a request by its `traceparent` (W3C Trace Context, 3.2); without one a trace of its own."""
    global seen
    if traceparent:
        if isinstance(traceparent, (bytes, bytearray)):
            traceparent = bytes(traceparent).decode("latin-1")
        parts = traceparent.strip().split("-")
        if len(parts) >= 4 and _is_id(parts[1], 32) and _is_id(parts[2], 16):
            seen = True
            return (parts[1], parts[2])
    return (random_hex(16), random_hex(8))


def _is_id(text, digits):
    return len(text) == digits and _HEX.issuperset(text) and text.strip("0") != ""


def random_hex(octets):
    return os.urandom(octets).hex()


def word():
    """The context as records have it; None where nothing may be said."""
    context = current.get()
    if context:
        return "%s-%s" % context
    return "-" if context is None and seen else None
