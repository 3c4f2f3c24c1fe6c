# SPDX-License-Identifier: Apache-2.0
"""Run every fuzz target (or those named) for some seconds; findings stop the run with status 1.

What the fuzzer learns is kept in the user's cache directory, a folder a target, and is where the next run begins; the
seeds in corpus/ are read and never written to. A finding's input is left in that folder's `findings`.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "..", "..", "build", "fuzz", "tests")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "kubectl-flux-arc", "fuzz")
MEMORY_MB = 2048
INPUT_SECONDS = 10  # one input may take so long
MAX_INPUT = 64 * 1024
COUNT = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
COVERAGE = re.compile(r"cov: (\d+)")


def fuzz(name, program, seconds):
    """(name, executions, coverage, text of a finding or None)"""
    corpus, findings = os.path.join(CACHE, name), os.path.join(CACHE, "findings", name)
    os.makedirs(corpus, exist_ok=True)
    os.makedirs(findings, exist_ok=True)
    command = [program, "-max_total_time=%d" % seconds, "-rss_limit_mb=%d" % MEMORY_MB, "-timeout=%d" % INPUT_SECONDS,
               "-max_len=%d" % MAX_INPUT, "-print_final_stats=1", "-artifact_prefix=%s/" % findings, corpus]
    seeds = os.path.join(HERE, "corpus", name)
    command += [seeds] if os.path.isdir(seeds) else []
    dictionary = os.path.join(HERE, name + ".dict")
    command += ["-dict=" + dictionary] if os.path.exists(dictionary) else []
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=1", UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1")
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env, stdin=subprocess.DEVNULL)
    text = done.stderr.decode("utf-8", "backslashreplace")
    counts, coverage = COUNT.findall(text), COVERAGE.findall(text)
    runs = int(counts[-1]) if counts else 0
    wrong = text[-6000:] if done.returncode else None if runs else "nothing was executed\n" + text[-2000:]
    return name, runs, int(coverage[-1]) if coverage else 0, wrong


def main():
    parser = argparse.ArgumentParser(description="Run the fuzz targets.")
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    names = sorted(os.path.basename(path)[:-2] for path in glob.glob(os.path.join(HERE, "*.c")))
    names = [name for name in names if name != "standalone" and name in (options.targets or names)]
    if not names or set(options.targets) - set(names):
        print("error: no such target", file=sys.stderr)
        return 1
    failed = total = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = [pool.submit(fuzz, name, os.path.join(BUILD, "fuzz_" + name), options.seconds) for name in names]
        for future in work:
            name, runs, coverage, wrong = future.result()
            total += runs
            failed += wrong is not None
            print("%-24s %12d executions, coverage %d%s" % (name, runs, coverage, ", FINDING" if wrong else ""), flush=True)
            if wrong:
                print(wrong + "\nits input is in " + os.path.join(CACHE, "findings", name))
    print("%d targets, %d s each, %d executions, %d with a finding" % (len(names), options.seconds, total, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
