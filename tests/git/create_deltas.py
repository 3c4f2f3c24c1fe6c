# SPDX-License-Identifier: Apache-2.0
"""--base: only what has changed, on top of a lock, a bundle or a receipt."""
import json
import os
import shutil

from create_charts import chart, index, release, repository, sha
from create_world import creates
from servers import git, objects, write_history


def grown(world, commits=30):
    """A repository of its own, and how to make it grow."""
    path = world.repository(commits=commits, size=2000)

    def grow(number=1):
        tip = git(path, "rev-parse", "main")
        return write_history(path, number, start=1000 + int(git(path, "rev-list", "--count", "main")), parent=tip, size=2000)
    return path, world.https_url(path), grow


def words(world, url, *more):
    return ["--git", url, "--credentials", world.credentials, *more]


def apply_to(run, clone, made, source):
    """Stock git takes the difference into a clone of the base."""
    file = run.path("delta.bundle")
    with open(file, "wb") as out:
        out.write(made.blob(source["bundle"]))
    git(clone, "bundle", "verify", "-q", file)
    git(clone, "fetch", "-q", file, "+refs/*:refs/*")
    git(clone, "fsck", "--strict")


@creates
def delta(world):
    path, url, grow = grown(world)
    old = git(path, "rev-parse", "main")
    run = world.start()
    base = run.create("1.tar", *words(world, url))
    clone = run.clone(base, base.git("x"))
    tip = grow()
    made = run.create("2.tar", *words(world, url, "--base", "1.tar"))
    source = made.git("x")
    assert made.lock["base"] == {"lock": base.id, "sequence": 1} and made.lock["sequence"] == 2, made.lock
    assert source["prerequisites"] == [old] and source["thin"] and source["refs"] == {"refs/heads/main": tip}, source
    assert source["objects"] == len(objects(path, tip, "^" + old)), source
    assert len(made.blob(source["bundle"])) < len(base.blob(base.git("x")["bundle"])) / 4
    apply_to(run, clone, made, source)
    assert git(clone, "rev-parse", "main") == tip
    # A delta on the delta, by its lock alone; then one in which nothing has changed.
    third = grow(2)
    with open(run.path("lock.json"), "wb") as file:
        file.write(made.members["flux-arc/lock.json"])
    again = run.create("3.tar", *words(world, url, "--base", "lock.json"))
    assert again.lock["sequence"] == 3 and again.git("x")["prerequisites"] == [tip], again.lock
    apply_to(run, clone, again, again.git("x"))
    assert git(clone, "rev-parse", "main") == third
    same = run.create("4.tar", *words(world, url, "--base", "3.tar"))
    blob = next(one for one in same.lock["blobs"] if one["digest"] == again.git("x")["bundle"])
    assert blob["in"] == "base" and same.git("x")["bundle"] == blob["digest"], same.lock
    assert "blobs/sha256/" + blob["digest"].partition(":")[2] not in same.members


@creates
def delta_without_the_cache(world):
    """The bundle itself has the base's objects; of a lock alone they are fetched again, and that is said."""
    _, url, grow = grown(world)
    run = world.start()
    base = run.create("1.tar", *words(world, url))
    with open(run.path("lock.json"), "wb") as file:
        file.write(base.members["flux-arc/lock.json"])
    clone = run.clone(base, base.git("x"))
    tip = grow()
    for given, told in (("1.tar", False), ("lock.json", True)):
        shutil.rmtree(run.cache)
        result = run.program("bundle", "create", "2.tar", *words(world, url, "--base", given))
        assert result.status == 0 and ("fetched too" in result.err) == told, result
        made = run.create("2.tar", *words(world, url, "--base", given))
        assert made.git("x")["thin"], made.lock
        apply_to(run, clone, made, made.git("x"))
    assert git(clone, "rev-parse", "main") == tip


