import { inVenv, python } from "../python.ts";
import type { Row } from "../row.ts";
import { PAGE_WITH_SOCKET } from "./runtimes.ts";

const page = `PAGE = ${JSON.stringify(PAGE_WITH_SOCKET)}\n`;
const edited = (name: string, file = "app.py") =>
  ({ file, from: "says one", to: "says two", says: `${name} says two`, byHand: true }) as const;

const flask = (name: string) => `from flask import Flask, redirect, url_for
from flask_sock import Sock
${page}app = Flask(__name__)
sock = Sock(app)

@app.get("/")
def home():
    return PAGE

@app.get("/old")
def old():
    return redirect(url_for("home", _external=True))

@sock.route("/ws")
def words(ws):
    ws.send("${name} says one")
    ws.receive()

if __name__ == "__main__":
    app.run(debug=True)
`;

const starlette = (name: string) => `from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route, WebSocketRoute
${page}
async def home(request):
    return HTMLResponse(PAGE)

async def old(request):
    return RedirectResponse(request.url_for("home"))

async def words(ws):
    await ws.accept()
    await ws.send_text("${name} says one")
    await ws.receive()

app = Starlette(routes=[Route("/", home, name="home"), Route("/old", old), WebSocketRoute("/ws", words)])
`;

const fastapi = (name: string) => `from fastapi import FastAPI, WebSocket
from fastapi.responses import HTMLResponse
${page}app = FastAPI()

@app.get("/", response_class=HTMLResponse)
async def home():
    return PAGE

@app.get("/about/", response_class=HTMLResponse)
async def about():
    return "about"

@app.websocket("/ws")
async def words(ws: WebSocket):
    await ws.accept()
    await ws.send_text("${name} says one")
    await ws.receive()
`;

const FLASK = ["flask==3.1.3", "flask-sock==0.7.0"] as const;
const FASTAPI = ["fastapi[standard]==0.165.0"] as const;

/** Web frameworks of Python and their servers. */
export const PYTHON_WEB: readonly Row[] = [
  {
    name: "flask",
    title: "Flask, flask run",
    ...python(...FLASK),
    files: { "app.py": flask("flask") },
    run: inVenv("flask", "run", "--debug"),
    page: { says: "flask says one" },
    edit: edited("flask"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "flask-app",
    title: "Flask, app.run",
    ...python(...FLASK),
    files: { "app.py": flask("flask") },
    run: inVenv("python", "app.py"),
    page: { says: "flask says one" },
    edit: edited("flask"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
    note: "listens at 5000 whatever PORT says, and is followed there",
  },
  {
    name: "gunicorn",
    title: "Flask on gunicorn",
    ...python("gunicorn==27.0.1", ...FLASK),
    files: { "app.py": flask("gunicorn") },
    run: inVenv("gunicorn", "--reload", "--threads", "8", "app:app"),
    page: { says: "gunicorn says one" },
    edit: edited("gunicorn"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "django",
    title: "Django, runserver",
    ...python("django==5.2.19"),
    files: {
      "manage.py": `import os, sys
from django.core.management import execute_from_command_line
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
execute_from_command_line(sys.argv)
`,
      "settings.py": `DEBUG = True
SECRET_KEY = "a test's"
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.staticfiles"]
STATIC_URL = "static/"
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": ["."]}]
DATABASES = {}
USE_TZ = True
`,
      "urls.py": `from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

def home(request):
    return render(request, "home.html", {"sent": request.POST.get("sent", "")})

urlpatterns = [
    path("", home),
    path("about/", lambda request: HttpResponse("about")),
    path("links", lambda request: HttpResponse(request.build_absolute_uri("/about/"))),
]
`,
      "home.html": `<!doctype html><form method="post">{% csrf_token %}<input name="sent" value="one"></form>
<main></main><template>{{ sent }}</template><script>
const body = new FormData(document.forms[0]);
fetch("/", { method: "POST", body }).then((response) => response.text()).then((text) => {
  const [, sent] = text.match(/<template>(.*)<.template>/);
  document.querySelector("main").textContent = "django says " + sent;
});
</script>
`,
    },
    run: inVenv("python", "manage.py", "runserver"),
    page: { says: "django says one" },
    edit: {
      file: "home.html",
      from: "django says",
      to: "django answers",
      says: "django answers one",
      byHand: true,
    },
    redirect: { from: "/about", to: "/about/" },
    links: { path: "/links", has: "NAME/about/" },
    note: "its page posts a form, which Django's CSRF check lets through",
  },
  {
    name: "fastapi-dev",
    title: "FastAPI, fastapi dev",
    ...python(...FASTAPI),
    files: { "main.py": fastapi("fastapi") },
    run: inVenv("fastapi", "dev"),
    page: { says: "fastapi says one" },
    edit: edited("fastapi", "main.py"),
    webSocket: /^\/ws$/,
    redirect: { from: "/about", to: "/about/" },
  },
  {
    name: "fastapi-uvicorn",
    title: "FastAPI on uvicorn",
    ...python(...FASTAPI),
    files: { "main.py": fastapi("fastapi") },
    run: inVenv("uvicorn", "main:app", "--reload"),
    page: { says: "fastapi says one" },
    edit: edited("fastapi", "main.py"),
    webSocket: /^\/ws$/,
    redirect: { from: "/about", to: "/about/" },
  },
  {
    name: "starlette",
    title: "Starlette on uvicorn",
    ...python("starlette==1.10.0", "uvicorn==0.54.0", "websockets==17.4"),
    files: { "app.py": starlette("starlette") },
    run: inVenv("python", "-m", "uvicorn", "app:app", "--reload"),
    page: { says: "starlette says one" },
    edit: edited("starlette"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "aiohttp",
    title: "aiohttp",
    ...python("aiohttp==3.14.5"),
    files: {
      "app.py": `import os
from aiohttp import web
${page}
async def home(request):
    return web.Response(text=PAGE, content_type="text/html")

async def old(request):
    raise web.HTTPFound(request.url.with_path("/"))

async def words(request):
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.send_str("aiohttp says one")
    async for _ in ws:
        pass
    return ws

app = web.Application()
app.add_routes([web.get("/", home), web.get("/old", old), web.get("/ws", words)])
web.run_app(app, host=os.environ["HOST"], port=int(os.environ["PORT"]))
`,
    },
    run: inVenv("python", "app.py"),
    page: { says: "aiohttp says one" },
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "tornado",
    title: "Tornado",
    ...python("tornado==6.6.1"),
    files: {
      "app.py": `import asyncio
import os
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler
${page}
class Home(RequestHandler):
    def get(self):
        self.write(PAGE)

class Old(RequestHandler):
    def get(self):
        self.redirect(f"{self.request.protocol}://{self.request.host}/")

class Words(WebSocketHandler):
    def open(self):
        self.write_message("tornado says one")

async def main():
    app = Application([("/", Home), ("/old", Old), ("/ws", Words)], debug=True)
    app.listen(int(os.environ["PORT"]), os.environ["HOST"])
    await asyncio.Event().wait()

asyncio.run(main())
`,
    },
    run: inVenv("python", "app.py"),
    page: { says: "tornado says one" },
    edit: edited("tornado"),
    webSocket: /^\/ws$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "http-server-py",
    title: "Python's http.server",
    needs: ["python3"],
    version: ["python3", "--version"],
    files: { "index.html": "<p>python says one</p>", "about/index.html": "about" },
    run: ["python3", "-m", "http.server"],
    page: { says: "python says one" },
    edit: edited("python", "index.html"),
    redirect: { from: "/about", to: "/about/" },
    quick: true,
  },
];
