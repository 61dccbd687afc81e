"""What Cove's preload costs a Python program. `serve`: a server that tells its own CPU time. `trips N`: CPU of N reported round trips."""

import sys
import time


def serve():
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = str(time.process_time()).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def trips(count):
    from cove_trace import context, edges

    connection = edges.Connection(40000, 61001)
    context.current.set(context.context_of("00-%s-%s-01" % ("a" * 32, "b" * 16)))
    began = time.process_time()
    for _ in range(count):
        connection.end(connection.begin())
    print((time.process_time() - began) * 1e6 / count)


if sys.argv[1] == "serve":
    serve()
else:
    trips(int(sys.argv[2]))
