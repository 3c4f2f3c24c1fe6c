# SPDX-License-Identifier: Apache-2.0
"""The whole way across the gap: pack the tutorial's cluster, carry one file, look at it and take it apart without a
network, push it into fresh Git servers, and let the real kustomize-controller reconcile from what arrived."""

import functools
import hashlib
import http.server
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest
import urllib.request

import world
from world import get, kubectl, patch, reconcile, until

sys.path.insert(0, os.path.join(world.HERE, "..", "git"))

from servers import HttpServer, SshServer, environment, git, make_pki, make_repository  # noqa: E402

PROGRAM = os.environ.get("FLUX_ARC_BINARY") or os.path.join(
    world.HERE, "..", "..", "build", "dev", "plugin", "kubectl-flux-arc")
CHARTS = {"bitnami": ("redis", "17.17.1"), "ingress-nginx": ("ingress-nginx", "4.10.1"), "podinfo": ("podinfo", "6.14.1")}
SOURCE = "GitRepository/cluster-config/cluster-config"
LOOKS = (["status"], ["get", "all", "-A"], ["get", "all", "-A", "-o", "json"], ["check"])


def quiet_handler(folder):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass
    return functools.partial(Handler, directory=folder)


class Files:
    """A web server of files."""

    def __init__(self, folder):
        self.listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), quiet_handler(folder))
        self.url = "http://127.0.0.1:%d" % self.listener.server_address[1]
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()


def make_chart(folder, name, version):
    """A chart repository with one chart, as `helm repo index` makes it."""
    os.makedirs(folder)
    text = ("apiVersion: v2\nname: %s\nversion: %s\n" % (name, version)).encode()
    path = os.path.join(folder, "%s-%s.tgz" % (name, version))
    with tarfile.open(path, "w:gz") as tar:
        entry = tarfile.TarInfo(name + "/Chart.yaml")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    with open(os.path.join(folder, "index.yaml"), "w", encoding="utf-8") as file:
        file.write("apiVersion: v1\nentries:\n  %s:\n  - apiVersion: v2\n    name: %s\n    version: %s\n    digest: %s\n"
                   "    urls:\n    - %s-%s.tgz\n" % (name, name, version, digest, name, version))


