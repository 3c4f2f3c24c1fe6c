# SPDX-License-Identifier: Apache-2.0
"""What is in the loopback ARM at the start: `arm: NAME` of a case, by several words joined with `+`.

The first word is the cluster, the others add to it: `arc+extension+cluster-config`. Everything has the names of the
tutorial: group flux-demo-rg, Arc cluster flux-demo-arc, AKS cluster flux-demo-aks.
"""
import copy

SUBSCRIPTION = "5ab5c21e-0000-4000-8000-000000000001"
TENANT = "7e2a27f0-0000-4000-8000-000000000002"
CLIENT = "c11e2700-0000-4000-8000-000000000003"
OBJECT = "0b1ec700-0000-4000-8000-000000000004"
GROUP = "/subscriptions/%s/resourceGroups/flux-demo-rg" % SUBSCRIPTION
ARC = GROUP + "/providers/Microsoft.Kubernetes/connectedClusters/flux-demo-arc"
AKS = GROUP + "/providers/Microsoft.ContainerService/managedClusters/flux-demo-aks"
PROVISIONED = GROUP + "/providers/Microsoft.HybridContainerService/provisionedClusters/flux-demo-hci"
IDENTITY = GROUP + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/flux-identity"
REGISTRY = GROUP + "/providers/Microsoft.ContainerRegistry/registries/fluxdemo"
CONFIGURATION = "/providers/Microsoft.KubernetesConfiguration/"
REPOSITORY = "https://github.com/Azure/gitops-flux2-kustomize-helm-mt"
MOMENT = "2026-11-24T07:00:00Z"
LATEST = "1.24.1"
NAMESPACES = ("Microsoft.Kubernetes", "Microsoft.ContainerService", "Microsoft.KubernetesConfiguration",
              "Microsoft.ManagedIdentity", "Microsoft.HybridContainerService", "Microsoft.ContainerRegistry")


def resource(path, properties, **more):
    parts = path.split("/")
    at = len(parts) - 1 - parts[::-1].index("providers")
    kind = "/".join([parts[at + 1]] + parts[at + 2::2])
    return {"id": path, "name": parts[-1], "type": kind, **more, "properties": properties}


def arc_cluster():
    return resource(ARC, {
        "connectivityStatus": "Connected", "agentVersion": "1.31.2", "kubernetesVersion": "1.33.4", "distribution": "k3s",
        "provisioningState": "Succeeded", "lastConnectivityTime": MOMENT, "infrastructure": "generic", "totalNodeCount": 3,
        "oidcIssuerProfile": {"enabled": True, "issuerUrl": "https://westeurope.oic.prod-arc.azure.com/t/arc/"},
        "securityProfile": {"workloadIdentity": {"enabled": True}},
        "arcAgentProfile": {"agentState": "Succeeded", "agentErrors": []}},
        location="westeurope", identity={"type": "SystemAssigned", "principalId": "a2c0-principal", "tenantId": TENANT})


def aks_cluster():
    return resource(AKS, {
        "provisioningState": "Succeeded", "powerState": {"code": "Running"}, "kubernetesVersion": "1.33.4",
        "currentKubernetesVersion": "1.33.4", "fqdn": "flux-demo-aks-dns.hcp.westeurope.azmk8s.io",
        "nodeResourceGroup": "MC_flux-demo-rg_flux-demo-aks_westeurope", "servicePrincipalProfile": {"clientId": "msi"},
        "oidcIssuerProfile": {"enabled": True, "issuerURL": "https://westeurope.oic.prod-aks.azure.com/t/aks/"},
        "securityProfile": {"workloadIdentity": {"enabled": True}},
        "identityProfile": {"kubeletidentity": {"clientId": "c0be1e70-0000-4000-8000-000000000008",
                                                "objectId": "0b1ec700-0000-4000-8000-000000000008",
                                                "resourceId": GROUP + "/providers/Microsoft.ManagedIdentity/"
                                                "userAssignedIdentities/flux-demo-aks-agentpool"}}},
        location="westeurope", identity={"type": "SystemAssigned", "principalId": "a6500-principal", "tenantId": TENANT})


def spn_cluster():
    cluster = aks_cluster()
    del cluster["identity"]
    cluster["properties"]["servicePrincipalProfile"] = {"clientId": CLIENT}
    return cluster


