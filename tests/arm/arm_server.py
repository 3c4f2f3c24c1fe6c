# SPDX-License-Identifier: Apache-2.0
"""Azure Resource Manager and its sign-in on loopback, over TLS (README.md).

    with World("arc+extension") as world:
        subprocess.run([...], env={**os.environ, **world.environment(folder)})
        print(world.requests, world.store.changed(), world.finish())
"""
import atexit
import base64
import collections
import fnmatch
import json
import os
import re
import shlex
import shutil
import ssl
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("replay", "kubeconfig"):
    sys.path.insert(0, os.path.join(HERE, "..", folder))

import arm_fixtures as fixtures  # noqa: E402
import arm_login as login  # noqa: E402
from arm_rules import Rules  # noqa: E402
from arm_store import Store  # noqa: E402
from pki import Pki  # noqa: E402
from recording import Reply, to_json  # noqa: E402
from server import HttpServer, Server  # noqa: E402

SETTINGS = ("slow", "page", "operation-failed", "operation-lost", "no-operation", "hostile-operation", "hostile-next-link",
            "odd-casing", "claims-challenge", "token-life", "skew", "aad", "non-compliant", "pending", "device-pending",
            "no-machine", "versions", "low-limit", "stay")
REPEATED = ("throttle", "fail")
RULES = Rules()


class Keys:
    """The test CA, the servers' certificate and the service principal's, made once a process."""
    lock, made = threading.Lock(), None

    @classmethod
    def get(cls):
        with cls.lock:
            if not cls.made:
                cls.made = cls()
            return cls.made

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="flux-arc-arm-pki-")
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.pki = Pki(self.folder)
        login.make_principal(self.folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.pki.path("server.crt"), self.pki.path("server.key"))

    def check_header(self, header):
        return login.check_header(self.folder, header)

    def check_signature(self, header, text, signature):
        return login.check_signature(self.folder, header, text, signature)


class TlsHttpServer(HttpServer):
    def finish_request(self, request, client_address):
        # In the connection's own thread, so that a slow handshake holds up nobody.
        request.settimeout(60)
        try:
            wrapped = Keys.get().context.wrap_socket(request, server_side=True)
        except OSError:  # the other side gave up
            return
        try:
            super().finish_request(wrapped, client_address)
        finally:
            wrapped.close()

    def shutdown_request(self, request):
        if request.fileno() >= 0:  # a wrapped socket has taken the descriptor with it
            super().shutdown_request(request)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class TlsServer(Server):
    """One listener. `name` stands for it where requests are written down: "${ARM}/path"."""
    server_class, scheme = TlsHttpServer, "https"

    def __init__(self, world, name, answer, plan=None):
        self.world, self.name = world, name
        super().__init__(answer, plan=(lambda method, target: plan(method, name + target)) if plan else None)
        self.url = "https://" + self.host

    @property
    def now(self):
        return self.world.clock()

    @now.setter
    def now(self, _):
        pass

    def failed_reply(self, way):
        return failed_reply(way)


class PlainServer(TlsServer):
    server_class = HttpServer

    def __init__(self, world, name, answer, plan=None):
        super().__init__(world, name, answer, plan)
        self.url = "http://" + self.host


def failed_reply(way):
    """As ARM and its sign-in fail; short waits."""
    if way == "500":
        return Reply(500, to_json({"error": {"code": "InternalServerError", "message": "Encountered internal server error."}}),
                     headers=[("retry-after-ms", "1")])
    if way == "429":
        return Reply(429, to_json({"error": {"code": "TooManyRequests", "message": "The request is being throttled."}}),
                     headers=[("Retry-After", "1")])
    return None


class Fault:
    """`throttle METHOD PATTERN TIMES [SECONDS]` or `fail METHOD PATTERN TIMES STATUS CODE MESSAGE`."""

    def __init__(self, kind, words):
        self.kind, self.method, self.pattern, self.left = kind, words[0], words[1], int(words[2])
        self.rest = words[3:]

    def take(self, method, target):
        path = target.partition("?")[0]
        if self.left <= 0 or self.method not in ("*", method) or not fnmatch.fnmatch(path.lower(), self.pattern.lower()):
            return None
        self.left -= 1
        if self.kind == "throttle":
            return Reply(429, to_json({"error": {"code": "SubscriptionRequestsThrottled", "message": "Number of requests "
                                                 "exceeded the limit."}}),
                         headers=[("Retry-After", self.rest[0] if self.rest else "1")])
        status, code, message = int(self.rest[0]), self.rest[1], " ".join(self.rest[2:])
        return Reply(status, to_json({"error": {"code": code, "message": message}}), headers=[("retry-after-ms", "1")])


