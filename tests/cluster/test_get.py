#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`get -o json|yaml|name` of every kind against kubectl on the test cluster: byte for byte.

    python3 tests/cluster/test_get.py [PROGRAM]

Needs KUBECONFIG and FLUX_ARC_KUBECTL, as `./dev cluster up` prints them; says so and is skipped where they are missing.
"""
import difflib
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("FLUX_ARC_BINARY") or os.path.join(
    HERE, "..", "..", "build", "dev", "plugin", "kubectl-flux-arc")

FLUX = ["gitrepositories", "ocirepositories", "helmrepositories", "helmcharts", "buckets", "externalartifacts",
        "artifactgenerators", "kustomizations", "helmreleases", "imagerepositories", "imagepolicies",
        "imageupdateautomations", "receivers", "alerts", "providers"]
AZURE = ["fluxconfigs", "fluxconfigsyncstatuses.clusterconfig.azure.com", "extensionconfigs.clusterconfig.azure.com",
         "extensionconfigs.aks.clusterconfig.azure.com"]
CORE = ["pods", "deployments", "statefulsets", "daemonsets", "replicasets", "namespaces", "nodes"]
TRIES = 4  # a controller may write between the two reads


class Failure(Exception):
    pass


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


def first_difference(ours, theirs):
    lines = list(difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "kubectl", "flux-arc", lineterm="", n=2))
    return "\n".join("      " + line for line in lines[:30])


def served(kubectl):
    """Kinds that the server has, as PLURAL and PLURAL.GROUP."""
    _, out, _ = run([kubectl, "api-resources", "--no-headers", "-o", "name"])
    names = set(out.split())
    return names | {name.split(".")[0] for name in names}


def only_ours(text, output):
    """kubectl's CRDs without those of others, which `get crds` leaves out."""
    owners = (".fluxcd.io", ".fluxcd.controlplane.io", ".clusterconfig.azure.com", ".arc.azure.com")
    if output == "name":
        return "".join(line + "\n" for line in text.splitlines() if line.endswith(owners))
    whole = json.loads(text)
    whole["items"] = [item for item in whole["items"] if item["metadata"]["name"].endswith(owners)]
    return whole


def compare(title, ours, theirs, adapt=None):
    """Both commands until they agree: the world may move between them."""
    for attempt in range(TRIES):
        a, b = run(ours), run(theirs)
        if a[0] == b[0] and adapt:
            same = adapt(a[1], b[1])
        else:
            same = a[0] == b[0] and a[1] == b[1]
        if same:
            return
    raise Failure("%s\n      exit %d and %d, stderr %r and %r\n%s" % (
        title, a[0], b[0], a[2][:300], b[2][:300], first_difference(a[1], b[1])))


def lists(program, kubectl, kinds):
    for kind in kinds:
        for output in ("json", "yaml", "name"):
            arguments = ["get", kind, "-A", "-o", output]
            yield " ".join(arguments), [program] + arguments, [kubectl] + arguments, None
        arguments = ["get", kind, "-A", "--show-managed-fields", "-o", "json"]
        yield " ".join(arguments), [program] + arguments, [kubectl] + arguments, None


def single_objects(program, kubectl, kinds):
    """One object of each kind, alone, and as two names."""
    for kind in kinds:
        _, out, _ = run([kubectl, "get", kind, "-A", "-o", "jsonpath={range .items[*]}{.metadata.namespace} "
                         "{.metadata.name}{\"\\n\"}{end}"])
        rows = [line.split(" ") for line in out.splitlines() if line]
        if not rows:
            continue
        namespace, name = rows[0]
        where = ["-n", namespace] if namespace else []
        for output in ("json", "yaml", "name"):
            for names in ([name], [name, name]):
                arguments = ["get", kind] + names + where + ["-o", output]
                yield " ".join(arguments), [program] + arguments, [kubectl] + arguments, None


def crds(program, kubectl):
    def same_json(ours, theirs):
        return json.loads(ours) == only_ours(theirs, "json")

    def same_names(ours, theirs):
        return ours == only_ours(theirs, "name")

    yield "get crds -o json", [program, "get", "crds", "-o", "json"], [kubectl, "get", "crds", "-o", "json"], same_json
    yield "get crds -o name", [program, "get", "crds", "-o", "name"], [kubectl, "get", "crds", "-o", "name"], same_names
    one = ["get", "crds", "kustomizations.kustomize.toolkit.fluxcd.io", "-o"]
    for output in ("json", "yaml"):
        yield " ".join(one + [output]), [program] + one + [output], [kubectl] + one + [output], None


