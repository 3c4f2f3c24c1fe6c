# SPDX-License-Identifier: Apache-2.0
"""What is said, and what is not sent, when a web server does not do what it should."""
import os
import shutil
import subprocess
import tempfile

from servers import ConnectProxy, HttpServer
from world import check, listed, scenario


def row_of(world, server, **more):
    return {"url": server.url, "caFile": world.pki.path("ca.crt"), **more}


def ls(world, url, *rows, **how):
    return world.probe("ls", url, credentials=world.write_credentials(list(rows)), **how)


@scenario
def wants_a_login(world):
    url = world.https_url(world.app)
    result = ls(world, url, world.https_row(username="alice", password="wrong"))
    check(result, 1, "error: unauthorized: '%s': 401: the server does not take this login" % url)
    result = ls(world, url, row_of(world, world.https))
    check(result, 1, "error: unauthorized", "401: the server wants a login", "--credentials FILE")


@scenario
def logs_in_by_the_url(world):
    url = world.https_url(world.app).replace("https://", "https://alice:secret@")
    check(ls(world, url, row_of(world, world.https)), 0, "refs/heads/main")
    result = ls(world, url.replace("app", "none"), row_of(world, world.https))
    check(result, 1, "'%s/none.git'" % world.https.url)


@scenario
def logs_in_by_a_token(world):
    path = os.path.join(world.temporary(), "token")
    with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write("t0ken\n")
    server, row = world.server(bearer="t0ken")
    with server:
        check(ls(world, world.https_url(world.app, server), {**row, "bearerTokenFile": path}), 0, "refs/heads/main")


@scenario
def logs_in_by_a_certificate(world):
    server, row = world.server(client_certificates=True)
    with server:
        url = world.https_url(world.app, server)
        given = {"certFile": world.pki.path("client.crt"), "keyFile": world.pki.path("client.key")}
        os.chmod(given["keyFile"], 0o600)
        check(ls(world, url, {**row, **given}), 0, "refs/heads/main")
        check(ls(world, url, row), 1, "certificate required", "certFile")


@scenario
def trusts_the_named_ca_only(world):
    url = world.https_url(world.app)
    for row in (world.https_row(caFile=world.pki.path("wrong-ca.crt")), {"url": world.https.url}):
        check(ls(world, url, row), 1, "certificate signed by unknown authority", "caFile")
    variables = {"SSL_CERT_FILE": world.pki.path("ca.crt")}
    row = {"url": world.https.url, "username": "alice", "password": "secret"}
    check(ls(world, url, row, variables=variables), 0, "refs/heads/main")


@scenario
def trusts_a_folder_of_hashed_names(world):
    row = {"url": world.https.url, "username": "alice", "password": "secret"}
    with tempfile.TemporaryDirectory() as folder:
        for name, status in (("wrong-ca.crt", 1), ("ca.crt", 0)):
            hashed = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", world.pki.path(name)],
                                    capture_output=True, text=True, check=True).stdout.strip()
            shutil.copy(world.pki.path(name), os.path.join(folder, hashed + ".0"))
            variables = {"SSL_CERT_DIR": "/nonexistent:" + folder}
            check(ls(world, world.https_url(world.app), row, variables=variables), status,
                  "certificate signed by unknown authority" if status else "refs/heads/main")


@scenario
def refuses_a_wrong_name(world):
    proxy = ConnectProxy(world.https.port)
    url = world.https_url(world.app).replace("127.0.0.1", "other.example.com")
    row = world.https_row(proxy="http://127.0.0.1:%d" % proxy.port)
    row["url"] = row["url"].replace("127.0.0.1", "other.example.com")
    check(ls(world, url, row), 1, "not other.example.com", "hint: ")
    proxy.close()


@scenario
def goes_through_a_proxy(world):
    proxy = ConnectProxy(world.https.port)
    address = "http://127.0.0.1:%d" % proxy.port
    check(ls(world, world.https_url(world.app), world.https_row(proxy=address)), 0, "refs/heads/main")
    assert proxy.seen == ["CONNECT 127.0.0.1:%d" % world.https.port], proxy.seen
    assert "Authorization" not in proxy.heads[0], proxy.heads
    # The environment's proxy is for names that are not loopback.
    url = world.https_url(world.app).replace("127.0.0.1", "mock.example.com")
    row = world.https_row(url=world.https.url.replace("127.0.0.1", "mock.example.com"))
    check(ls(world, url, row, variables={"HTTPS_PROXY": address}), 0, "refs/heads/main")
    assert proxy.seen[1].startswith("CONNECT mock.example.com:"), proxy.seen
    result = ls(world, url, {**row, "proxy": "http://127.0.0.1:1"})
    check(result, 1, "proxyconnect", "the proxy is 'http://127.0.0.1:1'")
    proxy.close()


@scenario
def sends_no_credentials_in_the_clear(world):
    url = world.https_url(world.app, world.http)
    result = ls(world, url.replace("http://", "http://alice:secret@"))
    check(result, 1, "credentials are not sent over http")


@scenario
def names_a_missing_repository(world):
    url = world.https.url + "/none.git"
    check(world.probe("ls", url), 1, "error: not-found: '%s': 404: no repository there" % url)
    check(world.probe("ls", world.http.url + "/none.git"), 1, "404: no repository there", "what needs a login")
    check(world.probe("ls", "http://127.0.0.1:1/x.git"), 1, "connection refused")


