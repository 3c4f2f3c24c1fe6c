# SPDX-License-Identifier: Apache-2.0
"""Microsoft's SDK packages for Python against the loopback ARM, which proves it; then the jobs of the tutorial by the SDK and
by this program: the same bodies (or a difference that stands in DIFFERENCES with its reason), the same end state.

    python3 tests/arm/test_sdk.py [--binary PROGRAM]     ends with 77 where the packages cannot be had
"""
import json
import sys
import unittest

import support
from support import AKS_PLACE, PLACE, arm_server, fixtures

ARC, AKS = fixtures.ARC, fixtures.AKS
PYTHON = None
URL = fixtures.REPOSITORY
SCOPE = {"_": "Scope", "cluster": {"_": "ScopeCluster", "release_namespace": "flux-system"}}


def extension(settings=None, identity=True, **more):
    """What az fills in for `az k8s-extension create --extension-type microsoft.flux`."""
    body = {"_": "ExtensionProperties", "extension_type": "microsoft.flux", "auto_upgrade_minor_version": True,
            "scope": SCOPE, **more}
    if settings:
        body["configuration_settings"] = settings
    whole = {"_": "Extension", "properties": body}
    if identity:
        whole["identity"] = {"_": "Identity", "type": "SystemAssigned"}
    return whole


def settings_patch(settings):
    return {"_": "PatchExtension", "properties": {"_": "PatchExtensionProperties", "configuration_settings": settings}}


def kustomization(path, **more):
    return {"_": "KustomizationDefinition", "path": path, "prune": True, **more}


CONFIG = {"_": "FluxConfiguration", "properties": {
    "_": "FluxConfigurationProperties", "scope": "cluster", "namespace": "cluster-config", "source_kind": "GitRepository",
    "suspend": False, "git_repository": {"_": "GitRepositoryDefinition", "url": URL, "repository_ref": {
        "_": "RepositoryRefDefinition", "branch": "main"}},
    "kustomizations": {"infra": kustomization("./infrastructure"),
                       "apps": kustomization("./apps/staging", depends_on=["infra"])}}}
CONFIG_WORDS = ["config", "create", *PLACE, "-n", "cluster-config", "--namespace", "cluster-config", "--scope", "cluster",
                "-u", URL, "--branch", "main", "--kustomization", "name=infra", "path=./infrastructure", "prune=true",
                "--kustomization", "name=apps", "path=./apps/staging", "prune=true", 'dependsOn=["infra"]']
UPDATE = ["extension", "update", *PLACE, "-n", "flux", "--yes"]
WI = {"workloadIdentity.enable": "true", "workloadIdentity.azureClientId": "1de27170-0000-4000-8000-000000000007",
      "workloadIdentity.azureTenantId": fixtures.TENANT}


def update(name, words, settings):
    return (name, "arc+extension", UPDATE + words, [["extension.update", ARC, "flux", settings_patch(settings)]])