@creates
def delta_of_a_receipt(world):
    """What was confirmed counts: a source whose push failed comes whole."""
    _, first_url, grow_first = grown(world)
    _, second_url, _ = grown(world)
    run = world.start()
    base = run.create("1.tar", "--git", first_url, "--git", second_url, "--credentials", world.credentials)
    by_url = {one["url"]: one for one in base.lock["git"]}
    confirmed = by_url[first_url]
    receipt = {"apiVersion": "bundle.flux-arc.io/v1", "kind": "Receipt", "lock": base.id, "sequence": 1, "sources": [
        {"name": confirmed["name"], "refs": confirmed["refs"], "target": "https://inside/x", "url": first_url}]}
    with open(run.path("receipt.json"), "w") as file:
        file.write(json.dumps(receipt, separators=(",", ":"), sort_keys=True) + "\n")
    grow_first()
    both = ["--git", first_url, "--git", second_url, "--credentials", world.credentials, "--base", "receipt.json"]
    made = run.create("2.tar", *both)
    by_url = {one["url"]: one for one in made.lock["git"]}
    assert by_url[first_url]["thin"] and not by_url[second_url]["prerequisites"], made.lock
    assert all(blob["in"] == "self" for blob in made.lock["blobs"]), made.lock
    # Nobody knows that lock any more: the refs of the receipt are enough.
    shutil.rmtree(run.cache)
    made = run.create("3.tar", *both)
    by_url = {one["url"]: one for one in made.lock["git"]}
    assert by_url[first_url]["prerequisites"] == list(confirmed["refs"].values()), made.lock
    assert made.lock["base"]["lock"] == base.id, made.lock


@creates
def base_that_does_not_fit(world):
    path, url, _ = grown(world)
    run = world.start()
    run.create("1.tar", *words(world, world.app_url))
    result = run.create("2.tar", *words(world, url, "--base", "1.tar"), expect=6)
    assert "1.tar" in result.err and world.app_url in result.err, result
    for name, text in (("nowhere", None), ("empty", b""), ("odd.json", b"{}"), ("tar", b"x" * 20000)):
        if text is not None:
            with open(run.path(name), "wb") as file:
                file.write(text)
        result = run.program("bundle", "create", "2.tar", *words(world, url, "--base", name))
        assert result.status in (1, 5, 6) and name in result.err, result
        assert not os.path.exists(run.path("2.tar"))
    # The base's commits are gone from the server, and so is the cache: the source comes whole.
    made = run.create("3.tar", *words(world, url))
    with open(run.path("lock.json"), "wb") as file:
        file.write(made.members["flux-arc/lock.json"])
    write_history(path, 5, start=5000)
    git(path, "reflog", "expire", "--expire=now", "--all")
    git(path, "gc", "-q", "--prune=now")
    shutil.rmtree(run.cache)
    result = run.program("bundle", "create", "4.tar", *words(world, url, "--base", "lock.json"))
    assert result.status == 0 and "packed whole" in result.err, result


@creates
def blobs_by_reference(world):
    data, more = chart("podinfo", "6.5.0"), chart("podinfo", "6.6.0")
    files = {"/index.yaml": index(("podinfo", "6.5.0", "a.tgz", sha(data)), ("podinfo", "6.6.0", "b.tgz", sha(more))),
             "/a.tgz": data, "/b.tgz": more}
    run = world.start()
    with world.files_server(files) as server, world.cluster() as cluster:
        repository(cluster, server.url)
        release(cluster, "podinfo", "6.5.0")
        given = ["--no-snapshot", "--credentials",
                 world.write_credentials([{"url": server.url, "caFile": world.pki.path("ca.crt")}])]
        run.create("1.tar", *given, cluster=cluster)
        release(cluster, "second", "6.6.0", chart_name="podinfo")
        made = run.create("2.tar", *given, "--base", "1.tar", cluster=cluster)
        where = {blob["digest"]: blob["in"] for blob in made.lock["blobs"]}
        assert where["sha256:" + sha(data)] == "base" and where["sha256:" + sha(more)] == "self", made.lock


@creates
def canonical(world):
    """The same bytes from servers that have packed differently, and as a delta."""
    path, url, grow = grown(world, commits=40)
    run = world.start()
    first = run.create("1.tar", *words(world, url, "--canonical"))
    source = first.git("x")
    assert source["packing"] == "canonical" and source["objects"] == len(objects(path, "main")), source
    git(path, "repack", "-adfq", "--window=1", "--depth=1")
    shutil.rmtree(run.cache)
    second = run.create("2.tar", *words(world, url, "--canonical"))
    assert second.members == first.members
    clone = run.clone(first, source)
    tip = grow()
    made = run.create("3.tar", *words(world, url, "--canonical", "--base", "1.tar"))
    assert not made.git("x")["thin"] and made.git("x")["prerequisites"], made.lock
    apply_to(run, clone, made, made.git("x"))
    assert git(clone, "rev-parse", "main") == tip
    again = run.create("4.tar", *words(world, url, "--canonical", "--base", "1.tar"))
    assert again.members == made.members
