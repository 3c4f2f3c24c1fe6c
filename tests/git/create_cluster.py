# SPDX-License-Identifier: Apache-2.0
"""A cluster that holds what a test puts into it: objects by kind, Secrets, and source-controller's files."""
import base64
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "replay"))

from recording import Reply, not_served, status_reply, to_json  # noqa: E402
from replay import kubeconfig  # noqa: E402
from server import Server  # noqa: E402

SOURCE, HELM, KUSTOMIZE = "source.toolkit.fluxcd.io/v1", "helm.toolkit.fluxcd.io/v2", "kustomize.toolkit.fluxcd.io/v1"
KINDS = {
    "GitRepository": (SOURCE, "gitrepositories"), "OCIRepository": (SOURCE, "ocirepositories"),
    "HelmRepository": (SOURCE, "helmrepositories"), "HelmChart": (SOURCE, "helmcharts"), "Bucket": (SOURCE, "buckets"),
    "HelmRelease": (HELM, "helmreleases"), "Kustomization": (KUSTOMIZE, "kustomizations"),
    "FluxConfig": ("clusterconfig.azure.com/v1alpha1", "fluxconfigs"), "Pod": ("v1", "pods"),
    "Deployment": ("apps/v1", "deployments"), "StatefulSet": ("apps/v1", "statefulsets"),
    "DaemonSet": ("apps/v1", "daemonsets"), "Namespace": ("v1", "namespaces"), "Node": ("v1", "nodes"),
}
PLURALS = {plural: kind for kind, (_, plural) in KINDS.items()}


def artifact(name, revision, data=b"", digest=None):
    """status.artifact of an object whose file source-controller serves at /NAME."""
    return {"url": "http://source-controller.flux-system.svc.cluster.local./" + name, "revision": revision,
            "digest": digest, "size": len(data)}


class Cluster:
    """`with Cluster(folder) as cluster`, then `cluster.kubeconfig` is a file. `forbid` holds paths that answer 403."""

    def __init__(self, folder):
        self.objects, self.secrets, self.files, self.forbid, self.seen = {}, {}, {}, set(), []
        self.server = Server(self.answer)
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        with open(self.kubeconfig, "w") as file:
            file.write(kubeconfig(self.server.url, "test"))

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *_):
        self.server.__exit__(None, None, None)

    def add(self, kind, name, namespace="apps", spec=None, status=None, **metadata):
        version = KINDS[kind][0]
        self.objects.setdefault(kind, []).append({
            "apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace, **metadata},
            "spec": spec or {}, "status": status or {}})

    def add_secret(self, name, namespace="apps", **data):
        self.secrets[namespace, name] = {key.replace("__", "."): value for key, value in data.items()}

    def add_git(self, name, url, revision=None, namespace="apps", **spec):
        status = {"artifact": {"revision": revision}} if revision else {}
        self.add("GitRepository", name, namespace, {"url": url, "ref": {"branch": "main"}, **spec}, status)

    # ---- answering

    def answer(self, method, target, _headers, _body):
        path = target.partition("?")[0]
        self.seen.append("%s %s" % (method, path))
        if path in self.forbid:
            return status_reply(403, "Forbidden", 'secrets is forbidden: User "test" cannot get resource')
        if path == "/version":
            return Reply(200, to_json({"gitVersion": "v1.36.3", "major": "1", "minor": "36"}))
        if "/proxy/" in path:
            data = self.files.get(path.partition("/proxy/")[2])
            return Reply(200, data, "application/octet-stream") if data is not None else not_served()
        return self.resource(path.strip("/").split("/"))

    def resource(self, parts):
        parts = parts[2:] if parts[0] == "api" else parts[3:]
        namespace = None
        if parts and parts[0] == "namespaces" and len(parts) > 2:
            namespace, parts = parts[1], parts[2:]
        if parts and parts[0] == "secrets":
            return self.secret(namespace, parts[1])
        kind = PLURALS.get(parts[0]) if parts else None
        if not kind:
            return not_served()
        found = [one for one in self.objects.get(kind, []) if namespace in (None, one["metadata"]["namespace"])]
        if len(parts) > 1:
            named = [one for one in found if one["metadata"]["name"] == parts[1]]
            return Reply(200, to_json(named[0])) if named else status_reply(404, "NotFound", "%s not found" % parts[1])
        return Reply(200, to_json({"apiVersion": KINDS[kind][0], "kind": kind + "List", "metadata": {}, "items": found}))

    def secret(self, namespace, name):
        data = self.secrets.get((namespace, name))
        if data is None:
            return status_reply(404, "NotFound", 'secrets "%s" not found' % name)
        encoded = {key: base64.b64encode(value.encode() if isinstance(value, str) else value).decode()
                   for key, value in data.items()}
        return Reply(200, json.dumps({"apiVersion": "v1", "kind": "Secret", "data": encoded,
                                      "metadata": {"name": name, "namespace": namespace}}))
