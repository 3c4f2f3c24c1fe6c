# SPDX-License-Identifier: Apache-2.0
"""Refs and packs, compared with what stock git sees."""
import os
import subprocess

from servers import write_history
from world import check, environment, expected_refs, git, listed, objects, scenario, stored


def old_protocol(handler):
    handler.protocol = ""
    return False


@scenario
def lists_refs(world):
    for url in (world.https_url(world.app), world.ssh_url(world.app)):
        result = world.probe("ls", url)
        check(result, 0, "refs/tags/v1.0.0 peeled:%s" % git(world.app, "rev-parse", "v1.0.0^{}"),
              "HEAD symref:refs/heads/main")
        assert listed(result) == expected_refs(world.app), result


@scenario
def lists_refs_of_protocol_0(world):
    server, row = world.server(intercept=old_protocol)
    with server:
        result = world.probe("ls", world.https_url(world.app, server), credentials=world.write_credentials([row]))
        check(result, 0, "refs/tags/v1.0.0 peeled:%s" % git(world.app, "rev-parse", "v1.0.0^{}"),
              "HEAD symref:refs/heads/main")
        assert listed(result) == expected_refs(world.app), result
        assert [seen.method for seen in server.seen] == ["GET"], server.seen


@scenario
def asks_for_prefixes_only(world):
    result = world.probe("ls", "--prefix", "refs/heads/rel", "--prefix", "HEAD", world.https_url(world.app))
    check(result, 0)
    assert sorted(listed(result)) == ["HEAD", "refs/heads/release"], result


@scenario
def lists_nothing_of_an_empty_repository(world):
    empty = world.repository()
    for url in (world.https_url(empty), world.ssh_url(empty), world.https_url(empty, world.http)):
        result = world.probe("ls", url)
        check(result, 0)
        assert result.out == "", result


@scenario
def fetches_all(world):
    for url in (world.https_url(world.app), world.ssh_url(world.app), world.https_url(world.app, world.http)):
        result, pack = world.fetch(url, world.tip)
        check(result, 0)
        assert world.packed(pack) == objects(world.app, world.tip)


@scenario
def fetches_a_tip_alone(world):
    """What comes is the commit and its tree, in bytes as many as a shallow clone takes; all of it by protocol 0."""
    repository = world.repository(commits=300, size=4000)
    tip = git(repository, "rev-parse", "main")
    wanted = {tip} | {line.split()[0] for line in git(repository, "ls-tree", "-rt", "--format=%(objectname)", tip).split()}
    wanted.add(git(repository, "rev-parse", tip + "^{tree}"))
    whole = None
    for url in (world.https_url(repository), world.ssh_url(repository)):
        result, pack = world.fetch(url, tip)
        check(result, 0)
        whole = os.path.getsize(pack)
        result, pack = world.fetch(url, tip, options=["--tip"])
        check(result, 0)
        where = world.repository()
        with open(pack, "rb") as file:
            git(where, "unpack-objects", "-q", stdin=file.read())
        assert stored(where) == wanted
        assert os.path.getsize(pack) * 8 < whole, (os.path.getsize(pack), whole)
    tip_size = os.path.getsize(pack)
    server, row = world.server(intercept=old_protocol)
    with server:
        result, pack = world.fetch(world.https_url(repository, server), tip, options=["--tip"],
                                   credentials=world.write_credentials([row]))
        check(result, 0)
        assert world.packed(pack) == objects(repository, tip)
    return "%d bytes of %d" % (tip_size, whole)


@scenario
def fetches_all_by_protocol_0(world):
    server, row = world.server(intercept=old_protocol)
    with server:
        credentials = world.write_credentials([row])
        result, pack = world.fetch(world.https_url(world.app, server), world.tip, credentials=credentials)
        check(result, 0)
        assert world.packed(pack) == objects(world.app, world.tip)
        result, pack = world.fetch(world.https_url(world.app, server), world.tip, "^" + world.old, options=["--thin"],
                                   credentials=credentials)
        check(result, 0)
        assert world.packed(pack, world.old) == objects(world.app, world.tip, "^" + world.old)


@scenario
def fetches_thin(world):
    for url in (world.https_url(world.app), world.ssh_url(world.app)):
        result, pack = world.fetch(url, world.tip, "^" + world.old, options=["--thin"])
        check(result, 0)
        assert world.packed(pack, world.old) == objects(world.app, world.tip, "^" + world.old)
        # By itself it is not whole.
        os.rename(pack, pack + ".pack")
        done = subprocess.run(["git", "index-pack", pack + ".pack"], env=environment(), capture_output=True, check=False)
        assert b"unresolved delta" in done.stderr, done.stderr


@scenario
def fetches_several_at_once(world):
    tag = git(world.app, "rev-parse", "v1.0.0")
    release = git(world.app, "rev-parse", "release")
    result, pack = world.fetch(world.https_url(world.app), tag, release)
    check(result, 0)
    assert world.packed(pack) == objects(world.app, tag, release)


@scenario
def hands_out_nothing_where_there_is_nothing(world):
    for url in (world.https_url(world.app), world.ssh_url(world.app)):
        result, pack = world.fetch(url, world.old, "^" + world.tip, options=["--thin"])
        check(result, 0)
        assert os.path.getsize(pack) == 0


@scenario
def tells_progress(world):
    pack = os.path.join(world.temporary(), "pack")
    result = world.probe("fetch", world.https_url(world.app), pack, world.tip)
    check(result, 0, "remote: Counting objects: 100%", "remote: Total ")


@scenario
def names_what_the_server_does_not_give(world):
    for url in (world.https_url(world.app), world.ssh_url(world.app)):
        result, _ = world.fetch(url, "f" * 40)
        check(result, 1, "fetching from '%s'" % url, "the server says: upload-pack: not our ref " + "f" * 40, "hint: ")


@scenario
def refuses_sha256(world):
    path = os.path.join(world.root, "sha256.git")
    subprocess.run(["git", "init", "--quiet", "--bare", "--object-format=sha256", path], env=environment(), check=True)
    write_history(path, 1)
    for intercept in (None, old_protocol):
        server, row = world.server(intercept=intercept)
        with server:
            result = world.probe("ls", server.url + "/sha256.git", credentials=world.write_credentials([row]))
            check(result, 1, "names its objects by sha256")


@scenario
def refuses_a_shallow_repository(world):
    path = os.path.join(world.root, "shallow.git")
    subprocess.run(["git", "clone", "--quiet", "--bare", "--depth", "3", "file://" + world.app, path],
                   env=environment(), check=True)
    for intercept in (None, old_protocol):
        server, row = world.server(intercept=intercept)
        with server:
            result, _ = world.fetch(server.url + "/shallow.git", world.tip,
                                    credentials=world.write_credentials([row]))
            check(result, 1, "shallow", "git fetch --unshallow")
