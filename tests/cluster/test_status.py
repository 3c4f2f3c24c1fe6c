# SPDX-License-Identifier: Apache-2.0
"""`status`, `check` and `describe` on the real cluster: silent while it is healthy, exact about faults."""

import json
import os
import re
import subprocess
import time
import unittest

import world
from world import kubectl, patch, reconcile, scale, until

PROGRAM = os.environ.get("FLUX_ARC_BINARY") or os.path.join(
    world.HERE, "..", "..", "build", "dev", "plugin", "kubectl-flux-arc")
NOBODY = "http://127.0.0.1:1"  # a proxy that refuses: nothing leaves this machine
KINDS = ("fluxconfigs", "extensionconfigs.clusterconfig.azure.com", "gitrepositories", "ocirepositories", "helmrepositories",
         "helmcharts", "buckets", "kustomizations", "helmreleases", "imagerepositories", "imagepolicies",
         "imageupdateautomations", "receivers", "alerts", "providers")
NEWER = ("externalartifacts", "artifactgenerators")  # not there with Flux 2.1

INFRA = "Kustomization/cluster-config/cluster-config-infra"
APPS = "Kustomization/cluster-config/cluster-config-apps"
SOURCE = "GitRepository/cluster-config/cluster-config"
CONFIG = "FluxConfig/cluster-config/cluster-config"


def flux_arc(*words, kubeconfig=None):
    """Exit status, standard output and standard error of the program."""
    env = {**os.environ, "LC_ALL": "C.UTF-8", "HTTPS_PROXY": NOBODY, "NO_PROXY": "127.0.0.1",
           "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"}
    if kubeconfig:
        env["KUBECONFIG"] = kubeconfig
    done = subprocess.run([PROGRAM, *words], text=True, capture_output=True, env=env, check=False)
    if "Sanitizer" in done.stderr or done.returncode < 0:
        raise AssertionError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr}")
    return done.returncode, done.stdout, done.stderr


def answer(*words, **more):
    """The JSON that a command prints."""
    status, out, err = flux_arc(*words, "-o", "json", **more)
    if status not in (0, 3):
        raise AssertionError(f"{' '.join(words)}: exit {status}: {err}")
    return json.loads(out)


def causes(told):
    """The tree below "causes" as lines: ">" once for each level, Kind/namespace/name, state, edge."""
    def walk(nodes, depth):
        for node in nodes:
            edge = f" by {node['waitsBy']}" if node.get("waitsBy") else ""
            ref = f"{node['kind']}/{node.get('namespace', '')}/{node['name']}"
            yield f"{'>' * depth}{ref} {node['state']}{edge}"
            yield from walk(node["waiting"], depth + 1)
    return list(walk(told["causes"], 0))


def title(ref):
    kind, _, name = ref.partition("/")
    return f"{kind} {name}"


def where(ref):
    kind, namespace, name = ref.split("/")
    return f"{kind}/{name}", "-n", namespace


class Case(unittest.TestCase):
    maxDiff = None

    def assert_ready(self, total, kubeconfig=None):
        told = answer("status", kubeconfig=kubeconfig)
        self.assertEqual(told["verdict"], "READY", causes(told))
        self.assertEqual(causes(told), [])
        self.assertEqual(told["notRead"], [])
        self.assertEqual(told["objects"], {"total": total, "notReady": 0, "stale": 0, "unwatched": 0})
        for controller in told["controllers"]:
            self.assertTrue(controller["runs"] or "deployment" not in controller, controller)
        for config in told["configurations"]:
            self.assertEqual(config["compliance"], "Compliant")
            for part in config["parts"]:
                self.assertEqual((part["state"], part["differences"]), ("Ready", []), part)
        status, out, err = flux_arc("status", "--exit-code", kubeconfig=kubeconfig)
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"\AREADY  \S+: 6 of 6 controllers, "
                         rf"{total} of {total} objects, 1 configuration Compliant in Azure\n")
        self.assertNotIn("Not ready", out)
        self.assertNotIn("not read:", out)
        return told, out


