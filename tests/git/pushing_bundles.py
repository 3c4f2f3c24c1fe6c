# SPDX-License-Identifier: Apache-2.0
"""`bundle push` into real repositories."""
import json
import os
import subprocess

from bundles import git_bundle, one_source, sha256, signer, source, write_bundle
from killing import Killer, rounds
from pushing import announcing, hook, ref
from servers import make_repository, write_history
from world import check, environment, git, scenario

URL = "https://git.example.com/team/app.git"


class Site:
    """A folder with a bundle of `app`, and the program to push it."""

    def __init__(self, world):
        self.world, self.folder = world, world.temporary()
        self.file = self.path("site.tar")

    def path(self, name):
        return os.path.join(self.folder, name)

    def bundle(self, *refs, repository=None, without=(), file=None, **how):
        return one_source(file or self.file, "app", URL, repository or self.world.app, refs or ["main", "v1.0.0"], without,
                          **how)

    def push(self, *words, file=None, unsigned=True, credentials=None, **how):
        trust = ["--insecure-allow-unsigned"] if unsigned else []
        return self.world.run("bundle", "push", file or self.file, "--credentials", credentials or self.world.credentials,
                              *trust, *words, program=self.world.binary, **how)

    def receipt(self, path=None):
        with open(path or self.file + ".receipt.json", "rb") as file:
            return json.load(file)


@scenario
def brings_a_bundle_to_a_new_repository(world):
    site = Site(world)
    lock = site.bundle()
    for way in (world.https_url, world.ssh_url):
        target = world.repository()
        url = way(target)
        check(site.push("--to", url, "--dry-run"), 0, "app -> %s: would be pushed" % url, "refs/heads/main  new at", "(dry run)")
        assert not os.path.exists(site.file + ".receipt.json")
        check(site.push("--to", url), 0, "app -> %s: pushed" % url, "receipt: " + site.file)
        assert ref(target, "main") == world.tip
        assert ref(target, "v1.0.0^{tag}") == ref(world.app, "v1.0.0")
        git(target, "fsck", "--full")
        assert site.receipt() == {
            "apiVersion": "bundle.flux-arc.io/v1", "kind": "Receipt", "lock": sha256(lock), "sequence": 1,
            "sources": [{"name": "app", "target": url, "url": URL,
                         "refs": {"refs/heads/main": world.tip, "refs/tags/v1.0.0": ref(world.app, "v1.0.0")}}]}
        check(site.push("--to", url), 0, "app -> %s: nothing to do, 2 refs are there" % url)
        os.remove(site.file + ".receipt.json")


@scenario
def goes_forward(world):
    site = Site(world)
    site.bundle()
    target = world.repository()
    git(target, "fetch", "--quiet", "--no-tags", world.app, world.old + ":refs/heads/main")
    check(site.push("--to", world.https_url(target)), 0,
          "refs/heads/main  %s -> %s  fast-forward" % (world.old[:8], world.tip[:8]))
    assert ref(target, "main") == world.tip
    # Only a new name for what is there: no pack.
    site.bundle("main", "release")
    git(target, "update-ref", "refs/heads/x", ref(world.app, "release"))
    result = site.push("--to", world.https_url(target), "-o", "json")
    check(result, 0)
    told = json.loads(result.out)
    assert told["sources"][0]["packBytes"] == 0 and told["sources"][0]["outcome"] == "pushed", told
    assert ref(target, "refs/heads/release") == ref(world.app, "release")


@scenario
def refuses_what_would_be_lost(world):
    site = Site(world)
    site.bundle()
    target = world.repository()
    git(target, "fetch", "--quiet", "--no-tags", world.app, world.old + ":refs/heads/main")
    write_history(target, 1, start=1000, parent=world.old)
    local = ref(target, "main")
    url = world.https_url(target)
    result = site.push("--to", url)
    check(result, 1, "'refs/heads/main' is at %s there, and %s of the bundle does not lead back to it" % (local, world.tip),
          "--force-with-lease refs/heads/main:" + local)
    assert ref(target, "main") == local and ref(target, "v1.0.0") == ""
    check(site.push("--to", url, "--force-with-lease", "refs/heads/main:" + world.old), 1, "does not lead back")
    check(site.push("--to", url, "--force-with-lease", "refs/heads/main:" + local), 0, "replaced")
    assert ref(target, "main") == world.tip


