"""The same service on every server. Environment: PORT, VIA (what it works with, of work.py). `/up` is for nobody's request."""

import asyncio
import os
import sys
from urllib.parse import parse_qs

import work

VIA = os.environ.get("VIA", "")
PORT = int(os.environ.get("PORT", "0"))


class Lazy:
    """Made by the first request, as many programs do."""

    def __init__(self):
        import threading

        self.lock = threading.Lock()
        self.work = None

    def __call__(self, of):
        with self.lock:
            if self.work is None:
                self.work, _ = work.SYNC[VIA]()
        self.work(of)


sync_work = Lazy()


def wsgi(environ, start_response):
    of = parse_qs(environ.get("QUERY_STRING", "")).get("id")
    if of:
        sync_work(of[0])
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"done"]


class LazyAsync:
    def __init__(self):
        self.made = None

    async def __call__(self, of):
        if self.made is None:
            self.made = asyncio.ensure_future(work.ASYNC[VIA]())
        do, _ = await self.made
        await do(of)


async_work = LazyAsync()


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    of = parse_qs(scope["query_string"].decode()).get("id")
    if of:
        await async_work(of[0])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"done"})


def flask():
    from flask import Flask, request

    app = Flask("api")

    @app.get("/")
    @app.get("/up")
    def index():
        if "id" in request.args:
            sync_work(request.args["id"])
        return "done"

    app.run("127.0.0.1", PORT, threaded=True)


def wsgiref():
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIServer, make_server

    class Server(ThreadingMixIn, WSGIServer):
        request_queue_size = 512
        daemon_threads = True

    make_server("127.0.0.1", PORT, wsgi, server_class=Server).serve_forever()


def aiohttp_web():
    from aiohttp import web

    async def handle(request):
        if "id" in request.query:
            await async_work(request.query["id"])
        return web.Response(text="done")

    app = web.Application()
    app.add_routes([web.get("/", handle), web.get("/up", handle)])
    web.run_app(app, host="127.0.0.1", port=PORT, print=None)


def configure_django():
    from urllib.parse import urlsplit

    from django.conf import settings

    url = urlsplit(os.environ["DB_URL"])
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path[1:],
        "USER": url.username,
        "PASSWORD": url.password,
        "HOST": url.hostname,
        "PORT": url.port,
    }
    settings.configure(
        DEBUG=True, ALLOWED_HOSTS=["*"], ROOT_URLCONF="apps", DATABASES={"default": database}, SECRET_KEY="x"
    )
    import django

    django.setup()


def index(request):
    from django.http import HttpResponse

    if "id" in request.GET:
        sync_work(request.GET["id"])
    return HttpResponse("done")


def django_urls():
    from django.urls import path

    return [path("", index), path("up", index)]


def django_runserver():
    configure_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "runserver", "--noreload", "127.0.0.1:%d" % PORT])


if VIA == "django":
    if "DJANGO_ASGI" in os.environ:
        configure_django()
        from django.core.asgi import get_asgi_application

        django_asgi = get_asgi_application()
    urlpatterns = django_urls()

if __name__ == "__main__":
    sys.modules["apps"] = sys.modules["__main__"]
    {
        "flask": flask,
        "wsgiref": wsgiref,
        "aiohttp": aiohttp_web,
        "runserver": django_runserver,
    }[sys.argv[1]]()
