# SPDX-License-Identifier: Apache-2.0
"""Bundles from a stranger: all that a tar can do to its reader, and locks that lie. Each is refused with a reason."""
import json
import os

import sample

DIGEST = "sha256:" + "7" * 64
COMMANDS = (["inspect"], ["verify", "--insecure-allow-unsigned"], ["split", "--part-size", "64Ki"])


def good():
    bundle = sample.Bundle()
    bundle.add_chart("podinfo", "6.0.0", b"a chart")
    return bundle


def members(bundle):
    """[(header, content)] of a good bundle."""
    index, lock = bundle.index(), bundle.lock()
    rows = [("oci-layout", sample.LAYOUT), ("flux-arc/lock.json", lock), ("index.json", index)]
    rows += [("blobs/sha256/" + key[7:], blob[0]) for key, blob in sorted(bundle.blobs.items())]
    return [(sample.header(name, len(data)), data) for name, data in rows]


def joined(rows, end=b"\0" * 1024):
    return b"".join(head + data + sample.padding(len(data)) for head, data in rows) + end


def with_header(change):
    """One blob's header is another."""
    rows = members(good())
    name = rows[3][0][:100].rstrip(b"\0").decode()
    rows[3] = (change(name, len(rows[3][1])), rows[3][1])
    return joined(rows)


def of_type(kind, target=b""):
    def change(name, size):
        head = bytearray(sample.block(name, size, kind))
        head[157:157 + len(target)] = target
        head[148:156] = b" " * 8
        head[148:156] = b"%06o\0 " % sum(head)
        return bytes(head)
    return lambda: with_header(change)


def named(other):
    return lambda: with_header(lambda name, size: sample.block(other, size, b"0"))


def with_mode(mode):
    def change(name, size):
        head = bytearray(sample.block(name, size, b"0"))
        head[100:107] = mode
        head[148:156] = b" " * 8
        head[148:156] = b"%06o\0 " % sum(head)
        return bytes(head)
    return lambda: with_header(change)


def twice():
    rows = members(good())
    return joined(rows[:4] + [rows[3]] + rows[4:])


def extra():
    rows = members(good())
    return joined(rows + [(sample.header("evil", 4), b"evil")])


def with_lock(change):
    """The lock says something else, canonically."""
    def make():
        rows = members(good())
        tree = json.loads(rows[1][1])
        change(tree)
        text = sample.canonical(tree) + b"\n"
        rows[1] = (sample.header("flux-arc/lock.json", len(text)), text)
        return joined(rows)
    return make


def lock_text(text):
    def make():
        rows = members(good())
        rows[1] = (sample.header("flux-arc/lock.json", len(text)), text)
        return joined(rows)
    return make


def set_size(size):
    def change(tree):
        tree["blobs"][0]["size"] = size
    return with_lock(change)


def name_source(name):
    def change(tree):
        tree["git"] = [{"history": "full", "lfsPointers": 0, "name": name, "objects": 0, "prerequisites": [], "refs": {},
                        "submodules": [], "thin": False, "url": "https://git.test/x", "usedBy": []}]
    return with_lock(change)


def ref_named(name):
    def change(tree):
        name_ref = {name: "1" * 40}
        tree["git"] = [{"history": "full", "lfsPointers": 0, "name": "x", "objects": 0, "prerequisites": [],
                        "refs": name_ref, "submodules": [], "thin": False, "url": "https://git.test/x", "usedBy": []}]
    return with_lock(change)


def huge_header():
    rows = members(good())
    rows[1] = (sample.header("flux-arc/lock.json", (64 << 20) + 1), rows[1][1])
    return joined(rows)


