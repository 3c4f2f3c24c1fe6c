# SPDX-License-Identifier: Apache-2.0
"""Servers that send what none should: refused with a reason, in bounded time and memory."""
from servers import HttpServer
from world import ZERO, check, scenario


def line(text):
    text = text if isinstance(text, bytes) else text.encode()
    return b"%04x" % (len(text) + 4) + text


def band(channel, data):
    return line(bytes([channel]) + data)


CAPABILITIES = b"\0multi_ack_detailed side-band-64k ofs-delta report-status"
SERVICE = line("# service=git-upload-pack\n") + b"0000"
OID = "1" * 40
REFS = SERVICE + line(OID.encode() + b" refs/heads/main" + CAPABILITIES + b"\n") + b"0000"
PUSH_REFS = REFS.replace(SERVICE, line("# service=git-receive-pack\n") + b"0000")
VERSION_2 = line("version 2\n") + line("ls-refs\n") + line("fetch\n") + b"0000"


def answering(world, *answers):
    """A server that answers each request with the next of these bodies."""
    left = list(answers)

    def intercept(handler):
        for _ in handler.body():
            pass
        service = "upload-pack" if "upload-pack" in handler.path else "receive-pack"
        kind = "advertisement" if handler.command == "GET" else "result"
        handler.reply(200, left.pop(0), [("Content-Type", "application/x-git-%s-%s" % (service, kind))])
        return True
    return HttpServer(world.root, intercept=intercept)


def ls(world, *answers):
    with answering(world, *answers) as server:
        return world.probe("ls", server.url + "/x.git")


def fetch(world, *answers):
    with answering(world, *answers) as server:
        return world.fetch(server.url + "/x.git", OID)[0]


def push(world, answer):
    with answering(world, PUSH_REFS, b"0000", answer) as server:
        return world.probe("push", server.url + "/x.git", "-", "refs/heads/x:%s:%s" % (ZERO, OID))


@scenario
def odd_lists_of_refs(world):
    rows = [
        (b"", "no Git repository"),
        (b"0000", ""),
        (b"000", "cut"),
        (SERVICE, "cut"),
        (line("# service=git-receive-pack\n") + b"0000", "another service"),
        (SERVICE + b"zzzz", "no pkt-line"),
        (SERVICE + b"ffff" + b"x" * 70000, "a pkt-line of 65535 bytes"),
        (SERVICE + line("no oid"), "malformed"),
        (SERVICE + line(OID + " refs/heads/../../etc") + b"0000", "does not allow: 'refs/heads/../../etc'"),
        (SERVICE + line(OID + " refs/heads/a\033[2Jb") + b"0000", "does not allow: 'refs/heads/a?[2Jb'"),
        (SERVICE + line(OID + " refs/heads/" + "x" * 2000) + b"0000", "does not allow"),
        (SERVICE + line(OID + " refs/heads/a") * 2 + b"0000", "names 'refs/heads/a' twice"),
        (SERVICE + line(OID + " refs/heads/a\0a\033b") + b"0000", "capabilities hold odd characters"),
        (SERVICE + line("ERR go \033[31maway\n"), "the server says: go  [31maway"),
        (SERVICE + line(OID + " refs/heads/a") + b"0001", "malformed"),
        (REFS + b"0000", "malformed"),
        (SERVICE + line("version 7\n") + b"0000", "malformed"),
        (line("version 2\n") + line("agent=x\n") + b"0000", "does not list refs"),
    ]
    for body, why in rows:
        result = ls(world, body)
        check(result, 1 if why else 0, why)


@scenario
def odd_answers_to_ls_refs(world):
    rows = [
        (b"", "cut"),
        (line(OID + " refs/heads/a\n"), "cut"),
        (line(OID + " HEAD symref-target:refs/heads/..\n") + b"0000", "does not allow"),
        (line(OID + " refs/tags/a peeled:x\n") + b"0000", "malformed"),
        (line(OID + " refs/tags/a\0b\n") + b"0000", "malformed"),
        (line("ERR no\n"), "the server says: no"),
        (line(OID + " refs/tags/a\n") + b"0000" + b"0000", "malformed"),
    ]
    for body, why in rows:
        check(ls(world, VERSION_2, body), 1, why)


@scenario
def odd_packs(world):
    head = b"PACK\0\0\0\2\0\0\0\1"
    rows = [
        (b"", "before the pack was complete"),
        (line("NAK\n") + band(1, head), "before the pack was complete"),
        (line("NAK\n") + band(1, b"PICK" + head[4:]), "no pack of version 2"),
        (line("NAK\n") + band(1, b"PACK\0\0\0\3" + head[8:]), "no pack of version 2"),
        (line("NAK\n") + band(1, head[:8] + b"\xff\xff\xff\xff"), "4294967295 objects"),
        (line("NAK\n") + band(3, b"out of memory\n"), "the server says: out of memory"),
        (line("NAK\n") + band(7, b"x"), "a packet of channel 7"),
        (line("NAK\n") + b"0004", "a packet without a channel"),
        (line("ERR upload-pack: not our ref\n"), "not our ref"),
    ]
    for body, why in rows:
        check(fetch(world, REFS, body), 1, why)
        answer = body.replace(line("NAK\n"), line("packfile\n"))
        check(fetch(world, VERSION_2, b"0000", answer), 1, why)
    check(fetch(world, REFS, line("NAK\n") + b"0000"), 1, "malformed")
    check(fetch(world, VERSION_2, b"0000", line("packfile-uris\n")), 1, "malformed")


@scenario
def endless_talk(world):
    """Progress without end is bounded by its size; of one line only the beginning is shown."""
    pack = band(1, b"PACK\0\0\0\2\0\0\0\0" + b"x" * 20)
    result = fetch(world, REFS, line("NAK\n") + band(2, b"x" * 60000) * 3 + pack + b"0000")
    check(result, 0)
    result = fetch(world, REFS, line("NAK\n") + band(2, b"x" * 65000) * 1100)
    check(result, 1, "bytes of progress messages")


@scenario
def odd_reports(world):
    rows = [
        (b"", "before it said what became of the push"),
        (band(1, line("unpack ok\n")) + b"0000", "before it said"),
        (band(1, line("unpack ok\n") + b"0000") + b"0000", "does not say what became of it"),
        (band(1, line("unpack ok\n") + line("ok refs/heads/y\n") + b"0000") + b"0000", "malformed"),
        (band(1, line("unpack ok\n") + line("ok refs/heads/x\n") * 2 + b"0000") + b"0000", "malformed"),
        (band(1, line("ok refs/heads/x\n") + b"0000") + b"0000", "malformed"),
        (band(1, line("unpack index-pack abnormal exit\n") + line("ng refs/heads/x unpacker error\n") + b"0000"),
         "does not take the pack: index-pack abnormal exit"),
        (band(1, line("unpack ok\n") + line("ng refs/heads/x\n") + b"0000"), "'refs/heads/x': refused"),
        (band(1, line("unpack ok\n") + line("ng refs/heads/x a\033[31mb\n") + b"0000"), "'refs/heads/x': a [31mb"),
        (band(3, b"gone\n"), "the server says: gone"),
        (line("ERR no\n"), "the server says: no"),
    ]
    for body, why in rows:
        check(push(world, body), 1, why)
    check(push(world, band(1, line("unpack ok\n") + line("ok refs/heads/x\n") + b"0000")), 0)
