# SPDX-License-Identifier: Apache-2.0
"""Real Git servers on loopback: `git http-backend` behind a small web server (TLS 1.3, basic or bearer authentication,
client certificates), and OpenSSH's sshd. Proxies are in tests/kubeconfig/proxies.py and come with `from servers import *`.

    with tempfile.TemporaryDirectory() as folder:
        pki = make_pki(folder)
        root = os.path.join(folder, "srv")
        repository = make_repository(os.path.join(root, "app.git"), commits=20)
        with HttpServer(root, pki=pki, user="alice", password="secret") as server:
            ... server.url + "/app.git", pki.path("ca.crt") ...
        with SshServer(folder, root) as server:
            ... server.url + root + "/app.git", server.identity, server.known_hosts ...

Everything listens on 127.0.0.1, on a port that was free. `HttpServer.seen` lists the requests; `HttpServer.intercept` may
answer one itself or spoil it (see Handler).
"""
import base64
import getpass
import hmac
import http.server
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kubeconfig"))

from pki import Pki  # noqa: E402
from proxies import ConnectProxy, SocksProxy  # noqa: E402,F401

CHUNK = 64 * 1024
# The program itself: `git http-backend` starts it as a child, which a kill would not reach.
BACKEND = os.path.join(subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip(),
                       "git-http-backend")
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
BRANCH = "refs/heads/main"


def make_pki(folder):
    """ca.crt, server.crt for localhost and 127.0.0.1, client.crt; wrong-ca.crt signed nothing."""
    path = os.path.join(folder, "pki")
    os.mkdir(path)
    return Pki(path)


# ---- repositories

def environment(**more):
    """Nothing of the caller's configuration; one author, one moment."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
            "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
            "GIT_AUTHOR_DATE": "1760000000 +0000", "GIT_COMMITTER_DATE": "1760000000 +0000",
            "GIT_TERMINAL_PROMPT": "0", **more}


def git(where, *arguments, stdin=None, check=True, text=True):
    """What git prints, less white space at the end (bytes as they are with text=False)."""
    done = subprocess.run(("git", "-C", where) + arguments, input=stdin, env=environment(), capture_output=True,
                          check=False, stdin=None if stdin is not None else subprocess.DEVNULL)
    if check and done.returncode:
        raise AssertionError("git %s: %s" % (" ".join(arguments), done.stderr.decode(errors="replace")))
    return done.stdout.decode().rstrip() if text else done.stdout


def write_history(repository, commits, start=0, branch=BRANCH, parent=None, size=200):
    """Commits on top of `parent` (or of nothing) in one fast-import; gives the tip."""
    lines = []
    for number in range(start, start + commits):
        text = "".join("line %d of commit %d\n" % (i, number) for i in range(size // 20 + 1))
        message = "change %d" % number
        lines += ["commit %s" % branch, "committer Ada <ada@example.com> %d +0000" % (1760000000 + number * 60),
                  "data %d" % len(message), message]
        if parent and number == start:
            lines.append("from %s" % parent)
        for path in ("apps/app%d/deployment.yaml" % (number % 17), "README.md"):
            lines += ["M 100644 inline %s" % path, "data %d" % len(text), text]
    git(repository, "fast-import", "--quiet", "--force", stdin=("\n".join(lines) + "\n").encode())
    return git(repository, "rev-parse", branch)


def make_repository(path, commits=0, **how):
    """A bare repository whose HEAD is main; gives its path."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", path], env=environment(), check=True)
    for key, value in (("http.receivepack", "true"), ("uploadpack.allowFilter", "true"), ("gc.auto", "0"),
                       ("receive.autogc", "false")):
        git(path, "config", key, value)
    if commits:
        write_history(path, commits, **how)
    return path


def objects(repository, *revisions):
    """The names of all objects that `git rev-list --objects` finds."""
    return {line.split()[0] for line in git(repository, "rev-list", "--objects", *revisions).splitlines()}


# ---- http

class Seen:
    def __init__(self, handler):
        self.method, self.target = handler.command, handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}

    def __repr__(self):
        return "%s %s" % (self.method, self.target)


