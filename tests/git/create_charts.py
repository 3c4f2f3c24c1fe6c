# SPDX-License-Identifier: Apache-2.0
"""Charts of HelmReleases: found, checked, and whom a login is sent to."""
import base64
import hashlib
import json

from create_world import creates

BASIC = "Basic " + base64.b64encode(b"alice:secret").decode()


def chart(name, version):
    return b"chart %s %s, not looked into\n" % (name.encode(), version.encode()) * 50


def index(*entries):
    """index.yaml as helm writes it: (name, version, url, digest)."""
    text = "apiVersion: v1\nentries:\n"
    for name in sorted({entry[0] for entry in entries}):
        text += "  %s:\n" % name
        for _, version, url, digest in (entry for entry in entries if entry[0] == name):
            text += "  - apiVersion: v2\n    created: \"2026-01-01T00:00:00Z\"\n    description: 'a: b'\n"
            text += "    digest: '%s'\n" % digest if digest else ""
            text += "    name: %s\n    urls:\n    - %s\n    version: %s\n" % (name, url, version)
    return (text + "generated: \"2026-01-01T00:00:00Z\"\n").encode()


def sha(data):
    return hashlib.sha256(data).hexdigest()


def release(cluster, name, version, repository="repo", chart_name=None):
    cluster.add("HelmRelease", name, spec={"chart": {"spec": {
        "chart": chart_name or name, "sourceRef": {"kind": "HelmRepository", "name": repository}}}},
        status={"history": [{"chartVersion": version, "status": "deployed", "version": 1}]})


def repository(cluster, url, name="repo", **spec):
    cluster.add("HelmRepository", name, spec={"url": url, **spec})


@creates
def charts(world):
    """Relative and absolute URLs, a redirect, one version for two releases, a version with build metadata."""
    one, two = chart("podinfo", "6.5.0"), chart("redis", "17.0.0")
    files = {"/charts/index.yaml": index(("podinfo", "6.5.0", "podinfo-6.5.0.tgz", sha(one)),
                                         ("podinfo", "6.4.0", "podinfo-6.4.0.tgz", "0" * 64),
                                         ("redis", "17.0.0", "/far/redis.tgz", sha(two))),
             "/charts/podinfo-6.5.0.tgz": one, "/far/redis.tgz": (302, [("Location", "../moved/redis.tgz")]),
             "/moved/redis.tgz": two}
    run = world.start()
    with world.files_server(files) as server, world.cluster() as cluster:
        with open(world.pki.path("ca.crt")) as file:
            cluster.add_secret("ca", ca__crt=file.read())
        repository(cluster, server.url + "/charts", certSecretRef={"name": "ca"})
        for name, version, chart_name in (("a", "6.5.0", "podinfo"), ("b", "6.5.0", "podinfo"), ("redis", "v17.0.0", None)):
            release(cluster, name, version, chart_name=chart_name)
        made = run.create("a.tar", "--no-snapshot", cluster=cluster)
        rows = {row["name"]: row for row in made.lock["charts"]}
        assert made.blob(rows["podinfo"]["blob"]) == one and made.blob(rows["redis"]["blob"]) == two
        assert rows["podinfo"]["usedBy"] == ["HelmRelease/apps/a", "HelmRelease/apps/b"], rows
        entry = json.loads(made.blob(rows["podinfo"]["entry"]))
        assert entry["digest"] == sha(one) and entry["description"] == "a: b", entry
        asked = len(server.seen)
        again = run.create("b.tar", "--no-snapshot", cluster=cluster)
        assert again.members == made.members
        assert [one.target for one in server.seen[asked:]] == ["/charts/index.yaml"], server.seen[asked:]


@creates
def charts_by_hand(world):
    data = chart("podinfo", "6.5.0")
    files = {"/index.yaml": index(("podinfo", "6.5.0", "a.tgz", sha(data))), "/a.tgz": data}
    run = world.start()
    with world.files_server(files) as server:
        with open(run.path("s.yaml"), "w") as file:
            json.dump({"charts": [{"repository": server.url, "name": "podinfo", "version": "6.5.0"}]}, file)
        credentials = world.write_credentials([{"url": server.url, "caFile": world.pki.path("ca.crt")}])
        made = run.create("a.tar", "--sources", "s.yaml", "--credentials", credentials)
        assert made.blob(made.lock["charts"][0]["blob"]) == data
        assert not made.lock["git"]


@creates
def charts_that_lie(world):
    """Other bytes than the index says: nothing is packed."""
    files = {"/index.yaml": index(("podinfo", "6.5.0", "a.tgz", "0" * 64)), "/a.tgz": chart("podinfo", "6.5.0")}
    run = world.start()
    with world.files_server(files) as server, world.cluster() as cluster:
        repository(cluster, server.url)
        release(cluster, "podinfo", "6.5.0")
        credentials = world.write_credentials([{"url": server.url, "caFile": world.pki.path("ca.crt")}])
        result = run.create("a.tar", "--credentials", credentials, cluster=cluster, expect=5)
        assert "0" * 64 in result.err and "podinfo" in result.err, result


