#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Serve a recorded cluster on loopback until interrupted.

    python3 tests/replay/replay.py helmrepository-index-404
    export KUBECONFIG=…      (the line that it prints; then in another shell:)
    kubectl flux-arc status

Ages are those of the moment of the recording: the Date header tells it, and kubectl flux-arc goes by it.
"""
import argparse
import os
import shutil
import signal
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from recording import Recording, names  # noqa: E402
from server import Server  # noqa: E402

KUBECONFIG = """apiVersion: v1
kind: Config
current-context: %(context)s
clusters:
- name: %(context)s
  cluster:
    server: %(url)s
users:
- name: replay
  user: {}
contexts:
- name: %(context)s
  context:
    cluster: %(context)s
    user: replay
"""


def kubeconfig(url, context="flux-demo-arc"):
    """The text of a kubeconfig for a replayed cluster."""
    return KUBECONFIG % {"url": url, "context": context}


def parse_arguments():
    parser = argparse.ArgumentParser(description="Serve a recorded cluster on loopback until interrupted.")
    parser.add_argument("recording", nargs="?", default="healthy")
    parser.add_argument("--list", action="store_true", help="name every recording and its cause, and end")
    parser.add_argument("--access", choices=("allow", "deny"), help="answer permission reviews like this")
    parser.add_argument("--now", metavar="MOMENT", help="as in 2026-11-24T07:13:30Z, instead of the recording's")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--ready-file", metavar="FILE", help="write the kubeconfig's path here when serving")
    parser.add_argument("--verbose", action="store_true", help="print every request")
    return parser.parse_args()


def main():
    options = parse_arguments()
    if options.list:
        for name in names():
            print("%s\n    %s" % (name, Recording.load(name).cause or "everything is ready"))
        return 0
    try:
        recording = Recording.load(options.recording, options.access, options.now)
    except KeyError as error:
        print("error: %s" % error.args[0], file=sys.stderr)
        return 2
    folder = tempfile.mkdtemp(prefix="flux-arc-replay-")
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    def answer(method, target, headers, body):
        reply = recording.answer(method, target, headers, body)
        if options.verbose:
            print("%s %s -> %d" % (method, target, reply.status), flush=True)
        return reply

    try:
        with Server(answer, recording.now, port=options.port) as server:
            path = os.path.join(folder, "kubeconfig")
            with open(path, "w", encoding="utf-8") as file:
                file.write(kubeconfig(server.url))
            print("serving %s at %s\nexport KUBECONFIG=%s" % (recording.name, server.url, path), flush=True)
            if options.ready_file:
                with open(options.ready_file + ".partial", "w", encoding="utf-8") as file:
                    file.write(path)
                os.replace(options.ready_file + ".partial", options.ready_file)
            server.thread.join()
    except KeyboardInterrupt:
        pass
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
