#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replay every recording and hold `status`, `describe` and `check` to verdicts.txt.

    python3 tests/recordings/verdicts.py --binary build/dev/plugin/kubectl-flux-arc [NAME…]
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "replay"))
from recording import Recording, names  # noqa: E402
from replay import kubeconfig  # noqa: E402
from server import Server  # noqa: E402

GOOD = ("Ready", "Static")


def read_table():
    """{recording: (verdict, [(depth, ref, state, edge)], words, findings)}"""
    table = {}
    with open(os.path.join(HERE, "verdicts.txt"), encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                name, verdict, causes, words, findings = [column.strip() for column in line.split("|")]
                table[name] = (verdict, read_causes(causes), words, [part for part in findings.split("; ") if part])
    return table


def read_causes(text):
    nodes = []
    for part in filter(None, text.split("; ")):
        name, _, state = part.partition("=")
        state, _, edge = state.partition(" by ")
        nodes.append((len(name) - len(name.lstrip(">")), name.lstrip(">"), state, edge))
    return nodes


def flatten(causes, depth=0):
    for cause in causes:
        ref = "%s/%s/%s" % (cause["kind"], cause.get("namespace", ""), cause["name"])
        yield depth, ref, cause["state"], cause.get("waitsBy", "")
        yield from flatten(cause["waiting"], depth + 1)


class Run:
    """The program against one replayed recording."""

    def __init__(self, binary, folder, url):
        self.binary, self.folder = binary, folder
        self.path = os.path.join(folder, "kubeconfig")
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(kubeconfig(url))

    def __call__(self, *words):
        env = {"HOME": self.folder, "KUBECONFIG": self.path, "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}
        done = subprocess.run([self.binary, *words], capture_output=True, text=True, env=env, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr


def check_json(run, expected, fault):
    verdict, nodes = expected[:2]
    status, out, err = run("status", "-o", "json")
    if status:
        return fault("status -o json: exit %d: %s" % (status, err))
    told = json.loads(out)
    if told["verdict"] != verdict:
        fault("verdict %s, expected %s" % (told["verdict"], verdict))
    found = list(flatten(told["causes"]))
    for missing in [node for node in nodes if node not in found]:
        fault("not told: %s%s=%s by %s" % (">" * missing[0], *missing[1:]))
    for other in [node for node in found if node not in nodes]:
        fault("told for nothing: %s%s=%s by %s" % (">" * other[0], *other[1:]))
    if [node[1] for node in found] != [node[1] for node in nodes] and sorted(found) == sorted(nodes):
        fault("in another order: %s" % [node[1] for node in found])
    check_counts(told, nodes, fault)
    if told["notRead"]:
        fault("not read: %s" % told["notRead"])
    return None


def check_counts(told, nodes, fault):
    """Numbers by state are those of the objects told, no more and no fewer."""
    for kind in told["kinds"]:
        counts = {key: value for key, value in kind.items() if key[0].isupper() and key not in GOOD}
        wanted = {}
        for _, ref, state, _ in nodes:
            if ref.split("/")[0] == kind["kind"]:
                wanted[state] = wanted.get(state, 0) + 1
        if counts != wanted:
            fault("%s counts %s, expected %s" % (kind["kind"], counts, wanted))


def check_text(run, expected, fault):
    verdict, nodes, words = expected[:3]
    status, out, err = run("status")
    if status or err:
        fault("status: exit %d, stderr %r" % (status, err))
    first = out.split("\n", 1)[0]
    if not first.startswith(verdict + "  "):
        fault("the first line is %r" % first)
    causes = out.partition("\nNot ready, ")[2]
    for _, ref, state, _ in nodes:
        kind, namespace, name = ref.split("/")
        title = "%s %s%s" % (kind, namespace + "/" if namespace else "", name)
        if title not in causes:
            fault("status does not name %s" % title)
        if kind == "Deployment" and name not in first:
            fault("the first line does not name %s" % name)
        del state
    if words not in causes:
        fault("status does not say %r" % words)
    if bool(causes) != bool(nodes):
        fault("causes are told: %r" % causes[:200])
    status = run("status", "--exit-code")[0]
    if status != (0 if verdict == "READY" else 3):
        fault("status --exit-code: exit %d" % status)


def check_describe(run, expected, fault):
    nodes, words = expected[1:3]
    root = ""
    for depth, ref, state, _ in nodes:
        kind, namespace, name = ref.split("/")
        status, out, err = run("describe", "%s/%s" % (kind, name), *(["-n", namespace] if namespace else []))
        if status:
            fault("describe %s: exit %d: %s" % (ref, status, err))
            continue
        if not depth:
            root = "%s %s/%s" % (kind, namespace, name)
            if words not in out:
                fault("describe %s does not say %r" % (ref, words))
        elif root not in out:
            fault("describe %s does not name its cause %s" % (ref, root))
        if kind not in ("Deployment", "FluxConfig", "Namespace") and state not in out.split("\n", 1)[0]:
            fault("describe %s begins %r" % (ref, out.split("\n", 1)[0]))


def check_check(run, expected, fault):
    findings = expected[3]
    status, out, err = run("check", "-o", "json")
    if status != (3 if findings else 0):
        return fault("check: exit %d: %s" % (status, err))
    told = json.loads(out)
    found = ["%s %s" % (finding["id"], finding["object"]) for finding in told["findings"]]
    if sorted(found) != sorted(findings):
        fault("check finds %s, expected %s" % (found, findings))
    if told["unanswered"]:
        fault("check has no answer to %s" % told["unanswered"])
    return None


def check(binary, name, expected):
    faults = []
    recording = Recording.load(name, "allow")
    with tempfile.TemporaryDirectory(prefix="flux-arc-verdicts-") as folder, \
            Server(recording.answer, recording.now) as server:
        run = Run(binary, folder, server.url)
        check_json(run, expected, faults.append)
        check_text(run, expected, faults.append)
        check_describe(run, expected, faults.append)
        check_check(run, expected, faults.append)
    for fault in faults:
        print("%s: %s" % (name, fault))
    return not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only recordings with NAME in their name")
    options = parser.parse_args()
    table = read_table()
    unknown = sorted(set(names()) ^ set(table))
    if unknown:
        print("in the archive or in verdicts.txt, but not in both: %s" % ", ".join(unknown))
        return 1
    asked = [name for name in table if not options.names or any(word in name for word in options.names)]
    right = sum([check(options.binary, name, table[name]) for name in asked])
    print("%d of %d recordings judged right" % (right, len(asked)))
    return 0 if asked and right == len(asked) else 1


if __name__ == "__main__":
    sys.exit(main())
