#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bundle files from outside: what other tools make of them, kill -9, sizes that no test can write.

    python3 tests/bundle/run.py --binary build/dev/plugin/kubectl-flux-arc [NAME...]
"""
import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import checks_format  # noqa: E402
import checks_full  # noqa: E402
import checks_hostile  # noqa: E402
import checks_kill  # noqa: E402
import checks_large  # noqa: E402
import world  # noqa: E402

SKIPPED = 77
BINARY = os.path.join(HERE, "..", "..", "build", "dev", "plugin", "kubectl-flux-arc")


def main():
    parser = argparse.ArgumentParser(description="Check bundle files with other tools.")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--binary", default=BINARY)
    options = parser.parse_args()
    failed = run = skipped = 0
    for name, check in [*checks_format.CHECKS, *checks_hostile.CHECKS, *checks_large.CHECKS, *checks_full.CHECKS,
                        *checks_kill.CHECKS]:
        if options.names and name not in options.names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                said = check(world.World(options.binary, folder)) or "ok"
            except world.Skipped as why:
                said, skipped = "skipped: %s" % why, skipped + 1
            except (AssertionError, OSError) as why:
                said, failed = "FAILED: %s" % why, failed + 1
        run += 1
        print("%-14s %s" % (name, said), flush=True)
    print("%d checks, %d failed" % (run, failed))
    if failed or not run:
        return 1
    return SKIPPED if skipped == run else 0


if __name__ == "__main__":
    sys.exit(main())
