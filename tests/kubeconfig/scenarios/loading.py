# SPDX-License-Identifier: Apache-2.0
"""A01 to A17: which files count, their syntax, how they merge."""
import json
import os

from case import scenario


@scenario("A01")
def explicit_file_missing(c):
    c.fails(config="nope", err=["nope", "no such file or directory"])


@scenario("A02", ours=True)
def listed_files_missing(c):
    c.fails(config=None, env={"KUBECONFIG": "no1:no2"}, err=["no configuration", "no1, no2"])


@scenario("A03")
def bogus_value(c):
    c.write("a", "bogus value")
    c.fails(err='error: error loading config file "a": ')


@scenario("A04")
def explicit_file_beats_environment(c):
    c.good("a", user={"token": "ta"}, context={"cluster": "oak", "user": "ivy", "namespace": "na"})
    c.good("b", user={"token": "tb"}, context={"cluster": "oak", "user": "ivy", "namespace": "nb"})
    c.run(env={"KUBECONFIG": "b"})
    c.sent_token("ta")
    c.sent_namespace("na")


@scenario("A05")
def first_current_context(c):
    c.write("a", {"current-context": "k"})
    c.good("b", current_context="zz")
    c.run(config=None, env={"KUBECONFIG": "a:b"})
    c.sent_token("t")


@scenario("A06")
def duplicate_names(c):
    for key, entry in (("clusters", "cluster"), ("users", "user"), ("contexts", "context")):
        config = c.config()
        config[key] = [config[key][0], {"name": config[key][0]["name"], entry: {}}]
        c.write("a", config)
        c.fails(err='duplicate name "%s" in list' % config[key][0]["name"])
        c.expect("Bearer" not in c.stderr, "a secret in the message")


@scenario("A06 secrets", ours=True)
def duplicate_names_without_secrets(c):
    config = c.config(user={"token": "hush"})
    config["users"].append(config["users"][0])
    c.write("a", config)
    c.fails(err='duplicate name "ivy" in list')
    c.expect("hush" not in c.stderr, "a secret in the message")


@scenario("A07")
def merging_some_with_conflict(c):
    good, other = c.cluster(), c.cluster(server="https://127.0.0.1:1")
    user = lambda name, token: {"name": name, "user": {"token": token}}
    context = lambda name, cluster, who, ns: {"name": name, "context": {
        "cluster": cluster, "user": who, "namespace": ns}}
    c.write("1", {"clusters": [{"name": "cow", "cluster": good}], "users": [user("red-user", "red-token")],
                  "contexts": [context("federal", "cow", "red-user", "hammer")], "current-context": "federal"})
    c.write("2", {"clusters": [{"name": "cow", "cluster": other}, {"name": "donkey", "cluster": good}],
                  "users": [user("red-user", "different"), user("yellow-user", "yellow-token")],
                  "contexts": [context("other", "donkey", "yellow-user", "saw")], "current-context": "other"})
    c.run(config=None, env={"KUBECONFIG": "1:2"})
    c.sent_token("red-token")
    c.sent_namespace("hammer")
    c.run("--context=other", config=None, env={"KUBECONFIG": "1:2"})
    c.sent_token("yellow-token")
    c.sent_namespace("saw")


@scenario("A08")
def home_file(c):
    c.good("home/.kube/config", user={"token": "th"}, cluster=c.cluster(certificate_authority="../../ca.crt"))
    c.good("b", user={"token": "tb"})
    for env in ({}, {"KUBECONFIG": ""}):
        c.run(config=None, env=env)
        c.sent_token("th")
    c.run(config=None, env={"KUBECONFIG": "b"})
    c.sent_token("tb")


@scenario("A08 colon", ours=True)
def list_of_nothing(c):
    c.good("home/.kube/config", cluster=c.cluster(certificate_authority="../../ca.crt"))
    c.fails(config=None, env={"KUBECONFIG": ":"}, err="no configuration")


