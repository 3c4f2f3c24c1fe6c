# SPDX-License-Identifier: Apache-2.0
"""What is said when ssh fails, what it is given, and that nothing stays."""
import os
import signal
import socket
import subprocess

from world import check, environment, scenario


def ls(world, url, row, **how):
    """With a folder for temporary files that has to be empty afterwards."""
    folder = os.path.join(world.temporary(), 'a b%h"c')
    os.mkdir(folder)
    result = world.probe("ls", url, credentials=world.write_credentials([row]),
                         variables={"TMPDIR": folder, **how.pop("variables", {})}, **how)
    assert os.listdir(folder) == [], os.listdir(folder)
    return result


@scenario
def leaves_nothing_behind(world):
    check(ls(world, world.ssh_url(world.app), world.ssh_row()), 0, "refs/heads/main")


@scenario
def asks_as_scp_does(world):
    row = world.ssh_row(url="ssh://%s@localhost" % world.ssh.user)
    # The port cannot be said in this form, so nobody answers as that host; what counts is who is asked.
    result = ls(world, "%s@localhost:%s" % (world.ssh.user, world.app), row)
    assert result.status == 1 and "'%s@localhost:" % world.ssh.user in result.err, result


@scenario
def refuses_an_unknown_host_key(world):
    empty = os.path.join(world.temporary(), "known_hosts")
    with open(empty, "w") as file:
        file.write("# nobody\n")
    url = world.ssh_url(world.app)
    check(ls(world, url, world.ssh_row(knownHostsFile=empty)), 1,
          "error: network: '%s': the server's key is not in known_hosts" % url, "ssh-keyscan")
    check(ls(world, url, world.ssh_row(knownHostsFile=world.ssh.other_known_hosts)), 1, "the server has another key")


@scenario
def refuses_an_unknown_key(world):
    check(ls(world, world.ssh_url(world.app), world.ssh_row(identityFile=world.ssh.other_identity)), 1,
          "error: unauthorized", "the server does not take this key", "hint: ")


@scenario
def wants_key_and_known_hosts(world):
    url = world.ssh_url(world.app)
    check(ls(world, url, {"url": world.ssh.url}), 1, "ssh needs a private key, and known_hosts")
    check(ls(world, url, {"url": world.ssh.url, "identityFile": world.ssh.identity}), 1, "ssh needs known_hosts")


@scenario
def names_unusable_keys(world):
    folder = world.temporary()
    locked = os.path.join(folder, "locked")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "passphrase", "-f", locked], check=True)
    check(ls(world, world.ssh_url(world.app), world.ssh_row(identityFile=locked)), 1, "the private key is encrypted")
    broken = os.path.join(folder, "broken")
    with open(broken, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n")
    check(ls(world, world.ssh_url(world.app), world.ssh_row(identityFile=broken)), 1, "the private key cannot be read")


@scenario
def names_a_repository_that_is_not_there(world):
    url = world.ssh.url + "/none.git"
    check(ls(world, url, world.ssh_row()), 1, "error: not-found: '%s': no repository there" % url)


@scenario
def quotes_the_path(world):
    """The other end's shell takes it as one word."""
    marker = os.path.join(world.temporary(), "marker")
    for path in ("/x';touch%20" + marker + ";'", "/$(touch%20" + marker + ")", "/`touch%20" + marker + "`",
                 "/a%20b!c"):
        result = ls(world, world.ssh.url + path, world.ssh_row())
        check(result, 1, "no repository there")
        assert not os.path.exists(marker), path


@scenario
def says_who_does_not_answer(world):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = "ssh://git@127.0.0.1:%d/x.git" % port
    check(ls(world, url, world.ssh_row(url="ssh://git@127.0.0.1:%d" % port)), 1, "connection refused")


@scenario
def says_that_there_is_no_ssh(world):
    result = ls(world, world.ssh_url(world.app), world.ssh_row(), variables={"PATH": "/nonexistent"})
    check(result, 1, "starting 'ssh': no such file or directory", "install OpenSSH")


def silent_server():
    """Takes connections and says nothing."""
    return socket.create_server(("127.0.0.1", 0))


@scenario
def gives_up_on_silence(world):
    with silent_server() as server:
        url = "ssh://git@127.0.0.1:%d" % server.getsockname()[1]
        folder = world.temporary()
        result = world.probe("ls", "--stall", "1", url + "/x.git", variables={"TMPDIR": folder},
                             credentials=world.write_credentials([world.ssh_row(url=url)]))
        check(result, 1, "error: timeout", "nothing came for 1 s")
        assert os.listdir(folder) == []


@scenario
def leaves_nothing_behind_when_interrupted(world):
    for number in (signal.SIGINT, signal.SIGKILL):
        interrupted(world, number)


def interrupted(world, number):
    with silent_server() as server:
        url = "ssh://git@127.0.0.1:%d" % server.getsockname()[1]
        folder = world.temporary()
        credentials = world.write_credentials([world.ssh_row(url=url)])
        running = subprocess.Popen([world.probe_path, "ls", "--credentials", credentials, url + "/x.git"],
                                   env=environment(TMPDIR=folder), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        connection, _ = server.accept()
        # ssh is running and has read its files: no folder has ever held them.
        held = os.listdir(folder)
        running.send_signal(number)
        _, words = running.communicate(timeout=30)
        connection.close()
        assert held == [] and os.listdir(folder) == [], held
        if number == signal.SIGINT:
            assert running.returncode == 1 and b"interrupted" in words, words


FAKE = """#!/bin/sh
printf '%s\\n' "$@" >"$RECORD"
env >"$RECORD.env"
exit 255
"""


@scenario
def gives_ssh_nothing_of_the_callers(world):
    folder = world.temporary()
    with open(os.path.join(folder, "ssh"), "w", opener=lambda name, flags: os.open(name, flags, 0o700)) as file:
        file.write(FAKE)
    record = os.path.join(folder, "record")
    variables = {"PATH": folder + ":" + os.environ["PATH"], "RECORD": record}
    ls(world, "ssh://git@h.example.com:2222/a%20b", world.ssh_row(url="ssh://git@h.example.com:2222"),
       variables=variables)
    with open(record) as file:
        words = file.read().splitlines()
    assert words[:2] == ["-F", "none"] and words[-2:] == ["h.example.com", "git-upload-pack '/a b'"], words
    assert words[-3] == "--" and words[-5:-3] == ["-l", "git"] and words[-7:-5] == ["-p", "2222"], words
    for option in ("BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "IdentityAgent=none",
                   "PreferredAuthentications=publickey", "GlobalKnownHostsFile=/dev/null"):
        assert words[words.index(option) - 1] == "-o", words
    with open(world.ssh.identity) as key, open(record + ".env") as given:
        secret = key.read().splitlines()[1]
        assert secret not in given.read() and secret not in "\n".join(words)
    # Asked for by name, the caller's own are used, and hosts are still checked.
    world.probe("ls", "--own-ssh", "git@h.example.com:x", variables=variables)
    with open(record) as file:
        words = file.read().splitlines()
    assert "-F" not in words and not any("KnownHostsFile" in word for word in words), words
    assert "StrictHostKeyChecking=yes" in words and "BatchMode=yes" in words, words
    # A key that was named for this very URL goes before them.
    row = world.ssh_row(url="ssh://git@h.example.com")
    world.probe("ls", "--own-ssh", "git@h.example.com:x", credentials=world.write_credentials([row]), variables=variables)
    with open(record) as file:
        assert file.read().splitlines()[:2] == ["-F", "none"]
