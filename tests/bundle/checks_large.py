# SPDX-License-Identifier: Apache-2.0
"""Sizes that no test can write: files with a hole in them."""
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


CHECKS = [("inspect-100GB", inspect), ("tar-100GB", tar_lists)]
