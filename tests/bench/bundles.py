# SPDX-License-Identifier: Apache-2.0
"""Bundles against git, tar, zstd and sha256sum, over https from a real `git http-backend`: time, memory, sizes.

    run.py bundles              all of it; a quarter of an hour
    BENCH_BUNDLE_SIZES=25000 BENCH_BUNDLE_BLOBS=1073741824 run.py bundles
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile

from measure import HERE, OURS, BenchError, Contest, Promises, print_floor, run_once
from repositories import CACHE, make

sys.path.insert(0, os.path.join(HERE, "..", "git"))

from servers import HttpServer, environment, git, make_pki, make_repository  # noqa: E402

SIZES = [int(size) for size in os.environ.get("BENCH_BUNDLE_SIZES", "25000 100000 300000").split()]
LIMITS = {25000: 0.5, 300000: 1.0}  # of git's time
SMALL = 50000  # objects, up to which memory is bounded
SMALL_MIB = 64
FLAT_FROM = 10 << 20  # bytes of blobs
FLAT_TO = int(os.environ.get("BENCH_BUNDLE_BLOBS", 10 << 30))
FLAT_SHARE = 1.5  # of the memory for few bytes that the memory for many may be
BLOB = 8 << 20
DELTA_BYTES = 64 << 10
GIB = 1 << 30


def quoted(*words):
    return " ".join(shlex.quote(word) for word in words)


class Bench:
    def __init__(self, folder, server, pki):
        self.folder, self.server = folder, server
        self.credentials = self.path("credentials.yaml")
        with open(os.open(self.credentials, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write("credentials:\n- url: %s\n  username: ada\n  password: secret\n  caFile: %s\n" % (
                server.url, pki.path("ca.crt")))
        self.git_url = server.url.replace("://", "://ada:secret@")
        self.git_env = ["env"] + ["%s=%s" % pair for pair in environment(GIT_SSL_CAINFO=pki.path("ca.crt")).items()]

    def path(self, name):
        return os.path.join(self.folder, name)

    def ours(self, *words):
        """A script that runs our program with a content store of its own."""
        return quoted("env", "XDG_CACHE_HOME=" + self.path("cache"), OURS, "bundle", *words)

    def create(self, name, out, *more):
        return self.ours("create", out, "--no-snapshot", "--all-refs", "--credentials", self.credentials,
                         "--git", "%s/%s" % (self.server.url, name), *more)

    def fresh_create(self, name, out):
        """A bundle of what was never seen before."""
        return ["bash", "-c", "rm -rf %s; exec %s" % (quoted(self.path("cache"), out), self.create(name, out))]

    def fresh_git(self, name):
        mirror, packed = self.path("mirror.git"), self.path("mirror.tar.zst")
        return ["bash", "-c", "set -e; rm -rf %s; %s; tar -C %s -cf - . | zstd -q -T2 -o %s; sha256sum %s" % (
            quoted(mirror, packed), quoted(*self.git_env, "git", "clone", "-q", "--mirror", self.git_url + "/" + name, mirror),
            quoted(mirror), quoted(packed), quoted(packed))]

    def run(self, script):
        run_once(["bash", "-c", script])


def link_repository(root, objects):
    """The repository of so many objects, made once in the user's cache directory; gives its name under `root`."""
    name = "%d.git" % objects
    os.symlink(make(CACHE, objects), os.path.join(root, name))
    return name


def times(promises, bench, objects):
    name = link_repository(bench.server.root, objects)
    contest = Contest("create, %d objects" % objects, {
        "ours": bench.fresh_create(name, bench.path("out.tar")), "git, tar, zstd, sha256sum": bench.fresh_git(name)},
        3 if objects > 200000 else 5)
    ratio = contest.ratio("ours", "git, tar, zstd, sha256sum")
    if objects in LIMITS:
        promises.at_most("create of %d objects: ours/git" % objects, ratio, LIMITS[objects])
    else:
        print("create of %d objects: ours/git: measured %.2f" % (objects, ratio))
    ours, theirs = (max(cost.peak for cost in contest.costs[one]) for one in ("ours", "git, tar, zstd, sha256sum"))
    if objects <= SMALL:
        promises.at_most("create of %d objects: peak memory" % objects, ours, SMALL_MIB, " MiB")
    else:
        promises.at_most("create of %d objects: peak memory, where git takes %.0f MiB" % (objects, theirs), ours, theirs,
                         " MiB")