# (job of the tutorial, what is there, what is typed here, what the SDK is asked)
JOBS = [
    ("S4 configuration", "arc+extension", CONFIG_WORDS, [["config.create", ARC, "cluster-config", CONFIG]]),
    ("S4 configuration and extension", "arc", CONFIG_WORDS,
     [["extension.create", ARC, "flux", extension()], ["config.create", ARC, "cluster-config", CONFIG]]),
    ("S9 controllers for images", "arc",
     ["extension", "create", *PLACE, "-n", "flux", "--extension-type", "microsoft.flux", "--yes", "--config",
      "image-automation-controller.enabled=true", "image-reflector-controller.enabled=true"],
     [["extension.create", ARC, "flux", extension({"image-automation-controller.enabled": "true",
                                                   "image-reflector-controller.enabled": "true"})]]),
    ("S10 kubelet identity", "aks",
     ["extension", "create", *AKS_PLACE, "-n", "flux", "--kubelet-identity", "--yes"],
     [["extension.create", AKS, "flux", extension({"useKubeletIdentity": "true"}, identity=False)]]),
    update("S14 memory", ["--config", "source-controller.resources.limits.memory=2Gi",
                          "source-controller.resources.requests.memory=300Mi"],
           {"source-controller.resources.limits.memory": "2Gi", "source-controller.resources.requests.memory": "300Mi"}),
    update("S14 limits by shortcut", ["--memory-limit", "kustomize-controller=2Gi", "--cpu-limit",
                                      "kustomize-controller=2000m"],
           {"kustomize-controller.resources.limits.memory": "2Gi", "kustomize-controller.resources.limits.cpu": "2000m"}),
    update("S14 concurrent", ["--config", "kustomize-controller.concurrent=6", "kustomize-controller.requeue-dependency=50s"],
           {"kustomize-controller.concurrent": "6", "kustomize-controller.requeue-dependency": "50s"}),
    update("S14 in memory", ["--in-memory-build"], {"kustomize-controller.enable-in-memory-build": "true"}),
    update("S16 drift", ["--config", "helm-controller.detectDrift=true"], {"helm-controller.detectDrift": "true"}),
    update("S17 strict substitution", ["--strict-substitution"], {"kustomize-controller.strict-substitution-mode": "true"}),
    update("S18 out of memory", ["--oom-watch=70,700ms"], {
        "helm-controller.outOfMemoryWatch.enabled": "true", "helm-controller.outOfMemoryWatch.memoryThreshold": "70",
        "helm-controller.outOfMemoryWatch.interval": "700ms"}),
    update("S19 log level", ["--log-level", "source-controller=error"], {"source-controller.log-level": "error"}),
    update("S20 host name", ["--kube-service-host-fqdn"], {"setKubeServiceHostFqdn": "true"}),
    update("S21 workload identity", ["--workload-identity", "%s,%s" % (WI["workloadIdentity.azureClientId"],
                                                                        fixtures.TENANT)], WI),
    update("S23 ssh-rsa", ["--ssh-rsa-sha2"], {
        name + "-controller.ssh-host-key-args": "--ssh-hostkey-algos=rsa-sha2-512,rsa-sha2-256"
        for name in ("source", "image-automation")}),
    ("S22 provider", "arc+extension+cluster-config",
     ["config", "update", *PLACE, "-n", "cluster-config", "--provider", "azure", "--yes"],
     [["config.update", ARC, "cluster-config", {"_": "FluxConfigurationPatch", "properties": {
         "_": "FluxConfigurationPatchProperties", "git_repository": {"_": "GitRepositoryPatchDefinition",
                                                                     "provider": "Azure"}}}]]),
    ("S24 delete the configuration", "arc+extension+cluster-config",
     ["config", "delete", *PLACE, "-n", "cluster-config", "--yes"], [["config.delete", ARC, "cluster-config"]]),
    ("S24 delete the extension", "arc+extension", ["extension", "delete", *PLACE, "-n", "flux", "--yes"],
     [["extension.delete", ARC, "flux"]]),
]

# {path of a member: why our body has it, or has it not}
DIFFERENCES = {
    "location": "az sends the cluster's location beside the identity; the SDK's model of an extension has none",
}


def paths(tree, prefix=""):
    """{path: value} of the leaves."""
    if not isinstance(tree, dict) or not tree:
        return {prefix: tree}
    return {key: value for name, item in tree.items()
            for key, value in paths(item, "%s/%s" % (prefix, name) if prefix else name).items()}


def difference(ours, theirs):
    one, other = paths(ours or {}), paths(theirs or {})
    return {key: (one.get(key), other.get(key)) for key in {**one, **other}
            if (key in one) != (key in other) or one.get(key) != other.get(key)}


