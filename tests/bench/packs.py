# SPDX-License-Identifier: Apache-2.0
"""Packs of 25,000, 100,000 and 300,000 objects: checked and indexed as `bundle create` does, against `git index-pack`."""
import glob
import os
import subprocess
import sys

from measure import HERE, Contest, Promises, run_once
from repositories import CACHE, make

OBJECTS = (25000, 100000, 300000)
ROUNDS = 5
ROOT = os.path.join(HERE, "..", "..")
BUILD = os.path.join(ROOT, "build", "bench")
# git leaves out whether all is there that is named, which ours checks; and so does git clone.
LIMIT_TIME = 0.6
LIMIT_MIB = {25000: 40, 100000: 56, 300000: 64}


def program():
    """The program that only indexes, built like a release."""
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON", "-DFLUX_ARC_HARDEN=ON"]
    subprocess.run(["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja"] + options, check=True, stdout=sys.stderr)
    subprocess.run(["cmake", "--build", BUILD, "--target", "bench_pack_index"], check=True, stdout=sys.stderr)
    return os.path.join(BUILD, "tests", "bench_pack_index")


def main(promises):
    ours = program()
    for objects in OBJECTS:
        repository = make(CACHE, objects)
        pack = glob.glob(os.path.join(repository, "objects", "pack", "*.pack"))[0]
        index = os.path.join(BUILD, "bench.idx")
        contenders = {"git index-pack": ["git", "index-pack", "--threads=2", "-o", index, pack],
                      "ours": [ours, pack, "2"]}
        contest = Contest("%d objects, %.1f MB" % (objects, os.path.getsize(pack) / 1e6), contenders, ROUNDS)
        promises.at_most("%d objects: index against git index-pack" % objects, contest.ratio("ours", "git index-pack"),
                         LIMIT_TIME)
        promises.at_most("%d objects: peak memory" % objects, run_once(contenders["ours"]).peak, LIMIT_MIB[objects], " MiB")


if __name__ == "__main__":
    sys.exit(Promises().run(main))
