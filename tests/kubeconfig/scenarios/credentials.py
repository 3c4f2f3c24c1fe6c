# SPDX-License-Identifier: Apache-2.0
"""A40 to A59: what is checked before anything is sent, TLS, tokens, passwords, auth-provider."""
import base64
import json
import time

from case import scenario
from mock import Reply, status


@scenario("A40")
def ca_missing(c):
    c.good(cluster=c.cluster(certificate_authority="gone.crt"))
    c.fails(err="error: unable to read certificate-authority %s for oak due to open %s: no such file or directory"
            % (c.path("gone.crt"), c.path("gone.crt")))


@scenario("A41")
def ca_not_pem(c):
    data = base64.b64encode(b"foo").decode()
    c.good(cluster=c.cluster(certificate_authority=None, certificate_authority_data=data))
    c.fails(err="error: unable to load root certificates: unable to parse bytes as PEM block")
    c.good(cluster=c.cluster(certificate_authority=None, certificate_authority_data="Zm9v!"))
    c.fails(err="illegal base64 data at input byte 4")


@scenario("A42")
def ca_twice(c):
    c.good(cluster=c.cluster(certificate_authority_data=c.pki.data("ca.crt")))
    c.fails(err="error: certificate-authority-data and certificate-authority are both specified for oak. "
                "certificate-authority-data will override.")


@scenario("A43")
def certificate_without_key(c):
    c.copy("client.crt", "client.crt")
    c.good(user={"client-certificate": "client.crt"})
    c.fails(err="error: client-key-data or client-key must be specified for ivy to use the clientCert "
                "authentication method.")


@scenario("A43 twice")
def certificate_and_key_twice(c):
    c.copy("client.crt", "client.crt")
    c.copy("client.key", "client.key")
    c.good(user={"client-certificate": "client.crt", "client-key": "client.key",
                 "client-certificate-data": c.pki.data("client.crt"), "client-key-data": c.pki.data("client.key")})
    c.fails(err=["Error in configuration: \n* client-cert-data and client-cert are both specified for ivy. "
                 "client-cert-data will override.\n* client-key-data and client-key are both specified for ivy; "
                 "client-key-data will override\n"])


@scenario("A43 unreadable")
def certificate_and_key_unreadable(c):
    c.good(user={"client-certificate": "gone.crt", "client-key": "gone.key"})
    c.fails(err=["* unable to read client-cert %s for ivy due to open " % c.path("gone.crt"),
                 "* unable to read client-key %s for ivy due to open " % c.path("gone.key")])


@scenario("A44", ours=True)
def key_without_certificate(c):
    c.copy("client.key", "client.key")
    c.good(user={"client-key": "client.key"})
    c.run()
    c.sent_token(None)
    c.equal(c.request.client, None, "client certificate")


@scenario("A45")
def key_of_another_certificate(c):
    c.good(user={"client-certificate-data": c.pki.data("client.crt"), "client-key-data": c.pki.data("other.key")})
    c.fails(err="tls: private key does not match public key")


@scenario("A45 files", ours=True)
def key_file_of_another_certificate(c):
    c.copy("client.crt", "client.crt")
    c.copy("other.key", "client.key")
    c.good(user={"client-certificate": "client.crt", "client-key": "client.key"})
    c.fails(err="tls: private key does not match public key")


@scenario("A46")
def wrong_ca(c):
    c.copy("wrong-ca.crt", "wrong.crt")
    c.good(cluster=c.cluster(certificate_authority="wrong.crt"))
    c.fails(err="Unable to connect to the server: tls: failed to verify certificate: "
                "x509: certificate signed by unknown authority")


@scenario("A47")
def wrong_name(c):
    c.good(cluster=c.cluster(tls_server_name="bad.example.org"))
    c.fails(err=["Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for "
                 "localhost, mock.example.com", ", not bad.example.org"])


@scenario("A48")
def address_without_scheme(c):
    plain = c.server()
    c.good(cluster=c.cluster(server="127.0.0.1:%d" % plain.port))
    c.run()
    c.equal(plain.requests[-1].all("Authorization"), [], "Authorization")


@scenario("A49")
def not_an_address(c):
    c.good(cluster=c.cluster(server="https://[::1"))
    c.fails(err='error: host must be a URL or a host:port pair: "https://[::1"')
    c.good(cluster=c.cluster(server="localhost/path"))
    c.fails(err='error: host must be a URL or a host:port pair: "localhost/path"')


@scenario("A49 prefix")
def path_prefix(c):
    c.good(cluster=c.cluster(server=c.mock.url + "/proxies/x/?a=b#c"))
    c.run()
    c.expect(c.request.path.startswith("/proxies/x/apis/source.toolkit.fluxcd.io/"), "path " + c.request.target)
    c.sent_token("t")


