# SPDX-License-Identifier: Apache-2.0
"""10,000 HelmReleases of 6 KB: how long lists take, against kubectl and curl asking for the same."""
import re
import subprocess
import sys
import tempfile
import time

from measure import KUBECTL, OURS, BenchError, Contest, Curl, Promises, learn_targets, load, run_once

OBJECTS = 10000
SETTLE_SECONDS = 15 * 60
LISTS = ["get", "helmreleases", "-A"]


def five_objects(promises):
    words = LISTS + ["-l", "flux-arc.test/load"]
    load(5)
    contest = Contest("five objects", {"ours": [OURS] + words, "kubectl": [KUBECTL] + words}, 25)
    promises.at_least("five objects: kubectl/ours", contest.ratio("kubectl", "ours"), 4)


def lists_of_etcd():
    """How many lists of HelmReleases the API server has read from etcd so far."""
    metrics = subprocess.run([KUBECTL, "get", "--raw", "/metrics"], stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, check=True).stdout
    found = re.search(r'^apiserver_storage_list_total{.*resource="helmreleases".*} (\d+)$', metrics, re.M)
    return int(found[1]) if found else 0


def pages_come_from_etcd():
    before = lists_of_etcd()
    run_once([KUBECTL] + LISTS)
    return lists_of_etcd() - before > 5


def settle():
    """
    Wait until kubectl's pages come from etcd. For some minutes after a write the server has them in its watch cache,
    where they cost a fifth.
    """
    deadline = time.monotonic() + SETTLE_SECONDS
    while not pages_come_from_etcd():
        if time.monotonic() > deadline:
            raise BenchError("kubectl's pages still come from the watch cache after %d s" % SETTLE_SECONDS)
        time.sleep(20)


def against_kubectl(promises, where):
    contest = Contest("get helmreleases -A, kubectl's pages from " + where, {
        "ours": [OURS] + LISTS, "kubectl": [KUBECTL] + LISTS,
        "kubectl --chunk-size=0": [KUBECTL] + LISTS + ["--chunk-size=0"]}, 5)
    promises.at_least("get helmreleases -A: kubectl/ours, its pages from " + where, contest.ratio("kubectl", "ours"), 4)
    promises.at_least("get helmreleases -A: kubectl --chunk-size=0/ours",
                      contest.ratio("kubectl --chunk-size=0", "ours"), 1)


def against_curl(promises, curl):
    contest = Contest("get helmreleases -A", {
        "ours": [OURS] + LISTS, "curl": curl.get(learn_targets(LISTS)[0])}, 15)
    promises.at_most("get helmreleases -A: ours/curl", contest.ratio("ours", "curl"), 1.15)


def documents(promises):
    words = LISTS + ["-o", "json"]
    contest = Contest("get helmreleases -A -o json", {"ours": [OURS] + words, "kubectl": [KUBECTL] + words}, 5)
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
        if not pages_come_from_etcd():
            against_kubectl(promises, "the watch cache")
        against_curl(promises, curl)
        documents(promises)
        status(promises, curl)
        settle()
        against_kubectl(promises, "etcd")


if __name__ == "__main__":
    sys.exit(Promises().run(main))