class AirGap(unittest.TestCase):
    """One bundle, made once; each test carries it a step."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="flux-arc-airgap-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.addClassCleanup(world.cluster, "heal")
        cls.old_url = get("gitrepository", "cluster-config", "-n", "cluster-config")["spec"]["url"]
        cls.isolated = isolation()
        cls.serve_charts()
        cls.make_keys()
        cls.bundle = cls.path("site.tar")
        cls.live = {}
        # Without redaction, which has a test of its own, so that the answers can be compared.
        cls.run_ok("bundle", "create", cls.bundle, "-A", "--key", cls.path("key"), "--include-values")
        for words in LOOKS:
            cls.live[tuple(words)] = cls.run_program(*words)

    @classmethod
    def path(cls, *names):
        return os.path.join(cls.folder, *names)

    @classmethod
    def run_program(cls, *words, before=(), env=None):
        """Exit status and standard output; never a sanitizer's report."""
        variables = {"PATH": os.environ["PATH"], "HOME": cls.folder, "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1",
                     "KUBECONFIG": os.environ["KUBECONFIG"], "XDG_CONFIG_HOME": cls.path("config"),
                     "XDG_CACHE_HOME": cls.path("cache"), **(env or {})}
        done = subprocess.run([*before, PROGRAM, *words], text=True, capture_output=True, env=variables, check=False,
                              stdin=subprocess.DEVNULL)
        if "Sanitizer" in done.stderr or done.returncode < 0:
            raise AssertionError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
        cls.said = done.stderr
        return done.returncode, done.stdout

    @classmethod
    def run_ok(cls, *words, **how):
        status, out = cls.run_program(*words, **how)
        if status:
            raise AssertionError(f"{' '.join(words)}: exit {status}: {cls.said}{out}")
        return out

    @classmethod
    def serve_charts(cls):
        """The tutorial's chart repositories, on loopback: their URLs are in Git."""
        for folder, (name, version) in CHARTS.items():
            make_chart(cls.path("charts", folder), name, version)
        files = Files(cls.path("charts"))
        cls.addClassCleanup(files.close)
        work = cls.path("work")
        subprocess.run(["git", "clone", "-q", cls.old_url, work], env=environment(), check=True)
        before = git(work, "rev-parse", "HEAD")
        cls.addClassCleanup(cls.put_back, before)
        path = os.path.join(work, "infrastructure", "sources", "charts.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for url, folder in (("https://charts.bitnami.com/bitnami", "bitnami"),
                            ("https://kubernetes.github.io/ingress-nginx", "ingress-nginx"),
                            ("https://stefanprodan.github.io/podinfo", "podinfo")):
            text = text.replace("url: " + url, "url: %s/%s" % (files.url, folder))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        cls.work = work
        git(work, "commit", "-qam", "charts from here")
        git(work, "push", "-q", "origin", "HEAD:main")
        cls.head = git(work, "rev-parse", "HEAD")
        reconcile("gitrepository", "cluster-config")
        cls.wait_applied(cls.head)
        for name in CHARTS:
            reconcile("helmrepository", name)

    @classmethod
    def put_back(cls, commit):
        git(cls.work, "push", "-q", "--force", "origin", commit + ":main")
        reconcile("gitrepository", "cluster-config")
        cls.wait_applied(commit)

    @classmethod
    def wait_applied(cls, commit):
        """Every Kustomization has applied the commit, and its HelmReleases are ready."""
        def applied():
            objects = get("kustomizations,helmreleases", "-n", "cluster-config")["items"]
            return all(world.condition(each).get("status") == "True" and
                       (each["kind"] != "Kustomization" or commit in each["status"].get("lastAppliedRevision", ""))
                       for each in objects)
        if not until(applied, 120):
            raise AssertionError("not applied: " + kubectl("get", "kustomizations,helmreleases,gitrepositories", "-A"))

    @classmethod
    def make_keys(cls):
        cls.run_ok("bundle", "keys", "make", "--out", cls.path("key"))
        cls.run_ok("bundle", "keys", "trust", cls.path("key.pub"), "--principal", "release@example.com")

    def offline(self, *words):
        """In a network namespace without even a loopback that is up, and without a kubeconfig."""
        return self.run_program(*words, before=self.isolated, env={"KUBECONFIG": "/nonexistent"})

    def test_1_looks(self):
        """What the Look commands print without a network is what they printed live."""
        for words in LOOKS:
            with self.subTest(" ".join(words)):
                status, out = self.offline(*words, "--bundle", self.bundle)
                self.assertIn("as of", self.said)
                live_status, live = self.live[tuple(words)]
                self.assertEqual(status, live_status, self.said)
                self.assertEqual(strip_ages(out), strip_ages(live))

    def test_2_verify(self):
        status, out = self.offline("bundle", "verify", self.bundle)
        self.assertEqual(status, 0, self.said + out)
        self.assertIn("release@example.com", out)
        status, _ = self.offline("bundle", "verify", self.bundle, "--trust", "/dev/null")
        self.assertEqual(status, 4)

    def test_3_extract_and_clone(self):
        target = self.path("extracted")
        status, out = self.offline("bundle", "extract", self.bundle, target)
        self.assertEqual(status, 0, self.said + out)
        bare = [os.path.join(folder, name) for folder, names, _ in os.walk(target) for name in names
                if name.endswith(".git")]
        self.assertEqual(len(bare), 1, out)
        clone = self.path("clone")
        subprocess.run(["git", "clone", "-q", bare[0], clone], env=environment(), check=True)
        self.assertEqual(git(clone, "rev-parse", "HEAD"), self.head)
        git(clone, "fsck", "--strict")

    def test_4_charts(self):
        """Any web server makes a HelmRepository of what was extracted."""
        target = self.path("for-charts")
        self.run_ok("bundle", "extract", self.bundle, target)
        indexes = [os.path.join(folder, "index.yaml") for folder, _, files in os.walk(target) if "index.yaml" in files]
        found = {}
        for index in indexes:
            files = Files(os.path.dirname(index))
            self.addCleanup(files.close)
            with urllib.request.urlopen(files.url + "/index.yaml") as reply:
                lines = [line.strip().lstrip("- ") for line in reply.read().decode().splitlines()]
            for line in lines:
                if line.strip('"').endswith(".tgz"):
                    with urllib.request.urlopen(files.url + "/" + line.strip('"')) as reply:
                        found[os.path.basename(line.strip('"'))] = hashlib.sha256(reply.read()).hexdigest()
        for folder, (name, version) in CHARTS.items():
            file = "%s-%s.tgz" % (name, version)
            with open(self.path("charts", folder, file), "rb") as chart:
                self.assertEqual(found.get(file), hashlib.sha256(chart.read()).hexdigest(), found)

    def test_5_push_and_reconcile(self):
        root = self.path("srv")
        make_repository(os.path.join(root, "https.git"))
        make_repository(os.path.join(root, "ssh.git"))
        pki = make_pki(self.folder)
        with HttpServer(root, pki=pki, user="ada", password="secret") as server, SshServer(self.folder, root) as ssh:
            credentials = self.path("credentials.yaml")
            with open(os.open(credentials, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                file.write("credentials:\n- url: %s\n  username: ada\n  password: secret\n  caFile: %s\n"
                           "- url: %s\n  identityFile: %s\n  knownHostsFile: %s\n" % (
                               server.url, pki.path("ca.crt"), ssh.url, ssh.identity, ssh.known_hosts))
            for to, name in ((server.url + "/https.git", "https.git"), (ssh.url + root + "/ssh.git", "ssh.git")):
                self.run_ok("bundle", "push", self.bundle, "--to", to, "--credentials", credentials,
                            "--receipt", self.path(name + ".json"))
                self.assertEqual(git(os.path.join(root, name), "rev-parse", "refs/heads/main"), self.head)
                with open(self.path(name + ".json"), encoding="utf-8") as file:
                    self.assertEqual(json.load(file)["sources"][0]["refs"]["refs/heads/main"], self.head)
            # A second time nothing is to be done.
            self.run_ok("bundle", "push", self.bundle, "--to", server.url + "/https.git", "--credentials", credentials,
                        "--receipt", self.path("again.json"))
        with HttpServer(root) as inside:
            self.reconcile_from(inside.url + "/https.git", os.path.join(root, "https.git"))
            self.reconcile_from(inside.url + "/ssh.git", os.path.join(root, "ssh.git"))

    def reconcile_from(self, url, repository):
        """Flux reads the new server: the same commit there, then one that was made behind the gap."""
        patch("gitrepository", "cluster-config", {"url": url})
        until(lambda: url in json.dumps(get("gitrepository", "cluster-config", "-n", "cluster-config")))
        reconcile("gitrepository", "cluster-config")
        self.wait_applied(self.head)
        work = tempfile.mkdtemp(dir=self.folder)
        subprocess.run(["git", "clone", "-q", repository, work], env=environment(), check=True)
        with open(os.path.join(work, "infrastructure", "redis", "values.yaml"), "a", encoding="utf-8") as file:
            file.write("# seen inside %s\n" % os.path.basename(repository))
        git(work, "commit", "-qam", "a change inside")
        git(work, "push", "-q", "origin", "HEAD:main")
        reconcile("gitrepository", "cluster-config")
        self.wait_applied(git(work, "rev-parse", "HEAD"))
        patch("gitrepository", "cluster-config", {"url": self.old_url})


def isolation():
    """What runs a program without a network; nothing, with a word, where this machine has no such thing."""
    for words in (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"]):
        if shutil.which(words[0]) and not subprocess.run(words + ["true"], capture_output=True, check=False).returncode:
            return words
    print("not tried: without a network, since no network namespace can be made here")
    return []


def strip_ages(text):
    """The live answer came some seconds after the packing, so ages and the widths of their columns differ."""
    text = re.sub(r"\b(\d+d)?(\d+h)?(\d+m)?(\d+s)\b|\b\d+[mhd]\b|\d\d:\d\d:\d\dZ", "AGE", text)
    return re.sub(" +", " ", text)


if __name__ == "__main__":
    world.need_cluster()
    unittest.main(warnings="ignore")