@scenario("A50")
def basic(c):
    c.good(user={"username": "u", "password": "p2"})
    c.run()
    c.equal(c.request.all("Authorization"), ["Basic dTpwMg=="], "Authorization")


@scenario("A50 alone")
def basic_without_password(c):
    c.good(user={"username": "u"})
    c.run()
    c.equal(c.request.all("Authorization"), ["Basic dTo="], "Authorization")


@scenario("A50 address")
def user_in_the_address(c):
    c.good(cluster=c.cluster(server=c.mock.url.replace("//", "//us%3Aer:p%40@")))
    c.run()
    c.equal(c.request.all("Authorization"), ["Basic dXM6ZXI6cEA="], "Authorization")


@scenario("A51")
def token_file_missing(c):
    c.good(user={"tokenFile": "missing.tok"})
    c.fails(err="open %s: no such file or directory" % c.path("missing.tok"))


@scenario("A51 inline")
def token_file_missing_with_token(c):
    c.good(user={"tokenFile": "missing.tok", "token": "inl"})
    c.run()
    c.sent_token("inl")
    c.write("missing.tok", " there \n")
    c.run()
    c.sent_token("there")


@scenario("A52", ours=True)
def token_file_empty(c):
    c.write("tok", "\n")
    c.good(user={"tokenFile": "tok"})
    c.run()
    c.sent_token(None)


@scenario("A53")
def line_break_in_token(c):
    c.good(user={"token": "a\nb"})
    c.fails(err='Unable to connect to the server: net/http: invalid header field value for "Authorization"')


@scenario("A53 as", ours=True)
def line_break_in_impersonation(c):
    c.good()
    c.fails("--as=a\r\nX-Evil: 1", err='net/http: invalid header field value for "Impersonate-User"')


@scenario("A54")
def unauthorized(c):
    c.good()
    c.mock.answer = lambda request, number: Reply(status(401, "Unauthorized", "Unauthorized"), 401)
    c.run(code=1, err="error: You must be logged in to the server (Unauthorized)")
    c.equal(len(c.mock.requests), 1, "requests")


@scenario("A55")
def auth_providers(c):
    for name, text in (("gcp", "The gcp auth plugin has been removed.\n"
                               'Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead.\n'),
                       ("azure", "The azure auth plugin has been removed.\nPlease use the "
                                 "https://github.com/Azure/kubelogin kubectl/client-go credential plugin instead.\n"),
                       ("foo", 'error: no Auth Provider found for name "foo"'),
                       ("oidc", "error: Must provide idp-issuer-url")):
        c.good(user={"auth-provider": {"name": name, "config": {}}})
        c.fails(err=text)


def id_token(seconds):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    return ".".join((part({"alg": "none"}), part({"exp": int(time.time()) + seconds}), "c2ln"))


@scenario("A55 oidc")
def oidc_tokens(c):
    config = {"idp-issuer-url": "https://issuer.example.com", "client-id": "me"}
    good = id_token(300)
    c.good(user={"auth-provider": {"name": "oidc", "config": dict(config, **{"id-token": good})}})
    c.run()
    c.sent_token(good)
    c.run("--token=cli")
    c.sent_token("cli")
    for config in (config, dict(config, **{"id-token": id_token(5)})):
        c.good(user={"auth-provider": {"name": "oidc", "config": config}})
        c.fails(err="No valid id-token, and cannot refresh without refresh-token")


@scenario("A55 refresh", ours=True)
def oidc_refresh_is_not_ours(c):
    config = {"idp-issuer-url": "https://issuer.example.com", "client-id": "me", "id-token": id_token(-5),
              "refresh-token": "hush"}
    c.good(user={"auth-provider": {"name": "oidc", "config": config}})
    c.fails(err=["expired", "kubectl get ns", "kubelogin"])
    c.expect("hush" not in c.stderr, "a secret in the message")


@scenario("A57", ours=True)
def token_file_once(c):
    c.write("tok", "first")
    c.good(user={"tokenFile": "tok"})

    def rewrite(request, number):
        c.write("tok", "second")
        if number == 1:
            return Reply(status(429, "TooManyRequests", "later"), 429, [("Retry-After", "0")])
        return None

    c.mock.answer = rewrite
    c.run()
    c.equal([r.get("Authorization") for r in c.mock.requests], ["Bearer first"] * 2, "Authorization")


@scenario("A59")
def basic_and_token_flag(c):
    c.good(user={"username": "u", "password": "hush"})
    c.fails("--token=cli", err="error: more than one authentication method found for ivy; "
                               "found [token basicAuth], only one is allowed")
    c.write("tok", "file")
    c.good(user={"username": "u", "password": "hush", "tokenFile": "tok"})
    c.fails(err="error: username/password or bearer token may be set, but not both")
