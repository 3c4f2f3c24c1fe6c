# SPDX-License-Identifier: Apache-2.0
"""The test cluster itself: what it serves, and that its faults are true ones."""

import json
import os
import unittest

import world
from world import condition, get, kubectl, patch, reconcile, scale, until

SERVED = {
    "2.7": {"gitrepositories.source.toolkit.fluxcd.io": ["v1", "v1beta2"],
            "kustomizations.kustomize.toolkit.fluxcd.io": ["v1", "v1beta2"],
            "helmreleases.helm.toolkit.fluxcd.io": ["v2", "v2beta2"],
            "alerts.notification.toolkit.fluxcd.io": ["v1beta2", "v1beta3"],
            "externalartifacts.source.toolkit.fluxcd.io": ["v1"],
            "fluxconfigs.clusterconfig.azure.com": ["v1alpha1"]},
    "2.1": {"gitrepositories.source.toolkit.fluxcd.io": ["v1", "v1beta1", "v1beta2"],
            "kustomizations.kustomize.toolkit.fluxcd.io": ["v1", "v1beta1", "v1beta2"],
            "helmreleases.helm.toolkit.fluxcd.io": ["v2beta1"],
            "helmrepositories.source.toolkit.fluxcd.io": ["v1beta1", "v1beta2"],
            "ocirepositories.source.toolkit.fluxcd.io": ["v1beta2"],
            "imageupdateautomations.image.toolkit.fluxcd.io": ["v1beta1"],
            "fluxconfigs.clusterconfig.azure.com": ["v1alpha1"]},
}

# kind, name, spec that breaks it; the object that then says so, with reason and message
FAULTS = [
    ("ks", "cluster-config-infra", {"path": "./nowhere"},
     "ks", "cluster-config-infra", "ArtifactFailed", "kustomization path not found"),
    ("gitrepo", "cluster-config", {"ref": {"branch": "nowhere"}},
     "gitrepo", "cluster-config", "GitOperationFailed", "couldn't find remote ref"),
    ("gitrepo", "cluster-config", {"url": "https://git.contoso.test/x"},
     "gitrepo", "cluster-config", "GitOperationFailed", "no such host"),
    ("gitrepo", "cluster-config", {"secretRef": {"name": "nowhere"}},
     "gitrepo", "cluster-config", "AuthenticationFailed", 'secrets "nowhere" not found'),
    ("helmrepo", "bitnami", {"url": "https://charts.contoso.test/x"},
     "helmrepo", "bitnami", "Failed", "no such host"),
    ("hr", "redis", {"chart": {"spec": {"version": "99.x"}}},
     "helmchart", "cluster-config-redis", "InvalidChartReference", "no 'redis' chart with version"),
    ("hr", "podinfo", {"dependsOn": [{"name": "nowhere"}]},
     "hr", "podinfo", "DependencyNotReady", "nowhere"),
    ("hr", "podinfo", {"targetNamespace": "nowhere"},
     "hr", "podinfo", "UpgradeFailed", 'namespaces "nowhere" not found'),
]


def one(kind, name):
    return get("-n", "cluster-config", kind, name)


def seen(obj):
    return obj["status"]["observedGeneration"] == obj["metadata"]["generation"]