def parse_faults(lines):
    """(settings, faults) of `arm-fault` lines; ValueError where one is not understood."""
    settings, faults = {}, []
    for line in lines:
        name, _, rest = line.partition(" ")
        if name in REPEATED:
            faults.append(Fault(name, shlex.split(rest)))
        elif name == "versions":
            kind, _, versions = rest.partition(" ")
            settings.setdefault("versions", {})[kind.lower()] = versions.split()
        elif name in SETTINGS:
            settings[name] = rest.strip()
        else:
            raise ValueError("no such fault: " + name)
    return settings, faults


class World:
    """All listeners of one run."""

    def __init__(self, fixture="arc", faults=(), plan=None, canned=None, resources=None):
        self.settings, self.faults = parse_faults(faults)
        self.pki, self.canned = Keys.get(), canned
        self.complaints, self.requests, self.lock = [], [], threading.RLock()
        self.arm = TlsServer(self, "${ARM}", self.answer_arm, plan)
        self.login_server = TlsServer(self, "${LOGIN}", self.answer_login, plan)
        self.trap = TlsServer(self, "${TRAP}", self.answer_trap)
        self.machine = PlainServer(self, "${MACHINE}", self.answer_machine, plan)
        self.servers = (self.arm, self.login_server, self.trap, self.machine)
        # An hour ago, so that ages are the same whenever it runs; fixtures write it as fixtures.MOMENT.
        self.moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock() - 3630))
        self.url, self.login_url, self.audience = self.arm.url, self.login_server.url, self.arm.url
        self.login = login.Login(self)
        loaded = fixtures.load(fixture)
        loaded["resources"] += resources or []
        self.store = Store(loaded, self.settings, self.url, self.trap.url)

    def __enter__(self):
        for server in self.servers:
            server.__enter__()
        return self

    def __exit__(self, *unused):
        for server in self.servers:
            server.__exit__()

    def stop_listening(self):
        for server in self.servers:
            server.stop_listening()

    def clock(self):
        return int(time.time()) + int(self.settings.get("skew", 0))

    def complain(self, text):
        with self.lock:
            self.complaints.append(text)

    # ---- what is answered

    def own_reply(self, host, method, target):
        return self.canned(host, method, target) if self.canned else None

    def answer_arm(self, method, target, headers, body):
        if target.startswith("/metadata/endpoints"):
            return Reply(200, to_json([self.metadata()]))
        with self.lock:
            self.requests.append((method, target, body))
            reply = self.own_reply("arm", method, target) or self.refuse(headers) or self.fault(method, target)
            # A request that is refused is looked at, too.
            self.complaints += RULES.breaches(method, target, headers, body)
            if login.MARK in urllib_unquote(target):
                self.complaints.append("a secret in the address: %s %s" % (method, target))
            if reply is None:
                reply = self.store.answer(method, target, body)
            if "stay" in self.settings and "/operations/" in target:
                time.sleep(float(self.settings["stay"]))
        return self.with_ids(reply, headers)

    def metadata(self):
        return {"name": "LoopbackCloud", "resourceManager": self.url, "portal": self.url,
                "authentication": {"loginEndpoint": self.login_url, "audiences": [self.audience], "tenant": "common",
                                   "identityProvider": "AAD"}, "suffixes": {}}

    def refuse(self, headers):
        authorization = headers.get("authorization", "")
        wrong = self.login.check(authorization)
        challenge = 'Bearer authorization_uri="%s/%s", error="invalid_token"' % (self.login_url, fixtures.TENANT)
        if not wrong and "claims-challenge" in self.settings:
            if not self.login.issued[authorization.partition(" ")[2]]["claims"]:
                wrong = ("TokenIssuedBeforeRevocationTimestamp", "The access token has been revoked.")
                claims = base64.b64encode(b'{"access_token":{"nbf":{"essential":true,"value":"1764000000"}}}').decode()
                challenge = 'Bearer realm="", authorization_uri="%s/common", error="insufficient_claims", claims="%s"' % (
                    self.login_url, claims)
        if not wrong:
            return None
        return Reply(401, to_json({"error": {"code": wrong[0], "message": wrong[1]}}),
                     headers=[("WWW-Authenticate", challenge)])

    def fault(self, method, target):
        return next((reply for reply in (fault.take(method, target) for fault in self.faults) if reply), None)

    def with_ids(self, reply, headers):
        reply.body = reply.body.replace(fixtures.MOMENT.encode(), self.moment.encode())
        reply.headers += [("x-ms-request-id", "4e9e57ed-0000-4000-8000-0000000000cc"),
                          ("x-ms-correlation-request-id", "c022e1a7-0000-4000-8000-0000000000dd"),
                          ("x-ms-routing-request-id", "WESTEUROPE:20261124T070000Z:4e9e57ed"),
                          ("x-ms-client-request-id", headers.get("x-ms-client-request-id", "")),
                          ("x-ms-ratelimit-remaining-subscription-writes", self.settings.get("low-limit", "1199"))]
        return reply

    def answer_login(self, method, target, headers, body):
        with self.lock:
            return self.own_reply("login", method, target) or self.login.answer(method, target, headers, body)

    def answer_machine(self, method, target, headers, body):
        with self.lock:
            return self.own_reply("machine", method, target) or self.login.machine(method, target, headers, body)

    def answer_trap(self, method, target, headers, body):
        self.complain("a foreign host was asked: %s %s%s" % (method, target,
                                                            ", with a token" if "authorization" in headers else ""))
        return Reply(200, to_json({"status": "Succeeded", "value": []}))

    # ---- for the tests

    def environment(self):
        """For a program that is to sign in here by a secret."""
        return {"SSL_CERT_FILE": self.pki.pki.path("ca.crt"), "AZURE_TENANT_ID": fixtures.TENANT,
                "AZURE_CLIENT_ID": fixtures.CLIENT, "AZURE_CLIENT_SECRET": login.SECRET,
                "AZURE_SUBSCRIPTION_ID": fixtures.SUBSCRIPTION,
                "ARM_CLOUD_METADATA_URL": self.url + "/metadata/endpoints?api-version=2022-09-01"}

    def names(self):
        """What is filled in for ${NAME}, and put back."""
        return (("${ARM}", self.url), ("${ARM_HOST}", self.arm.host), ("${LOGIN}", self.login_url),
                ("${LOGIN_HOST}", self.login_server.host), ("${TRAP}", self.trap.url), ("${TRAP_HOST}", self.trap.host),
                ("${MACHINE}", self.machine.url), ("${PKI}", self.pki.folder), ("${ARC}", fixtures.ARC),
                ("${AKS}", fixtures.AKS), ("${IDENTITY}", fixtures.IDENTITY), ("${GROUP}", fixtures.GROUP),
                ("${SUB}", fixtures.SUBSCRIPTION), ("${TENANT}", fixtures.TENANT), ("${CLIENT}", fixtures.CLIENT), ("${MOMENT}", self.moment))

    def seen(self):
        """(method, "${ARM}/path") of every request to any listener."""
        return [(method, server.name + target) for server in self.servers
                for method, target, _ in list(server.requests) if server is not self.trap]

    def finish(self):
        return self.complaints + ["the server failed:\n" + text for server in self.servers for text in server.errors]

    def request_text(self):
        """Reads, sorted, with how often; then what was written, in order."""
        reads = collections.Counter(target for method, target, _ in self.requests if method == "GET")
        lines = ["GET %s%s" % (target, " (%d times)" % count if count > 1 else "") for target, count in sorted(reads.items())]
        for method, target, body in self.requests:
            if method != "GET":
                lines.append("%s %s" % (method, target))
                if body:
                    lines += json.dumps(json.loads(body), indent=2, ensure_ascii=False).split("\n")
        return "".join(line + "\n" for line in lines)

    def state_text(self):
        lines = []
        for name, document in self.store.changed().items():
            lines.append(name + ("" if document else " is gone"))
            if document:
                shown = {key: value for key, value in document.items() if key not in ("id", "name", "type")}
                lines += json.dumps(shown, indent=2, ensure_ascii=False).split("\n")
        for name, state in sorted(self.store.providers.items()):
            if state != self.store.fixture["providers"][name]:
                lines.append("provider %s %s" % (name, state))
        return "".join(line + "\n" for line in lines)


def urllib_unquote(text):
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), text)


def leaks(data):
    """The planted words in what a run wrote: as they are, and in base64, whatever stands around them."""
    found = [login.MARK] if login.MARK.encode() in data else []
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + login.MARK.encode() + b"\0" * 2)
        core = text[(shift * 8 + 5) // 6:(shift + len(login.MARK)) * 8 // 6]
        for form in (core, core.replace(b"+", b"-").replace(b"/", b"_")):
            if form in data:
                found.append("%s in base64" % login.MARK)
    return sorted(set(found))


def main():
    """Serve until interrupted: python3 tests/arm/arm_server.py FIXTURE [FAULT…]"""
    with World(sys.argv[1] if len(sys.argv) > 1 else "arc", sys.argv[2:]) as world:
        for name, value in world.environment().items():
            print("export %s='%s'" % (name, value))
        print("# group flux-demo-rg, cluster flux-demo-arc or flux-demo-aks", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            print(world.request_text() + world.state_text() + "\n".join(world.finish()))


if __name__ == "__main__":
    main()
