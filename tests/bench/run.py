# SPDX-License-Identifier: Apache-2.0
"""Run the measuring programs of this folder, or those named; needs the environment that `./dev bench` makes."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = ("lists", "memory", "packs", "bundles", "azure")


def main():
    wanted = sys.argv[1:] or PROGRAMS
    if set(wanted) - set(PROGRAMS):
        print("error: no such program; there are: %s" % ", ".join(PROGRAMS), file=sys.stderr)
        return 1
    failed = 0
    for name in wanted:
        print("# %s" % name, flush=True)
        failed += subprocess.run([sys.executable, os.path.join(HERE, name + ".py")], check=False).returncode != 0
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
