"""Loaded in front of every Python program of a service that finds others by name, where the system gives it no file of hosts of
its own. For any Python 3; it must never raise. COVE_NAMES: `db=127.62.0.3,api=127.62.0.4`."""


def _know_names():
    import os
    import socket

    names = dict(entry.split("=", 1) for entry in os.environ.get("COVE_NAMES", "").split(",") if "=" in entry)

    def find(host):
        text = host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else host
        return names.get(text.lower(), host) if isinstance(text, str) else host

    def knowing(function):
        def known(host, *rest, **more):
            return function(find(host), *rest, **more)

        known.__wrapped__ = function
        return known

    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, name, knowing(getattr(socket, name)))

    def with_address(method):
        def known(self, address):
            """Where a name is given to a socket itself, its C code looks it up."""
            known_host = isinstance(address, tuple) and len(address) > 1
            return method(self, (find(address[0]),) + address[1:] if known_host else address)

        return known

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, with_address(getattr(socket.socket, name)))


def _load_next():
    """Python loads one module of this name: the next one on the path is another of Cove's, the user's or the system's."""
    import importlib.machinery
    import importlib.util
    import os
    import sys

    here = os.path.dirname(os.path.abspath(__file__))
    folders = [os.path.abspath(path or ".") for path in sys.path]
    rest = sys.path[folders.index(here) + 1 :] if here in folders else []
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", rest)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


try:
    _know_names()
finally:
    _load_next()
