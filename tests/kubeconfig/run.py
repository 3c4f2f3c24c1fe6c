#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run the scenarios of client-go's behaviour (A01 to A104) against the program, each in a fresh folder.

    run.py --binary FILE [NAME…]            those whose name begins with NAME; all without
    run.py --binary kubectl --oracle        the same against kubectl, less those where we differ on purpose
"""
import argparse
import concurrent.futures
import os
import shutil
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from case import SCENARIOS, Case, Skip  # noqa: E402
from pki import Pki  # noqa: E402
from scenarios import credentials, loading, overrides, plugins, pods, printing  # noqa: E402,F401


class Suite:
    def __init__(self, binary, oracle, folder):
        self.binary = os.path.abspath(binary) if os.sep in binary else shutil.which(binary)
        self.oracle = oracle
        self.folder = folder
        pki = os.path.join(folder, "pki")
        os.mkdir(pki)
        self.pki = Pki(pki)

    def run(self, name, function):
        """'' if it passed, else what went wrong; Skip passes through."""
        case = Case(self, tempfile.mkdtemp(prefix=name.split()[0] + "-", dir=self.folder))
        try:
            function(case)
            return ""
        except AssertionError as error:
            return str(error)
        except Skip:
            raise
        except Exception:
            return traceback.format_exc()
        finally:
            case.close()


def judge(future):
    try:
        return future.result(), None
    except Skip as reason:
        return "", str(reason)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--oracle", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    chosen = [(name, function) for name, ours, function in SCENARIOS
              if not (ours and options.oracle) and (not options.names or any(map(name.startswith, options.names)))]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory(prefix="kubeconfig-") as folder, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        suite = Suite(options.binary, options.oracle, folder)
        futures = [(name, function, pool.submit(suite.run, name, function)) for name, function in chosen]
        for name, function, future in futures:
            failure, skipped = judge(future)
            counts["skipped" if skipped else "failed" if failure else "passed"] += 1
            if skipped:
                print("%s %s: skipped: %s" % (name, function.__name__, skipped))
            elif failure:
                print("%s %s: %s" % (name, function.__name__, failure))
    print("%(passed)d passed, %(failed)d failed" % counts
          + (", %d skipped" % counts["skipped"] if counts["skipped"] else ""))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
