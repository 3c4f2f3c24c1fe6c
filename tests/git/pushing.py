# SPDX-License-Identifier: Apache-2.0
"""Packs into real repositories."""
import os

from world import ZERO, check, git, scenario, stored
from servers import write_history


def pack_of(world, repository, *revisions, thin=False):
    """The path of a pack that stock git made."""
    path = os.path.join(world.temporary(), "pack")
    options = ["--revs", "--stdout", "-q"] + (["--thin", "--delta-base-offset"] if thin else [])
    data = git(repository, "pack-objects", *options, stdin=("\n".join(revisions) + "\n").encode(), text=False)
    with open(path, "wb") as file:
        file.write(data)
    return path


def ref(repository, name):
    return git(repository, "rev-parse", "--verify", "-q", name, check=False)


def hook(repository, name, text):
    path = os.path.join(repository, "hooks", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", opener=lambda file, flags: os.open(file, flags, 0o700)) as file:
        file.write("#!/bin/sh\n" + text)


def urls(world, repository):
    return world.https_url(repository), world.ssh_url(repository), world.https_url(repository, world.http)


@scenario
def pushes_new_and_forward(world):
    first = pack_of(world, world.app, world.old)
    second = pack_of(world, world.app, world.tip, "^" + world.old, thin=True)
    for index in range(3):
        target = world.repository()
        url = urls(world, target)[index]
        check(world.probe("push", url, first, "refs/heads/main:%s:%s" % (ZERO, world.old)), 0, "refs/heads/main: done")
        check(world.probe("push", "--thin", url, second, "refs/heads/main:%s:%s" % (world.old, world.tip)), 0, "done")
        assert ref(target, "main") == world.tip
        git(target, "fsck", "--full")


@scenario
def pushes_what_is_there_and_deletes(world):
    target = world.repository()
    git(target, "fetch", "--quiet", world.app, "main:main")
    for url in urls(world, target):
        check(world.probe("push", url, "-", "refs/heads/x:%s:%s" % (ZERO, world.old),
                          "refs/tags/x:%s:%s" % (ZERO, world.tip)), 0, "refs/heads/x: done", "refs/tags/x: done")
        assert ref(target, "refs/heads/x") == world.old
        check(world.probe("push", url, "-", "refs/heads/x:%s:%s" % (world.old, ZERO),
                          "refs/tags/x:%s:%s" % (world.tip, ZERO)), 0, "refs/heads/x: done")
        assert ref(target, "refs/heads/x") == "" and ref(target, "refs/tags/x") == ""


@scenario
def all_or_nothing(world):
    target = world.repository()
    git(target, "fetch", "--quiet", world.app, "main:main")
    for url in urls(world, target):
        result = world.probe("push", url, "-", "refs/heads/x:%s:%s" % (ZERO, world.old),
                             "refs/heads/main:%s:%s" % (world.old, world.old))
        check(result, 1, "pushing to '%s': 2 of 2 refs not updated" % url)
        assert ref(target, "refs/heads/x") == "" and ref(target, "main") == world.tip


@scenario
def tells_what_the_server_refuses(world):
    target = world.repository()
    git(target, "fetch", "--quiet", world.app, "main:main")
    git(target, "config", "receive.denyNonFastForwards", "true")
    for url in urls(world, target):
        result = world.probe("push", url, "-", "refs/heads/main:%s:%s" % (world.tip, world.old))
        check(result, 1, "refs/heads/main: non-fast-forward", "1 of 1 refs not updated: 'refs/heads/main'")
    assert ref(target, "main") == world.tip


@scenario
def tells_what_a_hook_says(world):
    target = world.repository()
    hook(target, "pre-receive", "echo 'not on a Friday'\nexit 1\n")
    pack = pack_of(world, world.app, world.old)
    for url in urls(world, target):
        result = world.probe("push", url, pack, "refs/heads/main:%s:%s" % (ZERO, world.old))
        check(result, 1, "remote: not on a Friday", "'refs/heads/main': pre-receive hook declined")
    assert not stored(target)


@scenario
def a_late_hook_changes_nothing(world):
    target = world.repository()
    hook(target, "post-receive", "echo 'told everybody'\nexit 1\n")
    pack = pack_of(world, world.app, world.old)
    for number, url in enumerate(urls(world, target)):
        result = world.probe("push", url, pack, "refs/heads/x%d:%s:%s" % (number, ZERO, world.old))
        check(result, 0, "remote: told everybody", "refs/heads/x%d: done" % number)


@scenario
def tells_a_damaged_pack(world):
    path = pack_of(world, world.app, world.old)
    with open(path, "r+b") as file:
        file.seek(500)
        file.write(b"\x00\x00\x00\x00")
    target = world.repository()
    for url in urls(world, target):
        result = world.probe("push", url, path, "refs/heads/main:%s:%s" % (ZERO, world.old))
        check(result, 1, "the server does not take the pack: ")
    assert not stored(target)


@scenario
def tells_missing_objects(world):
    pack = pack_of(world, world.app, world.tip, "^" + world.old)
    target = world.repository()
    for url in urls(world, target):
        result = world.probe("push", url, pack, "refs/heads/main:%s:%s" % (ZERO, world.tip))
        check(result, 1, "'refs/heads/main': missing necessary objects")
    assert ref(target, "main") == ""


@scenario
def is_refused_before_the_pack_is_sent(world):
    def intercept(handler):
        if handler.command != "POST":
            return False
        length = sum(len(piece) for piece in handler.body())
        lengths.append(length)
        handler.reply(403, b"read-only mirror\n", [("Content-Type", "text/plain; charset=utf-8")])
        return True
    lengths = []
    server, row = world.server(intercept=intercept)
    with server:
        pack = pack_of(world, world.app, world.tip)
        result = world.probe("push", world.https_url(world.app, server), pack,
                             "refs/heads/x:%s:%s" % (ZERO, world.tip), credentials=world.write_credentials([row]))
        check(result, 1, "error: forbidden: pushing to", "403: pushing is not allowed (the server says: read-only mirror)")
        assert lengths == [4], lengths


@scenario
def is_told_that_it_is_too_large(world):
    """The refusal comes while the pack is still being sent, which then ends."""
    def intercept(handler):
        if handler.command != "POST" or int(handler.headers["Content-Length"]) < 1000:
            return False
        handler.close_connection = True
        handler.reply(413, b"", [("Connection", "close")])
        handler.wfile.flush()
        for _ in handler.body():
            pass
        return True
    server, row = world.server(intercept=intercept)
    with server:
        source = world.repository()
        write_history(source, 20, size=300000)
        git(source, "config", "core.compression", "0")
        pack = pack_of(world, source, ref(source, "main"))
        result = world.probe("push", world.https_url(world.app, server), pack,
                             "refs/heads/x:%s:%s" % (ZERO, ref(source, "main")), credentials=world.write_credentials([row]))
        check(result, 1, "413: the server takes no upload of this size", "client_max_body_size")


@scenario
def needs_the_right_to_push(world):
    target = world.repository()
    git(target, "config", "http.receivepack", "false")
    result = world.probe("push", world.https_url(target), "-", "refs/heads/x:%s:%s" % (ZERO, world.tip))
    check(result, 1, "error: forbidden", "403: pushing is not allowed", "hint: ")
    wrong = world.write_credentials([world.https_row(password="wrong")])
    result = world.probe("push", world.https_url(target), "-", "refs/heads/x:%s:%s" % (ZERO, world.tip), credentials=wrong)
    check(result, 1, "401: the server does not take this login")


def announcing(more, less=()):
    """An intercept that changes the capabilities of receive-pack."""
    def change(body):
        service, _, refs = body.partition(b"0000")
        size = int(refs[:4], 16)
        line = refs[4:size]
        for word in less:
            line = line.replace(word, b"")
        line = line.rstrip(b"\n") + more + b"\n"
        return service + b"0000" + b"%04x" % (len(line) + 4) + line + refs[size:]

    def intercept(handler):
        if handler.command == "GET":
            handler.rewrite = change
        return False
    return intercept


@scenario
def heeds_no_thin(world):
    server, row = world.server(intercept=announcing(b" no-thin"))
    with server:
        target = world.repository()
        git(target, "fetch", "--quiet", world.app, world.old + ":refs/heads/main")
        pack = pack_of(world, world.app, world.tip, "^" + world.old, thin=True)
        credentials = world.write_credentials([row])
        words = [world.https_url(target, server), pack, "refs/heads/main:%s:%s" % (world.old, world.tip)]
        check(world.probe("push", "--thin", *words, credentials=credentials), 1, "takes no thin packs")
        assert ref(target, "main") == world.old


@scenario
def does_without_channels(world):
    server, row = world.server(intercept=announcing(b"", [b" side-band-64k", b" atomic"]))
    with server:
        target = world.repository()
        pack = pack_of(world, world.app, world.tip)
        credentials = world.write_credentials([row])
        words = [world.https_url(target, server), pack, "refs/heads/main:%s:%s" % (ZERO, world.tip)]
        check(world.probe("push", *words, credentials=credentials), 0, "refs/heads/main: done")
        assert ref(target, "main") == world.tip
        check(world.probe("push", *words, credentials=credentials), 1, "'refs/heads/main'")


@scenario
def wants_a_report(world):
    server, row = world.server(intercept=announcing(b"", [b"report-status-v2", b"report-status", b"delete-refs"]))
    with server:
        credentials = world.write_credentials([row])
        result = world.probe("push", world.https_url(world.app, server), "-",
                             "refs/heads/x:%s:%s" % (ZERO, world.tip), credentials=credentials)
        check(result, 1, "does not report what became of a push")
    server, row = world.server(intercept=announcing(b"", [b"delete-refs"]))
    with server:
        credentials = world.write_credentials([row])
        result = world.probe("push", world.https_url(world.app, server), "-",
                             "refs/heads/main:%s:%s" % (world.tip, ZERO), credentials=credentials)
        check(result, 1, "does not delete refs")


@scenario
def a_large_pack_is_streamed(world):
    """Far more than is held in memory, over every way."""
    source = world.repository()
    write_history(source, 40, size=300000)
    tip = ref(source, "main")
    pack = os.path.join(world.temporary(), "pack")
    git(source, "config", "core.compression", "0")
    data = git(source, "pack-objects", "--all", "--stdout", "-q", "--window=0", "--no-reuse-object", stdin=b"", text=False)
    with open(pack, "wb") as file:
        file.write(data)
    assert len(data) > 8000000, len(data)
    for index in range(3):
        target = world.repository()
        check(world.probe("push", "--quiet", urls(world, target)[index], pack,
                          "refs/heads/main:%s:%s" % (ZERO, tip)), 0)
        assert ref(target, "main") == tip
