# SPDX-License-Identifier: Apache-2.0
"""20,000 HelmReleases of 6 KB: the peak memory of what streams."""
import sys

from measure import OURS, BenchError, Table, load, run_once

OBJECTS = 20000
LIMIT_MIB = 24
COMMANDS = (["get", "helmreleases", "-A"], ["get", "helmreleases", "-A", "-o", "json"],
            ["get", "helmreleases", "-A", "-o", "yaml"], ["status"])


def main():
    table = Table()
    try:
        load(OBJECTS)
        own = run_once(["true"])[1] / 1024
        for words in COMMANDS:
            peak = run_once([OURS] + words)[1] / 1024
            table.row(" ".join(words) + ": peak memory", peak, "<= %d MiB" % LIMIT_MIB, peak <= LIMIT_MIB, " MiB")
        print("(a peak of %.1f MiB or less cannot be told apart from this program's own)" % own)
    except BenchError as error:
        print("error: %s" % error, file=sys.stderr)
        return 1
    print("%d figures missed" % table.missed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
