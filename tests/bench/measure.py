# SPDX-License-Identifier: Apache-2.0
"""How long a command takes and how much memory it uses, and the cluster's address for curl."""
import base64
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "replay"))
import recording as rec  # noqa: E402
from replay import kubeconfig  # noqa: E402
from server import Server  # noqa: E402

OURS = os.environ.get("FLUX_ARC_BINARY") or os.path.join(HERE, "..", "..", "build", "release", "plugin", "kubectl-flux-arc")
KUBECTL = os.environ.get("FLUX_ARC_KUBECTL", "kubectl")
CLUSTER = os.path.join(HERE, "..", "cluster", "cluster")
NAME = os.environ.get("FLUX_ARC_CLUSTER", "main")
# The API server makes replies for curl's own name readable, and so twice as long.
USER_AGENT = "flux-arc-bench/1"


class BenchError(Exception):
    """A command failed; its figures would mean nothing."""


def run_once(command, env=None):
    """(seconds, peak memory in KiB) of one run, its output thrown away. Never less than this program's own memory."""
    begin = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=env)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 3):
            errors.seek(0)
            raise BenchError("%s: exit status %d: %s" % (" ".join(command), process.returncode,
                                                         errors.read(2000).decode("utf-8", "replace")))
    return seconds, usage.ru_maxrss


def compete(contenders, rounds):
    """
    {name: median seconds} of {name: command}. The rounds are interleaved and each starts with another one, so that what
    disturbs the machine disturbs all alike.
    """
    names, times = list(contenders), {name: [] for name in contenders}
    for name in names:
        run_once(contenders[name])  # once to warm the server's caches
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            times[name].append(run_once(contenders[name])[0])
    return {name: statistics.median(values) for name, values in times.items()}


def load(count):
    """Make the cluster hold so many HelmReleases of about 6 KB beside its own."""
    subprocess.run([CLUSTER, "load", "0", "--name", NAME], check=True, stdout=sys.stderr)
    subprocess.run([CLUSTER, "load", str(count), "--name", NAME], check=True, stdout=sys.stderr)


class Curl:
    """curl with the credentials of the current kubeconfig."""

    def __init__(self, folder):
        with open(os.environ["KUBECONFIG"], encoding="utf-8") as file:
            text = file.read()
        self.folder = folder
        self.server = re.search(r"server: (\S+)", text)[1]
        self.options = ["curl", "-sS", "--fail", "--http2", "--compressed", "-A", USER_AGENT]
        for option, key in (("--cacert", "certificate-authority-data"), ("--cert", "client-certificate-data"),
                            ("--key", "client-key-data")):
            path = os.path.join(folder, option[2:])
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(base64.b64decode(re.search(key + r": (\S+)", text)[1]))
            self.options += [option, path]

    def get(self, target, accept="application/json"):
        return self.options + ["-H", "Accept: " + accept, "-o", "/dev/null", self.server + target]

    def get_all(self, requests):
        """One curl for all (target, accept) at once, over one connection. What is missing here is no error."""
        path = os.path.join(self.folder, "lists-%d" % len(requests))
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join('url = "%s%s"\noutput = "/dev/null"' % (self.server, target)
                                 for target, _ in requests) + "\n")
        options = [word for word in self.options if word != "--fail"]
        return options + ["--parallel", "-H", "Accept: " + requests[0][1], "--config", path]


def learn_requests(words):
    """[(target, accept)] of what our program asks for with these arguments, learnt from a recorded cluster."""
    recording = rec.Recording.load("healthy")
    with tempfile.TemporaryDirectory() as folder, Server(recording.answer, recording.now) as server:
        path = os.path.join(folder, "kubeconfig")
        with open(path, "w", encoding="utf-8") as file:
            file.write(kubeconfig(server.url))
        run_once([OURS] + words, dict(os.environ, KUBECONFIG=path))
        found = [(target, headers.get("accept", "*/*")) for method, target, headers in server.requests if method == "GET"]
    if not found:
        raise BenchError("%s asked for nothing" % words)
    return found


class Table:
    """Rows of what was reached and what is wanted; `missed` counts those that fell short."""

    def __init__(self):
        self.missed = 0

    def row(self, what, reached, wanted, good, unit=""):
        self.missed += not good
        print("%-58s %8.2f%s   wanted %s%s" % (what, reached, unit, wanted, "" if good else "   MISSED"), flush=True)