@scenario
def a_receipt_is_a_lease(world):
    site = Site(world)
    site.bundle("main")
    target = world.repository()
    url = world.https_url(target)
    check(site.push("--to", url), 0)
    # Upstream was rewritten: the next bundle does not lead back to what was pushed.
    rewritten = world.repository(5, start=500)
    site.bundle("main", repository=rewritten, file=site.path("next.tar"))
    check(site.push("--to", url, file=site.path("next.tar")), 1, "does not lead back")
    lease = ["--force-with-lease", site.file + ".receipt.json"]
    check(site.push("--to", world.https_url(world.app), *lease, file=site.path("next.tar")), 1, "does not lead back")
    check(site.push("--to", url, *lease, file=site.path("next.tar")), 0, "replaced")
    assert ref(target, "main") == ref(rewritten, "main")
    check(site.push("--to", url, *lease), 1, "does not lead back")
    check(site.push("--to", url, "--force-with-lease", "main"), 1, "REF:OID, or the path of a receipt")


@scenario
def a_tag_is_never_moved(world):
    site = Site(world)
    site.bundle()
    target = world.repository()
    git(target, "fetch", "--quiet", "--no-tags", world.app, "main:main")
    git(target, "tag", "v1.0.0", "main")
    check(site.push("--to", world.https_url(target)), 1, "'refs/tags/v1.0.0' is at", "(a tag is never moved)")


@scenario
def carries_a_delta_without_its_base(world):
    site = Site(world)
    release = ref(world.app, "release")
    base = site.bundle("release", file=site.path("base.tar"))
    site.bundle("main", without=[release], base=base, sequence=2)
    for way in (world.https_url, world.ssh_url):
        target = world.repository()
        url = way(target)
        result = site.push("--to", url)
        check(result, 6, "'%s' lacks commit %s, which 'app' of the bundle builds on" % (url, release), "sequence 1")
        check(site.push("--to", url, file=site.path("base.tar")), 0)
        check(site.push("--to", url), 0, "refs/heads/main  new at")
        assert ref(target, "main") == world.tip
        git(target, "fsck", "--full")
    # A branch that was at the base goes forward, by the delta's own commits alone.
    target = world.repository()
    git(target, "fetch", "--quiet", "--no-tags", world.app, release + ":refs/heads/main")
    check(site.push("--to", world.https_url(target)), 0, "fast-forward")
    # What the delta builds on may be behind a tip.
    target = world.repository()
    git(target, "fetch", "--quiet", "--no-tags", world.app, release + ":refs/heads/more")
    write_history(target, 1, start=2000, branch="refs/heads/more", parent=release)
    check(site.push("--to", world.https_url(target)), 0, "new at")
    # Somebody else's commit on top of it is not lost.
    target = world.repository()
    git(target, "fetch", "--quiet", "--no-tags", world.app, release + ":refs/heads/main")
    write_history(target, 1, start=2000, parent=release)
    check(site.push("--to", world.https_url(target)), 1, "does not lead back")


@scenario
def what_is_in_the_base_is_not_needed_again(world):
    site = Site(world)
    data = git_bundle(world.app, ["main"])
    base = write_bundle(site.path("base.tar"), [(source("app", URL, data), data)])
    write_bundle(site.file, [(source("app", URL, data), None)], base=base, sequence=2)
    target = world.repository()
    url = world.https_url(target)
    check(site.push("--to", url), 6, "source 'app' is in a bundle that this one builds on", "--base")
    check(site.push("--to", url, "--base", site.path("base.tar")), 0, "pushed")
    check(site.push("--to", url), 0, "nothing to do")


@scenario
def completes_a_thin_pack(world):
    site = Site(world)
    base = site.bundle("release", file=site.path("base.tar"))
    site.bundle("main", without=[ref(world.app, "release")], base=base, sequence=2)
    server, row = world.server(intercept=announcing(b" no-thin"))
    with server:
        target = world.repository()
        git(target, "fetch", "--quiet", "--no-tags", world.app, "release:release")
        # So that a thin pack would be refused.
        git(target, "config", "receive.unpackLimit", "1")
        url = world.https_url(target, server)
        credentials = world.write_credentials([row])
        check(site.push("--to", url, credentials=credentials), 6, "takes no thin packs", "--base")
        check(site.push("--to", url, "--base", site.path("base.tar"), credentials=credentials), 0, "pushed")
        assert ref(target, "main") == world.tip
        git(target, "fsck", "--full")


