"""Changes modules as they are imported: nothing is loaded that the program doesn't load itself."""

import sys

from . import reports

#: A module, and which function in which module here changes it.
HOOKS = {
    "http.server": ("servers", "http_server"),
    "gunicorn.workers.sync": ("servers", "gunicorn_sync"),
    "gunicorn.workers.gthread": ("servers", "gunicorn_threads"),
    "gunicorn.workers.base_async": ("servers", "gunicorn_async"),
    "uvicorn.protocols.http.h11_impl": ("servers", "uvicorn_http"),
    "uvicorn.protocols.http.httptools_impl": ("servers", "uvicorn_http"),
    "uvicorn.protocols.websockets.websockets_impl": ("servers", "uvicorn_websocket"),
    "uvicorn.protocols.websockets.websockets_sansio_impl": ("servers", "uvicorn_websocket"),
    "uvicorn.protocols.websockets.wsproto_impl": ("servers", "uvicorn_websocket"),
    "hypercorn.app_wrappers": ("servers", "hypercorn"),
    "aiohttp.web_protocol": ("servers", "aiohttp_web"),
    "threading": ("threads", "threading"),
    "concurrent.futures.thread": ("threads", "executor"),
    "http.client": ("clients", "http_client"),
    "httpcore._sync.connection_pool": ("clients", "httpcore_sync"),
    "httpcore._async.connection_pool": ("clients", "httpcore_async"),
    "aiohttp.client_reqrep": ("clients", "aiohttp_client"),
    "psycopg.connection": ("postgres", "psycopg_sync"),
    "psycopg.connection_async": ("postgres", "psycopg_async"),
    "psycopg2": ("postgres", "psycopg2"),
    "asyncpg.connection": ("postgres", "asyncpg_connection"),
    "redis.connection": ("redis_py", "sync"),
    "redis.asyncio.connection": ("redis_py", "asynchronous"),
}


def change(module):
    """Once, and never with an error for the program."""
    found = HOOKS.get(getattr(module, "__name__", None))
    if found is None or getattr(module, "_cove_trace", False):
        return
    try:
        module._cove_trace = True
        where, function = found
        hooks = __import__("cove_trace." + where, fromlist=(function,))
        getattr(hooks, function)(module)
    except Exception:
        pass


class Finder:
    """Lets the other finders find a module, and changes it once it is loaded."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in HOOKS:
            return None
        for finder in list(sys.meta_path):
            find = None if finder is Finder else getattr(finder, "find_spec", None)
            spec = None if find is None else find(name, path, target)
            if spec is None:
                continue
            loader = spec.loader
            execute = getattr(loader, "exec_module", None)
            if execute is not None and not hasattr(execute, "_cove_trace"):

                def exec_module(module):
                    # Loaded again it is as it was.
                    vars(module).pop("_cove_trace", None)
                    execute(module)
                    change(module)

                exec_module._cove_trace = True
                try:
                    # On the loader itself: a stand-in would hide what else it can, such as giving the source.
                    loader.exec_module = exec_module
                except Exception:
                    pass
            return spec
        return None


def install():
    if Finder in sys.meta_path:
        return
    sys.meta_path.insert(0, Finder)
    reports.start()
    for name in HOOKS:
        module = sys.modules.get(name)
        if module is not None:
            change(module)
