# SPDX-License-Identifier: Apache-2.0
"""Bundles made from docs/bundle-format.md alone: the other hand at the format, which shares no line with the program."""
import gzip
import hashlib
import json
import os
import subprocess

API = "bundle.flux-arc.io/v1"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
PAX_FROM = 8 << 30


def canonical(tree):
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def block(name, size, kind):
    head = bytearray(512)
    fields = [(0, name.encode()), (100, b"0000644"), (108, b"0000000"), (116, b"0000000"), (124, b"%011o" % size),
              (136, b"%011o" % 0), (148, b" " * 8), (156, kind), (257, b"ustar\x0000"), (329, b"0000000"),
              (337, b"0000000")]
    for place, text in fields:
        head[place:place + len(text)] = text
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


def header(name, size):
    if size < PAX_FROM:
        return block(name, size, b"0")
    record = b"%02d size=%d\n"
    record = record % (len(record % (10, size)), size)
    return block("pax/size", len(record), b"x") + record.ljust(512, b"\0") + block(name, 0, b"0")


def padding(size):
    return b"\0" * (-size % 512)


def member(name, data):
    return header(name, len(data)) + data + padding(len(data))


def git(folder, *words):
    env = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null", LC_ALL="C",
               GIT_AUTHOR_NAME="A", GIT_AUTHOR_EMAIL="a@contoso.test", GIT_AUTHOR_DATE="2026-01-02T03:04:05Z",
               GIT_COMMITTER_NAME="A", GIT_COMMITTER_EMAIL="a@contoso.test", GIT_COMMITTER_DATE="2026-01-02T03:04:05Z")
    return subprocess.run(["git", *words], cwd=folder, env=env, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE).stdout


def make_repository(folder):
    """A repository with two commits, a branch and an annotated tag."""
    os.makedirs(folder)
    git(folder, "init", "-q", "-b", "main")
    for number in (1, 2):
        with open(os.path.join(folder, "a.yaml"), "w") as file:
            file.write("number: %d\n" % number)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", "number %d" % number)
    git(folder, "tag", "-a", "-m", "first", "v1", "HEAD~1")


class Bundle:
    def __init__(self):
        self.blobs = {}  # digest: (data or None, size, media type)
        self.git, self.charts = [], []
        self.cluster = None

    def blob(self, data, media_type):
        self.blobs[digest(data)] = (data, len(data), media_type)
        return digest(data)

    def add_git(self, name, folder):
        packed = git(folder, "bundle", "create", "--version=2", "-q", "-", "--branches", "--tags")
        head, pack = packed.split(b"\n\n", 1)
        refs = {line.split(" ", 1)[1]: line.split(" ", 1)[0] for line in head.decode().splitlines()[1:]}
        self.git.append({
            "bundle": self.blob(packed, "application/vnd.git.bundle"), "head": "refs/heads/main", "history": "full",
            "lfsPointers": 0, "name": name, "objects": int.from_bytes(pack[8:12], "big"), "packing": "received",
            "prerequisites": [], "refs": refs, "submodules": [], "thin": False, "url": "https://git.test/" + name,
            "usedBy": ["GitRepository/flux-system/" + name]})

    def add_chart(self, name, version, data):
        entry = canonical({"name": name, "version": version})
        self.charts.append({"blob": self.blob(data, "application/vnd.cncf.helm.chart.content.v1.tar+gzip"),
                            "entry": self.blob(entry, "application/vnd.flux-arc.chart.entry.v1+json"), "name": name,
                            "repository": "https://charts.test", "usedBy": ["HelmRelease/apps/" + name],
                            "version": version})

    def add_snapshot(self, now):
        head = canonical({"apiVersion": "cluster.flux-arc.io/v1", "context": "arc", "kubernetes": "v1.36.3",
                          "namespace": "default", "now": now, "values": False}) + b"\n"
        self.cluster = {"flux": "v2.7.5", "kubernetes": "v1.36.3",
                        "snapshot": self.blob(gzip.compress(head, mtime=0), "application/vnd.flux-arc.cluster.v1+gzip")}

    def _descriptor(self, key):
        return {"digest": key, "mediaType": self.blobs[key][2], "size": self.blobs[key][1]}

    def _manifests(self):
        """(ref, artifact type, annotations, layers) of each, in the order of the index."""
        prefix = "org.opencontainers.image."
        for item in sorted(self.git, key=lambda item: item["name"]):
            yield ("git/" + item["name"], "application/vnd.flux-arc.git.v1",
                   {prefix + "source": item["url"], prefix + "title": item["name"]}, [item["bundle"]])
        for item in sorted(self.charts, key=lambda item: item["name"]):
            yield ("charts/%s/%s" % (item["name"], item["version"]), "application/vnd.flux-arc.chart.v1",
                   {prefix + "source": item["repository"], prefix + "title": item["name"],
                    prefix + "version": item["version"]}, [item["blob"], item["entry"]])
        if self.cluster:
            yield ("cluster", "application/vnd.flux-arc.cluster.v1",
                   {prefix + "title": "cluster", prefix + "version": self.cluster["kubernetes"]},
                   [self.cluster["snapshot"]])

    def index(self):
        entries = []
        for ref, kind, annotations, layers in list(self._manifests()):
            empty = self.blob(b"{}", EMPTY)
            text = canonical({"annotations": annotations, "artifactType": kind, "config": self._descriptor(empty),
                              "layers": [self._descriptor(layer) for layer in layers], "mediaType": MANIFEST,
                              "schemaVersion": 2})
            entries.append({"annotations": {"org.opencontainers.image.ref.name": ref}, "artifactType": kind,
                            **self._descriptor(self.blob(text, MANIFEST))})
        return canonical({"manifests": entries, "mediaType": "application/vnd.oci.image.index.v1+json",
                          "schemaVersion": 2}) + b"\n"

    def lock(self):
        tree = {"apiVersion": API, "charts": self.charts, "git": sorted(self.git, key=lambda item: item["name"]),
                "kind": "Lock", "sequence": 1, "unresolved": [],
                "blobs": [{"digest": key, "in": "self", "mediaType": blob[2], "size": blob[1]}
                          for key, blob in sorted(self.blobs.items())]}
        if self.cluster:
            tree["cluster"] = self.cluster
        return canonical(tree) + b"\n"

    def write(self, path, sign=None):
        """`sign` gives the signature of the lock's text. A blob whose data is None is a hole of its size."""
        index = self.index()
        lock = self.lock()
        with open(path, "wb") as file:
            file.write(member("oci-layout", LAYOUT) + member("flux-arc/lock.json", lock))
            if sign:
                file.write(member("flux-arc/lock.json.sig", sign(lock)))
            file.write(member("index.json", index))
            for key, (data, size, _) in sorted(self.blobs.items()):
                file.write(header("blobs/sha256/" + key[7:], size))
                if data is None:
                    file.seek(size, os.SEEK_CUR)
                else:
                    file.write(data)
                file.write(padding(size))
            file.write(b"\0" * 1024)