def selections(program, kubectl):
    """Selectors, templates, order, namespaces, missing names: the words that kubectl's users type."""
    for words in (
            ["get", "ks,hr", "-A", "-o", "json"],
            ["get", "ks,hr", "-A", "-o", "name"],
            ["get", "hr", "-n", "cluster-config", "-o", "yaml"],
            ["get", "hr", "-n", "nowhere", "-o", "json"],
            ["get", "hr", "-n", "nowhere", "-o", "yaml"],
            ["get", "hr", "-n", "nowhere", "-o", "name"],
            ["get", "pods", "-n", "flux-system", "-l", "app=source-controller", "-o", "name"],
            ["get", "pods", "-A", "-l", "app in (source-controller,helm-controller),x!=y", "-o", "name"],
            ["get", "hr", "-A", "--field-selector", "metadata.name=podinfo", "-o", "yaml"],
            ["get", "pods", "-A", "--sort-by", ".metadata.name", "-o", "name"],
            ["get", "hr", "-A", "--sort-by=.spec.chart.spec.version", "-o", "name"],
            ["get", "hr", "-A", "--chunk-size", "2", "-o", "json"],
            ["get", "hr", "-A", "-o", "jsonpath={.items[*].metadata.name}"],
            ["get", "hr", "-A", "-o", "jsonpath={range .items[*]}{.metadata.name}{\"\\t\"}{.spec.interval}{\"\\n\"}{end}"],
            ["get", "hr", "-A", "-o", "jsonpath={.items[0].metadata.labels}"],
            ["get", "hr", "-A", "-o", "jsonpath={.items[?(@.metadata.name==\"podinfo\")].spec.chart}"],
            ["get", "hr", "-A", "-o", "jsonpath={.items[*].metadata..name}"],
            ["get", "nodes", "-o", "jsonpath={.items[*].status.conditions[?(@.type==\"Ready\")].status}"],
            ["get", "ks", "nothere", "-n", "cluster-config", "-o", "json"],
            ["get", "ks/cluster-config-apps", "hr/podinfo", "-n", "cluster-config", "-o", "yaml"],
            ["get", "ks", "nothere", "cluster-config-apps", "-n", "cluster-config", "-o", "json"]):
        yield " ".join(words), [program] + words, [kubectl] + words, None


def table_columns(program, kubectl):
    """Of pods and workloads kubectl's own columns, value for value; ages move between the two reads."""
    def same_cells(ours, theirs):
        def cells(text):
            rows = [line.split() for line in text.splitlines()]
            age = rows[0].index("AGE")
            return [row[:age] if row is not rows[0] else row[:age + 1] for row in rows]

        return cells(ours) == cells(theirs)

    for kind in ("pods", "deployments", "statefulsets", "replicasets"):
        words = ["get", kind, "-A"]
        yield " ".join(words), [program] + words, [kubectl] + words, same_cells


def main():
    kubectl = os.environ.get("FLUX_ARC_KUBECTL")
    if not kubectl or not os.environ.get("KUBECONFIG"):
        print("skipped: no test cluster (KUBECONFIG and FLUX_ARC_KUBECTL are not set: ./dev cluster up)")
        return 77
    program = sys.argv[1] if len(sys.argv) > 1 else PROGRAM
    known = served(kubectl)
    kinds = [kind for kind in FLUX + AZURE + CORE if kind in known]
    missing = [kind for kind in FLUX + AZURE + CORE if kind not in known]
    failures = count = 0
    for rows in (lists(program, kubectl, kinds), single_objects(program, kubectl, kinds), crds(program, kubectl),
                 selections(program, kubectl), table_columns(program, kubectl)):
        for title, ours, theirs, adapt in rows:
            count += 1
            try:
                compare(title, ours, theirs, adapt)
            except Failure as failure:
                failures += 1
                print("FAILED %s" % failure)
    if missing:
        print("not served here: %s" % ", ".join(missing))
    print("%d comparisons of %d kinds, %d failed" % (count, len(kinds), failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
