# SPDX-License-Identifier: Apache-2.0
"""An API server that answers reads of Flux kinds, and writes down who asked for what and how."""
import http.server
import json
import socket
import ssl
import threading
from urllib.parse import parse_qs, urlsplit

GROUP = "source.toolkit.fluxcd.io"


def git_repository(number, namespace="default"):
    return {
        "apiVersion": GROUP + "/v1", "kind": "GitRepository",
        "metadata": {"name": "repo-%d" % number, "namespace": namespace, "generation": 1,
                     "creationTimestamp": "2026-01-02T03:04:05Z", "labels": {"app": "podinfo", "tier": "x"}},
        "spec": {"url": "https://git.example.com/repo-%d" % number, "interval": "1m0s"},
        "status": {"observedGeneration": 1, "conditions": [
            {"type": "Ready", "status": "True", "reason": "Succeeded",
             "message": "stored artifact for revision 'main@sha1:abc'",
             "lastTransitionTime": "2026-01-02T03:04:05Z", "observedGeneration": 1}],
            "artifact": {"revision": "main@sha1:abc", "lastUpdateTime": "2026-01-02T03:04:05Z",
                         "digest": "sha256:0", "path": "x", "url": "http://x"}},
    }


def make_list(items, **metadata):
    return {"apiVersion": GROUP + "/v1", "kind": "GitRepositoryList",
            "metadata": dict({"resourceVersion": "7"}, **metadata), "items": items}


def status(code, reason, message, **details):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": reason, "details": details, "code": code}


class Request:
    """One request as it arrived."""

    def __init__(self, method, target, headers, tls):
        self.method = method
        self.target = target
        self.path = urlsplit(target).path
        self.query = parse_qs(urlsplit(target).query, keep_blank_values=True)
        self.headers = headers  # (name, value) as sent
        self.tls = tls
        self.client = None
        self.server_name = None

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        return values[0] if values else None


class Reply:
    def __init__(self, body, code=200, headers=()):
        self.code = code
        self.headers = list(headers)
        self.body = body if isinstance(body, (bytes, str)) else json.dumps(body)


def discovery(path):
    """What kubectl asks before it reads, so that the same scenarios can be run against it."""
    resource = {"name": "gitrepositories", "singularName": "gitrepository", "namespaced": True,
                "kind": "GitRepository", "verbs": ["get", "list"]}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/api/v1":
        return {"kind": "APIResourceList", "groupVersion": "v1", "resources": []}
    if path == "/apis":
        version = {"groupVersion": GROUP + "/v1", "version": "v1"}
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
            {"name": GROUP, "versions": [version], "preferredVersion": version}]}
    if path == "/apis/%s/v1" % GROUP:
        return {"kind": "APIResourceList", "groupVersion": GROUP + "/v1", "resources": [resource]}
    return None


def default_answer(request):
    found = discovery(request.path[request.path.rindex("/api"):] if "/api" in request.path else "")
    if found:
        return Reply(found)
    if request.path.endswith("/gitrepositories"):
        parts = request.path.split("/")
        namespace = parts[parts.index("namespaces") + 1] if "namespaces" in parts else "default"
        return Reply(make_list([git_repository(1, namespace), git_repository(2, namespace)]))
    return Reply(status(404, "NotFound", "the server could not find the requested resource"), 404)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length:
            self.rfile.read(length)
        server = self.server.mock
        request = Request(self.command, self.path, list(self.headers.items()), server.tls)
        if server.tls:
            certificate = self.connection.getpeercert()
            request.client = dict(part[0] for part in certificate["subject"])["commonName"] if certificate else None
            request.server_name = server.names.get(self.connection.fileno())
        reply = server.handle(request)
        body = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
        self.send_response(reply.code)
        for name, value in reply.headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-type" for name, _ in reply.headers):
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that goes away is what several scenarios are about

    def get_request(self):
        connection, address = super().get_request()
        connection.settimeout(20)
        return connection, address

    def finish_request(self, request, client_address):
        if self.mock.tls:
            request = self.mock.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)


class ServerV6(Server):
    address_family = socket.AF_INET6


class Mock:
    """`answer` may be replaced: it takes a Request and the number of this read, and gives a Reply or None."""

    def __init__(self, pki=None, ipv6=False):
        self.tls = pki is not None
        self.requests = []
        self.arrivals = 0  # with those of discovery
        self.names = {}
        self.answer = None
        self.lock = threading.Lock()
        self.server = ServerV6(("::1", 0), Handler) if ipv6 else Server(("127.0.0.1", 0), Handler)
        self.server.mock = self
        self.port = self.server.server_address[1]
        if self.tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(pki.path("server.crt"), pki.path("server.key"))
            self.context.load_verify_locations(pki.path("ca.crt"))
            self.context.verify_mode = ssl.CERT_OPTIONAL
            self.context.sni_callback = self.remember_name
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def remember_name(self, connection, name, _context):
        self.names[connection.fileno()] = name

    def handle(self, request):
        with self.lock:
            self.arrivals += 1
            if discovery(request.path) is None:
                self.requests.append(request)
            number = len(self.requests)
            found = self.answer(request, number) if self.answer and discovery(request.path) is None else None
            return found or default_answer(request)

    @property
    def url(self):
        return "%s://localhost:%d" % ("https" if self.tls else "http", self.port)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
