# SPDX-License-Identifier: Apache-2.0
"""Secrets in every place where somebody may have written one: none of them is in the snapshot."""
import base64
import gzip
import json
import os
import re
import tempfile

import both
from recording import Recording, Reply, to_json
from replay import kubeconfig
from server import Server

MARK = "hunter2"  # each planted secret has it
JWT = "eyJhbGciOiJSUzI1NiJ9.%s.c2lnbmF0dXJl" % MARK
POD = {"containers": [{"name": "c", "env": [{"name": "PASSWORD", "value": MARK + "-env"},
                                            {"name": "KEPT", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}],
       "initContainers": [{"name": "i", "env": [{"name": "PASSWORD", "value": MARK + "-init"}]}],
       "ephemeralContainers": [{"name": "e", "env": [{"name": "PASSWORD", "value": MARK + "-ephemeral"}]}]}
PATCHES = {"patches": [{"patch": "- op: add\n  value: %s-patch\n" % MARK, "target": {"kind": "Deployment"}}],
           "patchesStrategicMerge": [{"kind": "Deployment", "spec": {"x": MARK + "-merge"}}],
           "patchesJson6902": [{"patch": [{"op": "add", "path": "/x", "value": {"y": [MARK + "-json"]}}]}]}
# Kind: what is merged into an object of it. Values are planted, credentials are in texts.
PLACES = {
    "ConfigMap": {"data": {"password": MARK + "-data"}, "binaryData": {"key": MARK + "-binary"}},
    "HelmRelease": {"spec": {"values": {"a": {"b": [MARK + "-values", {"c": MARK + "-deep"}]}, MARK[:3]: 1},
                             "postRenderers": [{"kustomize": PATCHES}]}},
    "Kustomization": {"spec": {"postBuild": {"substitute": {"password": MARK + "-substitute"}}, **PATCHES}},
    "FluxConfig": {"spec": {"kustomizations": [{"name": "x", "postBuild": {"substitute": {"p": MARK + "-config"}}}],
                            "parameters": {"p": MARK + "-parameters"}}},
    "ExtensionConfig": {"spec": {"parameter": {"p": MARK + "-parameter"}}},
    "Provider": {"spec": {"address": "https://hooks.example.com/services/%s" % MARK}},
    "ImageUpdateAutomation": {"spec": {"git": {"commit": {"messageTemplateValues": {"p": MARK + "-message"}}}}},
    "Pod": {"spec": POD},
    "Job": {"spec": {"template": {"spec": POD}}},
    "CronJob": {"spec": {"jobTemplate": {"spec": {"template": {"spec": POD}}}}},
    **{kind: {"spec": {"template": {"spec": POD}}} for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")},
}
ANNOTATIONS = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"spec": MARK + "-applied"}),
               "kapp.k14s.io/original": json.dumps({"spec": MARK + "-kapp"}),
               "objectset.rio.cattle.io/applied": MARK + "-rancher"}
CREDENTIALS = ["clone https://user:%s@git.example.com/x.git failed" % MARK, "https://%s@git.example.com/x" % MARK,
               "https://u:a&%s<b'@git.example.com" % MARK, "Authorization: Bearer %s123" % MARK, "token %s" % JWT,
               "Authorization: Basic %s12" % MARK, "https://x.blob.core.windows.net/c?sv=1&sig=%s&se=1" % MARK,
               "he said \"https://u:%s@h\"" % MARK]
SECRET = {"apiVersion": "v1", "kind": "SecretList", "metadata": {"resourceVersion": "1"},
          "items": [{"metadata": {"name": "s", "namespace": "default"},
                     "data": {"p": base64.b64encode(MARK.encode()).decode()}}]}


def merge(tree, more):
    for key, value in more.items():
        tree[key] = merge(tree.get(key) or {}, value) if isinstance(value, dict) else value
    return tree


def plant(kind, item, values):
    item = merge(item, json.loads(json.dumps(PLACES.get(kind, {})))) if values else item
    metadata = item["metadata"]
    if values:
        metadata.setdefault("annotations", {}).update(ANNOTATIONS)
    item["status"] = item.get("status") or {}
    item["status"]["planted"] = CREDENTIALS
    return item


class Planted:
    """A recording with something planted into every object, log, message and error."""

    def __init__(self, values):
        self.recording, self.values, self.asked = Recording.load("healthy", "allow"), values, []

    def answer(self, method, target, headers, body):
        self.asked.append(target)
        if "/secrets" in target:
            return Reply(200, to_json(SECRET))
        if "resourcequotas" in target:
            return Reply(500, "refused: %s" % CREDENTIALS[0], "text/plain")
        reply = self.recording.answer(method, target, headers, body)
        if target.split("?")[0].endswith("/log"):
            return Reply(200, "\n".join(CREDENTIALS) + "\n", "text/plain")
        tree = json.loads(reply.body) if reply.status == 200 and reply.body.startswith(b"{") else {}
        if tree.get("kind", "").endswith("List"):
            kind = tree["kind"][:-len("List")]
            items = tree["items"] or [{"metadata": {"name": "planted", "namespace": "default"}}]
            tree["items"] = [plant(kind, item, self.values) for item in items]
        elif tree.get("kind") == "ConfigMap":
            tree["data"]["HTTPS_PROXY"] = CREDENTIALS[0]
        return Reply(reply.status, to_json(tree), reply.content_type) if tree else reply


def found_marks(path):
    """What stands around each planted secret that is still there."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return sorted(set(re.findall(".{0,60}%s.{0,20}" % MARK, file.read())))


def planted(binary, probe):
    """(number of checks, what is wrong)"""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        program = both.Program(binary, probe, folder)
        path = os.path.join(folder, "kubeconfig")
        for values, more in ((True, []), (False, ["--values"])):
            world, snapshot = Planted(values), os.path.join(folder, "snapshot")
            with Server(world.answer, world.recording.now) as server:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(kubeconfig(server.url))
                said = program.record(path, snapshot, *more)
            wrong += ["secrets: a planted secret is in the snapshot: %s" % line for line in found_marks(snapshot)]
            wrong += ["secrets: %s was asked for" % target for target in world.asked if "/secrets" in target]
            if "redacted 0\n" in said or MARK in said:
                wrong.append("secrets: the report says: %s" % said[:300])
            with gzip.open(snapshot, "rt", encoding="utf-8") as file:
                kinds = {line["path"] for line in map(json.loads, file) if "path" in line}
            if not any(name.endswith("/configmaps") for name in kinds):
                wrong.append("secrets: ConfigMaps were not recorded at all")
            status, out, _ = program.packed(snapshot, ["get", "hr", "-A", "-o", "yaml"])
            if status or (values and " <redacted>\n" not in out):
                wrong.append("secrets: what was redacted does not read as <redacted>")
            wrong += kept(program, snapshot)
    return 8, wrong


def kept(program, snapshot):
    """What says who the cluster is, and names of Secrets, stay."""
    status, out, _ = program.packed(snapshot, ["get", "deployments", "-A", "-o", "json"])
    if status == 0 and "<redacted>" in out and '"secretKeyRef"' not in out:
        yield "secrets: references to Secrets are lost"
    if "flux-demo-rg" not in program.packed(snapshot, ["status"])[1]:
        yield "secrets: the cluster's own name is lost"