# name: (what makes it, status of inspect (0: verify finds it), what is said)
ROWS = {
    "symbolic link": (of_type(b"2", b"/etc/passwd"), 0, "a symbolic link"),
    "link upwards": (of_type(b"2", b"../../x"), 0, "a symbolic link"),
    "hard link": (of_type(b"1", b"/etc/passwd"), 0, "a hard link"),
    "device": (of_type(b"3"), 0, "a device"),
    "pipe": (of_type(b"6"), 0, "a pipe"),
    "folder": (of_type(b"5"), 0, "a folder"),
    "pax header": (of_type(b"x"), 0, "the type at byte 156 is not as written"),
    "GNU long name": (of_type(b"L"), 0, "the type at byte 156 is not as written"),
    "name upwards": (named("../x"), 0, "the name at byte 0 is not as written"),
    "name in between": (named("a/../../x"), 0, "the name at byte 0 is not as written"),
    "absolute name": (named("/abs/x"), 0, "the name at byte 0 is not as written"),
    "setuid": (with_mode(b"0004755"), 0, "the mode at byte 103 is not as written"),
    "member twice": (twice, 5, "bytes behind the end that the lock gives"),
    "member more": (extra, 5, "bytes behind the end that the lock gives"),
    "bytes at the end": (lambda: joined(members(good())) + b"x", 5, "1 bytes behind the end that the lock gives"),
    "no end": (lambda: joined(members(good()), b""), 6, "cut off"),
    "size too large": (set_size(10**12), 6, "cut off"),
    "size beyond all": (set_size((1 << 44) + 1), 5, "larger than the limit"),
    "size below zero": (set_size(-1), 5, "a number is wanted"),
    "size with fraction": (set_size(1.5), 5, "not a whole number"),
    "lock too large": (huge_header, 5, "the limit is 67108864"),
    "deep JSON": (lock_text(b"[" * 100000), 5, "an object is wanted"),
    "deep member": (lock_text(b'{"apiVersion":' * 100000), 5, "a string is wanted"),
    "unknown member": (with_lock(lambda tree: tree.update(x=1)), 5, "not known"),
    "other version": (with_lock(lambda tree: tree.update(apiVersion="bundle.flux-arc.io/v2")), 5, "apiVersion is not"),
    "source upwards": (name_source("../x"), 5, "not a source's name"),
    "source hidden": (name_source(".git"), 5, "not a source's name"),
    "source with a slash": (name_source("a/b"), 5, "not a source's name"),
    "ref upwards": (ref_named("refs/heads/../../x"), 5, "not a ref's name"),
    "ref elsewhere": (ref_named("HEAD"), 5, "not a ref's name"),
    "ref with a line": (ref_named("refs/heads/a\nb"), 5, "not a ref's name"),
    "not a tar": (lambda: b"PK\3\4" + b"\0" * 5000, 5, "not a bundle"),
    "nothing": (lambda: b"", 6, "ends at byte 0"),
}


def hostile(place):
    for name, (make, status, what) in ROWS.items():
        with open(place.path("x.tar"), "wb") as file:
            file.write(make())
        for command in COMMANDS:
            wanted = status or (5 if command[0] == "verify" else 0)
            said = place.run("bundle", command[0], "x.tar", *command[1:], status=wanted)
            assert not wanted or what in said, "%s: %s: %s" % (name, command[0], said)
        left = set(os.listdir(place.folder)) - {"x.tar", "x.parts.json", "x.tar.0001-of-0001"}
        assert not left, "%s: left %s" % (name, left)
    return "%d files refused" % len(ROWS)


def steered_terminal(place):
    """Control characters of a lock do not reach the terminal."""
    bundle = good()
    bundle.charts[0]["name"] = "\x1b[31mred\x1b]0;title\x07\u202e"
    bundle.write(place.path("x.tar"))
    for command in (["inspect", "x.tar"], ["inspect", "x.tar", "-o", "wide"],
                    ["verify", "x.tar", "--insecure-allow-unsigned"]):
        said = place.run("bundle", *command)
        assert not set(said) & set("\x1b\x07\u202e"), repr(said)


def no_space(place):
    """What does not fit is not begun."""
    bundle = good()
    bundle.blobs[DIGEST] = (None, 15 << 40, "application/vnd.flux-arc.cluster.v1+gzip")
    bundle.cluster = {"kubernetes": "v1.36.3", "snapshot": DIGEST}
    bundle.write(place.path("x.tar"))
    said = place.run("bundle", "split", "x.tar", "--part-size", "4Ti", status=1)
    assert "bytes are needed, and" in said and os.listdir(place.folder) == ["x.tar"], said


def no_writing(place):
    """A folder that takes no files."""
    good().write(place.path("x.tar"))
    said = place.run("bundle", "split", "x.tar", "--part-size", "64Ki", "--to", "/proc/self", status=1)
    assert said.startswith("error: create /proc/self/x.tar.0001-of-0001: "), said


CHECKS = [("hostile", hostile), ("terminal", steered_terminal), ("no-space", no_space), ("no-writing", no_writing)]
