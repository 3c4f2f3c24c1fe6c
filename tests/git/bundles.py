# SPDX-License-Identifier: Apache-2.0
"""A bundle written by stock tools alone: `git bundle create`, json, tar, sha256. So what reads it is not tested by what
writes it, and any bundle can be had, broken ones too."""
import hashlib
import json
import subprocess

from servers import environment, git

LOCK = "flux-arc/lock.json"
INDEX = '{"manifests":[],"mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}'


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def canonical(value):
    return (json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()


def git_bundle(repository, refs, without=()):
    """A git bundle file of these refs, thin where it leaves out commits."""
    done = subprocess.run(["git", "-C", repository, "bundle", "create", "--version=2", "-q", "-", *refs,
                           *("^" + oid for oid in without)], env=environment(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return sorted_header(done.stdout)


def sorted_header(data):
    """Prerequisites without their comments, and refs by name, as a lock has them."""
    head, _, pack = data.partition(b"\n\n")
    lines = head.split(b"\n")
    prerequisites = sorted({line[:41] for line in lines[1:] if line.startswith(b"-")})
    refs = sorted((line for line in lines[1:] if not line.startswith(b"-")), key=lambda line: line[41:])
    return b"\n".join([lines[0], *prerequisites, *refs]) + b"\n\n" + pack


def source(name, url, data, **more):
    """A member of the lock's list `git` for a git bundle file; b"" for a source without one."""
    lines = data.partition(b"\n\n")[0].decode().split("\n")[1:]
    made = {"history": "full", "lfsPointers": 0, "name": name, "objects": 0, "packing": "received",
            "prerequisites": [line[1:] for line in lines if line.startswith("-")],
            "refs": {line[41:]: line[:40] for line in lines if not line.startswith("-")},
            "submodules": [], "thin": any(line.startswith("-") for line in lines), "url": url, "usedBy": []}
    if data:
        made["bundle"] = sha256(data)
    else:
        del made["packing"]
    return {**made, **more}


def member(name, data):
    def octal(width, value):
        return b"%0*o\0" % (width - 1, value)
    head = bytearray(512)
    for offset, text in ((0, name.encode()), (100, octal(8, 0o644)), (108, octal(8, 0)), (116, octal(8, 0)),
                         (124, octal(12, len(data))), (136, octal(12, 0)), (148, b" " * 8), (156, b"0"),
                         (257, b"ustar\x0000"), (329, octal(8, 0)), (337, octal(8, 0))):
        head[offset:offset + len(text)] = text
    head[148:155] = octal(7, sum(head))
    return bytes(head) + data + bytes(-len(data) % 512)


def write_bundle(path, sources, base=None, sequence=1, signature=None):
    """`sources`: pairs of a member of the list and its git bundle file (None: it is in the base). `signature(lock)` gives
    the armored text. `base` is the lock of another bundle. Returns the lock's text."""
    blobs = {}
    for entry, data in sources:
        kind = "application/vnd.git.bundle" if "bundle" in entry else "application/vnd.cncf.flux.content.v1.tar+gzip"
        blobs[entry.get("bundle") or entry["snapshot"]] = data, kind
    lock = {"apiVersion": "bundle.flux-arc.io/v1", "charts": [], "git": [entry for entry, _ in sources], "kind": "Lock",
            "sequence": sequence, "unresolved": [],
            "blobs": [{"digest": digest, "in": "base" if data is None else "self", "mediaType": kind,
                       "size": len(data or b"x")} for digest, (data, kind) in sorted(blobs.items())]}
    if base:
        lock["base"] = {"lock": sha256(base), "sequence": json.loads(base)["sequence"]}
    text = canonical(lock)
    parts = [member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), member(LOCK, text)]
    if signature:
        parts.append(member(LOCK + ".sig", signature(text)))
    parts.append(member("index.json", INDEX.encode()))
    parts += [member("blobs/sha256/" + digest[7:], data) for digest, (data, _) in sorted(blobs.items())
              if data is not None]
    with open(path, "wb") as file:
        file.write(b"".join(parts) + bytes(1024))
    return text


def signer(key):
    """A signature as ssh-keygen makes it."""
    def sign(text):
        done = subprocess.run(["ssh-keygen", "-Y", "sign", "-n", "flux-arc-bundle", "-f", key], input=text,
                              capture_output=True, check=True)
        return done.stdout
    return sign


def one_source(path, name, url, repository, refs, without=(), **how):
    """A bundle of one source; the lock's text."""
    data = git_bundle(repository, refs, without)
    return write_bundle(path, [(source(name, url, data), data)], **how)


__all__ = ["canonical", "git", "git_bundle", "one_source", "sha256", "signer", "source", "write_bundle"]
