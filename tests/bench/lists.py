# SPDX-License-Identifier: Apache-2.0
"""10,000 HelmReleases of 6 KB: how long lists take, against kubectl and curl asking for the same."""
import sys
import tempfile

from measure import KUBECTL, OURS, Contest, Curl, Promises, learn_targets, load

OBJECTS = 10000
LISTS = ["get", "helmreleases", "-A"]


def five_objects(promises):
    words = LISTS + ["-l", "flux-arc.test/load"]
    load(5)
    contest = Contest("five objects", {"ours": [OURS] + words, "kubectl": [KUBECTL] + words}, 25)
    promises.at_least("five objects: kubectl/ours", contest.ratio("kubectl", "ours"), 4)


def tables(promises, curl):
    contest = Contest("get helmreleases -A", {
        "ours": [OURS] + LISTS, "kubectl": [KUBECTL] + LISTS,
        "kubectl --chunk-size=0": [KUBECTL] + LISTS + ["--chunk-size=0"]}, 5)
    promises.at_least("get helmreleases -A: kubectl/ours", contest.ratio("kubectl", "ours"), 4)
    promises.at_least("get helmreleases -A: kubectl --chunk-size=0/ours",
                      contest.ratio("kubectl --chunk-size=0", "ours"), 1)
    contest = Contest("get helmreleases -A", {
        "ours": [OURS] + LISTS, "curl": curl.get(learn_targets(LISTS)[0])}, 15)
    promises.at_most("get helmreleases -A: ours/curl", contest.ratio("ours", "curl"), 1.15)


def documents(promises):
    words = LISTS + ["-o", "json"]
    contest = Contest("get helmreleases -A -o json", {"ours": [OURS] + words, "kubectl": [KUBECTL] + words}, 3)
    promises.at_least("get helmreleases -A -o json: kubectl/ours", contest.ratio("kubectl", "ours"), 8)


def status(promises, curl):
    targets = learn_targets(["status"])
    contest = Contest("status, %d requests" % len(targets), {
        "ours": [OURS, "status"], "curl --parallel": curl.get_all(targets)}, 15)
    promises.at_most("status: ours/curl --parallel", contest.ratio("ours", "curl --parallel"), 1.25)


def main(promises):
    with tempfile.TemporaryDirectory() as folder:
        curl = Curl(folder)
        five_objects(promises)
        load(OBJECTS)
        tables(promises, curl)
        documents(promises)
        status(promises, curl)


if __name__ == "__main__":
    sys.exit(Promises().run(main))
