# SPDX-License-Identifier: Apache-2.0
"""bundle merge: a base and the delta on top of it as one bundle that needs neither."""
import os
import shutil

from create_charts import chart, index, release, repository, sha
from create_deltas import grown
from create_world import Made, creates
from servers import git, objects

UNSIGNED = "--insecure-allow-unsigned"


def merge(run, *words, expect=0):
    result = run.program("bundle", "merge", *words)
    assert result.status == expect, result
    return Made(run.path(words[2])) if expect == 0 else result


@creates
def merged(world):
    """All of a source that grew, of one that did not, of a new one; charts of both; stock git reads it."""
    first, first_url, grow = grown(world)
    second, second_url, _ = grown(world, commits=7)
    third, third_url, _ = grown(world, commits=9)
    data, more = chart("podinfo", "6.5.0"), chart("podinfo", "6.6.0")
    files = {"/index.yaml": index(("podinfo", "6.5.0", "a.tgz", sha(data)), ("podinfo", "6.6.0", "b.tgz", sha(more))),
             "/a.tgz": data, "/b.tgz": more}
    run = world.start()
    with world.files_server(files) as server, world.cluster() as cluster:
        given = ["--credentials", world.write_credentials(
            [world.https_row(), {"url": server.url, "caFile": world.pki.path("ca.crt")}])]
        repository(cluster, server.url)
        release(cluster, "podinfo", "6.5.0")
        cluster.add_git("first", first_url, "main@sha1:" + git(first, "rev-parse", "main"))
        cluster.add_git("second", second_url, "main@sha1:" + git(second, "rev-parse", "main"))
        run.create("1.tar", *given, cluster=cluster)
        tip = grow(3)
        release(cluster, "more", "6.6.0", chart_name="podinfo")
        cluster.objects["GitRepository"][0]["status"]["artifact"]["revision"] = "main@sha1:" + tip
        cluster.add_git("third", third_url, "main@sha1:" + git(third, "rev-parse", "main"))
        delta = run.create("2.tar", *given, "--base", "1.tar", cluster=cluster)
    shutil.rmtree(run.cache)
    made = merge(run, "1.tar", "2.tar", "3.tar", UNSIGNED)
    assert made.lock["sequence"] == 2 and "base" not in made.lock, made.lock
    assert all(blob["in"] == "self" for blob in made.lock["blobs"]), made.lock
    by_url = {one["url"]: one for one in made.lock["git"]}
    for path, url in ((first, first_url), (second, second_url), (third, third_url)):
        source = by_url[url]
        assert not source["prerequisites"] and not source["thin"], source
        clone = run.clone(made, source)
        assert git(clone, "rev-parse", "main") == git(path, "rev-parse", "main")
        assert objects(clone, "main") == objects(path, "main")
        assert source["objects"] == len(objects(path, "main")), source
    assert {made.blob(row["blob"]) for row in made.lock["charts"]} == {data, more}
    assert made.lock["cluster"] == delta.lock["cluster"]
    result = run.program("bundle", "verify", "3.tar", UNSIGNED)
    assert result.status == 0, result
    again = merge(run, "1.tar", "2.tar", "4.tar", UNSIGNED)
    with open(made.path, "rb") as one, open(again.path, "rb") as other:
        assert one.read() == other.read()


@creates
def merged_canonical(world):
    """Objects that both have are packed anew."""
    path, url, grow = grown(world, commits=5)
    run = world.start()
    run.create("1.tar", "--git", url, "--credentials", world.credentials, "--canonical")
    grow()
    run.create("2.tar", "--git", url, "--credentials", world.credentials, "--canonical", "--base", "1.tar")
    made = merge(run, "1.tar", "2.tar", "3.tar", UNSIGNED)
    clone = run.clone(made, made.git("x"))
    assert objects(clone, "main") == objects(path, "main")


@creates
def merge_refused(world):
    """What does not fit, and what nobody signed."""
    _, url, grow = grown(world, commits=5)
    run = world.start()
    words = ["--git", url, "--credentials", world.credentials]
    run.create("1.tar", *words)
    grow()
    run.create("2.tar", *words, "--base", "1.tar")
    grow()
    run.create("3.tar", *words, "--base", "2.tar")
    for names, told in ((("1.tar", "1.tar"), "builds on nothing"), (("1.tar", "3.tar"), "builds on number 2"),
                        (("2.tar", "3.tar"), "itself only what has changed since number 1")):
        result = merge(run, *names, "out.tar", UNSIGNED, expect=6)
        assert told in result.err, result
    result = merge(run, "1.tar", "2.tar", "out.tar", expect=4)
    assert "1.tar" in result.err and not os.path.exists(run.path("out.tar")), result
    merge(run, "1.tar", "2.tar", "12.tar", UNSIGNED)
    result = merge(run, "12.tar", "3.tar", "out.tar", UNSIGNED, expect=6)
    assert "builds on number 2" in result.err, result
    made = run.create("4.tar", *words, "--base", "12.tar")
    assert made.lock["sequence"] == 3 and made.git("x")["thin"], made.lock
    merge(run, "12.tar", "4.tar", "out.tar", UNSIGNED)
