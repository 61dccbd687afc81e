"""Postgres: when each round trip began and ended, and for which request. Drivers in C hide their bytes, but none sends the
next statement of a connection before the last one was answered."""

from . import reports
from .context import word
from .edges import connection_at, connection_of
from .wrapping import harmless, wrap


@harmless
def _tell(connection, since, of):
    """Connecting has sent statements, too."""
    if connection is not None:
        connection.told_time(since, of)


@harmless
def _begin(connection):
    return None if connection is None else connection.begin()


@harmless
def _end(connection, begun):
    if begun is not None:
        connection.end(begun)


def psycopg_sync(module):
    def connecting(connect):
        def connect_of(cls, *args, **kwargs):
            since, of = reports.now(), word()
            connection = connect(cls, *args, **kwargs)
            _tell(_psycopg_new(connection), since, of)
            return connection

        return connect_of

    def waiting(wait):
        def wait_of(self, *args, **kwargs):
            told = getattr(self, "_cove_trace", None)
            begun = _begin(told)
            try:
                return wait(self, *args, **kwargs)
            finally:
                _end(told, begun)

        return wait_of

    wrap(module.Connection, "connect", connecting)
    wrap(module.Connection, "wait", waiting)
    reports.library("psycopg")


def psycopg_async(module):
    def connecting(connect):
        async def connect_of(cls, *args, **kwargs):
            since, of = reports.now(), word()
            connection = await connect(cls, *args, **kwargs)
            _tell(_psycopg_new(connection), since, of)
            return connection

        return connect_of

    def waiting(wait):
        async def wait_of(self, *args, **kwargs):
            told = getattr(self, "_cove_trace", None)
            begun = _begin(told)
            try:
                return await wait(self, *args, **kwargs)
            finally:
                _end(told, begun)

        return wait_of

    wrap(module.AsyncConnection, "connect", connecting)
    wrap(module.AsyncConnection, "wait", waiting)
    reports.library("psycopg")


@harmless
def _psycopg_new(connection):
    told = connection_at(connection.pgconn.socket)
    connection._cove_trace = told
    return told


def asyncpg_connection(module):
    """The protocol is a class of Python's below which C is; its methods are one round trip or several."""

    def making(init):
        def init_of(self, protocol, transport, *args, **kwargs):
            init(self, protocol, transport, *args, **kwargs)
            _asyncpg_new(protocol, transport)

        return init_of

    wrap(module.Connection, "__init__", making)
    from asyncpg.protocol import Protocol

    for name in _ASYNCPG:
        wrap(Protocol, name, _asyncpg_asking)
    reports.library("asyncpg")


_ASYNCPG = (
    "prepare",
    "bind_execute",
    "bind_execute_many",
    "bind",
    "execute",
    "query",
    "copy_in",
    "copy_out",
    "close_statement",
    "close_portal",
)


def _asyncpg_asking(ask):
    async def ask_of(self, *args, **kwargs):
        told = getattr(self, "_cove_trace", None)
        begun = _begin(told)
        try:
            return await ask(self, *args, **kwargs)
        finally:
            _end(told, begun)

    return ask_of


@harmless
def _asyncpg_new(protocol, transport):
    protocol._cove_trace = connection_of(transport.get_extra_info("sockname"), transport.get_extra_info("peername"))


def psycopg2(module):
    """Its connections and cursors are classes in C: those that `connect` makes are of classes below them."""
    extensions = module.extensions
    cursor_below = _classes_below(extensions.cursor, _cursor_method, _CURSOR)

    def cursor(self, *args, **kwargs):
        made_below = type(self)._cove_trace_class.__mro__[1]
        given = kwargs.get("cursor_factory") or self.cursor_factory
        if given is None and made_below.cursor is extensions.connection.cursor:
            given = extensions.cursor
        if given is not None and len(args) < 2:
            kwargs["cursor_factory"] = cursor_below(given)
        made = made_below.cursor(self, *args, **kwargs)
        if given is None:
            _become(made, cursor_below)
        return made

    connection_below = _classes_below(extensions.connection, _connection_method, _CONNECTION, {"cursor": cursor})

    def connecting(connect):
        def connect_of(dsn=None, connection_factory=None, cursor_factory=None, **kwargs):
            factory = connection_factory
            if not (kwargs.get("async") or kwargs.get("async_")) and extensions.get_wait_callback() is None:
                factory = connection_below(connection_factory or extensions.connection)
            since, of = reports.now(), word()
            connection = connect(dsn, factory, cursor_factory, **kwargs)
            if hasattr(type(connection), "_cove_trace_class"):
                _tell(_psycopg2_new(connection), since, of)
            return connection

        return connect_of

    wrap(module, "connect", connecting)
    reports.library("psycopg2")


_CONNECTION = ("commit", "rollback", "reset", "set_session", "set_isolation_level", "set_client_encoding")
_CURSOR = ("execute", "executemany", "callproc", "copy_from", "copy_to", "copy_expert", "scroll", "close")
_FETCH = ("fetchone", "fetchmany", "fetchall")


def _classes_below(root, method, names, more=None):
    """What gives the class below a class, with these methods told of; what is no such class is given back."""
    known = {}

    def class_below(base):
        if not isinstance(base, type) or not issubclass(base, root) or hasattr(base, "_cove_trace_class"):
            return base
        made = known.get(base)
        if made is None:
            methods = {name: method(base, name) for name in names + _FETCH if hasattr(base, name)}
            made = type(base.__name__, (base,), {"__module__": base.__module__, **methods, **(more or {})})
            made._cove_trace_class = made
            known[base] = made
        return made

    return class_below


def _connection_method(base, name):
    original = getattr(base, name)

    def ask(self, *args, **kwargs):
        told = getattr(self, "_cove_trace", None)
        begun = _begin(told)
        try:
            return original(self, *args, **kwargs)
        finally:
            _end(told, begun)

    ask.__name__ = name
    return ask


def _cursor_method(base, name):
    original = getattr(base, name)
    is_fetch = name in _FETCH

    def ask(self, *args, **kwargs):
        # All rows have come, but of a cursor that the server has.
        if is_fetch and self.name is None:
            return original(self, *args, **kwargs)
        told = getattr(self.connection, "_cove_trace", None)
        begun = _begin(told)
        try:
            return original(self, *args, **kwargs)
        finally:
            _end(told, begun)

    ask.__name__ = name
    return ask


@harmless
def _become(cursor, class_below):
    """A connection of the program's own has cursors of its own: they are Python's, and may change their class."""
    cursor.__class__ = class_below(type(cursor))


@harmless
def _psycopg2_new(connection):
    connection._cove_trace = connection_at(connection.fileno())
    return connection._cove_trace
