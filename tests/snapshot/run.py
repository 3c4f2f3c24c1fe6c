#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Record each replayed cluster, and hold every command on the snapshot to what it prints live: stdout, stderr, exit.

    python3 tests/snapshot/run.py --binary build/dev/plugin/kubectl-flux-arc --probe build/dev/tests/snapshot_probe [NAME…]
"""
import argparse
import concurrent.futures
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "replay"))
import both  # noqa: E402
import planted  # noqa: E402
from recording import Recording, names  # noqa: E402
from replay import kubeconfig  # noqa: E402
from server import Server  # noqa: E402

THOROUGH = ("healthy",)


def found_objects(program, path):
    """One object of each kind that there is, and what is not ready."""
    status, out, _ = program.live(path, ["get", "all", "-A", "-o", "json"])
    seen = set()
    for item in json.loads(out)["items"] if status == 0 else []:
        metadata = item["metadata"]
        if item["kind"] not in seen:
            seen.add(item["kind"])
            yield item["kind"].lower(), metadata.get("namespace"), metadata["name"]


def commands(program, name, path):
    yield from both.SHORT
    if name in THOROUGH:
        yield from both.SCREENS
        yield from both.lists()
        yield from both.selections()
        yield from both.objects(found_objects(program, path))


def try_recording(binary, probe, name, access):
    """(number of comparisons, differences)"""
    with tempfile.TemporaryDirectory() as folder:
        program = both.Program(binary, probe, folder)
        recording = Recording.load(name, access)
        path, snapshot = os.path.join(folder, "kubeconfig"), os.path.join(folder, "snapshot")
        with Server(recording.answer, recording.now) as server:
            with open(path, "w", encoding="utf-8") as file:
                file.write(kubeconfig(server.url))
            program.record(path, snapshot, "--values")
            count, wrong = 0, []
            for words in commands(program, name, path):
                count += 1
                text = both.difference(words, program.live(path, words), program.packed(snapshot, words))
                if text:
                    wrong.append("%s: %s" % (name, text))
    return count, wrong


def main():
    parser = argparse.ArgumentParser(description="Hold snapshots to what was live.")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--probe", required=True)
    options = parser.parse_args()
    options.binary, options.probe = os.path.abspath(options.binary), os.path.abspath(options.probe)
    wanted = options.names or names()
    count, wrong = 0, []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(try_recording, options.binary, options.probe, name, "allow" if index % 2 else "deny")
                for index, name in enumerate(wanted)]
        runs.append(pool.submit(planted.planted, options.binary, options.probe))
        for run in runs:
            more, differences = run.result()
            count += more
            wrong += differences
    for text in wrong:
        print("FAILED %s" % text)
    print("%d comparisons, %d failed" % (count, len(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