class Healthy(Case):
    @classmethod
    def setUpClass(cls):
        world.cluster("heal")

    def test_status(self):
        told, out = self.assert_ready(12)
        self.assertEqual(told["flux"]["version"], "2.7.5")
        self.assertEqual(told["flux"]["distribution"], "azure-extension")
        self.assertEqual(told["flux"]["extensionVersion"], "1.24.1")
        counts = {kind["kind"]: kind["total"] for kind in told["kinds"] if kind["total"]}
        self.assertEqual(counts, {"GitRepository": 1, "HelmRepository": 3, "HelmChart": 3,
                                  "Kustomization": 2, "HelmRelease": 3})
        self.assertIn("Workloads    6 of 6 pods ready: nginx 1 of 1, podinfo 1 of 1, redis 4 of 4\n", out)

    def test_check(self):
        told = answer("check")
        self.assertEqual(told["findings"], [])
        self.assertEqual(told["unanswered"], [])
        status, out, err = flux_arc("check")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"\A0 errors, 0 warnings \(")

    def test_check_pre(self):
        told = answer("check", "--pre")
        self.assertEqual(len(told["unanswered"]), 1)
        self.assertRegex(told["unanswered"][0], r"\AAzure .*: nobody is signed in to Azure")
        self.assertTrue(told["findings"])  # the proxy refuses
        for finding in told["findings"]:
            self.assertRegex(finding["id"], r"\A(optional-)?endpoint-unreachable\Z", finding)
            self.assertIn(NOBODY, finding["seen"])
        self.assertEqual(flux_arc("check", "--pre")[0], 3)

    def test_describe(self):
        for ref in (SOURCE, INFRA, APPS, CONFIG, "HelmRelease/cluster-config/redis"):
            with self.subTest(ref):
                status, out, err = flux_arc("describe", *where(ref))
                self.assertEqual((status, err), (0, ""))
                self.assertEqual(out.split("\n", 1)[0], f"{title(ref)}   Ready")


class Faults(Case):
    def setUp(self):
        world.cluster("heal")

    def tearDown(self):
        world.cluster("heal")
        self.assertTrue(until(lambda: answer("status")["verdict"] == "READY"), causes(answer("status")))
        self.assert_ready(12)

    def assert_told(self, expected, words, first):
        """The causes of status are these and no others; the first says so in these words, wherever it is
        shown; describe of what waits names the cause."""
        self.assertTrue(until(lambda: causes(answer("status")) == expected),
                        f"{causes(answer('status'))} instead of {expected}")
        told = answer("status")
        self.assertEqual(told["verdict"], "NOT READY")
        self.assertEqual(told["notRead"], [])
        status, out, err = flux_arc("status", "--exit-code")
        self.assertEqual((status, err), (3, ""))
        self.assertRegex(out.split("\n", 1)[0], rf"\ANOT READY  \S+: {first}")
        block = out.partition("\nNot ready, 1 cause:\n")[2]
        shown = re.findall(r"^ *(?:└ )?([A-Z][A-Za-z]+ [a-z-]+/[a-z-]+)  ", block, re.M)
        refs = [line.lstrip(">").split(" ", 1)[0] for line in expected]
        self.assertEqual(shown, [title(ref) for ref in refs], block)
        self.assertIn(words, block)
        self.assert_described(refs, words, missing=told["causes"][0]["state"] == "missing")

    def assert_described(self, refs, words, missing):
        root = title(refs[0])
        for ref in refs[1 if missing else 0:]:
            status, out, err = flux_arc("describe", *where(ref))
            self.assertEqual((status, err), (0, ""), ref)
            self.assertNotRegex(out.split("\n", 1)[0], r"Ready\Z")
            self.assertIn(words if ref == refs[0] else root, out)
        if missing:
            self.assertNotEqual(flux_arc("describe", *where(refs[0]))[0], 0)

    def assert_findings(self, *expected):
        told = answer("check")
        self.assertEqual([f"{f['id']} {f['object']}" for f in told["findings"]], list(expected))
        self.assertEqual(told["unanswered"], [])

    def scaled_to_zero(self, name, effect, unwatched):
        scale(name, 0)
        kubectl("-n", "flux-system", "wait", "--for=delete", "pod", "-l", f"app={name}")
        ref = f"Deployment/flux-system/{name}"
        self.assert_told([f"{ref} scaled to zero"], effect,
                         f"{name} does not run, {unwatched} unwatched, 1 cause; ")
        self.assertIn(f"    kubectl -n flux-system scale deployment {name} --replicas=1\n",
                      flux_arc("status")[1])
        self.assert_findings(f"controller-scaled-to-zero {title(ref)}")
        return ref

    def test_source_controller_scaled_to_zero(self):
        ref = self.scaled_to_zero("source-controller", "nothing is fetched", 7)
        # A change that nobody sees: the object goes on saying that it is ready.
        patch("gitrepo", "cluster-config", {"ref": {"branch": "release"}})
        self.assert_told([f"{ref} scaled to zero", f">{SOURCE} Stale by controller"], "nothing is fetched",
                         "source-controller does not run, 1 of 12 objects stale, 6 unwatched, 1 cause; ")

    def test_kustomize_controller_scaled_to_zero(self):
        self.scaled_to_zero("kustomize-controller", "nothing from Git is applied", 2)

    def test_wrong_path(self):
        patch("ks", "cluster-config-infra", {"path": "./nowhere"})
        reconcile("ks", "cluster-config-apps")
        self.assert_told([f"{INFRA} Failing", f">{APPS} Blocked by dependsOn"], "/nowhere: no such file or directory",
                         "2 of 12 objects, 1 cause; ")
        self.assertIn("spec.path is ./nowhere, FluxConfig asks for ./infrastructure", flux_arc("status")[1])
        self.assert_findings()

    def test_deleted_source(self):
        kubectl("-n", "cluster-config", "delete", "gitrepo", "cluster-config")
        for name in ("cluster-config-infra", "cluster-config-apps"):
            reconcile("ks", name)
        self.assert_told([f"{SOURCE} missing", f">{CONFIG} Failing by made object", f">{APPS} Blocked by source",
                          f">{INFRA} Blocked by source"], "does not exist", "2 of 11 objects, 1 cause; ")
        self.assert_findings()

    def test_suspended(self):
        patch("ks", "cluster-config-apps", {"suspend": True})
        self.assert_told([f"{APPS} Suspended"], "spec.suspend is true", "1 of 12 objects, 1 cause; ")
        self.assert_findings()


