# SPDX-License-Identifier: Apache-2.0
"""A58 and A60 to A79: credential plugins."""
import json
import os

from case import scenario
from mock import Reply, git_repository, make_list, status

V1 = "client.authentication.k8s.io/v1"
BETA = V1 + "beta1"


def reply(version=BETA, kind="ExecCredential", token="tx", **fields):
    found = {"apiVersion": version, "kind": kind, "status": dict({"token": token}, **fields)}
    return json.dumps({key: value for key, value in found.items() if value is not None})


def plugin(c, name="p.sh", answer=None, script=""):
    """A plugin that counts its runs in the file `runs` and keeps what it was told in `info`."""
    c.write("answer", reply() if answer is None else answer)
    c.write(name, "#!/bin/sh\necho run >> '%s'\nprintf '%%s' \"$KUBERNETES_EXEC_INFO\" > '%s'\n%scat '%s'\n" % (
        c.path("runs"), c.path("info"), script, c.path("answer")), 0o755)


def runs(c):
    if not os.path.exists(c.path("runs")):
        return 0
    with open(c.path("runs")) as file:
        return len(file.readlines())


def user(command="./p.sh", version=BETA, mode="IfAvailable", extra=None, **fields):
    found = {"command": command, "apiVersion": version, "interactiveMode": mode}
    found.update(fields)
    return dict({"exec": {key: value for key, value in found.items() if value is not None}}, **(extra or {}))


@scenario("A58")
def plugin_and_impersonation(c):
    plugin(c)
    c.good(user=user(extra={"as": "zoe"}))
    c.run()
    c.sent_token("tx")
    c.equal(c.request.all("Impersonate-User"), ["zoe"], "Impersonate-User")


@scenario("A60")
def relative_command_once(c):
    plugin(c)
    os.mkdir(c.path("d"))
    os.rename(c.path("p.sh"), c.path("d/p.sh"))
    c.good("d/a", user=user(), cluster=c.cluster(certificate_authority="../ca.crt"))
    c.run(config="d/a")
    c.sent_token("tx")
    c.equal(runs(c), 1, "runs of the plugin")


@scenario("A60 many")
def many_requests_one_run(c):
    plugin(c)
    c.good(user=user())

    def pages(request, number):
        return Reply(make_list([git_repository(number)], **({"continue": "c%d" % number} if number < 3 else {})))

    c.mock.answer = pages
    c.run("--chunk-size=1")
    c.equal([r.get("Authorization") for r in c.mock.requests], ["Bearer tx"] * 3, "Authorization")
    c.equal(runs(c), 1, "runs of the plugin")


@scenario("A60 environment")
def environment_and_arguments(c):
    plugin(c, script='[ "$1 $2" = "a b c" ] && [ "$MODE" = "two" ] && [ "$HOME" ] || exit 9\n')
    c.good(user=user(args=["a b", "c"], env=[{"name": "MODE", "value": "two"}]))
    c.run(env={"MODE": "one"})
    c.sent_token("tx")


@scenario("A61")
def no_command(c):
    c.good(user=user(command=""))
    c.fails(err="error: command must be specified for ivy to use exec authentication plugin")


@scenario("A62")
def no_version(c):
    c.good(user=user(version=None))
    c.fails(err="apiVersion must be specified for ivy to use exec authentication plugin")


@scenario("A63")
def old_version(c):
    plugin(c)
    c.good(user=user(version=V1 + "alpha1"))
    c.fails(err='error: exec plugin: invalid apiVersion "client.authentication.k8s.io/v1alpha1"')


@scenario("A64")
def interactive_modes(c):
    plugin(c)
    c.good(user=user(mode="Sometimes"))
    c.fails(err='error: invalid interactiveMode for ivy: "Sometimes"')
    c.good(user=user(version=V1, mode=None))
    c.fails(err="error: interactiveMode must be specified for ivy to use exec authentication plugin")
    c.good(user=user(mode=None))
    c.run()
    c.good(user=user(mode="Always"))
    c.fails(err="Unable to connect to the server: getting credentials: exec plugin cannot support interactive mode: "
                "standard input is not a terminal")


