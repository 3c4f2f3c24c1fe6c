# SPDX-License-Identifier: Apache-2.0
"""docs/bundle-format.md is enough: to write a bundle that the program takes, and to read one without the program."""
import json
import os
import re
import subprocess

import sample
import world

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "..", "..", "docs", "bundle-format.md")
SIGNER = "release@contoso.test"


def make_key(place):
    world.need("ssh-keygen")
    place.shell("ssh-keygen -q -t ed25519 -N '' -C test -f key")
    with open(place.path("allowed_signers"), "w") as file:
        file.write("%s %s" % (SIGNER, place.read("key.pub").decode()))


def signer(place):
    def sign(lock):
        return subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "flux-arc-bundle", "-f", place.path("key")],
                              input=lock, stdout=subprocess.PIPE, check=True).stdout
    return sign


def make_bundle(place):
    world.need("git")
    make_key(place)
    sample.make_repository(place.path("repository"))
    bundle = sample.Bundle()
    bundle.add_git("fleet", place.path("repository"))
    bundle.add_chart("podinfo", "6.0.0", b"a chart")
    bundle.add_snapshot("2026-11-24T07:13:30Z")
    bundle.write(place.path("site-a.tar"), signer(place))
    return bundle


def read_by_program(place):
    """A bundle that was written by the page alone is good to the last byte."""
    bundle = make_bundle(place)
    said = place.run("bundle", "verify", "site-a.tar", "--trust", "allowed_signers")
    assert said.startswith("GOOD"), said
    for stage in ("signature", "contents", "packs"):
        assert re.search(r"^%s +good " % stage, said, re.M), said
    tree = json.loads(place.run("bundle", "inspect", "site-a.tar", "-o", "json", "--trust", "allowed_signers"))
    assert tree["lock"] == json.loads(bundle.lock()), tree["lock"]
    assert tree["signature"]["principal"] == SIGNER, tree["signature"]
    said = place.run("bundle", "inspect", "site-a.tar")
    for text in ("2026-11-24T07:13:30Z from arc", "fleet", "chart podinfo", "main +1"):
        assert text in said, said


def read_without_program(place):
    """The commands that the page shows, as they stand there; one bundle is the program's own, joined of parts."""
    world.need("jq", "tar", "git", "sha256sum", "zcat", "ssh-keygen")
    make_bundle(place)
    place.run("bundle", "split", "site-a.tar", "--part-size", "5000", "--parity")
    os.rename(place.path("site-a.tar"), place.path("whole.tar"))
    with open(PAGE) as file:
        scripts = re.findall(r"^```sh\n(.*?)^```", file.read(), re.M | re.S)
    assert len(scripts) == 4, "%d scripts in the page" % len(scripts)
    place.shell(scripts.pop())  # parts
    assert place.read("site-a.tar") == place.read("whole.tar")
    said = "".join(place.shell(script) for script in scripts)
    assert 'Good "flux-arc-bundle" signature for ' + SIGNER in said, said
    assert "2026-11-24T07:13:30Z" in said, said
    assert place.read("podinfo-6.0.0.tgz") == b"a chart"
    assert place.shell("git -C fleet.git rev-parse main v1^{commit}") == place.shell(
        "git -C repository rev-parse main v1^{commit}")
    place.shell("jq -cS . flux-arc/lock.json | cmp - flux-arc/lock.json")
    place.shell("jq -cS . index.json | cmp - index.json")


CHECKS = [("written-by-page", read_by_program), ("read-by-page", read_without_program)]
