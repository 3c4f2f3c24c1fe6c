# SPDX-License-Identifier: Apache-2.0
"""A20 to A39: flags over files, names, namespaces, time-outs, proxies."""
from case import scenario
from proxies import ConnectProxy, SocksProxy


@scenario("A20")
def insecure_and_ca(c):
    c.good(cluster=c.cluster(insecure_skip_tls_verify=True))
    c.fails(err="error: specifying a root certificates file with the insecure flag is not allowed")


@scenario("A21")
def insecure_flag_drops_ca(c):
    c.good()
    c.run("--insecure-skip-tls-verify")
    c.sent_token("t")
    c.good(cluster=c.cluster(certificate_authority="gone.crt"))
    c.run("--insecure-skip-tls-verify")


@scenario("A22")
def tls_server_name(c):
    c.good(cluster=c.cluster(server="https://127.0.0.1:%d" % c.mock.port, tls_server_name="mock.example.com"))
    c.run()
    c.equal(c.request.server_name, "mock.example.com", "SNI")
    c.run("--server=https://localhost:%d" % c.mock.port)
    c.equal(c.request.server_name, "localhost", "SNI with --server")


@scenario("A23")
def namespaces(c):
    c.good()
    c.run()
    c.sent_namespace("default")
    c.good(context={"cluster": "oak", "user": "ivy", "namespace": "nk"})
    c.run()
    c.sent_namespace("nk")
    c.run("-n", "nz")
    c.sent_namespace("nz")
    c.run("-n", "")
    c.sent_namespace("nk")


@scenario("A24")
def inline_data(c):
    c.good(cluster=c.cluster(certificate_authority=None, certificate_authority_data=c.pki.data("ca.crt")),
           user={"client-certificate-data": c.pki.data("client.crt"), "client-key-data": c.pki.data("client.key")})
    c.run()
    c.equal(c.request.client, "alice", "client certificate")
    c.sent_token(None)


@scenario("A25")
def proxy_url(c):
    proxy = c.keep(ConnectProxy(c.mock.port))
    c.good(cluster=c.cluster(server="https://mock.example.com:%d" % c.mock.port,
                             proxy_url="http://u:p%%40@127.0.0.1:%d" % proxy.port))
    c.run(env={"NO_PROXY": "*"})
    c.equal(proxy.seen[-1], "CONNECT mock.example.com:%d" % c.mock.port, "asked of the proxy")
    c.expect("proxy-authorization: basic dtpwqa==" in proxy.heads[-1].lower(), "no Proxy-Authorization")


@scenario("A25 socks5")
def proxy_url_socks(c):
    proxy = c.keep(SocksProxy(c.mock.port))
    c.good(cluster=c.cluster(server="https://mock.example.com:%d" % c.mock.port,
                             proxy_url="socks5://us%%3Aer:p%%40ss@127.0.0.1:%d" % proxy.port))
    c.run()
    c.equal(proxy.seen[-1], "domain mock.example.com:%d" % c.mock.port, "asked of the proxy")
    c.equal(proxy.heads[-1], "us:er p@ss", "user and password")


@scenario("A25 environment")
def proxy_from_environment(c):
    proxy = c.keep(ConnectProxy(c.mock.port))
    at = "127.0.0.1:%d" % proxy.port
    c.good(cluster=c.cluster(server="https://mock.example.com:%d" % c.mock.port))
    c.run(env={"HTTPS_PROXY": at, "ALL_PROXY": "http://127.0.0.1:1"})
    c.equal(proxy.seen, ["CONNECT mock.example.com:%d" % c.mock.port] * len(proxy.seen), "asked of the proxy")
    c.expect(proxy.seen, "the proxy was not used")
    del proxy.seen[:]
    c.good()
    c.run(env={"HTTPS_PROXY": at, "ALL_PROXY": at, "all_proxy": at})
    c.equal(proxy.seen, [], "localhost through the proxy")


@scenario("A26")
def proxy_schemes(c):
    c.good(cluster=c.cluster(proxy_url="socks6://p:1"))
    c.fails(err='invalid \'proxy-url\' "socks6://p:1" for cluster "oak": unsupported scheme "socks6", '
                "must be http, https, or socks5")
    c.good(cluster=c.cluster(proxy_url="http://[::1"))
    c.fails(err="could not parse: http://[::1")
    c.good(cluster=c.cluster(proxy_url=""))
    c.run()


@scenario("A26 secrets", ours=True)
def proxy_password_hidden(c):
    c.good(cluster=c.cluster(proxy_url="socks6://u:hush@p:1"))
    c.fails(err='invalid \'proxy-url\' "socks6://u:xxxxx@p:1" for cluster "oak"')
    c.expect("hush" not in c.stderr, "a password in the message")


@scenario("A27")
def unknown_context(c):
    c.good()
    c.fails("--context=missing", err="Error in configuration: context was not found for specified context: missing")
    c.fails("--context=missing", "-n", "x", err='error: context "missing" does not exist')


@scenario("A28")
def unknown_user(c):
    c.good()
    c.fails("--user=zzz", err='error: auth info "zzz" does not exist')


@scenario("A29")
def unknown_cluster(c):
    c.good()
    c.fails("--cluster=zzz", err='error: no server found for cluster "zzz"')
    c.fails("--cluster=zzz", "-n", "x", err='error: cluster "zzz" does not exist')


