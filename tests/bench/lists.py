# SPDX-License-Identifier: Apache-2.0
"""10,000 HelmReleases of 6 KB: how long lists take, against kubectl and curl asking for the same."""
import sys
import tempfile

from measure import KUBECTL, OURS, BenchError, Curl, Table, compete, learn_requests, load

OBJECTS = 10000
ROUNDS, SMALL_ROUNDS = 5, 15


def show(medians):
    for name, seconds in medians.items():
        print("    %-54s %8.0f ms" % (name, seconds * 1000), flush=True)


def five_objects(table):
    load(5)
    words = ["get", "helmreleases", "-A", "-l", "flux-arc.test/load"]
    medians = compete({"ours": [OURS] + words, "kubectl": [KUBECTL] + words}, SMALL_ROUNDS)
    show(medians)
    ratio = medians["kubectl"] / medians["ours"]
    table.row("five objects: kubectl / ours", ratio, ">= 4", ratio >= 4)


def tables(table, curl):
    words = ["get", "helmreleases", "-A"]
    target, accept = learn_requests(words)[0]
    medians = compete({"ours": [OURS] + words, "kubectl": [KUBECTL] + words,
                       "kubectl --chunk-size=0": [KUBECTL] + words + ["--chunk-size=0"],
                       "curl": curl.get(target, accept)}, ROUNDS)
    show(medians)
    ours = medians["ours"]
    for name, what, bound in (("kubectl", ">= 4", 4), ("kubectl --chunk-size=0", ">= 1", 1)):
        ratio = medians[name] / ours
        table.row("get helmreleases -A: %s / ours" % name, ratio, what, ratio >= bound)
    ratio = ours / medians["curl"]
    table.row("get helmreleases -A: ours / curl", ratio, "<= 1.15", ratio <= 1.15)


def documents(table):
    words = ["get", "helmreleases", "-A", "-o", "json"]
    medians = compete({"ours": [OURS] + words, "kubectl": [KUBECTL] + words}, 3)
    show(medians)
    ratio = medians["kubectl"] / medians["ours"]
    table.row("get helmreleases -A -o json: kubectl / ours", ratio, ">= 8", ratio >= 8)


def status(table, curl):
    requests = learn_requests(["status"])
    medians = compete({"ours": [OURS, "status"], "curl --parallel": curl.get_all(requests)}, ROUNDS)
    show(medians)
    ratio = medians["ours"] / medians["curl --parallel"]
    table.row("status: ours / curl --parallel (%d requests)" % len(requests), ratio, "<= 1.25", ratio <= 1.25)


def main():
    table = Table()
    try:
        with tempfile.TemporaryDirectory() as folder:
            curl = Curl(folder)
            five_objects(table)
            load(OBJECTS)
            tables(table, curl)
            documents(table)
            status(table, curl)
    except BenchError as error:
        print("error: %s" % error, file=sys.stderr)
        return 1
    print("%d figures missed" % table.missed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
