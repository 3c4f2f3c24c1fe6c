# SPDX-License-Identifier: Apache-2.0
"""Every case again, with each of its requests failing in turn in six ways (README.md, "Torture")."""
import collections
import concurrent.futures
import fnmatch
import json
import math
import threading

import runner
from server import FAILURES

BUDGET = 1200  # runs in all; see pick()
ADMISSIONS = ("not read", "INCOMPLETE", "no answer", "not asked", "not known", "could not")
JSON_ADMISSIONS = ("notRead", "unanswered")
ERRORS = ("error: ", "Error from server", "Unable to connect to the server", "The connection to the server",
          "warning: ", "Warning: ", "not read: ")
CLAIMS = ("READY", "all passed")

Probe = collections.namedtuple("Probe", "case baseline way method target nth")


class Plan:
    """Fails the nth request for one target: from then on, or for 429 that one time."""

    def __init__(self, probe):
        self.probe, self.seen, self.lock = probe, 0, threading.Lock()

    def __call__(self, method, target):
        probe = self.probe
        # A list that is asked for again in pages is the same question.
        if method != probe.method or target not in (probe.target, probe.target + "?limit=500"):
            return None
        with self.lock:
            self.seen += 1
            seen = self.seen
        if seen == probe.nth or (seen > probe.nth and probe.way != "429"):
            return probe.way
        return None


def admits_in_json(text):
    """Whether a JSON answer names questions that were not answered (in YAML the key stands alone on its line)."""
    try:
        tree = json.loads(text)
    except ValueError:
        return False
    return isinstance(tree, dict) and any(tree.get(key) for key in JSON_ADMISSIONS)


def admits(outcome):
    return any(word in outcome.stdout for word in ADMISSIONS) or admits_in_json(outcome.stdout) or \
        any(key + ":" in outcome.stdout.splitlines() for key in JSON_ADMISSIONS) or \
        any(line.startswith(ERRORS) for line in outcome.stderr.splitlines())


def judge(probe, outcome):
    """What is wrong with an outcome, or None."""
    base = probe.baseline
    wrong = runner.broken(outcome)
    if wrong:
        return wrong
    for text in outcome.complaints:
        if "secret" in text or "foreign" in text:
            return text
    equal = (outcome.exit, outcome.stdout) == (base.exit, base.stdout)
    if probe.way == "429":
        return None if equal else "one 429 with Retry-After changed the answer"
    if outcome.exit not in (0, 1, 3):
        return "exit status %d" % outcome.exit
    if any(fnmatch.fnmatchcase(probe.target, pattern) for pattern in probe.case.fields["may-ignore"]):
        return None
    if equal and outcome.stderr == base.stderr:
        # Where the case itself ends in an error, that error is still the answer.
        return None if base.exit in (1, 2) else "the failure was passed over in silence"
    if not admits(outcome):
        return "neither an error nor a word about what is missing"
    if outcome.stdout.startswith(CLAIMS[0]):
        return "says READY although a request failed"
    if CLAIMS[1] in outcome.stdout:
        return "says that all passed although a request failed"
    return None


def probes_of(case, baseline):
    """Every request of the case times every way; and once with nobody listening at all."""
    probes, seen = [], collections.Counter()
    for method, target in sorted(baseline.requests):
        seen[method, target] += 1
        probes += [Probe(case, baseline, way, method, target, seen[method, target]) for way in FAILURES]
    if probes:
        probes.append(Probe(case, baseline, "nobody", "", "", 1))
    return probes


def pick(groups, budget):
    """
    At most about `budget` probes, spread evenly: cases of the same command share its probes, each starting where the
    one before stopped, so that together they cover all of them.
    """
    total = sum(len(probes) for probes in groups)
    stride, offset, chosen = max(1, -(-total // budget)), collections.Counter(), []
    while math.gcd(stride, len(FAILURES)) > 1:
        stride += 1  # else some ways would never be picked
    for probes in groups:
        if not probes:
            continue
        command = probes[0].case.fields["command"]
        chosen += probes[offset[command] % stride::stride]
        offset[command] += 1
    return chosen, total


def run_probe(binary, probe):
    if probe.way == "nobody":
        return judge(probe, runner.run(binary, probe.case, listen=False))
    return judge(probe, runner.run(binary, probe.case, plan=Plan(probe)))


def describe(probe):
    if probe.way == "nobody":
        return "%s [nobody listens]" % probe.case.name
    return "%s [%s: %s %s, number %d]" % (probe.case.name, probe.way, probe.method, probe.target, probe.nth)


def torture(binary, cases, jobs, budget):
    """Run it all; the number of failures, -1 if there was nothing to run."""
    cases = [case for case in cases if case.fields.get("torture") != "no"]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        baselines = list(pool.map(lambda case: runner.run(binary, case), cases))
    groups = [probes_of(case, baseline) for case, baseline in zip(cases, baselines)]
    chosen, total = pick(groups, budget)
    failed = 0
    # Most of a run is waiting (Retry-After, the second before a repetition), which costs no processor time.
    with concurrent.futures.ThreadPoolExecutor(4 * jobs) as pool:
        for probe, wrong in zip(chosen, pool.map(lambda probe: run_probe(binary, probe), chosen)):
            if wrong:
                failed += 1
                print("FAILED %s: %s" % (describe(probe), wrong), flush=True)
    print("%d of %d failures tried in %d cases, %d failed" % (len(chosen), total, len(cases), failed))
    return failed if chosen else -1