def provisioned_cluster():
    return resource(PROVISIONED, {"provisioningState": "Succeeded", "kubernetesVersion": "1.33.4"}, location="westeurope")


def extension(cluster, **properties):
    body = {"extensionType": "microsoft.flux", "autoUpgradeMinorVersion": True, "releaseTrain": "Stable", "version": None,
            "scope": {"cluster": {"releaseNamespace": "flux-system"}}, "configurationSettings": {},
            "configurationProtectedSettings": {}, "provisioningState": "Succeeded", "currentVersion": LATEST,
            "statuses": [], "errorInfo": None, "isSystemExtension": False, "customLocationSettings": None,
            "packageUri": None, "aksAssignedIdentity": None}
    body.update(properties)
    identity = None if "managedClusters" in cluster else \
        {"type": "SystemAssigned", "principalId": "e87e2510-0000-4000-8000-000000000005", "tenantId": TENANT}
    return resource(cluster + CONFIGURATION + "extensions/flux", body, identity=identity, plan=None)


def kustomization(name, path, **more):
    return {"name": name, "path": path, "dependsOn": None, "timeoutInSeconds": 600, "syncIntervalInSeconds": 600,
            "retryIntervalInSeconds": None, "prune": True, "force": False, "wait": True, "postBuild": None, **more}


def configuration(cluster, **properties):
    """The tutorial's, compliant."""
    body = {
        "scope": "cluster", "namespace": "cluster-config", "sourceKind": "GitRepository", "suspend": False,
        "gitRepository": {"url": REPOSITORY, "timeoutInSeconds": 600, "syncIntervalInSeconds": 600,
                          "repositoryRef": {"branch": "main", "tag": None, "semver": None, "commit": None},
                          "sshKnownHosts": None, "httpsUser": None, "httpsCACert": None, "localAuthRef": None,
                          "provider": None},
        "bucket": None, "azureBlob": None, "ociRepository": None,
        "kustomizations": {"infra": kustomization("infra", "./infrastructure"),
                           "apps": kustomization("apps", "./apps/staging", dependsOn=["infra"])},
        "configurationProtectedSettings": {}, "waitForReconciliation": False, "reconciliationWaitDuration": None,
        "repositoryPublicKey": None, "errorMessage": None, "provisioningState": "Succeeded",
        "complianceState": "Compliant", "sourceSyncedCommitId": "main@sha1:" + "4f0c1a5e" * 5, "sourceUpdatedAt": MOMENT,
        "statusUpdatedAt": MOMENT}
    body.update(properties)
    found = resource(cluster + CONFIGURATION + "fluxConfigurations/cluster-config", body)
    body.setdefault("statuses", statuses(found))
    return found


def status(kind, name, namespace, compliant, message, owner=None):
    return {"name": name, "namespace": namespace, "kind": kind, "complianceState": "Compliant" if compliant else
            "Non-Compliant", "appliedBy": owner, "helmReleaseProperties": None,
            "statusConditions": [{"type": "Ready", "status": "True" if compliant else "False",
                                  "reason": "ReconciliationSucceeded" if compliant else "ReconciliationFailed",
                                  "message": message, "lastTransitionTime": MOMENT}]}


def statuses(config, failing=None):
    """What Azure shows of the objects of a configuration; `failing` {kustomization: message}."""
    body, failing = config["properties"], failing or {}
    name, namespace, revision = config["name"], body["namespace"], "main@sha1:" + "4f0c1a5e" * 5
    found = [status(body["sourceKind"], name, namespace, True, "stored artifact for revision '%s'" % revision)]
    for key in body.get("kustomizations") or {}:
        message = failing.get(key)
        found.append(status("Kustomization", "%s-%s" % (name, key), namespace, message is None,
                            message or "Applied revision: " + revision))
    return found


def identity(**more):
    return resource(IDENTITY, {"tenantId": TENANT, "principalId": "1de27170-0000-4000-8000-000000000006",
                               "clientId": "1de27170-0000-4000-8000-000000000007"}, location="westeurope", tags={}, **more)


def credential(controller, issuer):
    return resource("%s/federatedIdentityCredentials/%s" % (IDENTITY, controller), {
        "issuer": issuer, "subject": "system:serviceaccount:flux-system:" + controller,
        "audiences": ["api://AzureADTokenExchange"]})


