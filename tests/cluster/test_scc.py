# SPDX-License-Identifier: Apache-2.0
"""`scc` on a real API server with real RBAC: OpenShift's definition and its constraints are loaded, no
part of OpenShift that admits pods."""

import json
import os
import subprocess
import sys
import unittest

import world
from world import get, kubectl

PROGRAM = os.environ.get("FLUX_ARC_BINARY") or os.path.join(
    world.HERE, "..", "..", "build", "dev", "plugin", "kubectl-flux-arc")
FACTS = os.path.join(world.HERE, "..", "..", "..", "shared", "azure", "openshift")
CONSTRAINTS = ("anyuid", "nonroot", "nonroot-v2", "privileged", "restricted", "restricted-v2")
ACCOUNTS = ("kustomize-controller", "helm-controller", "source-controller", "notification-controller",
            "image-automation-controller", "image-reflector-controller")
PREFIX = "system:openshift:scc:"
OTHER = {"kind": "ServiceAccount", "name": "default", "namespace": "redis"}


def flux_arc(*words, stdin=subprocess.DEVNULL):
    done = subprocess.run([PROGRAM, *words], text=True, capture_output=True, stdin=stdin, check=False)
    if "Sanitizer" in done.stderr or done.returncode < 0:
        raise AssertionError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
    return done.returncode, done.stdout, done.stderr


def fact(name):
    """A YAML file of the facts as a tree: the server reads it."""
    path = os.path.join(FACTS, name + ".yaml")
    return json.loads(kubectl("create", "--dry-run=client", "-o", "json", "-f", path))


def binding(name):
    told = kubectl("get", "clusterrolebinding", PREFIX + name, "-o", "json", "--ignore-not-found")
    return json.loads(told) if told else None


def subjects(name):
    return [(each["kind"], each.get("namespace"), each["name"]) for each in (binding(name) or {}).get("subjects", [])]


def may(account, name):
    told = kubectl("auth", "can-i", "use", f"securitycontextconstraints/{name}", "-n", "flux-system",
                   "--as", f"system:serviceaccount:flux-system:{account}", check=False)
    return told.startswith("yes")


def clear():
    for name in CONSTRAINTS:
        for kind in ("clusterrolebinding", "clusterrole"):
            kubectl("delete", kind, PREFIX + name, "--ignore-not-found", "--wait=true")
    kubectl("delete", "clusterrolebinding,clusterrole", "flux-scc", "--ignore-not-found")


