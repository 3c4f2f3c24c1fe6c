# SPDX-License-Identifier: Apache-2.0
"""What requests are held against: the documents' own examples pass, and each kind of breach is seen."""
import glob
import json
import os
import unittest

import support
import arm_rules
from arm_fixtures import ARC, CONFIGURATION, SUBSCRIPTION

HEADERS = {"content-type": "application/json", "user-agent": "test", "x-ms-client-request-id":
           "6f1e5c1e-0000-4000-8000-000000000009"}
EXTENSION = ARC + CONFIGURATION + "extensions/flux?api-version=2024-11-01"
CONFIG = ARC + CONFIGURATION + "fluxConfigurations/cluster-config?api-version=2025-04-01"
GOOD = {"properties": {"sourceKind": "GitRepository", "gitRepository": {"url": "https://example.com/a"}}}


def config(**properties):
    return {"properties": {**GOOD["properties"], **properties}}


# (method, target, body, what is said of it; None: nothing)
TABLE = [
    ("PUT", CONFIG, GOOD, None),
    ("PATCH", CONFIG, {"properties": {"kustomizations": {"apps": None}}}, None),
    ("PATCH", CONFIG, {"properties": {"kustomizations": {"apps": {"dependsOn": None, "postBuild": None}}}}, None),
    ("DELETE", CONFIG + "&forceDelete=true", None, None),
    ("GET", CONFIG + "&forceDelete=true", None, "forceDelete is not known"),
    ("GET", CONFIG.partition("?")[0], None, "no api-version"),
    ("GET", CONFIG + "&api-Version=2025-04-01", None, "given twice"),
    ("GET", CONFIG.replace(SUBSCRIPTION, "mine"), None, "no GUID"),
    ("GET", CONFIG.replace("/resourceGroups", "//resourceGroups"), None, "empty part"),
    ("GET", CONFIG, GOOD, "a body"),
    ("PUT", CONFIG, None, "no body"),
    ("POST", CONFIG, GOOD, "no such method"),
    ("PUT", CONFIG, {**GOOD, "location": "westeurope"}, "location is not known"),
    ("PUT", CONFIG, config(complianceState="Compliant"), "complianceState is not known"),
    ("PUT", CONFIG, config(suspend="false"), "suspend is no bool"),
    ("PUT", CONFIG, config(sourceKind="Git"), "sourceKind is 'Git'"),
    ("PUT", CONFIG, config(bucket=None), "bucket is null"),
    ("PUT", CONFIG, config(kustomizations={"a": {"timeoutInSeconds": "600"}}), "timeoutInSeconds is no int"),
    ("PUT", CONFIG, config(kustomizations={"a": {"dependsOn": "infra"}}), "dependsOn is no list"),
    ("PUT", CONFIG, config(configurationProtectedSettings={"httpsKey": "not base64"}), "httpsKey is 'not base64'"),
    ("PATCH", CONFIG, {"properties": {"scope": "cluster"}}, "scope is not known"),
    ("PUT", EXTENSION, {"properties": {"configurationSettings": {"a.enabled": True}}}, "a.enabled is no str"),
    ("PUT", EXTENSION, {"properties": {"autoUpgradeMode": "patch"}}, "autoUpgradeMode is not known"),
    ("PUT", EXTENSION.replace("2024-11-01", "2025-03-01"), {"properties": {"autoUpgradeMode": "patch"}}, None),
    ("PUT", EXTENSION, {"identity": {"type": "UserAssigned"}}, "identity.type is 'UserAssigned'"),
    ("PUT", ARC + "?api-version=2024-01-01", {"location": "westeurope"}, "nothing like this is written"),
]


class Rules(unittest.TestCase):
    def breaches(self, documents, method, target, body):
        rules = arm_rules.Rules(arm_rules.SPEC if documents else os.devnull)
        return rules.breaches(method, target, HEADERS, json.dumps(body).encode() if body else b"")

    def test_table(self):
        for documents in {False, os.path.isdir(arm_rules.SPEC)}:
            for method, target, body, wanted in TABLE:
                if not documents and wanted == "no such method":
                    continue
                with self.subTest(documents=documents, method=method, target=target, body=body):
                    found = self.breaches(documents, method, target, body)
                    self.assertTrue(any(wanted in text for text in found) if wanted else not found, found)

    def test_headers(self):
        for name, value in (("content-type", "text/plain"), ("user-agent", ""), ("x-ms-client-request-id", "1")):
            found = arm_rules.Rules(os.devnull).breaches("PUT", CONFIG, {**HEADERS, name: value}, json.dumps(GOOD))
            self.assertEqual(len(found), 1, found)

    @unittest.skipUnless(os.path.isdir(arm_rules.SPEC), "the documents are not at hand")
    def test_examples_of_the_documents(self):
        seen = 0
        for path in glob.glob(os.path.join(arm_rules.SPEC, "*", "*", "examples", "*.json")):
            with open(path, encoding="utf-8") as file:
                given = json.load(file)["parameters"]
            name = given.get("fluxConfigurationName") or given.get("extensionName")
            bodies = [given[key] for key in ("fluxConfiguration", "fluxConfigurationPatch", "extension", "patchExtension")
                      if key in given]
            if not bodies or not name:
                continue
            kind = "extensions" if "extensionName" in given else "fluxConfigurations"
            method = "PATCH" if os.path.basename(path).startswith("Patch") else "PUT"
            target = "%s%s%s/%s?api-version=%s" % (ARC, CONFIGURATION, kind, name, given["api-version"])
            with self.subTest(path):
                self.assertEqual(self.breaches(True, method, target, bodies[0]), [])
                seen += 1
        self.assertGreater(seen, 15)


if __name__ == "__main__":
    support.take_binary()
    unittest.main()
