# SPDX-License-Identifier: Apache-2.0
"""The resources of the loopback ARM and what requests do with them. Long-running operations end after a number of polls,
not after a time, so that every run is the same."""
import copy
import json
import re
import urllib.parse

import arm_fixtures as fixtures
from arm_rules import GUID, KC, MI, VERSIONS, type_of
from recording import Reply, to_json

EXTENSIONS, CONFIGS = KC + "/extensions", KC + "/fluxconfigurations"
WRITTEN = (EXTENSIONS, CONFIGS, MI + "/userassignedidentities", MI + "/userassignedidentities/federatedidentitycredentials")
LONG = (EXTENSIONS, CONFIGS)
READ_ONLY = ("provisioningState", "complianceState", "statuses", "currentVersion", "errorInfo", "errorMessage",
             "isSystemExtension", "sourceSyncedCommitId", "sourceUpdatedAt", "statusUpdatedAt", "repositoryPublicKey",
             "customLocationSettings", "packageUri")
SYSTEM = {"createdBy": None, "createdByType": None, "createdAt": fixtures.MOMENT, "lastModifiedBy": None,
          "lastModifiedByType": None, "lastModifiedAt": fixtures.MOMENT}
SPN_TEXT = "Extensions are only supported on clusters using Managed Service Identity. Please upgrade the cluster by " \
    "following 'https://aka.ms/aks/managed-identity'."


class Failure(Exception):
    def __init__(self, status, code, message, headers=(), **more):
        super().__init__(message)
        self.reply = Reply(status, to_json({"error": {"code": code, "message": message, **more}}), headers=list(headers))