@scenario("A65")
def variable_without_name(c):
    c.good(user=user(env=[{"value": "x"}]))
    c.fails(err="error: env variable name must be specified for ivy to use exec authentication plugin")


@scenario("A66")
def plugin_and_provider(c):
    c.good(user=user(extra={"auth-provider": {"name": "oidc"}}))
    c.fails(err="error: authProvider cannot be provided in combination with an exec plugin for ivy")


@scenario("A67")
def bare_command_on_path(c):
    plugin(c, "bin/p-bare")
    c.good(user=user(command="p-bare"))
    c.run(env={"PATH": c.path("bin") + ":" + os.environ["PATH"]})
    c.sent_token("tx")


@scenario("A68")
def bare_command_beside_the_file(c):
    plugin(c, "p-here")
    c.good(user=user(command="p-here", installHint="get \u001b[1mit\u001b[0m\there"))
    c.fails(err=["Unable to connect to the server: getting credentials: exec: executable p-here not found\n\n"
                 "It looks like you are trying to use a client-go credential plugin that is not installed.\n",
                 "#client-go-credential-plugins\n\nget U+001B[1mitU+001B[0m\there"])


@scenario("A69")
def command_missing(c):
    c.good(user=user(command="./gone"))
    c.fails(err="getting credentials: exec: fork/exec %s: no such file or directory" % c.path("gone"))


@scenario("A70")
def command_not_executable(c):
    c.write("p.sh", "#!/bin/sh\n", 0o644)
    c.good(user=user())
    c.fails(err="getting credentials: exec: fork/exec %s: permission denied" % c.path("p.sh"))


@scenario("A70 status")
def command_fails(c):
    plugin(c, script="echo of mine >&2\nexit 7\n")
    c.good(user=user())
    c.fails(err=["of mine\n", "getting credentials: exec: executable %s failed with exit code 7" % c.path("p.sh")])


@scenario("A71")
def answers_that_lack_something(c):
    c.good(user=user())
    base = {"apiVersion": BETA, "kind": "ExecCredential"}
    for answer, text in (
            (json.dumps(base), "exec plugin didn't return a status field"),
            (reply(token=""), "exec plugin didn't return a token or cert/key pair"),
            (reply(clientKeyData="x"), "exec plugin returned only certificate or key, not both"),
            (reply(version=V1), "exec plugin is configured to use API version client.authentication.k8s.io/v1beta1, "
                                "plugin returned version client.authentication.k8s.io/v1"),
            (reply(token=5), "decoding stdout: json: cannot unmarshal number into Go struct field "
                             "ExecCredentialStatus.status.token of type string"),
            (reply(expirationTimestamp="soon"), 'decoding stdout: parsing time "soon"'),
            ("not json", "decoding stdout: couldn't get version/kind; json parse error: "),
            ("{", "decoding stdout: ")):
        plugin(c, answer=answer)
        c.fails(err="Unable to connect to the server: getting credentials: " + text)


@scenario("A72")
def garbage_pair(c):
    c.good(user=user())
    plugin(c, answer=reply(clientCertificateData="x", clientKeyData="y"))
    c.fails(err="getting credentials: failed parsing client key/certificate: "
                "tls: failed to find any PEM data in certificate input")
    plugin(c, answer=reply(clientCertificateData=c.pki.text("client.crt"), clientKeyData=c.pki.text("other.key")))
    c.fails(err="failed parsing client key/certificate: tls: private key does not match public key")


@scenario("A72 certificate")
def certificate_from_the_plugin(c):
    c.good(user=user())
    plugin(c, answer=reply(token=None, clientCertificateData=c.pki.text("client.crt"),
                           clientKeyData=c.pki.text("client.key")))
    c.run()
    c.equal(c.request.client, "alice", "client certificate")
    c.sent_token(None)


