# SPDX-License-Identifier: Apache-2.0
"""What a scenario works with: a fresh folder, a mock server, and the program run there."""
import json
import os
import shutil
import subprocess

from mock import Mock

SCENARIOS = []


class Skip(Exception):
    """The scenario cannot be tried on this machine; the text says why."""


def scenario(name, ours=False):
    """Register a function as scenario NAME. `ours`: kubectl behaves differently here on purpose."""
    def register(function):
        SCENARIOS.append((name, ours, function))
        return function
    return register


def yaml(value, indent=0):
    """Block YAML of dicts and lists; what is a string is quoted, everything else stands as JSON."""
    pad = " " * indent
    if isinstance(value, dict) and value:
        lines = []
        for key, item in value.items():
            nested = isinstance(item, (dict, list)) and item
            lines.append("%s%s:%s" % (pad, key, "\n" + yaml(item, indent + 2) if nested else
                                      " " + json.dumps(item) + "\n"))
        return "".join(lines)
    if isinstance(value, list) and value:
        return "".join("%s- %s" % (pad, yaml(item, indent + 2).lstrip(" ")
                                   if isinstance(item, dict) else json.dumps(item) + "\n") for item in value)
    return pad + json.dumps(value) + "\n"


class Case:
    def __init__(self, suite, folder):
        self.suite = suite
        self.pki = suite.pki
        self.dir = folder
        self.servers = []
        self.mock = self.server(self.pki)
        self.stdout = self.stderr = ""
        os.mkdir(self.path("home"))
        shutil.copy(self.pki.path("ca.crt"), self.path("ca.crt"))

    def path(self, name):
        return os.path.join(self.dir, name)

    def server(self, pki=None, **options):
        server = Mock(pki, **options)
        self.servers.append(server)
        return server

    def keep(self, server):
        """Close it when the scenario ends."""
        self.servers.append(server)
        return server

    def close(self):
        for server in self.servers:
            server.close()

    # ---- files

    def write(self, name, content, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        text = content if isinstance(content, str) else yaml(content)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def copy(self, name, target):
        os.makedirs(os.path.dirname(self.path(target)), exist_ok=True)
        shutil.copy(self.pki.path(name), self.path(target))

    def cluster(self, **fields):
        """The good cluster; a field given as None is left out, '_' in names stands for '-'."""
        found = {"server": self.mock.url, "certificate-authority": "ca.crt"}
        found.update((key.replace("_", "-"), value) for key, value in fields.items())
        return {key: value for key, value in found.items() if value is not None}

    def config(self, cluster=None, user=None, context=None, **top):
        found = {
            "apiVersion": "v1", "kind": "Config",
            "clusters": [{"name": "oak", "cluster": cluster or self.cluster()}],
            "users": [{"name": "ivy", "user": {"token": "t"} if user is None else user}],
            "contexts": [{"name": "k", "context": context or {"cluster": "oak", "user": "ivy"}}],
            "current-context": "k",
        }
        found.update((key.replace("_", "-"), value) for key, value in top.items())
        return {key: value for key, value in found.items() if value is not None}

    def good(self, name="a", **parts):
        return self.write(name, self.config(**parts))

    # ---- running

    def environment(self, extra):
        env = {"PATH": os.environ["PATH"], "HOME": self.path("home")}
        env.update((key, value) for key, value in os.environ.items() if key.endswith("SAN_OPTIONS"))
        env.update(extra or {})
        return {key: value for key, value in env.items() if value is not None}

    def run(self, *args, config="a", command=("get", "gitrepositories"), env=None, wrap=(), cwd=None, code=0,
            err=(), out=(), usage=False):
        """Run the program; its exit status has to be `code` and its outputs have to hold every text given."""
        words = list(wrap) + [self.suite.binary] + list(command) + list(args)
        if config:
            words.append("--kubeconfig=" + config)
        del self.mock.requests[:]
        self.mock.arrivals = 0
        run = subprocess.run(words, cwd=cwd or self.dir, env=self.environment(env), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.stdout = run.stdout.decode(errors="replace")
        self.stderr = run.stderr.decode(errors="replace")
        self.words = words
        if usage and not self.suite.oracle:
            code = 2
        self.expect(run.returncode == code, "exit status %d, not %d" % (run.returncode, code))
        self.expect("Sanitizer" not in self.stderr, "a sanitizer report")
        for text in [err] if isinstance(err, str) else err:
            self.expect(text in self.stderr, "stderr lacks %r" % text)
        for text in [out] if isinstance(out, str) else out:
            self.expect(text in self.stdout, "stdout lacks %r" % text)
        if code:
            self.expect(self.stdout == "", "stdout is not empty")
        elif not self.suite.oracle and not err:
            self.expect(self.stderr == "", "stderr is not empty")

    def fails(self, *args, **options):
        """Run; it has to fail, and nothing may have been sent."""
        options.setdefault("code", 1)
        self.run(*args, **options)
        self.expect(self.mock.arrivals == 0, "something was sent")

    def expect(self, condition, text):
        if not condition:
            raise AssertionError("%s\n    $ %s\n    stdout: %s\n    stderr: %s" % (
                text, " ".join(getattr(self, "words", [])), self.stdout.strip() or "(empty)",
                self.stderr.strip() or "(empty)"))

    def equal(self, got, wanted, what):
        self.expect(got == wanted, "%s: got %r, wanted %r" % (what, got, wanted))

    # ---- what the server saw

    @property
    def request(self):
        self.expect(self.mock.requests, "nothing was sent")
        return self.mock.requests[-1]

    def sent_token(self, wanted):
        self.equal(self.request.all("Authorization"), ["Bearer " + wanted] if wanted else [], "Authorization")

    def sent_namespace(self, wanted):
        parts = self.request.path.split("/")
        self.expect("namespaces" in parts, "no namespace in " + self.request.path)
        self.equal(parts[parts.index("namespaces") + 1], wanted, "namespace")
