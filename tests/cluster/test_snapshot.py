#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is printed live, and out of a snapshot of the same moment, on a real API server: byte for byte.

    python3 tests/cluster/test_snapshot.py [PROGRAM [PROBE]]

Both ask through a loopback server that hands everything on and stops the clock: the Date header, by which ages are
counted, is that of the beginning. Where the world moves between the two, it is recorded anew.
"""
import base64
import http.client
import os
import re
import ssl
import sys
import tempfile
import threading
import time
import urllib.parse

import world

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "replay"), os.path.join(HERE, "..", "snapshot")]
import both  # noqa: E402
from recording import Reply  # noqa: E402
from replay import kubeconfig  # noqa: E402
from server import Server  # noqa: E402

BUILD = os.path.join(HERE, "..", "..", "build", "dev")
TRIES = 4
HEADERS = ("accept", "content-type")


class Gateway:
    """Everything is handed on to the server of a kubeconfig, with its certificate."""

    def __init__(self, path, folder):
        with open(path, encoding="utf-8") as file:
            text = file.read()

        def data(key):
            name = os.path.join(folder, key)
            with open(name, "wb") as out:
                out.write(base64.b64decode(re.search(key + r": (\S+)", text)[1]))
            return name

        self.context = ssl.create_default_context(cafile=data("certificate-authority-data"))
        self.context.load_cert_chain(data("client-certificate-data"), data("client-key-data"))
        self.host = urllib.parse.urlsplit(re.search(r"server: (\S+)", text)[1]).netloc
        self.local = threading.local()

    def answer(self, method, target, headers, body):
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPSConnection(self.host, context=self.context, timeout=60)
        connection = self.local.connection
        connection.request(method, target, body or None,
                           {name: headers[name] for name in HEADERS if name in headers})
        reply = connection.getresponse()
        return Reply(reply.status, reply.read(), reply.headers.get("Content-Type", ""),
                     [("Warning", text) for text in reply.headers.get_all("Warning") or []])


def objects(kind_words):
    """One object of each kind that there is, as the tests of one object want them."""
    for kind in kind_words:
        try:
            items = world.get(kind, "-A")["items"]
        except AssertionError:
            continue  # not served
        if items:
            yield kind.split(".")[0], items[0]["metadata"].get("namespace"), items[0]["metadata"]["name"]


def commands():
    yield from both.SCREENS
    yield from both.lists()
    yield from both.selections()
    yield from both.odd_selections()
    yield from both.objects(objects(both.FLUX + both.AZURE[:1] + both.CORE))


class Comparison:
    def __init__(self, program, folder, path):
        self.program, self.folder = program, folder
        self.path = os.path.join(folder, "kubeconfig")
        self.snapshot = os.path.join(folder, "snapshot")
        self.gateway = Gateway(path, folder)
        self.count, self.wrong, self.recorded = 0, [], 0

    def record(self):
        self.program.record(self.path, self.snapshot, "--values", "cluster-config")
        self.recorded += 1

    def more(self):
        """Further checks; what is wrong."""
        return []

    def hold(self, words):
        self.count += 1
        for _ in range(TRIES):
            text = both.difference(words, self.program.live(self.path, words),
                                   self.program.packed(self.snapshot, words))
            if not text:
                return
            self.record()
        self.wrong.append(text)

    def run(self, rows):
        with Server(self.gateway.answer, int(time.time())) as server:
            with open(self.path, "w", encoding="utf-8") as file:
                file.write(kubeconfig(server.url))
            self.record()
            for words in rows:
                self.hold(words)
        self.wrong += server.errors


class Created(Comparison):
    """In a bundle, as users have it."""

    def record(self):
        if os.path.exists(self.snapshot):
            os.remove(self.snapshot)
        status, _, err = self.program.live(self.path, ["bundle", "create", self.snapshot, "-A", "--include-values"])
        if status:
            raise AssertionError("bundle create: %s" % err)
        self.recorded += 1


LIMITED = [["status"], ["status", "-o", "json"], ["status", "-n", "cluster-config"], ["check"], ["check", "-o", "json"],
           ["version"], ["get", "all", "-A"], ["get", "all", "-n", "cluster-config"], ["get", "ks", "-A"],
           ["get", "ks", "-n", "cluster-config", "-o", "wide"], ["get", "hr", "-n", "flux-system"], ["get", "pods"],
           ["get", "pods", "-n", "cluster-config"], ["get", "nodes"], ["get", "crds", "-o", "name"],
           ["get", "hr", "podinfo", "-n", "cluster-config", "-o", "yaml"], ["get", "hr", "-n", "default"],
           ["describe", "hr/podinfo", "-n", "cluster-config"], ["describe", "ks/nothere", "-n", "cluster-config"]]
NOT_RECORDED = "does not hold the answer to"


class Limited(Comparison):
    """Who may see one namespace."""

    def more(self):
        """A namespace that could not be recorded is not said to be empty."""
        status, out, err = self.program.packed(self.snapshot, ["get", "hr", "-n", "podinfo"])
        if (status, out) != (6, "") or NOT_RECORDED not in err or "recorded: cluster-config" not in err:
            return ["a namespace that was not recorded: exit %d, %s%s" % (status, out, err)]
        return []


def main():
    world.need_cluster()
    binary, probe = (sys.argv[1:] + [None, None])[:2]
    binary = os.path.abspath(binary or os.path.join(BUILD, "plugin", "kubectl-flux-arc"))
    probe = os.path.abspath(probe or os.path.join(BUILD, "tests", "snapshot_probe"))
    world.cluster("kinds")
    limited = os.path.join(os.path.dirname(os.environ["KUBECONFIG"]), "limited.kubeconfig")
    wrong = []
    for kind, path, rows in ((Comparison, os.environ["KUBECONFIG"], commands()), (Limited, limited, LIMITED),
                             (Created, os.environ["KUBECONFIG"], both.SCREENS)):
        with tempfile.TemporaryDirectory() as folder:
            comparison = kind(both.Program(binary, probe, folder), folder, path)
            comparison.run(rows)
            wrong += comparison.wrong + comparison.more()
            print("%s: %d command lines, %d recordings, %d failed" % (
                kind.__name__, comparison.count, comparison.recorded, len(comparison.wrong)), flush=True)
    world.cluster("kinds", "--remove")
    for text in wrong:
        print("FAILED %s" % text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