# ---- redirects

def redirecting(world, location, **how):
    """A server that sends /moved/… to what `location(target)` says."""
    def intercept(handler):
        if not handler.path.startswith("/moved"):
            return False
        handler.reply(302, b"", [("Location", location(handler.path[len("/moved"):]))])
        return True
    server, row = world.server(intercept=intercept, **how)
    return server, row


@scenario
def follows_a_redirect_on_the_same_host(world):
    server, row = redirecting(world, lambda rest: rest, user="alice", password="secret")
    with server:
        row = {**row, "username": "alice", "password": "secret"}
        credentials = world.write_credentials([row])
        result, _ = world.fetch(server.url + "/moved/app.git", world.tip, credentials=credentials)
        check(result, 0)
        assert all("authorization" in seen.headers for seen in server.seen), server.seen


@scenario
def sends_no_credentials_to_another_host(world):
    other = HttpServer(world.root, pki=world.pki)
    server, row = redirecting(world, lambda rest: other.url + rest, user="alice", password="secret")
    with server, other:
        row = {**row, "username": "alice", "password": "secret"}
        result = ls(world, server.url + "/moved/app.git", row)
        check(result, 0, "refs/heads/main")
        assert other.seen and not any("authorization" in seen.headers for seen in other.seen), other.seen
        other.user, other.password = "alice", "secret"
        result = ls(world, server.url + "/moved/app.git", row)
        check(result, 1, "401: the server wants a login", "redirects to '%s/app.git'" % other.url)


@scenario
def refuses_other_redirects(world):
    rows = [(lambda rest: world.http.url.replace("127.0.0.1", "localhost") + rest, "only https, or the same host"),
            (lambda rest: world.http.url + rest, "only https, or the same host"),
            (lambda rest: "/sign-in", "a sign-in page?"),
            (lambda rest: "//127.0.0.1" + rest, "a sign-in page?"),
            (lambda rest: "https://alice:secret@127.0.0.1:1" + rest, "only https, or the same host"),
            (lambda rest: "https://-x" + rest, "its host is no name or address"),
            (lambda rest: "/moved" + rest, "more than 5 redirects")]
    for location, why in rows:
        server, row = redirecting(world, location)
        with server:
            check(ls(world, server.url + "/moved/app.git", row), 1, why)


@scenario
def refuses_a_redirect_of_the_fetch_itself(world):
    def intercept(handler):
        if handler.command == "POST":
            handler.reply(307, b"", [("Location", world.https.url + handler.path)])
        return handler.command == "POST"
    server, row = world.server(intercept=intercept)
    with server:
        check(ls(world, world.https_url(world.app, server), row), 1, "307: it redirects to", "not followed here")


# ---- trouble on the way

@scenario
def waits_when_asked_to(world):
    refusals = [429, 503]

    def intercept(handler):
        if not refusals or handler.command != "POST":
            return False
        for _ in handler.body():
            pass
        handler.reply(refusals.pop(0), b"", [("Retry-After", "1")])
        return True
    server, row = world.server(intercept=intercept)
    with server:
        result = ls(world, world.https_url(world.app, server), row)
        check(result, 0)
        assert "refs/heads/main" in listed(result)
        assert len(server.seen) == 4, server.seen


@scenario
def gives_up_waiting(world):
    def intercept(handler):
        handler.reply(503, b"down for maintenance\n", [("Retry-After", "1"), ("Content-Type", "text/plain")])
        return True
    server, row = world.server(intercept=intercept)
    with server:
        result = ls(world, world.https_url(world.app, server), row)
        check(result, 1, "status 503 (the server says: down for maintenance)")
        assert len(server.seen) == 4, server.seen


def spoiled_fetch(world, options=(), **spoil):
    def intercept(handler):
        if handler.command == "POST" and len(server.seen) > 2:
            vars(handler).update(spoil)
        return False
    server, row = world.server(intercept=intercept)
    with server:
        return world.fetch(world.https_url(world.app, server), world.tip, options=options,
                           credentials=world.write_credentials([row]))[0]


@scenario
def tells_a_cut_pack(world):
    for at in (0, 3, 20, 2000):
        check(spoiled_fetch(world, cut=at), 1, "error: network: fetching from")


@scenario
def tells_a_pack_that_ends_early(world):
    check(spoiled_fetch(world, rewrite=lambda body: body[:-4]), 1, "ended before the pack was complete")
    check(spoiled_fetch(world, rewrite=lambda body: b""), 1, "ended before the pack was complete")
    check(spoiled_fetch(world, rewrite=lambda body: body + b"x"), 1, "malformed")
    check(spoiled_fetch(world, rewrite=lambda body: body + body), 1, "malformed")


@scenario
def tells_silence(world):
    check(spoiled_fetch(world, options=["--stall", "2"], stall=1000), 1, "error: timeout: fetching from", "nothing came")


@scenario
def tells_a_page_from_a_repository(world):
    for kind, why in (("text/html", "this is no Git repository: the answer is of type 'text/html'"),
                      ("text/plain", "only the old 'dumb' protocol"), ("application/x-git-upload-pack-result", "no Git")):
        def intercept(handler, kind=kind):
            handler.reply(200, b"<html>sign in</html>", [("Content-Type", kind)])
            return True
        server, row = world.server(intercept=intercept)
        with server:
            check(ls(world, world.https_url(world.app, server), row), 1, why)