@scenario("A30", ours=True)
def no_current_context(c):
    c.good(current_context="")
    c.fails(err=["error: no context chosen", "k"])
    c.expect("localhost:8080" not in c.stderr, "localhost:8080 in the message")


@scenario("A30 references", ours=True)
def missing_parts_of_a_context(c):
    c.good(context={"cluster": "gone", "user": "ivy"})
    c.fails(err='error: cluster "gone" was not found for context "k"')
    c.good(context={"cluster": "oak", "user": "gone"})
    c.fails(err='error: user "gone" was not found for context "k"')
    c.good(context={"user": "ivy"})
    c.fails(err='error: cluster was not specified for context "k"')
    c.good(cluster=c.cluster(server=""))
    c.fails(err='error: no server found for cluster "oak"')
    c.run("--server=" + c.mock.url)


@scenario("A31")
def parts_by_name(c):
    c.good(current_context="")
    c.run("--cluster=oak", "--user=ivy")
    c.sent_namespace("default")
    c.sent_token("t")


@scenario("A32")
def flags_alone(c):
    c.run("--server=" + c.mock.url, "--certificate-authority=ca.crt", "--token=cli", config=None)
    c.sent_token("cli")
    c.sent_namespace("default")


@scenario("A33")
def token_flag(c):
    c.good()
    c.run("--token=cli")
    c.sent_token("cli")


@scenario("A33 tokenFile", ours=True)
def token_flag_beats_token_file(c):
    c.write("tok", "file")
    c.good(user={"tokenFile": "tok"})
    c.run("--token=cli")
    c.sent_token("cli")


@scenario("A34")
def token_and_certificate(c):
    c.copy("client.crt", "client.crt")
    c.copy("client.key", "client.key")
    c.good(user={"client-certificate": "client.crt", "client-key": "client.key"})
    c.run("--token=cli")
    c.sent_token("cli")
    c.equal(c.request.client, "alice", "client certificate")


@scenario("A34 flags")
def certificate_flags_replace_data(c):
    c.copy("client.crt", "client.crt")
    c.copy("client.key", "client.key")
    c.good(user={"client-certificate-data": c.pki.data("server.crt"), "client-key-data": c.pki.data("server.key")})
    c.run("--client-certificate=client.crt", "--client-key=client.key")
    c.equal(c.request.client, "alice", "client certificate")


@scenario("A35")
def impersonation(c):
    c.good()
    c.run("--as=carol", "--as-group=x", "--as-group=y", "--as-uid=9")
    c.equal(c.request.all("Impersonate-User"), ["carol"], "Impersonate-User")
    c.equal(c.request.all("Impersonate-Group"), ["x", "y"], "Impersonate-Group")
    c.equal(c.request.all("Impersonate-Uid"), ["9"], "Impersonate-Uid")


@scenario("A35 file")
def impersonation_in_the_file(c):
    c.good(user={"token": "t", "as": "zoe", "as-groups": ["g1", "g2"], "as-uid": "7",
                 "as-user-extra": {"example.com/a b": ["1", "2"], "kept": ["3"]}})
    c.run("--as=carol", "--as-user-extra=kept=4")
    c.equal(c.request.all("Impersonate-User"), ["carol"], "Impersonate-User")
    c.equal(c.request.all("Impersonate-Group"), ["g1", "g2"], "Impersonate-Group")
    c.equal(c.request.all("Impersonate-Extra-example.com%2Fa%20b"), ["1", "2"], "Impersonate-Extra")
    c.equal(c.request.all("Impersonate-Extra-kept"), ["4"], "Impersonate-Extra-kept")
    c.run("--as-group=only")
    c.equal(c.request.all("Impersonate-User"), ["zoe"], "Impersonate-User")
    c.equal(c.request.all("Impersonate-Group"), ["only"], "Impersonate-Group")


@scenario("A36")
def groups_without_a_user(c):
    c.good()
    c.fails("--as-group=x", err="error: requesting uid, groups or user-extra for ivy without impersonating a user")


@scenario("A37")
def request_timeout(c):
    c.good()
    for given, sent in (("90", "1m30s"), ("1.5h", "1h30m0s"), ("90500ms", "1m30.5s")):
        c.run("--request-timeout=" + given)
        c.equal(c.request.query.get("timeout"), [sent], "timeout")
    c.run("--request-timeout=0")
    c.equal(c.request.query.get("timeout"), None, "timeout")
    for bad in ("abc", "-5", "5 s"):
        c.fails("--request-timeout=" + bad, err="error: Invalid timeout value. Timeout must be a single integer")


@scenario("A38")
def compression(c):
    c.good()
    c.run()
    c.equal(c.request.get("Accept-Encoding"), "gzip", "Accept-Encoding")
    c.run("--disable-compression")
    c.equal(c.request.get("Accept-Encoding"), None, "Accept-Encoding")
    c.good(cluster=c.cluster(disable_compression=True))
    c.run()
    c.equal(c.request.get("Accept-Encoding"), None, "Accept-Encoding")


@scenario("A39")
def no_credentials_over_http(c):
    c.good(user={"token": "t", "as": "zoe"})
    plain = c.server()
    c.run("--server=" + plain.url)
    c.equal(plain.requests[-1].all("Authorization"), [], "Authorization")
    c.equal(plain.requests[-1].all("Impersonate-User"), ["zoe"], "Impersonate-User")