@scenario
def maps_all_sources(world):
    site = Site(world)
    other = world.repository(3, start=700)
    app, more = git_bundle(world.app, ["main"]), git_bundle(other, ["main"])
    files = source("files", "https://x.test/f", b"", history="tip", revision="main@sha1:" + "1" * 40, snapshot=sha256(b"x"))
    write_bundle(site.file, [(source("app", URL, app), app), (files, b"x"),
                             (source("more", "https://git.example.com/more", more), more)])
    folder = os.path.dirname(world.repository())
    prefix = world.https.url + folder[len(world.root):]
    maps = ["--map", "https://git.example.com/=%s/" % prefix]
    result = site.push(*maps)
    check(result, 1, "'%s/team/app.git': 404" % prefix, "'%s/more': 404" % prefix)
    targets = [make_repository(os.path.join(folder, "team", "app.git")), make_repository(os.path.join(folder, "more"))]
    hook(targets[1], "pre-receive", "echo closed\nexit 1\n")
    result = site.push(*maps)
    check(result, 1, "app -> %s/team/app.git: pushed" % prefix, "more -> %s/more: failed" % prefix, "remote: closed",
          "1 of 2 sources not pushed", "files: has no pack")
    assert [one["name"] for one in site.receipt()["sources"]] == ["app"]
    os.remove(os.path.join(targets[1], "hooks", "pre-receive"))
    check(site.push(*maps), 0, "app -> %s/team/app.git: nothing to do" % prefix, "more -> %s/more: pushed" % prefix)
    assert [one["name"] for one in site.receipt()["sources"]] == ["app", "more"]
    assert ref(targets[1], "main") == ref(other, "main")
    check(site.push("--map", "https://git.example.com/team=" + prefix), 2, "no --map says where these go: 'more'")
    check(site.push("--map", URL + "=" + prefix, "--map", "https://git.example.com/more=" + prefix), 2, "would both go to")
    check(site.push("--map", "x"), 2, "is not FROM=TO")
    check(site.push("--to", prefix), 2, "the bundle has 3 Git sources", "app, files, more")
    check(site.push("--to", prefix, "--source", "files"), 1, "has no pack")
    check(site.push("--to", prefix, "--source", "x"), 1, "no Git source named 'x'")
    check(site.push("--to", prefix, *maps), 2, "either --to")
    check(site.push(), 2, "where to?")


@scenario
def is_trusted_before_it_is_pushed(world):
    site = Site(world)
    target = world.repository()
    url = world.https_url(target)
    site.bundle()
    check(site.push("--to", url, unsigned=False), 4, "is not signed", "--insecure-allow-unsigned")
    site.bundle(signature=signer(world.ssh.identity))
    trust = site.path("allowed_signers")
    with open(world.ssh.identity + ".pub") as key, open(trust, "w") as file:
        file.write("ada@example.com " + key.read())
    nobody = site.path("nobody")
    with open(nobody, "w") as file:
        file.write("")
    check(site.push("--to", url, "--trust", nobody, unsigned=False), 4, "is signed by ssh-ed25519 SHA256:", "hint: ")
    assert ref(target, "main") == ""
    result = site.push("--to", url, "--trust", trust, unsigned=False)
    check(result, 0, "pushed")
    assert "Warning" not in result.err, result
    site.bundle("main", signature=lambda text: signer(world.ssh.identity)(text + b" "))
    check(site.push("--to", url, "--trust", trust), 5)


@scenario
def damage_never_arrives(world):
    site = Site(world)
    site.bundle()
    with open(site.file, "rb") as file:
        whole = file.read()
    place = whole.index(b"PACK")
    target = world.repository()
    for offset in (place + 12, place + 1000, len(whole) - 2048):
        with open(site.file, "wb") as file:
            file.write(whole[:offset] + bytes([whole[offset] ^ 1]) + whole[offset + 1:])
        for way in (world.https_url, world.ssh_url):
            result = site.push("--to", way(target))
            # The server may find it first, in what has been sent by then.
            assert result.status in (1, 5), result
    assert ref(target, "main") == "" and not os.path.exists(site.file + ".receipt.json")


@scenario
def the_receipt_is_tried_first(world):
    site = Site(world)
    site.bundle()
    target = world.repository()
    url = world.https_url(target)
    check(site.push("--to", url, "--receipt", site.path("no/such/folder")), 1, "the receipt", "--receipt")
    with open(site.path("mine.txt"), "w") as file:
        file.write("precious")
    check(site.push("--to", url, "--receipt", site.path("mine.txt")), 5, "the receipt", "not a receipt")
    assert ref(target, "main") == ""
    with open(site.path("mine.txt")) as file:
        assert file.read() == "precious"
    check(site.push("--to", url, "--receipt", site.path("r.json")), 0, "receipt: " + site.path("r.json"))
    assert site.receipt(site.path("r.json"))["sequence"] == 1


@scenario
def what_create_packs_arrives(world):
    """From one server to another, signed, over https and then over ssh."""
    site = Site(world)
    trust = site.path("allowed_signers")
    with open(world.ssh.identity + ".pub") as key, open(trust, "w") as file:
        file.write("ada@example.com " + key.read())
    cache = {"XDG_CACHE_HOME": site.path("cache")}
    for way in (world.https_url, world.ssh_url):
        result = world.run("bundle", "create", site.file, "--git", way(world.app) + "@main", "--all-refs", "--no-snapshot",
                           "--key", world.ssh.identity, "--credentials", world.credentials, program=world.binary,
                           variables=cache)
        check(result, 0)
        target = world.repository()
        check(site.push("--to", way(target), "--trust", trust, unsigned=False), 0, "pushed")
        for name in ("refs/heads/main", "refs/heads/release", "refs/tags/v1.0.0"):
            assert ref(target, name) == ref(world.app, name), name
        git(target, "fsck", "--full")
        os.remove(site.file)
        os.remove(site.file + ".receipt.json")


