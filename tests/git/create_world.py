# SPDX-License-Identifier: Apache-2.0
"""What the tests of `bundle create` share: Git servers of the transport tests, a cluster of objects, and the program."""
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile

from create_cluster import Cluster
from servers import HttpServer, environment, git
from world import World

CREATE = []


def creates(function):
    CREATE.append(function)
    return function


class Made:
    """A bundle that was written."""

    def __init__(self, path):
        self.path = path
        with tarfile.open(path) as tar:
            self.members = {member.name: tar.extractfile(member).read() for member in tar}
        self.lock = json.loads(self.members["flux-arc/lock.json"])
        self.id = "sha256:" + hashlib.sha256(self.members["flux-arc/lock.json"]).hexdigest()

    def blob(self, digest):
        return self.members["blobs/sha256/" + digest.partition(":")[2]]

    def git(self, name):
        return next(one for one in self.lock["git"] if one["name"] == name)

    def unresolved(self, kind):
        return [one for one in self.lock["unresolved"] if one["kind"] == kind]


class Run:
    """One folder with a cache, a cluster and whatever the program writes."""

    def __init__(self, world):
        self.world, self.folder = world, world.temporary()
        self.cache = os.path.join(self.folder, "cache")

    def path(self, name):
        return os.path.join(self.folder, name)

    def create(self, file, *words, cluster=None, expect=0, **variables):
        result = self.program("bundle", "create", file, *words, cluster=cluster, **variables)
        assert result.status == expect, result
        return Made(self.path(file)) if expect == 0 and "--dry-run" not in words and "--part-size" not in words else result

    def program(self, *words, cluster=None, timeout=120, **variables):
        kubeconfig = cluster.kubeconfig if cluster else self.path("no-kubeconfig")
        env = environment(XDG_CACHE_HOME=self.cache, HOME=self.folder, KUBECONFIG=kubeconfig, **variables)
        env.pop("GIT_TERMINAL_PROMPT", None)
        done = subprocess.run([self.world.binary, *words], env=env, capture_output=True, text=True, errors="replace",
                              cwd=self.folder, timeout=timeout, stdin=subprocess.DEVNULL, check=False)
        return Outcome(done)

    def files(self):
        """Every byte that the program left behind, by path."""
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    found[os.path.join(folder, name)] = file.read()
        return found

    def clone(self, made, source):
        """What stock git makes of a source of the bundle; gives the folder."""
        file = self.path(source["name"] + ".bundle")
        with open(file, "wb") as out:
            out.write(made.blob(source["bundle"]))
        folder = self.path(source["name"] + ".clone")
        shutil.rmtree(folder, ignore_errors=True)
        git(self.folder, "clone", "-q", "--mirror", file, folder)
        git(folder, "fsck", "--strict")
        return folder


class Outcome:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return "exit status %d\n%s%s" % (self.status, self.out, self.err)


class CreateWorld(World):
    def __init__(self, folder, binary):
        super().__init__(folder, None, binary)
        self.app_url = self.https_url(self.app)

    def start(self):
        return Run(self)

    @contextlib.contextmanager
    def cluster(self):
        with Cluster(tempfile.mkdtemp(dir=self.folder)) as cluster:
            yield cluster

    def login(self, **more):
        """A Secret's data for the https server."""
        with open(self.pki.path("ca.crt"), "rb") as file:
            return {"username": "alice", "password": "secret", "ca__crt": file.read(), **more}

    def files_server(self, files, **how):
        """An https server of plain files: {path: bytes, or (status, headers)}; notes what credentials came with what."""
        def answer(handler):
            path = handler.path.partition("?")[0]
            found = files.get(path)
            if isinstance(found, tuple):
                handler.reply(found[0], b"", found[1])
            else:
                handler.reply(404 if found is None else 200, found or b"not found\n")
            return True
        return HttpServer(self.root, pki=self.pki, intercept=answer, **how)
