# SPDX-License-Identifier: Apache-2.0
"""Disks that fill up midway, and disks that take nothing: what is said, and that nothing is left."""
import contextlib
import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys

import sample
import world

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "git"))

MIB = 1 << 20
CLONE_NEWNS = 0x20000
NO_SPACE = "no space left on device"


def mount(*words):
    done = subprocess.run(["mount", *words], stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise world.Skipped("no file system of a check's own can be mounted: %s" % done.stderr.decode().strip())


@contextlib.contextmanager
def disk(place, size):
    """A folder `disk` that is a file system of `size` bytes, which nobody else sees."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        raise world.Skipped("no mount namespace: %s" % os.strerror(ctypes.get_errno()))
    mount("--make-rprivate", "/")
    path = place.path("disk")
    os.mkdir(path)
    mount("-t", "tmpfs", "-o", "size=%d" % size, "none", path)
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=False)
        os.rmdir(path)


def fill(folder):
    with open(os.path.join(folder, "others"), "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(bytes(MIB // 4)):
                pass


def begun(folder):
    """Whether the first bytes of a file are there; an empty one only tries whether it can be made."""
    with contextlib.suppress(FileNotFoundError):
        return any(entry.name.endswith(".partial") and entry.stat().st_size for entry in os.scandir(folder))
    return False


def filled_up_meanwhile(place, folder, *words):
    """Somebody else takes the rest of the disk while the program writes; what it says, once it has failed of that."""
    for _ in range(20):
        process = subprocess.Popen([place.binary, *words], cwd=place.folder, env=place.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while process.poll() is None and not begun(folder):
            pass
        process.send_signal(signal.SIGSTOP)
        fill(folder)
        process.send_signal(signal.SIGCONT)
        said = process.communicate()[1].decode()
        os.unlink(os.path.join(folder, "others"))
        if process.returncode == 0:
            for name in os.listdir(folder):
                os.unlink(os.path.join(folder, name))
            continue
        assert process.returncode == 1 and NO_SPACE in said, "%s: status %d\n%s" % (words, process.returncode, said)
        assert os.listdir(folder) == [], os.listdir(folder)
        return said
    raise AssertionError("%s was always faster" % " ".join(words))


def make_bundle(place, size=24 * MIB):
    bundle = sample.Bundle()
    bundle.add_chart("podinfo", "6.0.0", random.Random(1).randbytes(size))
    bundle.write(place.path("site-a.tar"))


def says(said, *texts):
    for text in texts:
        assert text in said, "%r is missing in\n%s" % (text, said)


def split_and_join(place):
    make_bundle(place)
    place.run("bundle", "split", "site-a.tar", "--part-size", "5Mi")
    with disk(place, 40 * MIB) as folder:
        says(filled_up_meanwhile(place, folder, "bundle", "split", "site-a.tar", "--part-size", "5Mi", "--to", folder),
             "error: write %s/site-a.tar." % folder)
        os.unlink(place.path("site-a.tar"))
        says(filled_up_meanwhile(place, folder, "bundle", "join", "site-a.parts.json", "--to", folder + "/b.tar"),
             "error: write %s/b.tar: " % folder)
    return "split, join"


@contextlib.contextmanager
def server(place, files):
    """A Git repository with these files; gives the words that create its bundle."""
    from servers import HttpServer, git, make_repository
    repository = make_repository(place.path("srv", "app.git"))
    text = b"commit refs/heads/main\ncommitter Ada <ada@example.com> 1760000000 +0000\ndata 1\nx\n"
    for number, data in enumerate(files):
        text += b"M 100644 inline dir/%d\ndata %d\n%s\n" % (number, len(data), data)
    git(repository, "fast-import", "--quiet", stdin=text)
    with HttpServer(place.path("srv")) as running:
        yield ["--git", running.url + "/app.git"]


def create(place):
    """The cache fills up, then the medium that the bundle goes to."""
    with server(place, [random.Random(2).randbytes(24 * MIB)]) as words:
        with disk(place, 16 * MIB) as folder:
            place.env["XDG_CACHE_HOME"] = folder
            says(place.run("bundle", "create", "a.tar", *words, status=1), "the cache: write %s/" % folder, NO_SPACE)
            left = [name for _, _, names in os.walk(folder) for name in names]
            assert left == ["lock"] and not os.path.exists(place.path("a.tar.partial")), left
        del place.env["XDG_CACHE_HOME"]
        with disk(place, 40 * MIB) as folder:
            says(filled_up_meanwhile(place, folder, "bundle", "create", folder + "/a.tar", *words),
                 "error: write %s/a.tar: " % folder)
    return "the cache, the bundle"


def extract(place):
    """Trees are larger than what they are made of, so nothing can be said before."""
    with server(place, [b"%02d" % number * (MIB // 2) for number in range(40)]) as words:
        place.run("bundle", "create", "a.tar", *words)
    with disk(place, 16 * MIB) as folder:
        says(place.run("bundle", "extract", "a.tar", folder + "/out", "--form", "tree", "--insecure-allow-unsigned", status=1),
             "write ", "trees/app/dir/", NO_SPACE)
        assert os.listdir(folder) == [], os.listdir(folder)
    return "a tree"


def read_only(place):
    """A medium that takes nothing: it is read all the same, and what would be written there names it."""
    make_bundle(place, MIB)
    place.run("bundle", "split", "site-a.tar", "--part-size", "512Ki")
    with server(place, [b"x\n"]) as words, disk(place, 40 * MIB) as folder:
        for name in os.listdir(place.folder):
            if name.startswith("site-a."):
                shutil.move(place.path(name), folder)
        mount("-o", "remount,ro", folder)
        before = sorted(os.listdir(folder))
        file = folder + "/site-a.tar"
        place.run("bundle", "verify", file, "--insecure-allow-unsigned")
        place.run("bundle", "extract", file, "out", "--insecure-allow-unsigned")
        place.run("bundle", "verify", folder + "/site-a.parts.json", "--insecure-allow-unsigned")
        for name, command in [("a.tar", ["create", folder + "/a.tar", *words]),
                              ("site-a.tar.0001-of-", ["split", file, "--part-size", "256Ki"]),
                              ("b.tar", ["join", folder + "/site-a.parts.json", "--to", folder + "/b.tar"]),
                              ("out", ["extract", file, folder + "/out", "--insecure-allow-unsigned"])]:
            says(place.run("bundle", *command, status=1), " %s/%s" % (folder, name), "read-only file system")
        assert sorted(os.listdir(folder)) == before
    return "read, and not written"


CHECKS = [("full-split-join", split_and_join), ("full-create", create), ("full-extract", extract),
          ("read-only", read_only)]