def make_blobs(path, size):
    """A repository of one commit with so many bytes that nothing can compress."""
    make_repository(path)
    process = subprocess.Popen(["git", "-C", path, "-c", "core.compression=0", "fast-import", "--quiet"],
                               stdin=subprocess.PIPE, env=environment())
    process.stdin.write(b"commit refs/heads/main\ncommitter Ada <ada@example.com> 1760000000 +0000\ndata 0\n")
    chance = random.Random(size)
    for number in range(max(1, size // BLOB)):
        process.stdin.write(b"M 100644 inline blob%d\ndata %d\n" % (number, BLOB))
        process.stdin.write(chance.randbytes(BLOB))
        process.stdin.write(b"\n")
    process.stdin.close()
    if process.wait():
        raise BenchError("git fast-import failed")


def flat(promises, bench):
    """Memory for few and for many bytes of blobs, and how fast those are verified."""
    peaks = {}
    room = shutil.disk_usage(bench.folder).free
    most = FLAT_TO
    while most * 4 > room and most > FLAT_FROM:
        most //= 2
    if most < FLAT_TO:
        print("# the disk has room for blobs of %.1f GiB only" % (most / GIB))
    for size in (FLAT_FROM, most):
        name, out = "blobs%d.git" % size, bench.path("blobs.tar")
        make_blobs(os.path.join(bench.server.root, name), size)
        peaks[size] = {"create": run_once(bench.fresh_create(name, out)).peak}
        shutil.rmtree(os.path.join(bench.server.root, name))
        shutil.rmtree(bench.path("cache"))
        for command in ("inspect", "verify"):
            peaks[size][command] = run_once(["bash", "-c", "exec " + bench.ours(
                command, out, *["--insecure-allow-unsigned"] * (command == "verify"))]).peak
        print("%.2f GiB of blobs: peak memory %s" % (size / GIB, ", ".join(
            "%s %.1f MiB" % pair for pair in peaks[size].items())), flush=True)
        os.remove(out)
    for command, peak in peaks[most].items():
        promises.at_most("%s, %.1f GiB of blobs: peak memory" % (command, most / GIB), peak,
                         peaks[FLAT_FROM][command] * FLAT_SHARE, " MiB")


def digests(promises, bench):
    """A bundle without a pack: of what `verify` does with it nothing counts but the digests."""
    name, out = "tip.git", bench.path("tip.tar")
    make_blobs(os.path.join(bench.server.root, name), GIB)
    bench.run(quoted("rm", "-rf", bench.path("cache")) + "; " + bench.ours(
        "create", out, "--no-snapshot", "--history", "tip", "--credentials", bench.credentials,
        "--git", "%s/%s" % (bench.server.url, name)))
    size = os.path.getsize(out)
    contest = Contest("digests of %.2f GB" % (size / 1e9), {
        "verify": ["bash", "-c", "exec " + bench.ours("verify", out, "--insecure-allow-unsigned")],
        "openssl dgst": ["openssl", "dgst", "-sha256", out]}, 5)
    ours, theirs = (size / min(cost.cpu for cost in contest.costs[one]) / 1e9 for one in ("verify", "openssl dgst"))
    promises.at_least("verify of %.2f GB: digests, a second of processor time" % (size / 1e9), ours, 1, " GB")
    promises.at_least("verify of %.2f GB: digests against openssl dgst -sha256, which does %.2f GB" % (size / 1e9, theirs),
                      ours / theirs, 0.98)
    os.remove(out)


def write_commit(path, files):
    """One more commit on main; gives the one before, if there is one."""
    before = git(path, "rev-parse", "--verify", "-q", "main", check=False).strip()
    lines = ["commit refs/heads/main", "committer Ada <ada@example.com> 1760000060 +0000", "data 3", "one"]
    lines += ["from " + before] if before else []
    for name, text in files.items():
        lines += ["M 100644 inline " + name, "data %d" % len(text), text]
    git(path, "fast-import", "--quiet", "--force", stdin="\n".join(lines + [""]).encode())
    return before


def manifests(changed):
    """Five files of 200 lines, of which so many differ from those of the first commit."""
    chance = random.Random(2)
    files = {}
    for number in range(5):
        lines = ["value%d: %d" % (line, chance.randrange(10 ** 9)) for line in range(200)]
        for line in chance.sample(range(200), changed):
            lines[line] = "value%d: %d" % (line, chance.randrange(10 ** 9))
        files["apps/app%d/values.yaml" % number] = "\n".join(lines) + "\n"
    return files


def one_delta(promises, bench, number, title, files):
    """A commit more: pack against pack, and the git bundle that holds it, with its head, against git's own."""
    name, base, out = "delta.git", bench.path("delta%d.tar" % number), bench.path("delta%d.tar" % (number + 1))
    path = os.path.join(bench.server.root, name)
    before = write_commit(path, files)
    bench.run(bench.create(name, out, "--base", base))
    thin = len(git(path, "pack-objects", "--thin", "--revs", "--stdout", "-q", text=False,
                   stdin=("main\n^%s\n" % before).encode()))
    theirs = bench.path("theirs.bundle")
    git(path, "bundle", "create", "-q", theirs, "main", "^" + before)
    held = git_bundle(out)
    pack = len(held) - held.index(b"\n\n") - 2
    title = "delta of %s" % title
    promises.at_most(title + ": the whole file", os.path.getsize(out) / 1024, DELTA_BYTES / 1024, " KiB")
    promises.at_most("%s: its pack (%d bytes) against pack-objects --thin (%d bytes)" % (title, pack, thin), pack / thin, 1.05)
    promises.at_most("%s: its git bundle (%d bytes) against that of git bundle create (%d bytes)" % (
        title, len(held), os.path.getsize(theirs)), len(held) / os.path.getsize(theirs), 1.05)
    print("%s: its git bundle, with the head, against the pack of pack-objects --thin alone: %.3f" % (title, len(held) / thin))


def delta(promises, bench):
    """Commits in a repository of 100 MB: an ordinary one and the smallest."""
    path = os.path.join(bench.server.root, "delta.git")
    make_blobs(path, 100 << 20)
    write_commit(path, manifests(0))
    bench.run(bench.create("delta.git", bench.path("delta0.tar")))
    one_delta(promises, bench, 0, "20 lines in each of five files", manifests(20))
    one_delta(promises, bench, 1, "one line in a new file", {"apps/app.yaml": "replicas: 3\n"})


def git_bundle(path):
    """The one of a bundle that is in the file itself."""
    with tarfile.open(path) as tar:
        lock = json.load(tar.extractfile("flux-arc/lock.json"))
        digest = next(blob["digest"] for blob in lock["blobs"]
                      if blob["mediaType"] == "application/vnd.git.bundle" and blob["in"] == "self")
        return tar.extractfile("blobs/sha256/" + digest.partition(":")[2]).read()


def push(promises, bench, objects):
    """The same objects into an empty repository: our file, and git's own mirror of it."""
    name, bundle, mirror = "%d.git" % objects, bench.path("push.tar"), bench.path("push.git")
    target = os.path.join(bench.server.root, "target.git")
    bench.run(bench.create(name, bundle))
    subprocess.run(["git", "clone", "-q", "--mirror", os.path.join(bench.server.root, name), mirror], env=environment(),
                   check=True)
    again = "rm -rf %s; git init -q --bare %s; git -C %s config http.receivepack true; " % ((quoted(target),) * 3)
    contest = Contest("push, %d objects" % objects, {
        "ours": ["bash", "-c", again + "exec " + bench.ours(
            "push", bundle, "--to", bench.server.url + "/target.git", "--credentials", bench.credentials,
            "--insecure-allow-unsigned", "--receipt", bench.path("receipt.json"))],
        "git": ["bash", "-c", again + "exec " + quoted(
            *bench.git_env, "git", "-C", mirror, "push", "-q", "--mirror", bench.git_url + "/target.git")]}, 5)
    promises.at_most("push of %d objects: ours/git" % objects, contest.ratio("ours", "git"), 1.1)


def main(promises):
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, "srv")
        os.mkdir(root)
        pki = make_pki(folder)
        print_floor()
        with HttpServer(root, pki=pki, user="ada", password="secret") as server:
            bench = Bench(folder, server, pki)
            for objects in SIZES:
                times(promises, bench, objects)
            push(promises, bench, SIZES[0])
            delta(promises, bench)
            digests(promises, bench)
            flat(promises, bench)


if __name__ == "__main__":
    sys.exit(Promises().run(main))
