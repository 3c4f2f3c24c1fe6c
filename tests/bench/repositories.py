#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Repositories like those that clusters are driven from: folders of YAML, small edits over years, charts' big files, some
pictures, side branches that are merged, releases that are tagged. The same bytes for the same size, every time.

    repositories.py FOLDER OBJECTS    makes FOLDER/OBJECTS.git, bare and packed as a server has it, unless it is there
"""
import os
import random
import shutil
import subprocess
import sys

TEAMS = ("platform", "payments", "search", "identity", "storefront", "data", "edge", "observability")
STAGES = ("base", "dev", "test", "prod")
FILES = ("deployment.yaml", "service.yaml", "kustomization.yaml", "release.yaml", "config.yaml", "policy.yaml")
WORDS = ("replicas interval timeout image memory cpu tier zone retries prune path branch port probe limit request class "
         "secret volume mount rule host backend weight label selector strategy surge window schedule").split()
# Made once a machine: it takes minutes. Who changes what is made counts the number up.
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kubectl-flux-arc", "bench-2")
EPOCH = 1600000000
RELEASE_EVERY = 250  # commits
MERGE_EVERY = 12
ADD_EVERY = 15
BIG_EVERY = 40
PICTURE_EVERY = 150


class Stream:
    """What git fast-import reads, and how many objects it comes to."""

    def __init__(self, out):
        self.out = out
        self.objects = 0
        self.mark = 0
        self.folders = set()  # with something new in this commit

    def data(self, content):
        self.out.write(b"data %d\n" % len(content))
        self.out.write(content)
        self.out.write(b"\n")

    def commit(self, branch, parent, merged, message):
        self.mark += 1
        self.objects += 1
        self.folders = set()
        when = EPOCH + self.mark * 1753
        self.out.write(b"commit refs/heads/%s\nmark :%d\n" % (branch.encode(), self.mark))
        for role in (b"author", b"committer"):
            self.out.write(b"%s Ada Byron <ada@example.com> %d +0100\n" % (role, when))
        self.data(message.encode())
        if parent:
            self.out.write(b"from :%d\n" % parent)
        if merged:
            self.out.write(b"merge :%d\n" % merged)
        return self.mark

    def file(self, path, content):
        self.out.write(b"M 100644 inline %s\n" % path.encode())
        self.data(content)
        self.objects += 1
        parts = path.split("/")
        folders = {"/".join(parts[:i]) for i in range(len(parts))}
        self.objects += len(folders - self.folders)
        self.folders |= folders

    def tag(self, name, commit):
        self.objects += 1
        self.out.write(b"tag %s\nfrom :%d\ntagger Ada Byron <ada@example.com> %d +0100\n" % (
            name.encode(), commit, EPOCH + self.mark * 1753))
        self.data(b"Release " + name.encode() + b"\n")


class Tree:
    """The files of the main branch, and how they change."""

    def __init__(self, chance):
        self.chance = chance
        self.files = {}
        self.paths = []

    def _line(self, depth):
        chance = self.chance
        if chance.random() < 0.2:
            return "%simage: registry.example.com/%s@sha256:%064x" % ("  " * depth, chance.choice(WORDS),
                                                                     chance.getrandbits(256))
        return "%s%s: %s%d" % ("  " * depth, chance.choice(WORDS), chance.choice(WORDS), chance.randrange(1000))

    def add(self):
        chance = self.chance
        path = "clusters/%s/%s-%d/%s/%s" % (chance.choice(TEAMS), chance.choice(WORDS), chance.randrange(60),
                                            chance.choice(STAGES), chance.choice(FILES))
        if path.endswith("kustomization.yaml"):
            return self._put(path, ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", "resources:"] + [
                "- %s" % name for name in FILES if name != "kustomization.yaml"] + ["images:", "- name: app", self._tag()])
        return self._put(path, ["apiVersion: apps/v1", "kind: Deployment", "metadata:"] + [
            self._line(chance.randrange(1, 6)) for _ in range(chance.randrange(15, 90))])

    def _tag(self):
        return "  newTag: v%d.%d.%d" % tuple(self.chance.randrange(40) for _ in range(3))

    def add_big(self):
        """A chart's file of definitions."""
        chance = self.chance
        path = "charts/%s/crds/%s.yaml" % (chance.choice(WORDS), chance.choice(WORDS))
        return self._put(path, [self._line(chance.randrange(1, 12)) for _ in range(chance.randrange(800, 4000))])

    def _put(self, path, lines):
        if path not in self.files:
            self.paths.append(path)
        self.files[path] = lines
        return path

    def edit(self):
        chance = self.chance
        path = chance.choice(self.paths)
        lines = self.files[path]
        if path.endswith("kustomization.yaml"):
            lines[-1] = self._tag()
            return path
        for _ in range(chance.choice((1, 1, 1, 2, 5))):
            at = chance.randrange(3, len(lines))
            what = chance.random()
            if what < 0.15:
                lines.insert(at, self._line(2))
            elif what < 0.25 and len(lines) > 10:
                del lines[at]
            else:
                lines[at] = self._line(chance.randrange(1, 6))
        return path

    def content(self, path):
        return ("\n".join(self.files[path]) + "\n").encode()