class Handler(http.server.BaseHTTPRequestHandler):
    """For intercept(handler), called once a request is allowed: True if it was answered. It may call reply() or reset(),
    or set `cut` to a number of body bytes after which the connection is reset, or `stall` to one after which nothing
    more comes until the server closes, or `rewrite` to a function that changes the body, or `protocol` to "" to have
    the answer of protocol 0."""
    protocol_version = "HTTP/1.1"
    cut = stall = rewrite = protocol = None

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except (OSError, ssl.SSLError, ValueError):
            self.close_connection = True

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reset(self):
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Not the TLS layer's close, which would say goodbye in order.
        os.close(self.connection.detach())

    def body(self):
        """The request's body in pieces."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                piece = self.rfile.read(size)
                self.rfile.readline()
                if not size:
                    return
                yield piece
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            piece = self.rfile.read(min(left, CHUNK))
            if not piece:
                raise OSError("the request was cut")
            left -= len(piece)
            yield piece

    def answer(self):
        owner = self.server.owner
        owner.seen.append(Seen(self))
        self.cut = self.stall = self.rewrite = self.protocol = None
        if not owner.allowed(self.headers.get("Authorization", "")):
            for _ in self.body():
                pass
            self.reply(401, b"who are you?\n", [("WWW-Authenticate", 'Basic realm="git"')])
        elif not (owner.intercept and owner.intercept(self)):
            self.run_backend()

    do_GET = do_POST = answer

    def run_backend(self):
        path, _, query = self.path.partition("?")
        variables = environment(
            GIT_PROJECT_ROOT=self.server.owner.root, GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path, QUERY_STRING=query,
            REQUEST_METHOD=self.command, REMOTE_ADDR="127.0.0.1", CONTENT_TYPE=self.headers.get("Content-Type", ""),
            HTTP_GIT_PROTOCOL=self.headers.get("Git-Protocol", "") if self.protocol is None else self.protocol,
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""))
        if self.headers.get("Content-Length"):
            variables["CONTENT_LENGTH"] = self.headers["Content-Length"]
        backend = subprocess.Popen([BACKEND], env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        self.server.owner.backends.add(backend)
        feeder = threading.Thread(target=self.feed, args=(backend,), daemon=True)
        feeder.start()
        try:
            self.relay(backend.stdout)
        finally:
            if self.close_connection:
                backend.kill()
            backend.stdout.close()
            backend.wait()
            self.server.owner.backends.discard(backend)
            feeder.join(5)

    def feed(self, backend):
        try:
            for piece in self.body():
                backend.stdin.write(piece)
        except (OSError, ValueError):
            self.close_connection = True
            backend.kill()
        finally:
            try:
                backend.stdin.close()
            except OSError:
                pass

    def relay(self, source):
        status, headers = 200, []
        for line in iter(source.readline, b"\r\n"):
            if not line:
                self.close_connection = True
                return
            name, _, value = line.decode("latin-1").strip().partition(": ")
            if name == "Status":
                status = int(value.split()[0])
            else:
                headers.append((name, value))
        self.send_response(status)
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.relay_body(source)

    def relay_body(self, source):
        sent = 0
        limit = self.cut if self.cut is not None else self.stall
        pieces = iter(lambda: source.read1(CHUNK), b"")
        for piece in [self.rewrite(source.read())] if self.rewrite else pieces:
            if limit is not None and sent + len(piece) >= limit:
                piece = piece[:limit - sent]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if piece else b"")
                self.wfile.flush()
                if self.stall is not None:
                    self.server.owner.closing.wait(60)
                return self.reset()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            sent += len(piece)
        self.wfile.write(b"0\r\n\r\n")
        return None


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def finish_request(self, request, client_address):
        # In the connection's own thread, so that a slow handshake holds up nobody.
        if self.owner.context:
            request = self.owner.context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
            try:
                request.do_handshake()
            except (OSError, ssl.SSLError):
                return self.refuse(request)
        return super().finish_request(request, client_address)

    @staticmethod
    def refuse(request):
        """Read on until the client closes: unread bytes would turn the close into a reset, which overtakes the alert."""
        try:
            request.settimeout(10)
            request.shutdown(socket.SHUT_WR)
            while request.recv(CHUNK):
                pass
        except OSError:
            pass
        request.close()

    def shutdown_request(self, request):
        # A wrapped socket has taken the descriptor with it.
        if request.fileno() >= 0:
            super().shutdown_request(request)

    def handle_error(self, *_):
        pass


class HttpServer:
    """`root` holds the repositories. Without `pki` it speaks plain http."""

    def __init__(self, root, pki=None, user=None, password=None, bearer=None, client_certificates=False, intercept=None):
        self.root, self.intercept = root, intercept
        self.user, self.password, self.bearer = user, password, bearer
        self.seen = []
        self.backends = set()
        self.closing = threading.Event()
        self.context = None
        if pki:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.minimum_version = ssl.TLSVersion.TLSv1_3
            self.context.load_cert_chain(pki.path("server.crt"), pki.path("server.key"))
            if client_certificates:
                self.context.load_verify_locations(pki.path("ca.crt"))
                self.context.verify_mode = ssl.CERT_REQUIRED
        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.listener.owner = self
        self.port = self.listener.server_address[1]
        self.url = "%s://127.0.0.1:%d" % ("https" if pki else "http", self.port)
        threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def allowed(self, given):
        wanted = []
        if self.user is not None:
            wanted.append("Basic " + base64.b64encode(("%s:%s" % (self.user, self.password)).encode()).decode())
        if self.bearer is not None:
            wanted.append("Bearer " + self.bearer)
        return not wanted or any(hmac.compare_digest(given.encode(), one.encode()) for one in wanted)

    def close(self):
        self.closing.set()
        self.listener.shutdown()
        self.listener.server_close()
        # git http-backend does not end by itself when a body ends before its announced length.
        for backend in list(self.backends):
            backend.kill()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# ---- ssh

SSHD_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_ed25519
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PermitUserEnvironment no
AcceptEnv GIT_PROTOCOL
LogLevel VERBOSE
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def make_ssh_key(path, kind="ed25519"):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "test", "-f", path], check=True)
    return path


class SshServer:
    """sshd as the present user. `identity` may log in, `other_identity` may not; `known_hosts` is a file that knows the
    host, `other_known_hosts` one that has another key for it. `url` is followed by an absolute path."""

    def __init__(self, folder, root=None):
        self.folder = os.path.join(folder, "ssh")
        self.root = root
        os.mkdir(self.folder, 0o700)
        self.identity = make_ssh_key(self.path("id_ed25519"))
        self.other_identity = make_ssh_key(self.path("other_ed25519"))
        make_ssh_key(self.path("host_ed25519"))
        make_ssh_key(self.path("wrong_ed25519"))
        shutil.copy(self.identity + ".pub", self.path("authorized_keys"))
        self.user = getpass.getuser()
        self.process = None
        for _ in range(5):
            self.port = free_port()
            if self.start():
                break
        else:
            raise AssertionError("sshd does not start: " + self.log())
        self.url = "ssh://%s@127.0.0.1:%d" % (self.user, self.port)
        self.known_hosts = self.write_known_hosts("known_hosts", "host_ed25519.pub")
        self.other_known_hosts = self.write_known_hosts("other_known_hosts", "wrong_ed25519.pub")

    def path(self, name):
        return os.path.join(self.folder, name)

    def log(self):
        with open(self.path("log"), errors="replace") as file:
            return file.read()

    def write_known_hosts(self, name, key):
        with open(self.path(key)) as source, open(self.path(name), "w") as file:
            file.write("[127.0.0.1]:%d %s" % (self.port, source.read()))
        return self.path(name)

    def start(self):
        """False if it ended at once, as when somebody else took the port meanwhile."""
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", 0o755, exist_ok=True)
        with open(self.path("sshd_config"), "w") as file:
            file.write(SSHD_CONFIG.format(port=self.port, folder=self.folder))
        with open(self.path("log"), "w") as log:
            self.process = subprocess.Popen([SSHD, "-D", "-e", "-f", self.path("sshd_config")], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 5).close()
                return True
            except OSError:
                time.sleep(0.02)
        return False

    def close(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