@scenario
def a_lost_answer_is_looked_up(world):
    """The server has done it, and the answer never arrives; or it does not, and nothing came of it."""
    lost = []

    def lose(handler):
        if handler.path.endswith("/git-receive-pack") and int(handler.headers.get("Content-Length") or 5) > 4:
            lost.append(handler.path)
            handler.rewrite = lambda body: b""
        return False
    site = Site(world)
    site.bundle()
    target = world.repository()
    server, row = world.server(intercept=lose)
    with server:
        credentials = world.write_credentials([row])
        url = world.https_url(target, server)
        check(site.push("--to", url, credentials=credentials), 0, "app -> %s: pushed" % url, "receipt: ")
        assert ref(target, "main") == world.tip and len(lost) == 1, lost
        target = world.repository()
        hook(target, "pre-receive", "exit 1")
        check(site.push("--to", world.https_url(target, server), credentials=credentials), 1, "failed")
        assert ref(target, "main") == ""


def failing(number, way):
    """An intercept that fails request `number` in this way, and for all but 429 every one after it."""
    seen = []

    def intercept(handler):
        seen.append(handler.path)
        if len(seen) < number or (way == "429" and len(seen) > number):
            return False
        if way == "cut":
            handler.cut = 20
            return False
        if way in ("500", "429", "html"):
            for _ in handler.body():
                pass
            handler.reply(200 if way == "html" else int(way), b"<html>Please sign in.</html>", [("Retry-After", "1")])
            return True
        handler.reset()
        if way == "refused":
            handler.server.owner.close()
        return True
    return intercept, seen


@scenario
def every_request_fails_in_turn(world):
    """In six ways: an error that says so and all or nothing at the target, and the next run brings it."""
    site = Site(world)
    site.bundle()
    tried = pushed = 0
    number = requests = 1
    while number <= requests:
        for way in ("none", "refused", "reset", "cut", "500", "429", "html"):
            intercept, seen = failing(number if way != "none" else 99, way)
            server, row = world.server(intercept=intercept)
            target = world.repository()
            with server:
                result = site.push("--to", world.https_url(target, server), credentials=world.write_credentials([row]))
            assert "Sanitizer" not in result.err and result.status in (0, 1), (number, way, result)
            if way == "none":
                requests = len(seen)
            if result.status == 0:
                assert ref(target, "main") == world.tip, (number, way, result)
                os.remove(site.file + ".receipt.json")
            else:
                assert way != "none" and "error: " in result.err and server.url in result.err, (number, way, result)
                assert ref(target, "main") in ("", world.tip), (number, way)
                assert os.listdir(site.folder) == ["site.tar"], os.listdir(site.folder)
            check(site.push("--to", world.https_url(target)), 0)
            assert ref(target, "main") == world.tip and ref(target, "v1.0.0") == ref(world.app, "v1.0.0")
            os.remove(site.file + ".receipt.json")
            tried, pushed = tried + (way != "none"), pushed + (way != "none" and result.status == 0)
        number += 1
    return "%d failures in %d requests, %d pushed all the same" % (tried, requests, pushed)


@scenario
def may_be_killed_at_any_moment(world):
    """Run again, it brings the same; nothing of it is left lying about."""
    site = Site(world)
    site.bundle()
    scratch, said = world.temporary(), []
    for way in (world.https_url, world.ssh_url):
        words = ["--to", way(world.repository())]
        killer = Killer([world.binary, "bundle", "push", site.file, "--insecure-allow-unsigned", "--credentials",
                         world.credentials, *words], environment(TMPDIR=scratch), scratch)
        killer.whole()
        os.remove(site.file + ".receipt.json")
        for number in range(rounds(5)):
            if number % 2 == 0:
                target = world.repository()
                killer.words[-1] = way(target)
            killer.kill()
            check(site.push("--to", way(target), variables={"TMPDIR": scratch}), 0, "app -> ")
            assert ref(target, "main") == world.tip and ref(target, "v1.0.0") == ref(world.app, "v1.0.0"), number
            git(target, "fsck", "--full")
            assert set(site.receipt()["sources"][0]["refs"].values()) == {world.tip, ref(world.app, "v1.0.0")}, number
            assert sorted(os.listdir(site.folder)) == ["site.tar", "site.tar.receipt.json"], os.listdir(site.folder)
            assert os.listdir(scratch) == []
            os.remove(site.file + ".receipt.json")
        said.append(killer.said())
    return "https: %s; ssh: %s" % tuple(said)
