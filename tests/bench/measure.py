# SPDX-License-Identifier: Apache-2.0
"""What a command costs, contests between commands, and the promises that the figures are held against."""
import atexit
import base64
import collections
import functools
import os
import random
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = os.environ.get("FLUX_ARC_BINARY") or os.path.join(HERE, "..", "..", "build", "release", "plugin", "kubectl-flux-arc")
KUBECTL = os.environ.get("FLUX_ARC_KUBECTL", "kubectl")
CLUSTER = os.path.join(HERE, "..", "cluster", "cluster")
NAME = os.environ.get("FLUX_ARC_CLUSTER", "main")
# The API server makes replies for curl's own name readable, and so twice as long.
USER_AGENT = "flux-arc-bench/1"

# Seconds on the wall, seconds of processor time of the command alone, peak memory in MiB.
Cost = collections.namedtuple("Cost", "wall cpu peak")


class BenchError(Exception):
    """A command failed; its figures would mean nothing."""


@functools.lru_cache(maxsize=None)
def starter():
    """The program that starts what is measured, made once a run."""
    folder = tempfile.mkdtemp(prefix="flux-arc-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, "cost")
    subprocess.run(shlex.split(os.environ.get("CC", "cc")) + [
        "-std=gnu17", "-O1", "-I", os.path.join(HERE, "..", ".."), "-o", path, os.path.join(HERE, "cost.c")], check=True)
    return path


def run_once(command):
    """The Cost of one run, its output thrown away. A peak never reads less than that of /bin/true, about 1 MiB."""
    with tempfile.TemporaryFile() as errors, tempfile.NamedTemporaryFile("r") as cost:
        started = subprocess.run([starter(), cost.name] + command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=errors, check=False)
        figures = cost.read().split()
        if started.returncode or int(figures[0]) not in (0, 3):
            errors.seek(0)
            raise BenchError("%s: exit status %s: %s" % (" ".join(command), figures[0] if figures else "none",
                                                         errors.read(2000).decode("utf-8", "replace")))
    return Cost(float(figures[1]), float(figures[2]), float(figures[3]) / 1024)


class Contest:
    """
    Commands that run in turn, {name: command}, in each round in another order, so that what disturbs the machine disturbs
    all alike. By chance (always the same), since the server collects its garbage every few big lists, which then take
    twice as long: in a regular order one contender would always pay for it.
    """

    def __init__(self, title, contenders, rounds):
        names = list(contenders)
        print("# %s: %d rounds, load average %.1f" % (title, rounds, os.getloadavg()[0]), flush=True)
        for name in names:
            run_once(contenders[name])  # once to warm the server's caches
        self.costs = {name: [] for name in names}
        chance = random.Random(1)
        for _ in range(rounds):
            for name in chance.sample(names, len(names)):
                self.costs[name].append(run_once(contenders[name]))
        for name, costs in self.costs.items():
            print("    %-28s %8.1f ms, of its own processor time %7.1f ms" % (
                name, self._median(name) * 1000,
                statistics.median(cost.cpu for cost in costs) * 1000), flush=True)

    def ratio(self, slower, faster):
        """Of the medians."""
        return self._median(slower) / self._median(faster)

    def _median(self, name):
        return statistics.median(cost.wall for cost in self.costs[name])


class Promises:
    """One line each: what was measured and whether it is what is wanted."""

    def __init__(self):
        self.all = 0
        self.met = 0

    def _line(self, name, measured, sign, bound, unit, good):
        self.all += 1
        self.met += good
        print("%s: measured %.2f%s, wanted %s %g%s: %s" % (name, measured, unit, sign, bound, unit,
                                                         "met" if good else "missed"), flush=True)

    def at_least(self, name, measured, bound, unit=""):
        self._line(name, measured, "at least", bound, unit, measured >= bound)

    def at_most(self, name, measured, bound, unit=""):
        self._line(name, measured, "at most", bound, unit, measured <= bound)

    def run(self, main):
        """main(self), then the count; the exit status says whether all could be measured."""
        try:
            main(self)
        except BenchError as error:
            print("error: %s" % error, file=sys.stderr)
            return 1
        print("%d of %d promises met" % (self.met, self.all))
        return 0


def print_floor():
    """What no peak can read below."""
    print("# a peak of %.1f MiB or less cannot be told apart from that of a program that does nothing" % run_once(
        ["/bin/true"]).peak, flush=True)


def load(count):
    """Make the cluster hold so many HelmReleases of about 6 KB beside its own."""
    for number in ("0", str(count)):
        subprocess.run([CLUSTER, "load", number, "--name", NAME], check=True, stdout=sys.stderr)


def learn_targets(words):
    """Path and query of each GET that our program sends with these arguments, as it tells itself."""
    result = subprocess.run([OURS] + words + ["-v", "6"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, check=False)
    targets = re.findall(r"^GET https?://[^/\s]+(/\S*) \d", result.stderr.decode("utf-8", "replace"), re.M)
    if not targets:
        raise BenchError("%s asked for nothing" % " ".join(words))
    return targets


class Curl:
    """curl with the credentials of the current kubeconfig, asking as our program does: HTTP/2 and gzip."""

    def __init__(self, folder):
        with open(os.environ["KUBECONFIG"], encoding="utf-8") as file:
            text = file.read()
        self.folder = folder
        self.server = re.search(r"server: (\S+)", text)[1]
        self.options = ["curl", "-sS", "--http2", "--compressed", "-A", USER_AGENT, "-H", "Accept: application/json"]
        for option, key in (("--cacert", "certificate-authority-data"), ("--cert", "client-certificate-data"),
                            ("--key", "client-key-data")):
            path = os.path.join(folder, option[2:])
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(base64.b64decode(re.search(key + r": (\S+)", text)[1]))
            self.options += [option, path]

    def get(self, target):
        return self.options + ["--fail", "-o", "/dev/null", self.server + target]

    def get_all(self, targets):
        """One curl for all at once, over one connection. What is missing in the cluster is no error."""
        path = os.path.join(self.folder, "lists-%d" % len(targets))
        with open(path, "w", encoding="utf-8") as file:
            for target in targets:
                file.write('url = "%s%s"\noutput = "/dev/null"\n' % (self.server, target))
        return self.options + ["--parallel", "--config", path]
