# SPDX-License-Identifier: Apache-2.0
"""Microsoft's own SDK as a client, run by its own interpreter: standard input is what it is to do, as a JSON array of

    ["extension.create", CLUSTER, NAME, BODY]     BODY: {"_": MODEL, argument: value…}, nested
    ["config.update", …]   ["extension.delete", CLUSTER, NAME]   ["config.list", CLUSTER]   ["config.show", …]

and standard output what was answered, as a JSON array. It signs in as azure-identity does it.
"""
import json
import os
import sys

from azure.core.exceptions import HttpResponseError
from azure.identity import CertificateCredential, ClientAssertionCredential, ClientSecretCredential
from azure.mgmt.kubernetesconfiguration import extensions, fluxconfigurations
from azure.mgmt.kubernetesconfiguration.extensions import models as extension_models
from azure.mgmt.kubernetesconfiguration.fluxconfigurations import models as config_models

ENV = os.environ


def credential(kind):
    where = {"authority": ENV["LOOPBACK_LOGIN"], "disable_instance_discovery": True}
    who = (ENV["AZURE_TENANT_ID"], ENV["AZURE_CLIENT_ID"])
    if kind == "certificate":
        return CertificateCredential(*who, certificate_path=ENV["LOOPBACK_CERTIFICATE"], **where)
    if kind == "assertion":
        with open(ENV["LOOPBACK_ASSERTION"], encoding="utf-8") as file:
            text = file.read().strip()
        return ClientAssertionCredential(*who, lambda: text, **where)
    return ClientSecretCredential(*who, ENV["AZURE_CLIENT_SECRET"], **where)


def model(models, value):
    """An object of the SDK's own classes."""
    if isinstance(value, list):
        return [model(models, item) for item in value]
    if not isinstance(value, dict):
        return value
    arguments = {key: model(models, item) for key, item in value.items() if key != "_"}
    return getattr(models, value["_"])(**arguments) if "_" in value else arguments


def client(what, who, version):
    kind = extensions.KubernetesConfigurationExtensionsMgmtClient if what == "extension" else \
        fluxconfigurations.KubernetesConfigurationFluxConfigurationsMgmtClient
    more = {"api_version": version} if version else {}
    made = kind(who, ENV["AZURE_SUBSCRIPTION_ID"], base_url=ENV["LOOPBACK_ARM"], polling_interval=0,
                credential_scopes=[ENV["LOOPBACK_ARM"] + "/.default"], **more)
    return made.extensions if what == "extension" else made.flux_configurations


def step(clients, words):
    what, do = words[0].split(".")
    parts = words[1].split("/")
    place = dict(resource_group_name=parts[4], cluster_rp=parts[6], cluster_resource_name=parts[7], cluster_name=parts[8])
    operations = clients[what]
    if do == "list":
        return [item.as_dict() for item in operations.list(**place)]
    place["extension_name" if what == "extension" else "flux_configuration_name"] = words[2]
    if do == "show":
        return operations.get(**place).as_dict()
    if do == "delete":
        return operations.begin_delete(**place).result()
    body = model(extension_models if what == "extension" else config_models, words[3])
    name = {"extension.create": "begin_create", "config.create": "begin_create_or_update"}.get(words[0], "begin_update")
    argument = {"extension.create": "extension", "extension.update": "patch_extension", "config.create":
                "flux_configuration", "config.update": "flux_configuration_patch"}[words[0]]
    return getattr(operations, name)(**place, **{argument: body}).result().as_dict()


def main():
    who = credential(sys.argv[1] if len(sys.argv) > 1 else "secret")
    clients = {"extension": client("extension", who, ENV.get("LOOPBACK_EXTENSIONS_VERSION")),
               "config": client("config", who, None)}
    results = []
    for words in json.load(sys.stdin):
        try:
            results.append(step(clients, words))
        except HttpResponseError as error:
            results.append({"error": error.error.code if error.error else None, "status": error.status_code,
                            "message": str(error)})
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
