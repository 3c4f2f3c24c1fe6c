# SPDX-License-Identifier: Apache-2.0
"""A key, a signed bundle, and what stock git makes of it on the other side."""
import os
import subprocess

from killing import Killer, rounds
from world import check, environment, git, scenario


class Side:
    """A user with a home of his own."""

    def __init__(self, world):
        self.world, self.folder = world, world.temporary()
        self.variables = {"HOME": self.folder, "TMPDIR": self.folder}

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *words, **how):
        return self.world.run(*words, program=self.world.binary, variables=self.variables, **how)

    def create(self, name, *words):
        return self.run("bundle", "create", self.path(name), "--git", self.world.https_url(self.world.app),
                        "--credentials", self.world.credentials, "--all-refs", *words)


def same_refs(repository, original):
    listing = ("for-each-ref", "--format=%(objectname) %(refname)")
    assert git(repository, *listing) == git(original, *listing)


@scenario
def extracts_what_a_trusted_signer_packed(world):
    here, there = Side(world), Side(world)
    key, bundle = here.path("key"), here.path("site.tar")
    check(here.run("bundle", "keys", "make", "--out", key), 0)
    check(here.create("site.tar", "--key", key), 0)
    out = there.path("out")
    check(there.run("bundle", "extract", bundle, out), 4, "is signed by ssh-ed25519 SHA256:", "bundle keys trust")
    assert not os.path.exists(out)
    check(there.run("bundle", "keys", "trust", key + ".pub", "--principal", "ada@example.com"), 0)
    check(there.run("bundle", "extract", bundle, out), 0, "Signed by ada@example.com, SHA256:", "git/app.git")
    repository = os.path.join(out, "git", "app.git")
    git(repository, "fsck", "--strict", "--full")
    same_refs(repository, world.app)
    clone = there.path("clone")
    git(there.folder, "clone", "--quiet", repository, clone)
    assert git(clone, "rev-parse", "HEAD") == world.tip
    assert os.listdir(out) == ["git"], os.listdir(out)


@scenario
def extracts_nothing_unsigned_unless_told(world):
    side = Side(world)
    check(side.create("site.tar"), 0)
    check(side.run("bundle", "extract", side.path("site.tar"), side.path("out")), 4, "is not signed")
    check(side.run("bundle", "extract", side.path("site.tar"), side.path("out"), "--insecure-allow-unsigned"), 0,
          "Warning: nobody who is trusted has signed")


@scenario
def ssh_keygen_verifies_a_bundle(world):
    side = Side(world)
    key = side.path("key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-b", "384", "-N", "", "-f", key], check=True)
    check(side.create("site.tar", "--key", key), 0)
    subprocess.run(["tar", "-C", side.folder, "-xf", side.path("site.tar"), "flux-arc"], check=True)
    with open(key + ".pub", encoding="ascii") as public, open(side.path("signers"), "w", encoding="ascii") as signers:
        signers.write("ada@example.com " + public.read())
    lock = side.path("flux-arc/lock.json")
    with open(lock, "rb") as text:
        subprocess.run(["ssh-keygen", "-Y", "verify", "-n", "flux-arc-bundle", "-f", side.path("signers"), "-I",
                        "ada@example.com", "-s", lock + ".sig"], stdin=text, check=True, capture_output=True)


@scenario
def killed_extractions_are_begun_anew(world):
    side = Side(world)
    check(side.create("site.tar"), 0)
    killer = Killer([world.binary, "bundle", "extract", side.path("site.tar"), side.path("out"), "--form",
                     "git,tree,artifact,bundle", "--insecure-allow-unsigned"], environment(**side.variables))
    killer.whole()
    os.rename(side.path("out"), side.path("wanted"))
    for _ in range(rounds(6)):
        killer.kill()
        if os.path.exists(side.path("out")) and not os.path.exists(side.path("out/.kubectl-flux-arc")):
            subprocess.run(["rm", "-r", side.path("out")], check=True)
        check(side.run(*killer.words[1:]), 0)
        subprocess.run(["diff", "-r", side.path("wanted"), side.path("out")], check=True)
        assert sorted(os.listdir(side.path("out"))) == ["artifacts", "bundles", "git", "trees"]
        assert not os.path.exists(side.path("out.partial"))
        subprocess.run(["rm", "-r", side.path("out")], check=True)
    return killer.said()
