# SPDX-License-Identifier: Apache-2.0
"""A loopback HTTP/1.1 server that answers by a function, and can fail on purpose.

    with Server(recording.answer, now=recording.now) as server:
        subprocess.run([...], env={"KUBECONFIG": ...server.url...})

`answer(method, target, headers, body)` returns a recording.Reply. `plan(method, target)` may name a way to fail for
this request (None: answer):

    reset   the connection is reset instead of a reply
    refused the same, and from then on nothing listens on the port: every later attempt is refused
    cut     the reply ends in the middle of its body
    500     a Status object that says InternalError
    429     a Status object that says TooManyRequests, with Retry-After: 1
    html    status 200, and a page of HTML where JSON was asked for
"""
import email.utils
import gzip
import http.server
import socket
import struct
import threading

import recording

GZIP_FROM = 128 * 1024  # bytes, the API server's own threshold
CHUNKED_FROM = 2048  # bytes, Go's own threshold
CHUNK = 16 * 1024
HTML = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n"
FAILURES = ("refused", "reset", "cut", "500", "429", "html")


def failed_reply(way):
    """The reply of the ways to fail that send a complete one."""
    if way == "500":
        return recording.status_reply(500, "InternalError", "Internal error occurred: etcdserver: leader changed")
    if way == "429":
        reply = recording.status_reply(429, "TooManyRequests", "too many requests, please try again later",
                                       {"retryAfterSeconds": 1})
        reply.headers.append(("Retry-After", "1"))
        return reply
    return recording.Reply(200, HTML, "text/html; charset=utf-8")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet where they fit

    def log_message(self, format, *args):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(self.server.owner.now if timestamp is None else timestamp, usegmt=True)

    def version_string(self):
        return "replay"

    def handle_one_request(self):
        try:
            super().handle_one_request()
            self.wfile.flush()
        except ConnectionError:
            self.close_connection = True

    def do_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        owner = self.server.owner
        way = owner.plan(self.command, self.path) if owner.plan else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        owner.note(self.command, self.path, headers)
        if way in ("reset", "refused"):
            self.reset(way == "refused")
        elif way in (None, "cut"):
            reply = owner.answer(self.command, self.path, headers, body)
            if way and not reply.body:  # nothing there to cut
                self.reset(False)
            else:
                self.send(reply, way == "cut")
        else:
            self.send(owner.failed_reply(way) or failed_reply(way), False)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_any

    def reset(self, for_good):
        if for_good:
            self.server.owner.stop_listening()
        # Closing with a linger time of 0 sends RST instead of FIN.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def send(self, reply, cut):
        body = reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers:
            self.send_header(name, value)
        if len(body) >= GZIP_FROM and "gzip" in self.headers.get("Accept-Encoding", ""):
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
            body = gzip.compress(body, 1, mtime=0)
        chunked = len(body) >= CHUNKED_FROM
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if cut:
            body = body[:len(body) // 2]
        self.send_body(body, chunked, cut)
        self.close_connection = self.close_connection or cut

    def send_body(self, body, chunked, cut):
        if not chunked:
            self.wfile.write(body)
            return
        for start in range(0, len(body), CHUNK):
            part = body[start:start + CHUNK]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if not cut:
            self.wfile.write(b"0\r\n\r\n")


class HttpServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def shutdown_request(self, request):
        # No shutdown() first: it would send FIN where a reset is wanted.
        self.close_request(request)

    def handle_error(self, request, client_address):
        self.owner.keep_error()


class Server:
    """Serves from `with` on; `url`, `host` and the requests seen so far are its results."""
    server_class = HttpServer

    def __init__(self, answer, now=0, plan=None, port=0):
        self.answer, self.now, self.plan = answer, now, plan
        self.requests = []  # (method, target, headers), in order of arrival
        self.errors = []  # what went wrong in `answer`: never silent
        self.lock = threading.Lock()
        self.http = self.server_class(("127.0.0.1", port), Handler)
        self.http.owner = self
        self.host = "127.0.0.1:%d" % self.http.server_address[1]
        self.url = "http://" + self.host
        self.listening, self.placeholder = True, None
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.stop_listening()
        self.placeholder.close()

    def stop_listening(self):
        with self.lock:
            if not self.listening:
                return
            self.listening = False
        self.http.socket.shutdown(socket.SHUT_RDWR)  # at once, even while another thread polls it
        self.http.socket.close()
        # The port stays taken, so that no other server gets it, and with it requests that were meant for this one.
        self.placeholder = socket.socket()
        self.placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.placeholder.bind(self.http.server_address[:2])
        threading.Thread(target=self.http.shutdown, daemon=True).start()

    def failed_reply(self, way):
        """Another reply than failed_reply()'s for a way to fail; None: that one."""

    def note(self, method, target, headers):
        with self.lock:
            self.requests.append((method, target, headers))

    def keep_error(self):
        import traceback
        with self.lock:
            self.errors.append(traceback.format_exc())
