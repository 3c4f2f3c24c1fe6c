# SPDX-License-Identifier: Apache-2.0
"""What a request has to be like: own short rules, always; Microsoft's OpenAPI documents where they are at hand.

`Rules().breaches(method, target, headers, body)` gives every breach in words. The documents are looked for in
`../shared/arm/spec` beside the repository, or in the folder that FLUX_ARC_ARM_SPEC names.
"""
import json
import os
import re
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = os.environ.get("FLUX_ARC_ARM_SPEC") or os.path.join(HERE, "..", "..", "..", "shared", "arm", "spec")
GUID = re.compile(r"[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
BODIES = ("PUT", "PATCH")

# ---- types and their api-versions

KC, MI = "microsoft.kubernetesconfiguration", "microsoft.managedidentity"
VERSIONS = {
    KC + "/extensions": ["2025-03-01", "2024-11-01", "2023-05-01", "2022-11-01", "2022-07-01", "2022-03-01"],
    KC + "/fluxconfigurations": ["2025-04-01", "2024-11-01", "2024-04-01-preview", "2023-05-01", "2022-11-01",
                                 "2022-07-01", "2022-03-01"],
    KC + "/extensiontypes": ["2024-11-01-preview", "2023-05-01-preview"],
    KC + "/sourcecontrolconfigurations": ["2023-05-01", "2022-11-01", "2022-07-01", "2022-03-01", "2021-03-01"],
    "microsoft.kubernetes/connectedclusters": ["2025-12-01-preview", "2024-12-01-preview", "2024-07-15-preview",
                                               "2024-01-01", "2021-10-01"],
    "microsoft.containerservice/managedclusters": ["2025-05-01", "2024-09-01", "2024-02-01", "2023-08-01", "2022-11-01"],
    "microsoft.hybridcontainerservice/provisionedclusters": ["2022-09-01-preview", "2022-05-01-preview"],
    "microsoft.hybridcontainerservice/provisionedclusterinstances": ["2024-01-01"],
    MI + "/userassignedidentities": ["2024-11-30", "2023-01-31", "2022-01-31-preview"],
    MI + "/userassignedidentities/federatedidentitycredentials": ["2024-11-30", "2023-01-31", "2022-01-31-preview"],
    "microsoft.authorization/roleassignments": ["2022-04-01", "2020-04-01-preview"],
    "microsoft.authorization/permissions": ["2022-04-01", "2018-07-01", "2015-07-01"],
    "microsoft.containerregistry/registries": ["2025-04-01", "2023-07-01", "2023-01-01-preview"],
    "microsoft.resourcegraph/resources": ["2022-10-01", "2021-03-01"],
    "providers": ["2021-04-01"], "resourcegroups": ["2021-04-01"], "subscriptions": ["2022-12-01", "2021-04-01"],
}

# ---- own short rules: {name: shape}; a shape is a type, (type, pattern), a dict, {"*": shape} or [shape]

TEXT, FLAG, WHOLE = str, bool, int
NAME = (str, r"[a-z0-9]([-.a-z0-9]{0,61}[a-z0-9])?")
BASE64 = (str, r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
SECONDS = {"timeoutInSeconds": WHOLE, "syncIntervalInSeconds": WHOLE}
REF = {"branch": TEXT, "tag": TEXT, "semver": TEXT, "commit": (str, r"[0-9a-f]{40}|[0-9a-f]{64}")}
OBJECT_IDENTITY = {"clientId": TEXT, "tenantId": TEXT, "serviceAccountName": TEXT}
KUSTOMIZATION = {
    "path": TEXT, "dependsOn": [TEXT], **SECONDS, "retryIntervalInSeconds": WHOLE, "prune": FLAG, "force": FLAG,
    "wait": FLAG, "postBuild": {"substitute": {"*": TEXT},
                                "substituteFrom": [{"kind": (str, "ConfigMap|Secret"), "name": TEXT, "optional": FLAG}]}}
SOURCES = {
    "gitRepository": {"url": (str, r"(https?|ssh)://.+|git@.+"), **SECONDS, "repositoryRef": REF, "sshKnownHosts": BASE64,
                      "httpsUser": TEXT, "httpsCACert": BASE64, "localAuthRef": TEXT,
                      "provider": (str, "Azure|GitHub|Generic")},
    "bucket": {"url": (str, r"https?://.+"), "bucketName": TEXT, "insecure": FLAG, **SECONDS, "accessKey": TEXT,
               "localAuthRef": TEXT},
    "azureBlob": {"url": (str, r"https?://.+"), "containerName": TEXT, **SECONDS, "accountKey": TEXT, "sasToken": TEXT,
                  "servicePrincipal": {"clientId": TEXT, "tenantId": TEXT, "clientSecret": TEXT,
                                       "clientCertificate": BASE64, "clientCertificatePassword": TEXT,
                                       "clientCertificateSendChain": FLAG},
                  "managedIdentity": {"clientId": TEXT}, "localAuthRef": TEXT},
    "ociRepository": {"url": (str, r"oci://.+"), **SECONDS, "repositoryRef": {"tag": TEXT, "semver": TEXT, "digest": TEXT},
                      "layerSelector": {"mediaType": TEXT, "operation": (str, "extract|copy")},
                      "verify": {"provider": TEXT, "verificationConfig": {"*": TEXT},
                                 "matchOidcIdentity": [{"issuer": TEXT, "subject": TEXT}]},
                      "insecure": FLAG, "useWorkloadIdentity": FLAG, "serviceAccountName": TEXT,
                      "tlsConfig": {"clientCertificate": BASE64, "privateKey": BASE64, "caCertificate": BASE64},
                      "localAuthRef": TEXT},
}
KIND = (str, "GitRepository|Bucket|AzureBlob|OCIRepository")
CONFIG_BOTH = {"sourceKind": KIND, "suspend": FLAG, **SOURCES, "kustomizations": {"*": KUSTOMIZATION},
               "configurationProtectedSettings": {"*": BASE64}}
CONFIG = {"properties": {**CONFIG_BOTH, "scope": (str, "cluster|namespace"), "namespace": NAME,
                         "waitForReconciliation": FLAG, "reconciliationWaitDuration": (str, r"P(?!$).*")}}
EXTENSION_BOTH = {"autoUpgradeMinorVersion": FLAG, "releaseTrain": TEXT, "version": TEXT,
                  "configurationSettings": {"*": TEXT}, "configurationProtectedSettings": {"*": TEXT}}
EXTENSION = {
    # az sends the parent's location beside the identity; the documents do not name it (see README.md).
    "location": TEXT, "identity": {"type": (str, "SystemAssigned")},
    "plan": {"name": TEXT, "publisher": TEXT, "product": TEXT, "promotionCode": TEXT, "version": TEXT},
    "properties": {**EXTENSION_BOTH, "extensionType": TEXT, "scope": {"cluster": {"releaseNamespace": TEXT},
                                                                      "namespace": {"targetNamespace": TEXT}},
                   "aksAssignedIdentity": {"type": (str, "SystemAssigned|UserAssigned|Workload")}}}
SHAPES = {
    ("PUT", KC + "/extensions"): EXTENSION,
    ("PATCH", KC + "/extensions"): {"properties": EXTENSION_BOTH},
    ("PUT", KC + "/fluxconfigurations"): CONFIG,
    ("PATCH", KC + "/fluxconfigurations"): {"properties": CONFIG_BOTH},
    ("PUT", MI + "/userassignedidentities"): {"location": TEXT, "tags": {"*": TEXT}},
    ("PUT", MI + "/userassignedidentities/federatedidentitycredentials"):
        {"properties": {"issuer": (str, "https://.+"), "subject": TEXT, "audiences": [TEXT]}},
}
# What newer versions add; {api-version: {(method, type): more}}
NEWER = {
    "2025-03-01": {KC + "/extensions": {"properties": {"autoUpgradeMode": (str, "none|patch|compatible")},
                                        "identity": {"type": (str, "SystemAssigned|UserAssigned"),
                                                     "userAssignedIdentities": {"*": {}}}}},
    "2026-07-01-preview": {KC + "/fluxconfigurations": {"properties": {
        **{name: {"objectLevelIdentity": OBJECT_IDENTITY, "additionalConfigurations": {"*": None}} for name in SOURCES},
        "gitRepository": {"sparseCheckout": [TEXT], "objectLevelIdentity": OBJECT_IDENTITY,
                          "additionalConfigurations": {"*": None}},
        "kustomizations": {"*": {"additionalConfigurations": {"*": None}, "kubeConfig": {
            "clusterResourceId": TEXT, "objectLevelIdentity": OBJECT_IDENTITY}}}}}},
}
QUERIES = {("DELETE", KC + "/extensions"): ["forceDelete"], ("DELETE", KC + "/fluxconfigurations"): ["forceDelete"],
           ("GET", "microsoft.authorization/roleassignments"): ["$filter"],
           ("GET", KC + "/extensiontypes"): ["releaseTrain", "clusterType", "majorVersion", "showLatest", "publisherId",
                                             "offerId", "planId"]}


def merged(one, other):
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    return {key: merged(one[key], other[key]) if key in one and key in other else one.get(key, other.get(key))
            for key in {**one, **other}}


def follow(shape, value, where, nulls):
    """Breaches of a short rule."""
    if value is None:
        return [] if nulls else ["%s is null" % where]
    if shape is None:
        return []
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return ["%s is no object" % where]
        wrong = []
        for key, item in value.items():
            rule = shape.get(key, shape.get("*", KeyError))
            wrong += ["%s.%s is not known" % (where, key)] if rule is KeyError else \
                follow(rule, item, "%s.%s" % (where, key), nulls)
        return wrong
    if isinstance(shape, list):
        if not isinstance(value, list):
            return ["%s is no list" % where]
        return [text for i, item in enumerate(value) for text in follow(shape[0], item, "%s[%d]" % (where, i), False)]
    kind, pattern = shape if isinstance(shape, tuple) else (shape, None)
    if type(value) is not kind:
        return ["%s is no %s" % (where, kind.__name__)]
    if pattern and not re.fullmatch(pattern, value, re.S):
        return ["%s is '%s', not like %s" % (where, value[:80], pattern)]
    return []


def type_of(path):
    """('microsoft.kubernetesconfiguration/extensions', name or None) of the last provider in a path, lower case."""
    parts = path.strip("/").split("/")
    lower = [part.lower() for part in parts]
    if "providers" not in lower[2:]:
        kind = "resourcegroups" if len(parts) > 2 else "subscriptions"
        return kind, parts[-1] if len(parts) % 2 == 0 else None
    at = len(lower) - 1 - lower[::-1].index("providers")
    if at + 2 >= len(lower) or (at == 2 and lower[at + 2] == "register"):
        return "providers", parts[at + 1] if at + 1 < len(parts) else None
    rest = lower[at + 2:]
    if rest[0] == "locations":
        rest = rest[2:]
    name = parts[-1] if len(rest) % 2 == 0 else None
    return "/".join([lower[at + 1]] + rest[::2]), name


class Rules:
    def __init__(self, folder=SPEC):
        self.documents = Documents(folder) if os.path.isdir(folder) else None

    def breaches(self, method, target, headers, body):
        path, _, query = target.partition("?")
        path = urllib.parse.unquote(path)
        kind, _ = type_of(path)
        kind = kind.replace("/operations", "").replace("/versions", "")
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
        wrong = self.plain(method, path, kind, pairs, headers, body)
        version = next((value for name, value in pairs if name.lower() == "api-version"), None)
        tree = None
        if body:
            try:
                tree = json.loads(body)
            except ValueError:
                return wrong + ["the body is not JSON"]
        if tree is not None:
            wrong += self.shape(method, kind, version, tree)
        if self.documents and version:
            wrong += self.documents.breaches(method, path, kind, version, dict(pairs), tree)
        return ["%s %s: %s" % (method, target, text) for text in wrong]

    @staticmethod
    def plain(method, path, kind, pairs, headers, body):
        wrong, names = [], [name for name, _ in pairs]
        if len({name.lower() for name in names}) != len(names):
            wrong.append("a parameter is given twice")
        allowed = ["api-version", "$skiptoken"] + [name.lower() for name in QUERIES.get((method, kind), [])]
        wrong += ["the parameter %s is not known" % name for name in names if name.lower() not in allowed]
        if "api-version" not in [name.lower() for name in names]:
            wrong.append("no api-version")
        parts = path.split("/")
        if len(parts) > 2 and parts[1].lower() == "subscriptions" and not GUID.fullmatch(parts[2]):
            wrong.append("the subscription is no GUID")
        if "//" in path or path.endswith("/"):
            wrong.append("the path has an empty part")
        if method in BODIES and not body:
            wrong.append("no body")
        if method in ("GET", "DELETE") and body:
            wrong.append("a body")
        if body and headers.get("content-type", "").partition(";")[0] != "application/json":
            wrong.append("the Content-Type is '%s'" % headers.get("content-type"))
        if not headers.get("user-agent"):
            wrong.append("no User-Agent")
        if not GUID.fullmatch(headers.get("x-ms-client-request-id", "")):
            wrong.append("x-ms-client-request-id is no GUID")
        return wrong

    @staticmethod
    def shape(method, kind, version, tree):
        shape = SHAPES.get((method, kind))
        if shape is None:
            return [] if method == "POST" else ["nothing like this is written"]
        shape = merged(shape, NEWER.get(version, {}).get(kind, {}))
        return follow(shape, tree, "body", method == "PATCH")


# ---- the documents

COMMON = {  # of documents that are referred to but not stored
    "ProxyResource": {"properties": {name: {"type": "string", "readOnly": True} for name in ("id", "name", "type")}},
    "systemData": {"type": "object", "readOnly": True},
    "Identity": {"properties": {"type": {"type": "string", "enum": ["SystemAssigned"]},
                                "principalId": {"type": "string", "readOnly": True},
                                "tenantId": {"type": "string", "readOnly": True}}},
    "Plan": {"required": ["name", "publisher", "product"],
             "properties": {name: {"type": "string"} for name in ("name", "publisher", "product", "promotionCode", "version")}},
    "ProvisioningStateDefinition": {"type": "string", "readOnly": True},
}
TYPES = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}
# The map of identities is described as one identity; the documents' own examples show a map.
EXCEPTIONS = ("body.location", "body.identity.userAssignedIdentities")  # README.md, "Where we differ from the documents"


class Documents:
    """The stored OpenAPI documents (version 2) by api-version and type."""

    def __init__(self, folder):
        self.found = {}
        for version in os.listdir(folder):
            for name in ("extensions/extensions.json", "fluxConfigurations/fluxconfiguration.json",
                         "extensionTypes/extensionTypes.json"):
                path = os.path.join(folder, version, name)
                if os.path.exists(path):
                    with open(path, encoding="utf-8") as file:
                        kind = KC + "/" + name.partition("/")[0].lower()
                        self.found[version, kind] = json.load(file)

    def breaches(self, method, path, kind, version, query, tree):
        document = self.found.get((version, kind))
        if not document:
            return []
        for template, operations in document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path, re.I):
                break
        else:
            return ["no such path in the document of %s" % version]
        operation = operations.get(method.lower())
        if not operation:
            return ["the document of %s has no such method" % version]
        return self.parameters(document, operation, query, tree)

    def parameters(self, document, operation, query, tree):
        wrong, schema = [], None
        names = ["api-version", "$skiptoken"]
        for parameter in operation["parameters"]:
            if parameter.get("$ref", "").startswith("#"):
                parameter = self.local(document, parameter["$ref"])
            if parameter.get("in") == "query":
                names.append(parameter["name"].lower())
            if parameter.get("in") == "body":
                schema = parameter["schema"]
        wrong += ["the document has no parameter %s" % name for name in query if name.lower() not in names]
        if schema is None:
            return wrong + (["the document has no body here"] if tree is not None else [])
        return wrong + self.check(document, schema, tree, "body")

    @staticmethod
    def local(document, reference):
        for part in reference.lstrip("#/").split("/"):
            document = document[part]
        return document

    def resolve(self, document, schema):
        """The schema with references and allOf put in."""
        reference = schema.get("$ref")
        if reference:
            base = self.local(document, reference) if reference.startswith("#") else COMMON[reference.split("/")[-1]]
            # Two flags stand beside references in these documents, and count.
            flags = {key: schema[key] for key in ("x-nullable", "readOnly") if key in schema}
            schema = {**self.resolve(document, base), **flags}
        for part in schema.get("allOf", ()):
            base = self.resolve(document, part)
            schema = {**base, **schema, "properties": {**base.get("properties", {}), **schema.get("properties", {})},
                      "required": base.get("required", []) + schema.get("required", [])}
        return schema

    def check(self, document, schema, value, where):
        schema = self.resolve(document, schema)
        if where in EXCEPTIONS:
            return []
        if schema.get("readOnly"):
            return ["%s is read-only in the document" % where]
        if value is None:
            return [] if schema.get("x-nullable") else self.null(where)
        kind = schema.get("type") or ("object" if "properties" in schema else None)
        if kind in TYPES and type(value) is not TYPES[kind]:
            return ["%s is no %s in the document" % (where, kind)]
        if isinstance(value, dict):
            return self.check_object(document, schema, value, where)
        if isinstance(value, list):
            return [text for i, item in enumerate(value)
                    for text in self.check(document, schema.get("items", {}), item, "%s[%d]" % (where, i))]
        return self.check_text(schema, value, where)

    @staticmethod
    def null(where):
        # A merge patch takes away with null whatever it is (RFC 7396); an entry of kustomizations is not marked so.
        return [] if re.match(r"body\.properties\.(kustomizations\.[^.]+|configuration\w*Settings\..+)$", where) else \
            ["%s is null, and the document does not allow it" % where]

    def check_object(self, document, schema, value, where):
        wrong = ["%s lacks %s" % (where, name) for name in schema.get("required", ()) if name not in value]
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, item in value.items():
            here = "%s.%s" % (where, name)
            if name in known:
                wrong += self.check(document, known[name], item, here)
            elif isinstance(others, dict):
                wrong += self.check(document, others, item, here)
            elif here not in EXCEPTIONS and known and not others:
                wrong.append("%s is not in the document" % here)
        return wrong

    @staticmethod
    def check_text(schema, value, where):
        wrong = []
        if "enum" in schema and value not in schema["enum"]:
            wrong.append("%s is '%s', which the document does not list" % (where, value))
        if isinstance(value, str):
            if len(value) > schema.get("maxLength", len(value)) or len(value) < schema.get("minLength", 0):
                wrong.append("%s has a length of %d" % (where, len(value)))
            if "pattern" in schema and not re.search(schema["pattern"], value):
                wrong.append("%s is not like %s" % (where, schema["pattern"]))
        return wrong