@scenario("A09")
def dangling_current_context_stands(c):
    c.write("c", {"current-context": "zz"})
    c.good("b")
    c.fails(config=None, env={"KUBECONFIG": "c:b"},
            err="Error in configuration: context was not found for specified context: zz")


@scenario("A10")
def paths_against_their_file(c):
    for name in ("ca.crt", "client.crt", "client.key"):
        c.copy(name, "d/" + name)
    os.remove(c.path("ca.crt"))
    c.good("d/a", user={"client-certificate": "client.crt", "client-key": "client.key"})
    c.run(config="d/a")
    c.equal(c.request.client, "alice", "client certificate")
    c.run(config=None, env={"KUBECONFIG": c.path("d/../d/a")})
    c.equal(c.request.client, "alice", "client certificate")


@scenario("A11")
def flag_paths_against_working_directory(c):
    c.good("d/a", cluster=c.cluster(certificate_authority=None))
    c.run("--certificate-authority=ca.crt", config="d/a")


@scenario("A12", ours=True)
def empty_files(c):
    for text in ("", "# nothing but this\n"):
        c.write("a", text)
        c.fails(err="no configuration")


@scenario("A13")
def kind_and_version(c):
    c.good(kind="Foo")
    c.fails(err='no kind "Foo" is registered for version "v1"')
    c.good(apiVersion="v2")
    c.fails(err='no kind "Config" is registered for version "v2"')
    c.good(kind=None, apiVersion=None)
    c.run()


@scenario("A14")
def json_file(c):
    c.write("a", json.dumps(c.config()))
    c.run()
    c.sent_token("t")
    c.write("a", json.dumps(c.config()).replace('"k"}', '"k",}'))
    c.run()


@scenario("A15")
def strict_types(c):
    c.write("a", yaml_with(c, "users:\n- name: 42\n"))
    c.fails(err="json: cannot unmarshal number into Go struct field NamedAuthInfo.users.name of type string")
    c.write("a", "contexts: {}\n")
    c.fails(err="json: cannot unmarshal object into Go struct field Config.contexts of type []v1.NamedContext")
    c.write("a", "clusters:\n\t- name: oak\n")
    c.fails(err='error loading config file "a": yaml: line 2: ')
    c.good(cluster=c.cluster(insecure_skip_tls_verify="true", certificate_authority=None))
    c.fails(err="json: cannot unmarshal string into Go struct field "
                "Cluster.clusters.cluster.insecure-skip-tls-verify of type bool")
    c.good(user={"token": 42})
    c.fails(err="json: cannot unmarshal number into Go struct field AuthInfo.users.user.token of type string")


def yaml_with(c, users):
    return "clusters: []\n" + users


@scenario("A15 null", ours=True)
def null_lists(c):
    for text in ("clusters: null\n", "contexts:\n", "users: ~\n"):
        c.write("a", text)
        c.fails(err="no configuration")


@scenario("A15 plain")
def plain_scalars(c):
    with open(c.good()) as file:
        text = file.read()
    with open(c.path("a"), "w", encoding="utf-8-sig") as file:
        file.write(text)
    c.run()
    c.write("a", text.replace('token: "t"', "token: 12:30:45"))
    c.run()
    c.sent_token("12:30:45")
    c.write("a", text.replace('certificate-authority: "ca.crt"', "insecure-skip-tls-verify: yes"))
    c.run()
    c.sent_token("t")


@scenario("A16")
def one_broken_file(c):
    c.good("a")
    c.write("b", "clusters: [\n")
    c.fails(config=None, env={"KUBECONFIG": "a:b"}, err='error: error loading config file "b": ')
    c.write("c", "kind: Foo\n")
    c.fails(config=None, env={"KUBECONFIG": "a:b:c"},
            err=['error loading config file "b": ', '\nerror loading config file "c": '])


@scenario("A17")
def directory_in_the_list(c):
    c.good("a")
    os.mkdir(c.path("folder"))
    c.fails(config=None, env={"KUBECONFIG": "a:folder"}, err="read folder: is a directory")
