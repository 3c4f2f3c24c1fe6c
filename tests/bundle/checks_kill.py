# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments: the same command again gives the same files, and nothing else is left."""
import hashlib
import os
import random

import sample

ROUNDS = int(os.environ.get("KILL_ROUNDS") or 50)
SIZE = 12 << 20


def make_bundle(place):
    bundle = sample.Bundle()
    bundle.add_chart("podinfo", "6.0.0", random.Random(1).randbytes(SIZE))
    bundle.write(place.path("site-a.tar"))


def content(place):
    """{name: digest} of all files."""
    return {name: hashlib.sha256(place.read(name)).hexdigest() for name in sorted(os.listdir(place.folder))
            if os.path.isfile(place.path(name))}


def killed_at_random(place, *words):
    """Runs `words` whole first, then killed and again, from a clean folder or from what the last round left."""
    before = content(place)
    seconds = place.timed(*words)
    wanted = content(place)
    made = set(wanted) - set(before)
    chance = random.Random()
    hits = 0
    for number in range(ROUNDS):
        if number % 2:
            for name in made:
                os.unlink(place.path(name))
        hits += place.killed_after(chance.uniform(0, seconds), *words)
        left = set(content(place)) - set(wanted)
        assert all(name.endswith(".partial") and name[:-8] in made for name in left), sorted(left)
        place.run(*words)
        assert content(place) == wanted, "round %d: other files" % number
    assert hits > ROUNDS // 4, "only %d runs were killed in time" % hits
    return "%d of %d runs killed in time" % (hits, ROUNDS)


def split(place):
    make_bundle(place)
    return killed_at_random(place, "bundle", "split", "site-a.tar", "--part-size", "3Mi", "--parity")


def join(place):
    make_bundle(place)
    place.run("bundle", "split", "site-a.tar", "--part-size", "3Mi", "--parity")
    os.unlink(place.path("site-a.tar"))
    os.unlink(place.path("site-a.tar.0002-of-0005"))
    return killed_at_random(place, "bundle", "join", "site-a.parts.json")


CHECKS = [("kill-split", split), ("kill-join", join)]