class Limited(Case):
    """Who may see one namespace only is told so, and never that all is well."""

    def setUp(self):
        self.config = os.path.join(os.path.dirname(os.environ["KUBECONFIG"]), "limited.kubeconfig")

    def test_status(self):
        for words in ((), ("-n", "cluster-config")):
            with self.subTest(words):
                status, out, _ = flux_arc("status", "--exit-code", *words, kubeconfig=self.config)
                self.assertEqual(status, 3)
                self.assertRegex(out, r"\AINCOMPLETE  ")
                self.assertRegex(out, r"(?m)^not read: .*\bFluxConfig\b.*\(forbidden\).*cannot list resource")
                self.assertNotIn("no objects of Flux", out)
                told = answer("status", *words, kubeconfig=self.config)
                self.assertEqual(told["verdict"], "INCOMPLETE")
                self.assertEqual({row["outcome"] for row in told["notRead"]}, {"forbidden"})
                self.assertEqual(causes(told), [])
                self.assertEqual(told["objects"]["total"], 12 if words else 0)

    def test_check(self):
        told = answer("check", kubeconfig=self.config)
        self.assertEqual({finding["id"] for finding in told["findings"]}, {"permission-missing"})
        unanswered = "\n".join(told["unanswered"])
        for kind in ("FluxConfig", "Kustomization", "Deployment", "CustomResourceDefinition"):
            self.assertRegex(unanswered, rf"(?m)^{kind}: .*forbidden")
        status, out, _ = flux_arc("check", kubeconfig=self.config)
        self.assertEqual(status, 3)
        self.assertRegex(out, r"\A0 errors, \d+ warnings, \d+ questions without an answer")
        self.assertIn("\nno answer  ", out)

    def test_get(self):
        status, out, err = flux_arc("get", "ks", "-A", kubeconfig=self.config)
        self.assertEqual((status, out), (1, ""))
        self.assertIn("is forbidden", err)
        self.assertIn("try -n", err)
        status, out, err = flux_arc("get", "all", "-A", kubeconfig=self.config)
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err.count("\nhint: "), 1)
        self.assertGreater(err.count("not read: "), 15)
        status, out, err = flux_arc("get", "ks", "-n", "cluster-config", kubeconfig=self.config)
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(out.count(" Ready "), 2)


