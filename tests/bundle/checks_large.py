# SPDX-License-Identifier: Apache-2.0
"""Sizes that no test can write: files with a hole in them."""
import json
import os

import sample

HUGE = 100 * 10**9
INSPECT_SECONDS = 0.05


def make_huge(place):
    """A bundle of 100 GB, nearly all of it one blob that is a hole."""
    bundle = sample.Bundle()
    bundle.add_chart("podinfo", "6.0.0", b"a chart")
    huge = "sha256:" + "7" * 64
    bundle.blobs[huge] = (None, HUGE, "application/vnd.flux-arc.cluster.v1+gzip")
    bundle.cluster = {"kubernetes": "v1.36.3", "snapshot": huge}
    bundle.write(place.path("huge.tar"))
    assert os.path.getsize(place.path("huge.tar")) > HUGE


def inspect(place):
    """The head alone is read: no longer than it takes to print the version, and a twentieth of a second of work."""
    make_huge(place)
    place.run("bundle", "inspect", "huge.tar")
    took = min(place.processor_time("bundle", "inspect", "huge.tar") for _ in range(10))
    version = min(place.processor_time("version", "--client") for _ in range(10))
    assert took - version < INSPECT_SECONDS, "%.1f ms more than the version takes" % ((took - version) * 1e3)
    return "100 GB: %.1f ms of processor time, the version takes %.1f ms" % (took * 1e3, version * 1e3)


def tar_lists(place):
    """The pax record of a size that octal digits cannot hold is what tar understands by it."""
    make_huge(place)
    said = place.shell("tar -tvf huge.tar")
    assert " %d " % HUGE in said and said.count("\n") == 9, said


def many_uses(place):
    """A source that thousands take from: some are told, and all of them in -o json."""
    bundle = sample.Bundle()
    bundle.add_chart("podinfo", "6.0.0", b"a chart")
    uses = ["HelmRelease/apps/release-%05d" % number for number in range(20000)]
    bundle.charts[0]["usedBy"] = uses
    bundle.write(place.path("x.tar"))
    for words in ([], ["-o", "wide"]):
        said = place.run("bundle", "inspect", "x.tar", *words)
        assert ", ".join(uses[:4]) + " … and 19996 more" in said and uses[4] not in said, said
    said = json.loads(place.run("bundle", "inspect", "x.tar", "-o", "json"))
    assert said["lock"]["charts"][0]["usedBy"] == uses
    bundle.charts[0]["usedBy"] = uses[:5]
    bundle.write(place.path("y.tar"))
    assert ", ".join(uses[:5]) in place.run("bundle", "inspect", "y.tar")


CHECKS = [("many-uses", many_uses), ("inspect-100GB", inspect), ("tar-100GB", tar_lists)]
