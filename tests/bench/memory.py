# SPDX-License-Identifier: Apache-2.0
"""20,000 HelmReleases of 6 KB: the peak memory of what streams. `--sort-by` holds all objects and is exempt."""
import sys

from measure import OURS, Promises, load, print_floor, run_once

OBJECTS = 20000
LIMIT_MIB = 24
COMMANDS = (["get", "helmreleases", "-A"], ["get", "helmreleases", "-A", "-o", "json"],
            ["get", "helmreleases", "-A", "-o", "yaml"], ["status"])


def main(promises):
    load(OBJECTS)
    print_floor()
    for words in COMMANDS:
        peak = max(run_once([OURS] + words).peak for _ in range(3))
        promises.at_most("%s: peak memory" % " ".join(words), peak, LIMIT_MIB, " MiB")


if __name__ == "__main__":
    sys.exit(Promises().run(main))