def base(cluster):
    return {"resources": [cluster] if cluster else [], "providers": {name: "Registered" for name in NAMESPACES},
            "permissions": [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}],
            "versions": ["1.24.1", "1.24.0", "1.23.2", "1.22.3", "1.21.1", "1.17.3"], "roleAssignments": []}


CLUSTERS = {"empty": lambda: base(None), "arc": lambda: base(arc_cluster()), "aks": lambda: base(aks_cluster()),
            "spn": lambda: base(spn_cluster()), "provisioned": lambda: base(provisioned_cluster())}


def cluster_of(fixture):
    return fixture["resources"][0]["id"]


def add(fixture, *resources):
    fixture["resources"] += resources


def break_config(fixture):
    for found in fixture["resources"]:
        if found["type"].endswith("/fluxConfigurations"):
            found["properties"]["complianceState"] = "Non-Compliant"
            found["properties"]["statuses"] = statuses(found, {"apps": "kustomize build failed: accumulating resources: "
                                                               "'./apps/staging' doesn't exist"})


def settle(**properties):
    def change(fixture):
        add(fixture, extension(cluster_of(fixture), **properties))
    return change


def providers(*states):
    def change(fixture):
        fixture["providers"].update(zip(NAMESPACES, states))
    return change


def forget_issuer(fixture):
    for name in ("oidcIssuerProfile", "securityProfile"):
        fixture["resources"][0]["properties"].pop(name, None)


def disconnect(fixture):
    fixture["resources"][0]["properties"]["connectivityStatus"] = "Offline"


def read_only(fixture):
    fixture["permissions"] = [{"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}]


MORE = {
    "extension": settle(),
    "extension-pinned": settle(autoUpgradeMinorVersion=False, version="1.24.0", currentVersion="1.24.0"),
    "extension-old": settle(currentVersion="1.12.0"),
    "extension-image": settle(configurationSettings={"image-automation-controller.enabled": "true",
                                                     "image-reflector-controller.enabled": "true"}),
    "extension-workload-identity": settle(configurationSettings={
        "workloadIdentity.enable": "true", "workloadIdentity.azureClientId": "1de27170-0000-4000-8000-000000000007",
        "workloadIdentity.azureTenantId": TENANT}),
    "extension-creating": settle(provisioningState="Creating", currentVersion=None),
    "extension-failed": settle(provisioningState="Failed", currentVersion=None, statuses=[
        {"code": "InstallationFailed", "displayStatus": None, "level": "Error", "time": MOMENT,
         "message": "Error: {failed to install chart from path [] for release [flux]: err [timed out waiting]} occurred "
                    "while doing the operation"}]),
    "cluster-config": lambda fixture: add(fixture, configuration(cluster_of(fixture))),
    "two-configs": lambda fixture: add(fixture, configuration(cluster_of(fixture)), copied(fixture)),
    "non-compliant": break_config,
    "identity": lambda fixture: add(fixture, identity()),
    "federated": lambda fixture: add(fixture, identity(), *[credential(name, issuer_of(fixture)) for name in (
        "source-controller", "kustomize-controller")]),
    "registry": lambda fixture: add(fixture, resource(REGISTRY, {"loginServer": "fluxdemo.azurecr.io",
                                                                 "provisioningState": "Succeeded"}, location="westeurope")),
    "unregistered": providers("NotRegistered", "Registered", "NotRegistered"),
    "registering": providers("Registered", "Registered", "Registering"),
    "no-issuer": forget_issuer, "offline": disconnect, "read-only": read_only,
}


def copied(fixture):
    second = configuration(cluster_of(fixture), namespace="team-b")
    second["id"], second["name"] = second["id"].replace("cluster-config", "team-b"), "team-b"
    return second


def issuer_of(fixture):
    profile = fixture["resources"][0]["properties"]["oidcIssuerProfile"]
    return profile.get("issuerUrl") or profile.get("issuerURL")


def load(text):
    """The fixture of a case's line; raises KeyError for a word that is none."""
    words = [word.strip() for word in text.split("+")]
    fixture = CLUSTERS[words[0]]()
    for word in words[1:]:
        MORE[word](fixture)
    return copy.deepcopy(fixture)
