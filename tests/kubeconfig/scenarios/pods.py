# SPDX-License-Identifier: Apache-2.0
"""A80 to A90: in a pod. The service account is laid where a pod has it, in a mount namespace of its own."""
import os
import shutil
import subprocess

from case import Skip, scenario

FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
SCRIPT = ('set -e; mount -t tmpfs none "$(readlink -f /var/run)"; mkdir -p "$(dirname "$1")"; cp -r "$2" "$1"; '
          'shift 2; exec "$@"')


def wrapper(c):
    """Words in front of the program that show it a service account."""
    for options in (["--mount"], ["--user", "--map-root-user", "--mount"]):
        words = ["unshare", *options, "sh", "-c", SCRIPT, "pod", FOLDER, c.path("account")]
        if shutil.which("unshare") and subprocess.run(words + ["test", "-d", FOLDER], capture_output=True).returncode == 0:
            return words
    raise Skip("no mount namespace can be made here")


class Pod:
    """A scenario's folder as a pod's: token st, namespace sn, the mock as the API server."""

    def __init__(self, c, host=None, server=None, ca=True):
        self.c = c
        c.write("account/token", "st\n")
        c.write("account/namespace", "sn\n")
        if ca:
            c.copy("ca.crt", "account/ca.crt")
        self.wrap = wrapper(c)
        self.server = server or c.mock
        self.env = {"KUBERNETES_SERVICE_HOST": host or "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.server.port)}

    def run(self, *args, env=None, config=None, **options):
        del self.server.requests[:]
        self.c.run(*args, config=config, env=dict(self.env, **(env or {})), wrap=self.wrap, **options)

    def sent(self, token, namespace):
        request = self.server.requests[-1]
        self.c.equal(request.all("Authorization"), ["Bearer " + token] if token else [], "Authorization")
        self.c.expect("/namespaces/%s/" % namespace in request.path, "namespace %s in %s" % (namespace, request.path))


@scenario("A80")
def flags_in_a_pod(c):
    pod = Pod(c, host="127.0.0.2")
    pod.run("--server=" + c.mock.url, "--token=cli", "--certificate-authority=ca.crt")
    pod.sent("cli", "sn")


@scenario("A80 account")
def service_account(c):
    pod = Pod(c)
    pod.run()
    pod.sent("st", "sn")
    pod.run("--token=cli")
    pod.sent("cli", "sn")
    c.good(current_context="")
    pod.run(config="a")
    pod.sent("st", "sn")
    c.copy("wrong-ca.crt", "account/ca.crt")
    pod.run("--certificate-authority=ca.crt")
    pod.sent("st", "sn")


@scenario("A80 as", ours=True)
def impersonation_in_a_pod(c):
    pod = Pod(c)
    pod.run("--as=carol", "--request-timeout=90")
    pod.sent("st", "sn")
    c.equal(c.request.all("Impersonate-User"), ["carol"], "Impersonate-User")
    c.equal(c.request.query.get("timeout"), ["1m30s"], "timeout")


@scenario("A81")
def namespace_flag(c):
    pod = Pod(c)
    pod.run("-n", "zz")
    pod.sent("st", "zz")


@scenario("A82")
def namespace_variable(c):
    pod = Pod(c)
    pod.run(env={"POD_NAMESPACE": "pn"})
    pod.sent("st", "pn")
    os.remove(c.path("account/namespace"))
    pod.run()
    pod.sent("st", "default")


@scenario("A83")
def explicit_file_missing(c):
    pod = Pod(c)
    pod.run(config="none", code=1, err="none: no such file or directory")
    c.good(current_context="gone")
    pod.run(config="a", code=1, err="context was not found for specified context: gone")


@scenario("A84", ours=True)
def no_port(c):
    pod = Pod(c)
    pod.run(env={"KUBERNETES_SERVICE_PORT": None}, code=1, err="no configuration")
    os.remove(c.path("account/token"))
    pod.run(code=1, err="no configuration")


@scenario("A85")
def kubeconfig_wins(c):
    pod = Pod(c, host="127.0.0.2")
    c.good(context={"cluster": "oak", "user": "ivy", "namespace": "nk"})
    pod.run(config="a")
    pod.sent("t", "nk")
    c.good(context={"cluster": "oak", "user": "ivy", "namespace": "default"})
    pod.run(config="a")
    pod.sent("t", "default")
    c.good()
    pod.run(config="a")
    pod.sent("t", "sn")


@scenario("A86")
def listed_file_missing(c):
    pod = Pod(c)
    pod.run(env={"KUBECONFIG": "missing"})
    pod.sent("st", "sn")


@scenario("A87")
def ipv6(c):
    try:
        server = c.server(c.pki, ipv6=True)
    except OSError:
        raise Skip("no IPv6 on this machine")
    pod = Pod(c, host="::1", server=server)
    pod.run()
    pod.sent("st", "sn")
    c.equal(server.requests[-1].get("Host"), "[::1]:%d" % server.port, "Host")


@scenario("A88")
def no_ca(c):
    pod = Pod(c, ca=False)
    pod.run(code=1, err="x509: certificate signed by unknown authority")
    pod.run(env={"SSL_CERT_FILE": c.path("ca.crt")})
    pod.sent("st", "sn")


@scenario("A90")
def namespace_with_slash(c):
    c.good()
    c.run("-n", "ns/foo", code=1, err="invalid namespace \"ns/foo\": [may not contain '/']")
    c.equal(len(c.mock.requests), 0, "requests")