def step(stream, tree, chance, tip, number):
    """One change on the main branch; the new tip."""
    merged = 0
    if number % MERGE_EVERY == 0 and tip:
        merged = stream.commit("topic", tip, 0, "Try a change of %s\n" % chance.choice(WORDS))
        stream.file("topics/%d.yaml" % (number % 500), ("topic: %d\n" % number).encode())
    tip = stream.commit("main", tip, merged, "Change %s %d\n\nBecause %s asked for it.\n" % (
        chance.choice(WORDS), number, chance.choice(TEAMS)))
    paths = {tree.edit() for _ in range(chance.choice((1, 1, 1, 2, 3)))} if tree.paths else set()
    if number % ADD_EVERY == 0 or number < 3:
        paths |= {tree.add() for _ in range(8)}
    if number % BIG_EVERY == 0:
        paths.add(tree.add_big())
    for path in sorted(paths):
        stream.file(path, tree.content(path))
    if number % PICTURE_EVERY == 0:
        stream.file("docs/images/%d.png" % number, b"\x89PNG\r\n\x1a\n" + chance.randbytes(chance.randrange(2000, 60000)))
    if number % RELEASE_EVERY == 0:
        stream.tag("v1.%d.0" % (number // RELEASE_EVERY), tip)
    return tip


def write(out, objects):
    chance = random.Random(objects)
    stream = Stream(out)
    tree = Tree(chance)
    tip = number = 0
    while stream.objects < objects:
        number += 1
        tip = step(stream, tree, chance, tip, number)
    out.write(b"reset refs/heads/stable\nfrom :%d\n\n" % max(1, tip - 100))
    out.write(b"done\n")


def git(path, *words, **options):
    return subprocess.run(["git", "-C", path] + list(words), check=True, **options)


def make(folder, objects):
    """The path of a bare repository of about so many objects; made once."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "%d.git" % objects)
    if os.path.isdir(path):
        return path
    partial = path + ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(partial)
    git(partial, "init", "-q", "--bare", "-b", "main")
    with subprocess.Popen(["git", "-C", partial, "fast-import", "--quiet", "--done", "--depth=50"],
                          stdin=subprocess.PIPE) as process:
        write(process.stdin, objects)
        process.stdin.close()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "git fast-import")
    git(partial, "branch", "-q", "-D", "topic")
    git(partial, "repack", "-a", "-d", "-f", "-q")
    os.rename(partial, path)
    return path


if __name__ == "__main__":
    print(make(sys.argv[1], int(sys.argv[2])))
