# SPDX-License-Identifier: Apache-2.0
"""The same command line against a cluster and against its snapshot."""
import difflib
import os
import re
import subprocess


class Program:
    """The program with nothing of the caller's environment; `probe` records."""

    def __init__(self, binary, probe, folder):
        self.binary, self.probe, self.folder = binary, probe, folder
        self.env = {"HOME": folder, "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"],
                    "XDG_CACHE_HOME": os.path.join(folder, "cache")}

    def run(self, command, **env):
        done = subprocess.run(command, env={**self.env, **env}, cwd=self.folder, capture_output=True, text=True,
                              timeout=300, check=False)
        return done.returncode, done.stdout, done.stderr

    def record(self, kubeconfig, output, *more):
        """What the probe says it read."""
        status, out, err = self.run([self.probe, kubeconfig, output, *more])
        if status:
            raise AssertionError("recording: %s" % err)
        return out

    def live(self, kubeconfig, words):
        return self.run([self.binary, *words], KUBECONFIG=kubeconfig)

    def packed(self, snapshot, words):
        """No kubeconfig may be needed, nor read: this one ends every command that does."""
        broken = os.path.join(self.folder, "broken.kubeconfig")
        with open(broken, "w", encoding="utf-8") as file:
            file.write("not: [a, kubeconfig")
        return self.run([self.binary, *words, "--bundle", snapshot], KUBECONFIG=broken)


SAYS_SO = re.compile(r"\Afrom bundle \S+, as of 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\n")


def difference(words, live, packed):
    """In words; nothing where both say the same."""
    if not SAYS_SO.match(packed[2]):
        return "%s: stderr does not say where the answer is from: %s" % (" ".join(words), packed[2][:300])
    packed = (packed[0], packed[1], SAYS_SO.sub("", packed[2]))
    if live == packed:
        return ""
    lines = ["%s: exit %d live, %d packed" % (" ".join(words), live[0], packed[0])]
    for name, ours, theirs in (("stdout", live[1], packed[1]), ("stderr", live[2], packed[2])):
        lines += difflib.unified_diff(ours.splitlines(), theirs.splitlines(), "live " + name, "packed " + name,
                                      lineterm="", n=1)
    return "\n    ".join(line[:300] for line in lines[:40])


FLUX = ["gitrepositories", "ocirepositories", "helmrepositories", "helmcharts", "buckets", "externalartifacts",
        "artifactgenerators", "kustomizations", "helmreleases", "imagerepositories", "imagepolicies",
        "imageupdateautomations", "receivers", "alerts", "providers"]
AZURE = ["fluxconfigs", "fluxconfigsyncstatuses", "extensionconfigs", "extensionconfigs.aks.clusterconfig.azure.com"]
CORE = ["pods", "deployments", "statefulsets", "daemonsets", "replicasets", "namespaces", "nodes", "crds"]
SCREENS = [
    ["status"], ["status", "-o", "wide"], ["status", "-o", "json"], ["status", "-o", "yaml"], ["status", "--all"],
    ["status", "--exit-code"], ["status", "-n", "cluster-config"], ["status", "-n", "nowhere"],
    ["check"], ["check", "-o", "json"], ["check", "-o", "yaml"],
    ["version"], ["version", "-o", "json"],
    ["get", "all"], ["get", "all", "-A"], ["get", "all", "-A", "-o", "wide"], ["get", "all", "-A", "-o", "name"],
    ["get", "all", "-n", "cluster-config", "--state", "notready"],
]
SHORT = SCREENS[:3] + [["check"], ["get", "all", "-A", "-o", "wide"], ["get", "all", "-n", "nowhere"]]


def lists():
    """Every kind that get takes, in every format."""
    for kind in FLUX + AZURE + CORE:
        for output in ("table", "wide", "json", "yaml", "name"):
            yield ["get", kind, "-A", "-o", output]
    for kind in ("ks", "pods", "crds", "nodes"):
        yield ["get", kind, "-A", "-o", "json", "--show-managed-fields"]
        yield ["get", kind]
        yield ["get", kind, "-n", "cluster-config", "-o", "json"]
        yield ["get", kind, "-n", "nowhere"]


def selected(option, selectors, kinds):
    for selector in selectors:
        for kind in kinds:
            yield ["get", kind, "-A", "-o", "name", option, selector]


def odd_selections():
    """Those of which a replay does not know what a server says."""
    yield from selected("-l", ("pod-template-hash>4", "a b", "a in (", "a=-b", "-a=b", "x,,y", "a===b", "a=b,"),
                        ("pods", "hr", "deployments"))
    yield from selected("--field-selector", (
        "metadata.namespace=cluster-config", "spec.foo=bar", "metadata.name", "a b", "metadata.name=a=b", "=x",
        "metadata.name=a\\b", "spec.unschedulable=false", "spec.hostNetwork=false", "spec.restartPolicy=Always",
        "status.podIP!=", "metadata.name =x", "status.phase=Running"),
        ("pods", "hr", "deployments", "nodes", "namespaces", "crds"))


def selections():
    yield from selected("-l", ("app=source-controller", "app in (source-controller,helm-controller),x!=y", "!app",
                               "app,!tier", "app==source-controller", "app notin (source-controller)",
                               "helm.toolkit.fluxcd.io/name=podinfo", "kustomize.toolkit.fluxcd.io/name"),
                        ("pods", "hr", "deployments"))
    yield from selected("--field-selector", ("metadata.name=podinfo", "metadata.name!=podinfo"), ("hr", "deployments"))
    yield from selected("--field-selector", ("status.phase=Running", "status.phase!=Running", "spec.nodeName=node-0",
                                             "metadata.namespace!=flux-system,status.phase=Running"), ("pods",))
    yield from (words.split(" ") for words in (
        "get ks,hr -A -o json", "get ks,hr -A", "get sources all -A", "get images all -A",
        "get hr -A --chunk-size 2 -o json", "get hr -A --chunk-size 2", "get pods -A --sort-by .metadata.name -o name",
        "get hr -A --sort-by=.spec.chart.spec.version", "get hr -A -o jsonpath={.items[*].metadata.name}",
        "get hr -A -o jsonpath={.items[0].metadata.labels}", "get hr -A --show-labels -L app",
        "get hr -A --no-headers", "get hr -A --state notready", "get pods", "get pods -n flux-system -o wide",
        "get hr nothere -n cluster-config", "get pods nothere -n nowhere", "get nodes nothere", "get crds nothere",
        "get secrets", "get hr a%2Fb -n cluster-config",
        "get crds kustomizations.kustomize.toolkit.fluxcd.io -o json",
        "get crd kustomizations.kustomize.toolkit.fluxcd.io",
        "get ks nothere cluster-config-apps -n cluster-config -o json"))


def objects(found):
    """Each of the objects [(kind, namespace, name)] by name."""
    for kind, namespace, name in found:
        where = ["-n", namespace] if namespace else []
        for output in ("table", "json", "yaml", "name"):
            yield ["get", kind, name, *where, "-o", output]
        yield ["describe", "%s/%s" % (kind, name), *where]
        yield ["describe", "%s/%s" % (kind, name), *where, "-o", "wide"]
        yield ["describe", "%s/%s" % (kind, name), "-n", "nowhere"]