@unittest.skipUnless(world.OLD, "no cluster with Flux 2.1 was started")
class Old(Case):
    """The same binary where the API versions are those of Flux 2.1."""

    @classmethod
    def setUpClass(cls):
        # No agents run there: their last report must not grow old while other tests run.
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        kubectl("-n", "cluster-config", "patch", "fluxconfig", "cluster-config", "--subresource=status",
                "--type=merge", "-p", json.dumps({"status": {"dataplaneStatus": {"lastSyncedTime": now}}}),
                kubeconfig=world.OLD)

    def run_old(self, *words):
        return flux_arc(*words, kubeconfig=world.OLD)

    def test_every_kind(self):
        filled = 0
        for kind in KINDS:
            with self.subTest(kind):
                theirs = world.get(kind, "-A", kubeconfig=world.OLD)
                ours = answer("get", kind, "-A", kubeconfig=world.OLD)
                for item in (*ours["items"], *theirs["items"]):
                    item["metadata"].pop("resourceVersion")
                self.assertEqual([(item["apiVersion"], item) for item in ours["items"]],
                                 [(item["apiVersion"], item) for item in theirs["items"]])
                status, out, err = self.run_old("get", kind, "-A", "-o", "name")
                self.assertEqual((status, out), (0, kubectl("get", kind, "-A", "-o", "name",
                                                            kubeconfig=world.OLD)), err)
                filled += bool(ours["items"])
        self.assertEqual(filled, 7)
        for kind in NEWER:
            status, out, err = self.run_old("get", kind, "-A")
            self.assertEqual((status, out), (1, ""))
            self.assertIn("the server doesn't have a resource type", err)

    def test_get_all(self):
        status, out, err = self.run_old("get", "all", "-A")
        self.assertEqual((status, err), (0, f"not installed: {', '.join(NEWER)}\n"))
        shown = re.findall(r"^([a-z-]+) +([a-z]+/[a-z-]+) ", out, re.M)
        wanted = set()
        for kind in KINDS:
            for item in world.get(kind, "-A", kubeconfig=world.OLD)["items"]:
                wanted.add((item["metadata"]["namespace"], f"{item['kind'].lower()}/{item['metadata']['name']}"))
        self.assertEqual(set(shown), wanted)
        self.assertEqual(len(shown), 14)
        for line in out.splitlines():
            if "/" in line.split(" MESSAGE")[0] and not line.startswith("NAMESPACE"):
                self.assertRegex(line, r" Ready ")

    def test_status(self):
        told, out = self.assert_ready(12, world.OLD)
        self.assertEqual(told["flux"]["version"], "2.1.2")
        self.assertRegex(told["flux"]["behind"], r"14 minors behind, no longer supported\Z")
        self.assertRegex(out, r"(?m)^Flux +2\.1\.2 by extension microsoft\.flux 1\.10\.0 ")
        self.assertIn("14 minors behind, no longer supported", out)
        self.assertIn("\nnot installed: ExternalArtifact ArtifactGenerator\n", out)
        versions = {kind["kind"]: kind.get("version") for kind in told["kinds"] if kind["total"]}
        self.assertEqual(versions, {"GitRepository": "v1", "HelmRepository": "v1beta2", "HelmChart": "v1beta2",
                                    "Kustomization": "v1", "HelmRelease": "v2beta1"})

    def test_check(self):
        status, out, err = self.run_old("check")
        self.assertEqual((status, err), (3, ""))
        told = answer("check", kubeconfig=world.OLD)
        self.assertEqual([finding["id"] for finding in told["findings"]], ["extension-unsupported"])
        self.assertEqual(told["unanswered"], [])
        self.assertIn("Kubernetes v1.36.3 (Flux 2.1 needs 1.25)", told["passed"])

    def test_describe(self):
        for kind in KINDS:
            for item in world.get(kind, "-A", kubeconfig=world.OLD)["items"]:
                ref = f"{item['kind']}/{item['metadata']['namespace']}/{item['metadata']['name']}"
                with self.subTest(ref):
                    status, out, err = self.run_old("describe", *where(ref))
                    self.assertEqual((status, err), (0, ""))
                    self.assertEqual(out.split("\n", 1)[0], f"{title(ref)}   Ready")


if __name__ == "__main__":
    world.need_cluster()
    unittest.main()