@creates
def charts_that_cannot_be_had(world):
    """Each is told and listed; the rest is packed; --strict fails."""
    good = chart("good", "1.0.0")
    files = {"/index.yaml": index(("good", "1.0.0", "good.tgz", sha(good)), ("gone", "1.0.0", "gone.tgz", sha(good)),
                                  ("old", "1.0.0", "old.tgz", sha(good)), ("odd", "1.0.0", "ftp://h/odd.tgz", sha(b"x")), ("bad", "1.0.0", "good.tgz", "abc")),
             "/good.tgz": good, "/broken/index.yaml": b"entries: {a: [\n", "/huge/index.yaml": b"entries: 1\n"}
    run = world.start()
    with world.files_server(files) as server, world.cluster() as cluster:
        repository(cluster, server.url)
        repository(cluster, server.url + "/broken", "broken")
        repository(cluster, server.url + "/huge", "huge")
        repository(cluster, "https://127.0.0.1:1/x", "down")
        for name, version, where in (("good", "1.0.0", "repo"), ("gone", "1.0.0", "repo"), ("old", "0.9.0", "repo"),
                                     ("never", "1.0.0", "repo"), ("odd", "1.0.0", "repo"), ("bad", "1.0.0", "repo"), ("b", "1.0.0", "broken"),
                                     ("h", "1.0.0", "huge"), ("d", "1.0.0", "down"), ("n", "1.0.0", "nowhere")):
            release(cluster, name, version, where)
        credentials = world.write_credentials([{"url": server.url, "caFile": world.pki.path("ca.crt")}])
        words = ["--no-snapshot", "--credentials", credentials]
        made = run.create("a.tar", *words, cluster=cluster)
        assert [row["name"] for row in made.lock["charts"]] == ["good"], made.lock
        why = {row["ref"].rpartition("/")[2]: row["why"] for row in made.unresolved("chart")}
        for name, words_in_it in (("gone 1.0.0", "404"), ("old 0.9.0", "not among the 1"), ("never 1.0.0", "not in the index"),
                                  ("odd 1.0.0", "no usable URL"), ("bad 1.0.0", "malformed"), ("b 1.0.0", "yaml"), ("h 1.0.0", "no mapping"),
                                  ("d 1.0.0", "refused"), ("n 1.0.0", "not there")):
            assert words_in_it in why[name], (name, why)
        result = run.create("b.tar", *words, "--strict", cluster=cluster, expect=6)
        assert "gone 1.0.0" in result.err or "n 1.0.0" in result.err, result


def authorizations(server):
    return {one.target: one.headers.get("authorization") for one in server.seen}


@creates
def chart_logins(world):
    """To the repository's own host; to others only with passCredentials; never after a redirect, never over http."""
    data = chart("podinfo", "6.5.0")
    run = world.start()
    near, far = {}, {"/a.tgz": data}
    with world.files_server(near, user="alice", password="secret") as home, world.files_server(far) as away, \
            world.cluster() as cluster:
        near["/index.yaml"] = index(("podinfo", "6.5.0", away.url + "/a.tgz", sha(data)))
        cluster.add_secret("login", **world.login())
        repository(cluster, home.url, secretRef={"name": "login"})
        release(cluster, "podinfo", "6.5.0")
        run.create("a.tar", "--no-snapshot", cluster=cluster)
        assert authorizations(home) == {"/index.yaml": BASIC}, home.seen
        assert authorizations(away) == {"/a.tgz": None}, away.seen
        cluster.objects.pop("HelmRepository")
        repository(cluster, home.url, secretRef={"name": "login"}, passCredentials=True)
        away.seen.clear()
        world.start().create("b.tar", "--no-snapshot", cluster=cluster)
        assert authorizations(away) == {"/a.tgz": BASIC}, away.seen
        near["/index.yaml"] = index(("podinfo", "6.5.0", "here.tgz", sha(data)))
        near["/here.tgz"] = (302, [("Location", away.url + "/a.tgz")])
        cluster.objects.pop("HelmRepository")
        repository(cluster, home.url, secretRef={"name": "login"})
        away.seen.clear()
        world.start().create("c.tar", "--no-snapshot", cluster=cluster)
        assert authorizations(away) == {"/a.tgz": None}, away.seen
        cluster.objects.pop("HelmRepository")
        repository(cluster, world.http.url, secretRef={"name": "login"})
        made = world.start().create("d.tar", "--no-snapshot", cluster=cluster)
        assert "not sent over http" in made.unresolved("chart")[0]["why"], made.lock


@creates
def chart_redirect_to_http(world):
    data = chart("podinfo", "6.5.0")
    files = {"/index.yaml": index(("podinfo", "6.5.0", "a.tgz", sha(data))),
             "/a.tgz": (302, [("Location", world.http.url + "/a.tgz")])}
    run = world.start()
    with world.files_server(files) as server, world.cluster() as cluster:
        repository(cluster, server.url)
        release(cluster, "podinfo", "6.5.0")
        credentials = world.write_credentials([{"url": server.url, "caFile": world.pki.path("ca.crt")}])
        made = run.create("a.tar", "--no-snapshot", "--credentials", credentials, cluster=cluster)
        assert "from https to http" in made.unresolved("chart")[0]["why"], made.lock