@scenario("A73")
def inline_token_beats_plugin(c):
    plugin(c)
    c.good(user=user(extra={"token": "inl"}))
    c.run()
    c.sent_token("inl")
    c.good(user=user())
    c.run("--token=cli")
    c.sent_token("cli")
    c.good(user=user(extra={"client-certificate-data": c.pki.data("client.crt"),
                            "client-key-data": c.pki.data("client.key")}))
    c.run()
    c.sent_token(None)
    c.equal(runs(c), 0, "runs of the plugin")


@scenario("A74")
def no_plugin_over_http(c):
    plugin(c)
    plain = c.server()
    c.good(user=user(), cluster={"server": plain.url})
    c.run()
    c.equal(plain.requests[-1].all("Authorization"), [], "Authorization")
    c.equal(runs(c), 0, "runs of the plugin")


@scenario("A75")
def expired_already(c):
    plugin(c, answer=reply(expirationTimestamp="2020-01-02T03:04:05Z"))
    c.good(user=user())
    c.run()
    c.sent_token("tx")


@scenario("A75 pages", ours=True)
def expired_is_not_kept(c):
    plugin(c, answer=reply(expirationTimestamp="2020-01-02T03:04:05Z"))
    c.good(user=user())
    c.mock.answer = lambda request, number: Reply(
        make_list([git_repository(number)], **({"continue": "c%d" % number} if number < 3 else {})))
    c.run("--chunk-size=1")
    c.equal(runs(c), 3, "runs of the plugin")


@scenario("A76")
def other_kind(c):
    plugin(c, answer=reply(kind="Foo"))
    c.good(user=user())
    c.fails(err='getting credentials: decoding stdout: no kind "Foo" is registered for version "%s"' % BETA)


@scenario("A77")
def no_kind(c):
    plugin(c, answer=reply(kind=None))
    c.good(user=user())
    c.run()
    c.sent_token("tx")
    plugin(c, answer="apiVersion: %s\nstatus:\n  token: ty\n" % BETA)
    c.run()
    c.sent_token("ty")


@scenario("A78", ours=True)
def refused_once(c):
    plugin(c, script="[ -e '%s/second' ] && sed -i s/tx/ty/ '%s/answer'; touch '%s/second'\n" % (c.dir, c.dir, c.dir))
    c.good(user=user())
    refuse = Reply(status(401, "Unauthorized", "Unauthorized"), 401)
    c.mock.answer = lambda request, number: refuse if request.get("Authorization") == "Bearer tx" else None
    c.run()
    c.equal([r.get("Authorization") for r in c.mock.requests], ["Bearer tx", "Bearer ty"], "Authorization")
    c.equal(runs(c), 2, "runs of the plugin")
    c.mock.answer = lambda request, number: refuse
    c.run(code=1, err="error: You must be logged in to the server (Unauthorized)")
    c.equal(len(c.mock.requests), 2, "requests")


def info(c):
    with open(c.path("info")) as file:
        return json.load(file)


@scenario("A79")
def cluster_information(c):
    plugin(c)
    c.good(user=user())
    c.run()
    c.equal(info(c), {"kind": "ExecCredential", "apiVersion": BETA, "spec": {"interactive": False}}, "info")
    c.good(user=user(provideClusterInfo=True))
    c.run()
    c.equal(info(c)["spec"], {"interactive": False, "cluster": {
        "server": c.mock.url, "certificate-authority-data": c.pki.data("ca.crt"), "config": None}}, "info")
    c.good(user=user(provideClusterInfo=True, version=V1), cluster=c.cluster(
        disable_compression=True, extensions=[{"name": "client.authentication.k8s.io/exec",
                                               "extension": {"audience": "x", "list": [1]}}]))
    plugin(c, answer=reply(version=V1))
    c.run("--insecure-skip-tls-verify", "--tls-server-name=mock.example.com")
    c.equal(info(c)["spec"]["cluster"], {
        "server": c.mock.url, "tls-server-name": "mock.example.com", "insecure-skip-tls-verify": True,
        "disable-compression": True, "config": {"audience": "x", "list": [1]}}, "info")
