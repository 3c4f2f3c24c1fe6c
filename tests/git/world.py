# SPDX-License-Identifier: Apache-2.0
"""What the tests of the transport share: servers that run for all of them, repositories, and the program."""
import json
import os
import subprocess
import tempfile

from servers import HttpServer, SshServer, environment, git, make_pki, make_repository, objects

ZERO = "0" * 40
SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function)
    return function


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return "exit status %d\n%s%s" % (self.status, self.out, self.err)


class World:
    """`app` is a repository with a history, a branch and an annotated tag, which nobody changes."""

    def __init__(self, folder, probe, binary):
        self.folder, self.probe_path, self.binary = folder, probe, binary
        self.pki = make_pki(folder)
        self.root = os.path.join(folder, "srv")
        self.app = make_repository(os.path.join(self.root, "app.git"), commits=60)
        self.tip = git(self.app, "rev-parse", "main")
        self.old = git(self.app, "rev-parse", "main~20")
        git(self.app, "branch", "release", "main~10")
        git(self.app, "tag", "-a", "-m", "one", "v1.0.0", "main~30")
        self.https = HttpServer(self.root, pki=self.pki, user="alice", password="secret")
        self.http = HttpServer(self.root)
        self.ssh = SshServer(folder, self.root)
        self.credentials = self.write_credentials([self.https_row(), self.ssh_row()])

    def close(self):
        for server in (self.https, self.http, self.ssh):
            server.close()

    def https_row(self, **more):
        return {"url": self.https.url, "username": "alice", "password": "secret",
                "caFile": self.pki.path("ca.crt"), **more}

    def ssh_row(self, **more):
        return {"url": self.ssh.url, "identityFile": self.ssh.identity, "knownHostsFile": self.ssh.known_hosts, **more}

    def temporary(self):
        return tempfile.mkdtemp(dir=self.folder)

    def write_credentials(self, rows):
        path = os.path.join(self.temporary(), "credentials.json")
        with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump({"credentials": rows}, file)
        return path

    def server(self, **how):
        """An https server of a scenario's own, with a row for it."""
        server = HttpServer(self.root, pki=self.pki, **how)
        return server, {"url": server.url, "caFile": self.pki.path("ca.crt")}

    def repository(self, commits=0, **how):
        path = os.path.join(tempfile.mkdtemp(dir=self.root), "x.git")
        return make_repository(path, commits, **how)

    def https_url(self, repository, server=None):
        return (server or self.https).url + repository[len(self.root):]

    def ssh_url(self, repository):
        return self.ssh.url + repository

    def run(self, *words, program=None, variables=None, timeout=60):
        done = subprocess.run([program or self.probe_path, *words], env=environment(**variables or {}), timeout=timeout,
                              capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, check=False)
        return Result(done)

    def probe(self, command, *words, credentials=None, **how):
        return self.run(command, "--credentials", credentials or self.credentials, *words, **how)

    def fetch(self, url, *words, options=(), **how):
        """The result, and the path of the pack."""
        pack = os.path.join(self.temporary(), "pack")
        return self.probe("fetch", "--quiet", *options, url, pack, *words, **how), pack

    def packed(self, pack, base=None):
        """The objects that a pack has, once stock git has taken it (into a copy of `base` if it is thin)."""
        where = self.repository()
        if base:
            git(where, "fetch", "--quiet", self.app, base)
        before = stored(where)
        with open(pack, "rb") as file:
            git(where, "unpack-objects", "-q", stdin=file.read())
        git(where, "fsck", "--full")
        return stored(where) - before


def stored(repository):
    lines = git(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").splitlines()
    return set(lines)


def check(result, status, *texts):
    """The exit status, and texts that have to stand in what was said."""
    assert result.status == status, result
    for text in texts:
        assert text in result.err + result.out, "%r is missing in\n%r" % (text, result)
    assert "secret" not in result.err + result.out, result
    assert "Sanitizer" not in result.err, result


def listed(result):
    """{name: oid} of what `probe ls` printed."""
    return {words[1]: words[0] for words in map(str.split, result.out.splitlines())}


def expected_refs(repository):
    """The same, as stock git sees them."""
    lines = git(repository, "ls-remote", ".").splitlines()
    return {name: oid for oid, name in map(str.split, lines) if not name.endswith("^{}")}


__all__ = ["SCENARIOS", "ZERO", "World", "check", "environment", "expected_refs", "git", "listed", "make_repository",
           "objects", "scenario", "stored"]