def merge_patch(base, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def with_defaults(properties, defaults):
    return {**defaults, **{key: value for key, value in properties.items()}}


def complete(kind, document):
    """What Azure fills in."""
    body = document["properties"]
    if kind == EXTENSIONS:
        document["properties"] = with_defaults(body, {
            "autoUpgradeMinorVersion": True, "releaseTrain": "Stable", "version": None, "configurationSettings": {},
            "configurationProtectedSettings": {}, "statuses": [], "errorInfo": None, "isSystemExtension": False,
            "customLocationSettings": None, "packageUri": None, "aksAssignedIdentity": None,
            "scope": {"cluster": {"releaseNamespace": "flux-system"}}})
        document.setdefault("identity", None)
        document.setdefault("plan", None)
    if kind == CONFIGS:
        body = with_defaults(body, {
            "scope": "cluster", "namespace": "default", "sourceKind": "GitRepository", "suspend": False,
            "gitRepository": None, "bucket": None, "azureBlob": None, "ociRepository": None,
            "configurationProtectedSettings": {}, "waitForReconciliation": False, "reconciliationWaitDuration": None,
            "statuses": [], "repositoryPublicKey": None, "errorMessage": None})
        for name in ("gitRepository", "bucket", "azureBlob", "ociRepository"):
            if body[name]:
                body[name] = with_defaults(body[name], {"timeoutInSeconds": 600, "syncIntervalInSeconds": 600})
        body["kustomizations"] = {name: complete_kustomization(name, item)
                                  for name, item in (body.get("kustomizations") or {}).items()}
        document["properties"] = body


def complete_kustomization(name, item):
    return with_defaults({**item, "name": name}, {
        "path": "", "dependsOn": None, "timeoutInSeconds": 600, "syncIntervalInSeconds": 600, "prune": False,
        "force": False, "wait": True, "retryIntervalInSeconds": None, "postBuild": None})


def masked(document):
    """As it is given out: never with what is protected."""
    shown = copy.deepcopy(document)
    body = shown["properties"]
    if isinstance(body.get("configurationProtectedSettings"), dict):
        body["configurationProtectedSettings"] = {key: "" for key in body["configurationProtectedSettings"]}
    blob = body.get("azureBlob") or {}
    for part, names in ((blob, ("accountKey", "sasToken")), (blob.get("servicePrincipal") or {}, (
            "clientSecret", "clientCertificate", "clientCertificatePassword")), (
                (body.get("ociRepository") or {}).get("tlsConfig") or {}, ("clientCertificate", "privateKey"))):
        for name in names:
            if part.get(name):
                part[name] = "<redacted>"
    return shown


class Store:
    """`settings` are those of the faults; `url` is ARM's own, `trap` a foreign host's."""

    def __init__(self, fixture, settings, url, trap):
        self.fixture, self.settings, self.url, self.trap = fixture, settings, url, trap
        self.resources = {item["id"].lower(): item for item in copy.deepcopy(fixture["resources"])}
        self.before = copy.deepcopy(self.resources)
        self.operations, self.reads, self.grouped = {}, {}, fixtures.GROUP.lower()
        self.providers = dict(fixture["providers"])

    # ---- requests

    def answer(self, method, target, body):
        path, _, query = target.partition("?")
        path = urllib.parse.unquote(path)
        pairs = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        lower = {name.lower(): value for name, value in pairs.items()}
        try:
            self.check_path(path)
            kind, name = type_of(path)
            plain = kind.replace("/operations", "").replace("/versions", "")
            self.check_version(plain, lower.get("api-version"))
            if kind == "providers":
                return self.provider(method, path, name)
            if kind.endswith("/operations"):
                return self.operation(path, lower.get("api-version"))
            if plain == KC + "/extensiontypes":
                return self.extension_types(kind, path, name, pairs)
            if kind in ("microsoft.authorization/permissions", "microsoft.authorization/roleassignments"):
                return self.authorization(kind, path, lower)
            if method == "GET":
                return self.get(kind, path, name, lower)
            if kind not in WRITTEN or not name:
                raise Failure(405, "MethodNotAllowed", "The requested resource does not support http method '%s'." % method)
            return self.write(method, kind, path, body, lower)
        except Failure as failure:
            return failure.reply

    def check_path(self, path):
        parts = path.split("/")
        if len(parts) > 2 and parts[1].lower() == "subscriptions":
            if not GUID.fullmatch(parts[2]):
                raise Failure(400, "InvalidSubscriptionId", "The provided subscription identifier '%s' is malformed or "
                              "invalid." % parts[2])
            if parts[2].lower() != fixtures.SUBSCRIPTION:
                raise Failure(404, "SubscriptionNotFound", "The subscription '%s' could not be found." % parts[2])
        if len(parts) > 4 and parts[3].lower() == "resourcegroups" and parts[4].lower() != "flux-demo-rg":
            raise Failure(404, "ResourceGroupNotFound", "Resource group '%s' could not be found." % parts[4])

    def check_version(self, kind, version):
        known = VERSIONS.get(kind)
        if known is None:
            raise Failure(404, "InvalidResourceType", "The resource type '%s' could not be found." % kind)
        known = self.settings.get("versions", {}).get(kind, known)
        if not version:
            raise Failure(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required "
                          "for all requests.")
        if version not in known:
            namespace, _, resource = kind.partition("/")
            raise Failure(400, "NoRegisteredProviderFound", "No registered resource provider found for location "
                          "'westeurope' and API version '%s' for type '%s'. The supported api-versions are '%s'. The "
                          "supported locations are 'westeurope'." % (version, resource or namespace, ", ".join(known)))

    # ---- reading

    def get(self, kind, path, name, query):
        if kind == "subscriptions":
            found = {"id": "/subscriptions/" + fixtures.SUBSCRIPTION, "subscriptionId": fixtures.SUBSCRIPTION,
                     "displayName": "Flux demo", "tenantId": fixtures.TENANT, "state": "Enabled"}
            return Reply(200, to_json(found if name else {"value": [found], "nextLink": None}))
        if kind == "resourcegroups":
            found = {"id": fixtures.GROUP, "name": "flux-demo-rg", "type": "Microsoft.Resources/resourceGroups",
                     "location": "westeurope", "properties": {"provisioningState": "Succeeded"}}
            return Reply(200, to_json(found if name else {"value": [found]}))
        self.check_parent(path, kind, name)
        if name:
            return Reply(200, to_json(self.shown(kind, self.find(path))))
        return self.page(path, [self.shown(kind, item, listed=True) for item in self.listed(path, kind)], query)

    def find(self, path):
        found = self.resources.get(path.lower())
        if not found:
            what = path[path.lower().rindex("/providers/") + len("/providers/"):]
            raise Failure(404, "ResourceNotFound", "The Resource '%s' under resource group 'flux-demo-rg' was not found. "
                          "For more details please go to https://aka.ms/ARMResourceNotFoundFix" % what)
        return found

    def check_parent(self, path, kind, name):
        """The cluster, or the identity, that it is in."""
        if kind.startswith(KC):
            self.find(path[:path.lower().index("/providers/microsoft.kubernetesconfiguration")])
        elif kind.endswith("/federatedidentitycredentials"):
            self.find("/".join(path.split("/")[:-2 if name else -1]))

    def listed(self, path, kind):
        """Directly below a path; by group or subscription all of a type."""
        prefix = path.lower().rstrip("/") + "/"
        found = [item for key, item in self.resources.items() if key.startswith(prefix) and "/" not in key[len(prefix):]]
        scope = re.fullmatch(r"(/subscriptions/[^/]+(?:/resourcegroups/[^/]+)?)/providers/[^/]+/[^/]+", path.lower())
        if scope and not found:
            found = [item for key, item in self.resources.items()
                     if key.startswith(scope[1] + "/") and item["type"].lower() == kind]
        return found

    def shown(self, kind, item, listed=False):
        if not listed:
            self.move_on(kind, item)
        result = {**masked(item), "systemData": SYSTEM} if kind.startswith(KC) else copy.deepcopy(item)
        if listed and kind == CONFIGS:
            for status in result["properties"].get("statuses") or []:
                status["statusConditions"] = None
        if "odd-casing" in self.settings:
            result["id"] = result["id"].replace("/resourceGroups/", "/resourcegroups/").replace(
                "connectedClusters", "ConnectedClusters").replace("/subscriptions/", "/Subscriptions/")
            result["type"] = result["type"].lower()
        return result

    def page(self, path, items, query):
        size, start = int(self.settings.get("page", 1000)), int(query.get("$skiptoken", 0))
        link = None
        if start + size < len(items):
            link = "%s%s?api-version=%s&%%24skipToken=%d" % (self.url, path, query["api-version"], start + size)
        if "hostile-next-link" in self.settings:
            link = self.trap + path + "?api-version=" + query["api-version"]
        return Reply(200, to_json({"value": items[start:start + size], "nextLink": link}))

    # ---- providers, types, rights

    def provider(self, method, path, name):
        found = next((key for key in self.providers if key.lower() == (name or "").lower()), None)
        if path.lower().endswith("/register"):
            name = path.split("/")[-2]
            found = next((key for key in self.providers if key.lower() == name.lower()), None)
        if not found:
            raise Failure(404, "InvalidResourceNamespace", "The resource namespace '%s' is invalid." % name)
        if method == "POST" and self.providers[found] != "Registered":
            self.providers[found] = "Registering"
            self.reads[found] = int(self.settings.get("slow", 1))
        elif self.providers[found] == "Registering" and method == "GET":
            self.reads[found] = self.reads.get(found, 1) - 1
            if self.reads[found] < 0:
                self.providers[found] = "Registered"
        types = [{"resourceType": kind.partition("/")[2], "apiVersions": versions, "locations": ["West Europe", "East US"],
                  "defaultApiVersion": versions[0]}
                 for kind, versions in {**VERSIONS, **self.settings.get("versions", {})}.items()
                 if kind.startswith(found.lower() + "/")]
        return Reply(200, to_json({
            "id": "/subscriptions/%s/providers/%s" % (fixtures.SUBSCRIPTION, found), "namespace": found,
            "registrationState": self.providers[found], "registrationPolicy": "RegistrationRequired",
            "resourceTypes": [{**kind, "resourceType": self.cased(kind["resourceType"])} for kind in types]}))

    @staticmethod
    def cased(name):
        known = ("extensions", "fluxConfigurations", "extensionTypes", "sourceControlConfigurations", "connectedClusters",
                 "managedClusters", "provisionedClusters", "userAssignedIdentities")
        return next((word for word in known if word.lower() == name), name)

    def extension_types(self, kind, path, name, query):
        lower = path.lower()
        if "/locations/" not in lower:
            self.find(path[:lower.index("/providers/microsoft.kubernetesconfiguration")])
        versions = self.fixture["versions"]
        if kind.endswith("/versions"):
            if query.get("showLatest", "").lower() == "true":
                versions = versions[:1]
            items = [{"id": "%s/%s" % (path if not name else path.rpartition("/")[0], version), "name": version,
                      "type": "Microsoft.KubernetesConfiguration/extensionTypes/versions",
                      "properties": {"version": version, "supportedClusterTypes": ["connectedClusters", "managedClusters"],
                                     "unsupportedKubernetesVersions": {"connectedCluster": [
                                         {"distributions": ["k3s"], "unsupportedVersions": ["1.18..1.21"]}]}}}
                     for version in versions if name in (None, version)]
            if name and not items:
                raise Failure(404, "ResourceNotFound", "The version '%s' was not found." % name)
            return Reply(200, to_json(items[0] if name else {"value": items, "nextLink": None}))
        item = {"id": path, "name": "microsoft.flux", "type": "Microsoft.KubernetesConfiguration/extensionTypes",
                "properties": {"publisher": "Microsoft", "isSystemExtension": False,
                               "supportedClusterTypes": ["connectedclusters", "managedclusters"]}}
        return Reply(200, to_json(item if name else {"value": [item], "nextLink": None}))

    def authorization(self, kind, path, query):
        if kind.endswith("/permissions"):
            return Reply(200, to_json({"value": self.fixture["permissions"], "nextLink": None}))
        scope = path.lower().partition("/providers/microsoft.authorization")[0]
        wanted = re.search(r"'([^']+)'", query.get("$filter", ""))
        found = [item for item in self.fixture["roleAssignments"]
                 if scope.startswith(item["properties"]["scope"].lower()) and
                 (not wanted or item["properties"]["principalId"] == wanted[1])]
        return Reply(200, to_json({"value": found, "nextLink": None}))

    # ---- writing

    def write(self, method, kind, path, body, query):
        self.check_parent(path, kind, path)
        namespace = {KC: "Microsoft.KubernetesConfiguration"}.get(kind.partition("/")[0])
        if namespace and self.providers[namespace] != "Registered":
            raise Failure(409, "MissingSubscriptionRegistration", "The subscription is not registered to use namespace "
                          "'%s'. See https://aka.ms/rps-not-found for how to register subscriptions." % namespace)
        present = self.resources.get(path.lower())
        if method == "DELETE":
            return self.delete(kind, path, present, query)
        tree = json.loads(body)
        if method == "PATCH":
            present = self.find(path)
            tree = merge_patch({"properties": present["properties"]}, tree)
        elif kind in LONG:
            self.check_put(kind, path, tree)
        return self.put(method, kind, path, tree, present, query)

    def check_put(self, kind, path, tree):
        cluster = self.find(path[:path.lower().index("/providers/microsoft.kubernetesconfiguration")])
        if kind == EXTENSIONS and cluster["type"].endswith("/managedClusters"):
            if cluster["properties"]["servicePrincipalProfile"]["clientId"] != "msi":
                raise Failure(400, "BadRequest", SPN_TEXT)
            if tree.get("identity"):
                raise Failure(400, "BadRequest", "")
        if kind == CONFIGS and not any(item["type"].endswith("/extensions") for item in self.resources.values()):
            raise Failure(400, "BadRequest", "The microsoft.flux extension is not installed on the cluster.")
        body = tree.get("properties", {})
        version = body.get("version")
        if kind == EXTENSIONS and version and version not in self.fixture["versions"]:
            raise Failure(400, "ValidationFailed", "Version '%s' of 'microsoft.flux' was not found in release train '%s'."
                          % (version, body.get("releaseTrain", "Stable")))
        source = {"GitRepository": "gitRepository", "Bucket": "bucket", "AzureBlob": "azureBlob",
                  "OCIRepository": "ociRepository"}[body.get("sourceKind", "GitRepository")]
        if kind == CONFIGS and not body.get(source):
            raise Failure(400, "ValidationFailed", "Invalid source kind match. Config with specified source kind '%s' must "
                          "contain corresponding body" % body.get("sourceKind", "GitRepository"))

    def put(self, method, kind, path, tree, present, query):
        document = fixtures.resource(present["id"] if present else path, tree.get("properties", {}))
        document.update({key: value for key, value in {**(present or {}), **tree}.items()
                         if key in ("identity", "plan", "location", "tags")})
        if kind.startswith(KC):
            document.pop("location", None)
        if document.get("identity"):
            document["identity"] = {**document["identity"], "principalId": "e87e2510-0000-4000-8000-000000000005",
                                    "tenantId": fixtures.TENANT}
        old = present["properties"] if present else {}
        for name in READ_ONLY:
            document["properties"].pop(name, None)
            if name in old:
                document["properties"][name] = old[name]
        complete(kind, document)
        if kind.endswith("/userassignedidentities"):
            document["properties"] = fixtures.identity()["properties"]
        self.resources[path.lower()] = document
        if kind not in LONG:
            return Reply(200 if present else 201, to_json(self.shown(kind, document)))
        state = "Updating" if present else "Creating"
        document["properties"]["provisioningState"] = state
        operation = self.begin(kind, path, query["api-version"], document)
        status = 202 if method == "PATCH" else 200 if present else 201
        return Reply(status, to_json({**masked(document), "systemData": SYSTEM}), headers=operation)

    def delete(self, kind, path, present, query):
        if not present:
            return Reply(204, b"")
        forced = query.get("forcedelete", "").lower() == "true"
        if forced or kind not in LONG:
            del self.resources[path.lower()]
            return Reply(200, to_json({"content": None, "statusCode": 200}) if forced else b"")
        present["properties"]["provisioningState"] = "Deleting"
        return Reply(202, b"", headers=self.begin(kind, path, query["api-version"], None))

    # ---- operations

    def begin(self, kind, path, version, document):
        number = len(self.operations) + 1
        name = "0be2a710-0000-4000-8000-%012d" % number
        self.operations[name] = {"left": int(self.settings.get("slow", 1)), "path": path.lower(), "kind": kind,
                                 "document": document, "status": "Running", "lost": int(self.settings.get(
                                     "operation-lost", 0))}
        host = self.trap if "hostile-operation" in self.settings else self.url
        headers = [("Azure-AsyncOperation", "%s%s/operations/%s?api-Version=%s" % (host, path, name, version)),
                   ("Location", "%s%s/operations/%s?api-version=%s" % (self.trap, path, name, version)),
                   ("x-ms-async-operation-timeout", "PT1H"), ("Retry-After", "0")]
        return [pair for pair in headers if pair[0] != "Azure-AsyncOperation" or "no-operation" not in self.settings]

    def operation(self, path, version):
        above, _, name = path.rpartition("/operations/")
        found = self.operations.get(name)
        if not found or found["lost"] > 0 or found["path"] != above.lower():
            if found:
                found["lost"] -= 1
            raise Failure(404, "ResourceNotFound", "The operation '%s' was not found." % name,
                          headers=[("Retry-After", "0")])
        self.step(found)
        reply = {"id": path, "name": name, "status": found["status"]}
        if found.get("error"):
            reply["error"] = found["error"]
        return Reply(200, to_json(reply), headers=[] if found["status"] != "Running" else [("Retry-After", "0")])

    def step(self, operation):
        if operation["status"] != "Running":
            return
        operation["left"] -= 1
        if operation["left"] >= 0:
            return
        failure = self.settings.get("operation-failed")
        if failure:
            self.settings.pop("operation-failed")
            self.fail(operation, failure)
            return
        operation["status"] = "Succeeded"
        document = operation["document"]
        if document is None:
            self.resources.pop(operation["path"], None)
            return
        body = document["properties"]
        body["provisioningState"] = "Succeeded"
        if operation["kind"] == EXTENSIONS:
            body["currentVersion"] = body.get("version") or self.fixture["versions"][0]
        else:
            body["complianceState"] = "Suspended" if body["suspend"] else "Pending"
            self.reads[operation["path"]] = int(self.settings.get("pending", 1))

    @staticmethod
    def fail(operation, text):
        """ExtensionOperationFailed with the cause far inside, as Azure says it."""
        code, _, message = text.partition(" ")
        operation["status"] = "Failed"
        operation["error"] = {
            "code": code, "message": "The extension operation failed with the following error: Request failed. InnerError: "
            "[%s]" % message, "details": [{"code": "InnerError", "message": message, "details": [], "additionalInfo": []}],
            "additionalInfo": [{"type": "Source", "info": {"origin": "agent"}}]}
        document = operation["document"]
        if document is None:
            return
        body = document["properties"]
        body["provisioningState"] = "Failed"
        if operation["kind"] == EXTENSIONS:
            body["statuses"] = [{"code": "InstallationFailed", "displayStatus": None, "level": "Error", "message": message,
                                 "time": fixtures.MOMENT}]
        else:
            body["errorMessage"] = message

    def move_on(self, kind, item):
        """What a read of one resource may change: an operation that is followed by it, and compliance."""
        key = item["id"].lower()
        for operation in self.operations.values():
            if operation["path"] == key and "no-operation" in self.settings:
                self.step(operation)
        if kind != CONFIGS or item["properties"].get("complianceState") != "Pending":
            return
        self.reads[key] = self.reads.get(key, 1) - 1
        if self.reads[key] < 0:
            failing = dict([self.settings["non-compliant"].partition(" ")[::2]] if "non-compliant" in self.settings else [])
            item["properties"].update(complianceState="Non-Compliant" if failing else "Compliant",
                                      statuses=fixtures.statuses(item, failing), statusUpdatedAt=fixtures.MOMENT,
                                      sourceUpdatedAt=fixtures.MOMENT,
                                      sourceSyncedCommitId="main@sha1:" + "4f0c1a5e" * 5)

    # ---- for the tests

    def changed(self):
        """{id: document at the end, or None where it is gone} of all that is not as it was."""
        result = {}
        for key in sorted({**self.before, **self.resources}):
            now = self.resources.get(key)
            if now != self.before.get(key):
                result[(now or self.before[key])["id"]] = now
        return result