class Scc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if "openshift.io" not in kubectl("api-versions"):
            status, out, _ = flux_arc("scc", "status")
            assert (status, "is not OpenShift" in out) == (0, True), (status, out)
            status, out, err = flux_arc("scc", "enable")
            assert (status, out, "is not OpenShift" in err) == (1, "", True), (status, out, err)
        kubectl("apply", "-f", os.path.join(FACTS, "crd-securitycontextconstraints.yaml"))
        world.until(lambda: kubectl("get", "securitycontextconstraints", check=False).startswith("No resources")
                    or "NAME" in kubectl("get", "securitycontextconstraints", check=False))
        for name in CONSTRAINTS:
            kubectl("create", "-f", os.path.join(FACTS, f"scc-{name}.yaml"), check=False)

    @classmethod
    def tearDownClass(cls):
        clear()
        kubectl("delete", "crd", "securitycontextconstraints.security.openshift.io")

    def setUp(self):
        clear()

    def assert_granted(self, name, yes=True):
        for account in ACCOUNTS:
            self.assertTrue(world.until(lambda a=account: may(a, name) == yes, 10), account)

    def test_as_oc(self):
        """The end state is the one that the tutorial's six commands leave."""
        status, out, err = flux_arc("scc", "enable", "--scc", "nonroot")
        self.assertEqual(status, 0, err)
        self.assertIn("6 service accounts of flux-system may use SCC nonroot\n", out)
        for kind, name, keys in (("clusterrolebinding", "clusterrolebinding-after-tutorial", ("roleRef", "subjects")),
                                 ("clusterrole", "clusterrole-scc-nonroot", ("rules",))):
            made, wanted = get(kind, PREFIX + "nonroot"), fact(name)
            self.assertEqual(made["metadata"]["name"], wanted["metadata"]["name"])
            for key in keys:
                self.assertEqual(made[key], wanted[key])
        self.assert_granted("nonroot")
        self.assertFalse(may("kustomize-controller", "anyuid"))

    def test_idempotent(self):
        self.assertEqual(flux_arc("scc", "enable")[0], 0)
        before = binding("nonroot-v2")  # the pods of this extension set a seccompProfile
        status, out, err = flux_arc("scc", "enable")
        self.assertEqual(status, 0, err)
        self.assertIn("unchanged", out)
        self.assertIn("seccompProfile, which nonroot does not admit", err)
        self.assertEqual(binding("nonroot-v2"), before)
        self.assertEqual(flux_arc("scc", "status")[0], 0)

    def test_dry_runs(self):
        status, out, err = flux_arc("scc", "enable", "--dry-run")
        self.assertEqual(status, 0, err)
        self.assertIn("created (server dry run)", out)
        self.assertIsNone(binding("nonroot-v2"))
        self.assertEqual(flux_arc("scc", "enable")[0], 0)
        before = binding("nonroot-v2")
        status, out, err = flux_arc("scc", "disable", "--dry-run")
        self.assertEqual(status, 0, err)
        self.assertIn("deleted (server dry run)", out)
        self.assertEqual(binding("nonroot-v2"), before)

    def test_handed_on(self):
        """What -o prints is applied by kubectl, and loses nobody whom others bound."""
        kubectl("create", "-f", os.path.join(FACTS, "clusterrole-scc-nonroot-v2.yaml"))
        kubectl("create", "clusterrolebinding", PREFIX + "nonroot-v2", "--clusterrole=" + PREFIX + "nonroot-v2",
                "--serviceaccount=redis:default")
        for form in ("yaml", "json"):
            status, out, err = flux_arc("scc", "enable", "-o", form)
            self.assertEqual(status, 0, err)
            self.assertEqual(subjects("nonroot-v2"), [("ServiceAccount", "redis", "default")])
        kubectl("apply", "-f", "-", stdin=out)
        self.assertEqual(len(subjects("nonroot-v2")), 7)
        self.assert_granted("nonroot-v2")

    def test_disable(self):
        """Only the six go; an empty binding goes unless it is to be kept."""
        self.assertEqual(flux_arc("scc", "enable")[0], 0)
        kubectl("patch", "clusterrolebinding", PREFIX + "nonroot-v2", "--type=json", "-p",
                json.dumps([{"op": "add", "path": "/subjects/0", "value": OTHER}]))
        status, _, err = flux_arc("scc", "disable")
        self.assertEqual(status, 2)
        self.assertIn("--yes", err)
        self.assertEqual(len(subjects("nonroot-v2")), 7)
        self.assertEqual(flux_arc("scc", "disable", "--yes")[0], 0)
        self.assertEqual(subjects("nonroot-v2"), [("ServiceAccount", "redis", "default")])
        self.assert_granted("nonroot-v2", False)
        self.assertEqual(flux_arc("scc", "enable")[0], 0)
        kubectl("patch", "clusterrolebinding", PREFIX + "nonroot-v2", "--type=json", "-p",
                json.dumps([{"op": "remove", "path": "/subjects/0"}]))
        kubectl("annotate", "clusterrolebinding", PREFIX + "nonroot-v2",
                "rbac.authorization.kubernetes.io/autoupdate=false")
        self.assertEqual(flux_arc("scc", "disable", "--yes")[0], 0)
        self.assertEqual((binding("nonroot-v2") is not None, subjects("nonroot-v2")), (True, []))
        kubectl("annotate", "clusterrolebinding", PREFIX + "nonroot-v2",
                "rbac.authorization.kubernetes.io/autoupdate-")
        self.assertEqual(flux_arc("scc", "enable")[0], 0)
        self.assertEqual(flux_arc("scc", "disable", "--yes")[0], 0)
        self.assertIsNone(binding("nonroot-v2"))
        status, out, _ = flux_arc("scc", "disable", "--yes")
        self.assertEqual((status, "nothing to take away" in out), (0, True))

    def test_granted_by_others(self):
        """Upstream's own role and the users of an older cluster count, and are not taken back."""
        kubectl("apply", "-f", os.path.join(FACTS, "flux-upstream-scc.yaml"))
        self.assert_granted("nonroot")
        status, out, _ = flux_arc("scc", "status", "--scc", "nonroot", "-o", "json")
        told = json.loads(out)
        self.assertEqual(status, 0, out)
        self.assertEqual([each["grantedBy"] for each in told["serviceAccounts"]],
                         [["ClusterRoleBinding flux-scc"]] * 6)
        kubectl("patch", "securitycontextconstraints", "nonroot", "--type=merge", "-p",
                '{"users": ["system:serviceaccount:flux-system:helm-controller"]}')
        status, out, err = flux_arc("scc", "disable", "--scc", "nonroot", "--yes")
        self.assertEqual(status, 0, err)
        self.assertIn("helm-controller may still use nonroot by what others bound: .users of the SCC, "
                      "ClusterRoleBinding flux-scc", err)
        kubectl("delete", "clusterrolebinding,clusterrole", "flux-scc")
        kubectl("patch", "securitycontextconstraints", "nonroot", "--type=merge", "-p", '{"users": []}')

    def test_missing(self):
        status, out, _ = flux_arc("scc", "status")
        self.assertEqual(status, 3)
        self.assertIn("6 of 6 may not use nonroot-v2: kubectl flux-arc scc enable\n", out)
        status, out, _ = flux_arc("check", "-o", "json")
        found = [each for each in json.loads(out)["findings"] if each["id"] == "openshift-scc-missing"]
        self.assertEqual((status, len(found)), (3, 6))


if __name__ == "__main__":
    world.need_cluster()
    if not os.path.isdir(FACTS):
        print("skipped: no definition of OpenShift's constraints here")
        sys.exit(77)
    unittest.main(verbosity=2)
