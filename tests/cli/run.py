#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run the cases of this folder (README.md says how they are written).

    python3 tests/cli/run.py                     all
    python3 tests/cli/run.py get status          those with get or status in their name
    python3 tests/cli/run.py --update get        write what the program says now into the case files
    python3 tests/cli/run.py --torture status    with every request failing in turn
    python3 tests/cli/run.py --show get/all      print what the program says, and every request, compare nothing
"""
import argparse
import concurrent.futures
import difflib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import casefile  # noqa: E402
import runner  # noqa: E402
import torture  # noqa: E402

BINARY = os.path.join(HERE, "..", "..", "build", "dev", "plugin", "kubectl-flux-arc")


def find_cases(wanted, folder):
    """Parsed cases whose name holds one of `wanted`, in order of name."""
    cases = []
    for parent, _, files in os.walk(folder):
        for file in files:
            path = os.path.join(parent, file)
            name = os.path.relpath(path, folder)[:-len(".case")]
            if file.endswith(".case") and (not wanted or any(word in name for word in wanted)):
                cases.append(casefile.parse(path, name))
    return sorted(cases, key=lambda case: case.name)


def difference(title, expected, actual):
    lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "expected " + title, "actual " + title,
                                 lineterm="")
    text = "\n".join("    " + line for line in lines)
    return text or "    %s: only the newline at the end differs" % title


def request_lines(outcome):
    """Those to the cluster."""
    return "".join("%s %s\n" % request for request in sorted(outcome.requests) if not request[1].startswith("${"))


def outputs(case, outcome):
    """(section, expected, actual) for everything a case compares."""
    yield "stdout", case.text("stdout") or "", outcome.stdout
    yield "stderr", case.text("stderr") or "", outcome.stderr
    if case.text("requests") is not None:
        yield "requests", case.text("requests"), request_lines(outcome)
    for title, actual in (("arm requests", outcome.arm_requests), ("arm state", outcome.arm_state)):
        if case.text(title) is not None:
            yield title, case.text(title), actual


def compare(case, outcome):
    """Every difference, in words."""
    wrong = list(outcome.complaints)
    if runner.broken(outcome):
        wrong.append(runner.broken(outcome))
    if outcome.exit != case.exit:
        wrong.append("exit status %d, expected %d" % (outcome.exit, case.exit))
    for title, expected, actual in outputs(case, outcome):
        if not casefile.same(expected, actual):
            wrong.append("%s differs\n%s" % (title, difference(title, expected, actual)))
    return wrong


def trace_leaks(binary, case):
    """Secrets in what the program writes when it traces all it can."""
    if "arm" not in case.fields:
        return []
    outcome = runner.run(binary, case, trace=True)
    wrong = ["with %s: %s" % (runner.TRACE, text) for text in outcome.complaints if "secret" in text]
    return wrong + (["with %s: %s" % (runner.TRACE, runner.broken(outcome))] if runner.broken(outcome) else [])


def update(case, outcome):
    """Write the outcome into the case's file; what no expectation can make right stays a failure."""
    if runner.broken(outcome):
        return [runner.broken(outcome), outcome.stderr]
    case.set_exit(outcome.exit)
    for title, expected, actual in list(outputs(case, outcome)):
        if not casefile.same(expected, actual):
            case.set_text(title, casefile.merge(expected, actual))
    with open(case.path, encoding="utf-8") as file:
        before = file.read()
    if case.format() != before:
        with open(case.path, "w", encoding="utf-8", newline="") as file:
            file.write(case.format())
        print("updated %s" % case.name)
    return list(outcome.complaints)


def show(case, outcome):
    print("$ kubectl flux-arc %s" % case.fields["command"])
    print(outcome.stdout, end="")
    print("--- stderr, exit status %d, %d requests\n%s%s" % (outcome.exit, len(outcome.requests), outcome.stderr,
                                                         request_lines(outcome)))
    print(outcome.arm_requests + outcome.arm_state, end="")
    print("".join("COMPLAINT: %s\n" % text for text in outcome.complaints), end="")
    return []


def run_all(binary, cases, jobs, judge):
    """The number of cases that failed."""
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for case, outcome in zip(cases, pool.map(lambda case: runner.run(binary, case), cases)):
            wrong = judge(case, outcome) + (trace_leaks(binary, case) if judge is compare else [])
            if wrong:
                failed += 1
                print("FAILED %s\n  %s" % (case.name, "\n  ".join(wrong)), flush=True)
    print("%d cases, %d failed" % (len(cases), failed))
    return failed


def parse_arguments():
    parser = argparse.ArgumentParser(description="Run the command line cases.")
    parser.add_argument("names", nargs="*", help="only cases with one of these in their name")
    parser.add_argument("--binary", default=BINARY)
    parser.add_argument("--cases", default=HERE, help="the folder of cases")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--budget", type=int, default=torture.BUDGET, help="how many failures to try at most")
    modes = parser.add_mutually_exclusive_group()
    for mode in ("update", "torture", "show"):
        modes.add_argument("--" + mode, action="store_true")
    return parser.parse_args()


def main():
    options = parse_arguments()
    binary = os.path.abspath(options.binary)
    try:
        cases = find_cases(options.names, options.cases)
    except casefile.CaseError as error:
        print("error: %s" % error, file=sys.stderr)
        return 1
    if not cases or not os.access(binary, os.X_OK):
        print("error: no such case" if not cases else "error: no program at %s" % binary, file=sys.stderr)
        return 1
    if options.torture:
        return torture.torture(binary, cases, options.jobs, options.budget) != 0
    judge = update if options.update else show if options.show else compare
    return run_all(binary, cases, options.jobs, judge) != 0


if __name__ == "__main__":
    sys.exit(main())