class Sdk(unittest.TestCase):
    maxDiff = None

    def sdk(self, world, steps, how="secret"):
        return support.sdk(PYTHON, world, steps, how, LOOPBACK_EXTENSIONS_VERSION="2024-11-01")

    def test_lists_in_pages(self):
        with arm_server.World("arc+extension+two-configs", ["page 1"]) as world:
            found = self.sdk(world, [["config.list", ARC], ["extension.list", ARC], ["config.show", ARC, "team-b"]])
            self.assertEqual([item["name"] for item in found[0]], ["cluster-config", "team-b"])
            self.assertEqual([item["properties"]["provisioningState"] for item in found[1]], ["Succeeded"])
            self.assertEqual(found[2]["properties"]["complianceState"], "Compliant")
            self.assertEqual(world.finish(), [])

    def test_create_show_update_delete(self):
        with arm_server.World("arc") as world:
            found = self.sdk(world, [
                ["extension.create", ARC, "flux", extension()], ["config.create", ARC, "cluster-config", CONFIG],
                ["extension.update", ARC, "flux", settings_patch({"kustomize-controller.concurrent": "6"})],
                ["extension.show", ARC, "flux"], ["config.delete", ARC, "cluster-config"],
                ["config.show", ARC, "cluster-config"], ["extension.delete", ARC, "flux"], ["extension.list", ARC]])
            self.assertEqual(found[0]["properties"]["currentVersion"], fixtures.LATEST)
            self.assertEqual(found[3]["properties"]["configurationSettings"], {"kustomize-controller.concurrent": "6"})
            self.assertEqual((found[5]["error"], found[5]["status"]), ("ResourceNotFound", 404))
            self.assertEqual(found[7], [])
            self.assertEqual((world.finish(), world.store.changed()), ([], {}))

    def test_newest_version(self):
        with arm_server.World("arc") as world:
            found = support.sdk(PYTHON, world, [["extension.create", ARC, "flux", extension(auto_upgrade_mode="patch")]])
            self.assertEqual(found[0]["properties"]["autoUpgradeMode"], "patch")
            self.assertIn("api-version=2025-03-01", world.request_text())
            self.assertEqual(world.finish(), [])

    def test_failed_operation(self):
        with arm_server.World("arc", ["operation-failed ExtensionOperationFailed timed out waiting"]) as world:
            found = self.sdk(world, [["extension.create", ARC, "flux", extension()]])
            self.assertEqual(found[0]["error"], "ExtensionOperationFailed")
            self.assertIn("timed out waiting", found[0]["message"])

    def test_certificate_and_assertion(self):
        for how in ("certificate", "assertion"):
            with self.subTest(how), arm_server.World("arc+extension") as world:
                found = self.sdk(world, [["extension.show", ARC, "flux"]], how)
                self.assertEqual(found[0].get("name"), "flux", found)

    def test_throttled(self):
        with arm_server.World("arc+extension", ["throttle GET */extensions/flux 2 1"]) as world:
            self.assertEqual(self.sdk(world, [["extension.show", ARC, "flux"]])[0]["name"], "flux")


class Jobs(unittest.TestCase):
    maxDiff = None


def make_test(job):
    name, fixture, words, steps = job

    def test(self):
        with arm_server.World(fixture) as world, arm_server.World(fixture) as other:
            status, out, err = support.run(world, words)
            self.assertEqual(status, 0, "%s\n%s" % (out, err))
            answers = support.sdk(PYTHON, other, steps, LOOPBACK_EXTENSIONS_VERSION="2024-11-01")
            self.assertFalse([one for one in answers if isinstance(one, dict) and "error" in one])
            self.assertEqual((world.finish(), other.finish()), ([], []))
            self.compare(support.writes(world), support.writes(other))
            self.assertEqual(*(json.loads(json.dumps(one.store.changed()).replace(one.url, "")) for one in (world, other)))
    test.__doc__ = name
    return test


def compare(self, ours, theirs):
    """Method, path and body of every write."""
    self.assertEqual([one[:2] for one in ours], [one[:2] for one in theirs])
    for one, other in zip(ours, theirs):
        left = {key: pair for key, pair in difference(one[2], other[2]).items() if key not in DIFFERENCES}
        self.assertEqual(left, {}, "%s %s: ours and the SDK's" % one[:2])


Jobs.compare = compare
for number, each in enumerate(JOBS):
    setattr(Jobs, "test_%02d_%s" % (number, each[0].replace(" ", "_").replace("-", "_")), make_test(each))


if __name__ == "__main__":
    support.take_binary()
    PYTHON = support.sdk_python()
    if not PYTHON:
        print("skipped: %s cannot be had here" % ", ".join(support.PACKAGES))
        sys.exit(77)
    unittest.main()