class World(unittest.TestCase):
    def serves(self, release, kubeconfig=None):
        found = {}
        for crd in get("crd", kubeconfig=kubeconfig)["items"]:
            found[crd["metadata"]["name"]] = sorted(
                v["name"] for v in crd["spec"]["versions"] if v["served"])
        for name, versions in SERVED[release].items():
            self.assertEqual(found.get(name), versions, name)

    def test_serves_flux_2_7(self):
        self.serves("2.7")

    @unittest.skipUnless(world.OLD, "no cluster with Flux 2.1 was started")
    def test_serves_flux_2_1(self):
        self.serves("2.1", world.OLD)
        for release in get("helmreleases", "-A", kubeconfig=world.OLD)["items"]:
            self.assertEqual(release["apiVersion"], "helm.toolkit.fluxcd.io/v2beta1")
            self.assertIn("lastAppliedRevision", release["status"])
            self.assertNotIn("history", release["status"])

    def test_all_is_ready(self):
        world.cluster("heal")
        for kind, count in (("gitrepo", 1), ("helmrepo", 3), ("hc", 3), ("hr", 3), ("ks", 2)):
            items = get("-n", "cluster-config", kind)["items"]
            self.assertEqual(len(items), count, kind)
            for item in items:
                self.assertEqual(condition(item).get("status"), "True", item["metadata"]["name"])
        revision = one("gitrepo", "cluster-config")["status"]["artifact"]["revision"]
        apps = one("ks", "cluster-config-apps")
        self.assertEqual(apps["status"]["lastAppliedRevision"], revision)
        config = one("fluxconfig", "cluster-config")["status"]
        self.assertEqual(config["lastSyncedCommit"], revision)
        self.assertEqual(config["managedStatuses"]["gitRepository"]["complianceState"], "Compliant")

    def test_faults(self):
        for kind, name, spec, at_kind, at_name, reason, message in FAULTS:
            with self.subTest(kind=kind, spec=json.dumps(spec)), world.healed():
                patch(kind, name, spec)
                failed = until(lambda: condition(one(at_kind, at_name)).get("reason") == reason)
                ready = condition(one(at_kind, at_name))
                self.assertTrue(failed, ready)
                self.assertEqual(ready["status"], "False")
                self.assertIn(message, ready["message"])

    def test_deleted_source(self):
        with world.healed():
            kubectl("-n", "cluster-config", "delete", "gitrepo", "cluster-config")
            reconcile("ks", "cluster-config-infra")
            self.assertTrue(until(lambda: "not found" in condition(
                one("ks", "cluster-config-infra")).get("message", "")))

    def test_suspended(self):
        with world.healed():
            def said():
                """All but the moment: a reconcile that was under way may still end after the suspension."""
                conditions = one("ks", "cluster-config-apps")["status"]["conditions"]
                return [(c["type"], c["status"], c["reason"], c["message"]) for c in conditions]

            self.assertTrue(until(lambda: "Reconciling" not in [kind for kind, *_ in said()]))
            before = said()
            patch("ks", "cluster-config-apps", {"suspend": True})

            def state():
                status = one("fluxconfig", "cluster-config")["status"]["managedStatuses"]
                apps = status["kustomizations"]["cluster-config/cluster-config-apps"]
                return apps["complianceState"]

            self.assertTrue(until(lambda: state() == "Suspended"))
            self.assertTrue(until(lambda: said() == before), said())

    def test_scaled_to_zero(self):
        """Nobody looks at the object any more, and it goes on saying that it is ready."""
        for controller, kind, name, spec in (
                ("source-controller", "gitrepo", "cluster-config", {"ref": {"branch": "nowhere"}}),
                ("helm-controller", "hr", "redis", {"targetNamespace": "nowhere"}),
                ("kustomize-controller", "ks", "cluster-config-infra", {"path": "./nowhere"})):
            with self.subTest(controller), world.healed():
                scale(controller, 0)
                kubectl("-n", "flux-system", "wait", "--for=delete", "pod",
                        "-l", f"app={controller}")
                patch(kind, name, spec)
                # Who still works has time to: the agents answer to a change of the FluxConfig.
                patch("fluxconfig", "cluster-config", {"correlationId": controller})
                self.assertTrue(until(lambda: seen(one("fluxconfig", "cluster-config"))))
                found = one(kind, name)
                self.assertEqual(condition(found)["status"], "True")
                self.assertFalse(seen(found))
                scale(controller, 1)
                self.assertTrue(until(lambda: condition(one(kind, name)).get("status") == "False"))

    def test_limited_user(self):
        limited = os.path.join(os.path.dirname(os.environ["KUBECONFIG"]), "limited.kubeconfig")
        self.assertIn("Forbidden", kubectl("get", "ks", "-A", kubeconfig=limited, check=False))
        self.assertEqual(len(get("-n", "cluster-config", "ks", kubeconfig=limited)["items"]), 2)

    def test_load(self):
        try:
            world.cluster("load", "60")
            items = get("hr", "-A", "-l", "flux-arc.test/load", "--show-managed-fields")["items"]
            self.assertEqual(len(items), 60)
            for item in items:
                size = len(json.dumps(item, separators=(",", ":")))
                self.assertTrue(5500 < size < 6500, size)
                self.assertEqual([m["manager"] for m in item["metadata"]["managedFields"]],
                                 [m["manager"] for m in items[0]["metadata"]["managedFields"]])
            self.assertEqual(len({item["metadata"]["uid"] for item in items}), 60)
        finally:
            world.cluster("load", "0")
        self.assertEqual(get("hr", "-A", "-l", "flux-arc.test/load")["items"], [])


if __name__ == "__main__":
    world.need_cluster()
    unittest.main()
