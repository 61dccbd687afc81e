"""Loaded in front of a Python program that was told the door's place, so that its links lead there: its listener is put at its
leased address. For any Python 3; it must never raise. COVE_LEASED_PORT is set by door-port.ts: `web.localhost:62893=127.0.0.1:61007`."""


def _put_listener():
    import ipaddress
    import os
    import socket

    place, _, at = os.environ.get("COVE_LEASED_PORT", "").partition("=")
    name, _, told = place.rpartition(":")
    host, _, port = at.rpartition(":")
    if not (told.isdigit() and port.isdigit()):
        return
    bind = socket.socket.bind

    def bind_leased(self, address):
        is_told = self.family == socket.AF_INET and self.type == socket.SOCK_STREAM and address[1] == int(told)
        return bind(self, (host, int(port)) if is_told else address)

    socket.socket.bind = bind_leased
    getaddrinfo = socket.getaddrinfo

    def getaddrinfo_leased(at_host, at_port, family=0, type=0, proto=0, flags=0):
        """Names below localhost aren't resolved everywhere; a listener asks for its own."""
        is_told = flags & socket.AI_PASSIVE and str(at_port) == told
        return getaddrinfo(host if is_told else at_host, at_port, family, type, proto, flags)

    socket.getaddrinfo = getaddrinfo_leased
    ip_address = ipaddress.ip_address

    def ip_address_or_name(address):
        """MkDocs lets nothing but addresses pass."""
        return name if address == name else ip_address(address)

    ipaddress.ip_address = ip_address_or_name


def _load_next():
    """Python loads one module of this name: the next one on the path is another of Cove's, the user's or the system's."""
    import importlib.machinery
    import importlib.util
    import os
    import sys

    here = os.path.dirname(os.path.abspath(__file__))
    places = [os.path.abspath(path or ".") for path in sys.path]
    # Only those behind: one before it has loaded this one.
    rest = sys.path[places.index(here) + 1 :] if here in places else []
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


try:
    _put_listener()
finally:
    _load_next()
