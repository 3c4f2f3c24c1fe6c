# SPDX-License-Identifier: Apache-2.0
"""Git sources: which refs at which commits, from whom, and that nothing secret stays behind."""
import base64
import fcntl
import os
import shutil

from create_world import creates
from killing import Killer, rounds
from servers import environment, git, objects, write_history


@creates
def by_hand(world):
    run = world.start()
    made = run.create("a.tar", "--git", world.app_url, "--credentials", world.credentials)
    source = made.git("app")
    assert source["refs"] == {"refs/heads/main": world.tip} and source["head"] == "refs/heads/main", source
    assert source["url"] == world.app_url and source["usedBy"] == [], source
    clone = run.clone(made, source)
    assert git(clone, "rev-parse", "main") == world.tip
    assert objects(clone, "main") == objects(world.app, "main")
    assert len(objects(world.app, "main")) == source["objects"], source
    assert "snapshot" not in made.lock.get("cluster", {})


@creates
def same_bytes_anywhere(world):
    """Out of one cache, whatever the folder, the locale and the order of the words; nothing is downloaded again."""
    run = world.start()
    server, row = world.server()
    with server:
        credentials = world.write_credentials([row])
        urls = [world.https_url(world.app, server) + "@" + ref for ref in ("release", "v1.0.0", "main")]
        words = [word for url in urls for word in ("--git", url)]
        first = run.create("a.tar", *words, "--credentials", credentials, LC_ALL="C")
        asked = len(server.seen)
        os.mkdir(run.path("elsewhere"))
        words = [word for url in reversed(urls) for word in ("--git", url)]
        second = run.create("elsewhere/b.tar", *words, "--credentials", credentials, LC_ALL="C.UTF-8", TZ="Asia/Tokyo")
        again = server.seen[asked:]
    assert first.members == second.members
    with open(first.path, "rb") as one, open(second.path, "rb") as other:
        assert one.read() == other.read()
    assert [one.method for one in again] == ["GET", "POST"], again  # the refs, and no pack
    assert set(first.git("app")["refs"]) == {"refs/heads/main", "refs/heads/release", "refs/tags/v1.0.0"}


@creates
def refs_by_hand(world):
    run = world.start()
    for ref, expected in (("release", {"refs/heads/release": git(world.app, "rev-parse", "release")}),
                          ("v1.0.0", {"refs/tags/v1.0.0": git(world.app, "rev-parse", "v1.0.0")}),
                          (world.old, {"refs/heads/flux-arc/" + world.old: world.old})):
        made = run.create("a.tar", "--git", world.app_url + "@" + ref, "--credentials", world.credentials)
        source = made.git("app")
        assert source["refs"] == expected, (ref, source["refs"])
        clone = run.clone(made, source)
        assert objects(clone, "--all") == objects(world.app, *expected.values()), ref
    for ref in ("nowhere", "refs/heads/nowhere", "0" * 40):
        result = run.create("a.tar", "--git", world.app_url + "@" + ref, "--credentials", world.credentials, expect=1)
        assert ref in result.err and not os.path.exists(run.path("a.tar.partial")), result


@creates
def all_refs(world):
    run = world.start()
    made = run.create("a.tar", "--git", world.app_url, "--all-refs", "--credentials", world.credentials)
    assert set(made.git("app")["refs"]) == {"refs/heads/main", "refs/heads/release", "refs/tags/v1.0.0"}


@creates
def sources_file(world):
    run = world.start()
    with open(run.path("sources.yaml"), "w") as file:
        file.write("sources:\n- url: %s\n  ref: {semver: '1.x'}\n" % world.app_url)
    made = run.create("a.tar", "--sources", "sources.yaml", "--credentials", world.credentials)
    assert list(made.git("app")["refs"]) == ["refs/tags/v1.0.0"], made.lock


@creates
def applied_revision(world):
    """What runs, not what the branch has become; --latest takes that."""
    run = world.start()
    with world.cluster() as cluster:
        cluster.add_secret("login", **world.login())
        cluster.add_git("app", world.app_url, "main@sha1:" + world.old, secretRef={"name": "login"})
        made = run.create("a.tar", "--no-snapshot", cluster=cluster)
        source = made.git("app")
        assert source["refs"] == {"refs/heads/main": world.old}, source
        assert source["usedBy"] == ["GitRepository/apps/app"], source
        clone = run.clone(made, source)
        assert objects(clone, "main") == objects(world.app, world.old)
        made = run.create("a.tar", "--no-snapshot", "--latest", cluster=cluster)
        assert made.git("app")["refs"] == {"refs/heads/main": world.tip}


@creates
def old_protocol(world):
    """A server that gives only what it lists: the tip's history has the commit that is applied."""
    def answer(handler):
        del handler.headers["Git-Protocol"]
        return False
    run = world.start()
    server, row = world.server(intercept=answer)
    with server, world.cluster() as cluster:
        credentials = world.write_credentials([row])
        cluster.add_git("app", world.https_url(world.app, server), "main/" + world.old)
        made = run.create("a.tar", "--no-snapshot", "--credentials", credentials, cluster=cluster)
    source = made.git("app")
    assert source["refs"] == {"refs/heads/main": world.old}, source
    assert git(run.clone(made, source), "rev-parse", "main") == world.old


@creates
def forced_away(world):
    """The applied commit is on no branch any more, and the server has thrown it away."""
    repository = world.repository(commits=3)
    lost = git(repository, "rev-parse", "main")
    write_history(repository, 5, start=100)
    git(repository, "reflog", "expire", "--expire=now", "--all")
    git(repository, "gc", "-q", "--prune=now")
    run = world.start()
    with world.cluster() as cluster:
        cluster.add_git("app", world.https_url(repository), "main@sha1:" + lost)
        result = run.create("a.tar", "--no-snapshot", "--credentials", world.credentials, cluster=cluster, expect=1)
        assert lost in result.err and "--latest" in result.err and "--from-artifacts" in result.err, result


@creates
def one_source_for_one_url(world):
    """Two objects of one repository share it; a FluxConfig is told beside its GitRepository."""
    run = world.start()
    with world.cluster() as cluster:
        cluster.add_secret("login", **world.login())
        cluster.add_git("one", world.app_url, "main@sha1:" + world.tip, secretRef={"name": "login"})
        cluster.add_git("two", world.app_url, "v1.0.0@sha1:" + git(world.app, "rev-parse", "v1.0.0^{commit}"), "team",
                        ref={"tag": "v1.0.0"})
        cluster.add("FluxConfig", "one", spec={"gitRepository": {"url": world.app_url, "ref": {"branch": "main"}}})
        made = run.create("a.tar", "--no-snapshot", cluster=cluster)
        assert len(made.lock["git"]) == 1
        source = made.git("app")
        assert source["usedBy"] == ["FluxConfig/apps/one", "GitRepository/apps/one", "GitRepository/team/two"], source
        assert source["refs"]["refs/tags/v1.0.0"] == git(world.app, "rev-parse", "v1.0.0"), source
        made = run.create("a.tar", "--no-snapshot", "-n", "team", "--credentials", world.credentials, cluster=cluster)
        assert made.git("app")["usedBy"] == ["GitRepository/team/two"], made.lock
        made = run.create("a.tar", "fluxconfig/one", "--no-snapshot", cluster=cluster)
        assert made.git("app")["usedBy"] == ["FluxConfig/apps/one", "GitRepository/apps/one"], made.lock


@creates
def ssh_secret(world):
    run = world.start()
    with open(world.ssh.identity) as identity, open(world.ssh.known_hosts) as hosts, world.cluster() as cluster:
        secret = {"identity": identity.read(), "known_hosts": hosts.read()}
        cluster.add_secret("key", **secret)
        cluster.add_git("app", world.ssh_url(world.app), "main@sha1:" + world.tip, secretRef={"name": "key"})
        made = run.create("a.tar", "--no-snapshot", cluster=cluster)
        assert git(run.clone(made, made.git("app")), "rev-parse", "main") == world.tip
        left = b"".join(run.files().values())
        assert secret["identity"].splitlines()[1].encode() not in left
        cluster.add_secret("key", identity=secret["identity"])
        result = run.create("b.tar", "--no-snapshot", cluster=cluster, expect=1)
        assert "known_hosts" in result.err, result
        result = run.create("b.tar", "--git", world.ssh_url(world.app), expect=1)
        assert "identity" in result.err or "key" in result.err, result


@creates
def nothing_secret_stays(world):
    """Not in the bundle, the cache, or on stderr at -v 8: passwords, tokens, keys, the base64 of them."""
    secrets = {"password": "pa55-w0rd-8d1f", "bearerToken": "t0ken-4ac9", "tls.key": "k3y-77aa"}
    run = world.start()
    server, _ = world.server(user="alice", password=secrets["password"])
    with server, world.cluster() as cluster:
        url = world.https_url(world.app, server)
        cluster.add_secret("login", **world.login(password=secrets["password"]), other=secrets["bearerToken"])
        cluster.add_git("app", url.replace("https://", "https://bob:%s@" % secrets["bearerToken"]),
                        "main@sha1:" + world.tip, secretRef={"name": "login"})
        result = run.program("bundle", "create", "a.tar", "-v", "8", cluster=cluster)
        assert result.status == 0, result
        assert "reads Secret apps/login for GitRepository/apps/app" in result.err, result
        wrong = run.program("bundle", "create", "b.tar", "-v", "8", "-n", "apps", cluster=cluster, timeout=60)
        assert wrong.status == 0, wrong
        cluster.add_secret("login", **world.login(password=secrets["password"] + "x"))
        wrong = run.program("bundle", "create", "b.tar", "-v", "8", cluster=cluster)
        assert wrong.status == 1 and "401" in wrong.err, wrong
    left = b"".join(run.files().values())
    for name, value in secrets.items():
        # What stands in the URL of an object is in the list that -v 8 shows, as kubectl's shows it.
        said = "" if name == "bearerToken" else result.out + result.err + wrong.out + wrong.err
        seen = left + said.encode()
        for form in (value, base64.b64encode(value.encode()).decode().rstrip("="),
                     base64.b64encode(("alice:" + value).encode()).decode()):
            at = seen.find(form.encode())
            assert at < 0, seen[max(0, at - 200):at + 50]


@creates
def forbidden_secret(world):
    run = world.start()
    with world.cluster() as cluster:
        cluster.add_git("app", world.app_url, "main@sha1:" + world.tip, secretRef={"name": "login"})
        cluster.forbid.add("/api/v1/namespaces/apps/secrets/login")
        result = run.create("a.tar", "--no-snapshot", cluster=cluster, expect=1)
        assert "Secret apps/login" in result.err and "--credentials" in result.err and world.app_url in result.err, result
        cluster.forbid.clear()
        result = run.create("a.tar", "--no-snapshot", cluster=cluster, expect=1)
        assert "not found" in result.err, result
        made = run.create("a.tar", "--no-snapshot", "--credentials", world.credentials, cluster=cluster)
        assert made.git("app")["objects"]


@creates
def provider_of_the_cloud(world):
    run = world.start()
    with world.cluster() as cluster:
        cluster.add_git("app", world.app_url, "main@sha1:" + world.tip, provider="azure")
        result = run.create("a.tar", "--no-snapshot", cluster=cluster, expect=1)
        assert "provider azure" in result.err and "--credentials" in result.err, result
        run.create("a.tar", "--no-snapshot", "--credentials", world.credentials, cluster=cluster)


@creates
def every_failing_source_is_told(world):
    run = world.start()
    result = run.create("a.tar", "--git", world.app_url, "--git", world.app_url + "x", "--git", world.app_url + "y",
                        "--credentials", world.credentials, expect=1)
    assert "2 of 3" in result.err and "app.gitx" in result.err and "app.gity" in result.err, result


@creates
def dry_run(world):
    run = world.start()
    with world.cluster() as cluster:
        cluster.add_secret("login", **world.login())
        cluster.add_git("app", world.app_url, "main@sha1:" + world.old, secretRef={"name": "login"})
        cluster.add("OCIRepository", "oci", spec={"url": "oci://registry.example/x"},
                    status={"artifact": {"revision": "1.0@sha256:" + "a" * 64}})
        result = run.create("a.tar", "--dry-run", cluster=cluster)
        assert "main@" + world.old[:8] in result.out and "oci://registry.example/x:1.0" in result.out, result
        assert "reads Secret apps/login" in result.err, result
        assert not os.path.exists(run.path("a.tar")), result
        result = run.create("a.tar", "--strict", cluster=cluster, expect=6)
        assert "oci://registry.example/x:1.0" in result.err and not os.path.exists(run.path("a.tar")), result
        made = run.create("a.tar", cluster=cluster)
        assert made.unresolved("oci")[0]["usedBy"] == ["OCIRepository/apps/oci"], made.lock
        assert made.lock["cluster"]["kubernetes"] == "v1.36.3" and made.lock["cluster"]["snapshot"], made.lock


@creates
def what_a_pack_lacks(world):
    """Pointers of LFS, remote bases and submodules that are not followed are listed, and stop --strict."""
    repository = world.repository()
    files = {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
             "a.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 9\n" % ("0" * 64),
             "apps/kustomization.yaml": "resources:\n- deployment.yaml\n- https://github.com/o/r//base?ref=v1\n"}
    lines = ["commit refs/heads/main", "committer Ada <ada@example.com> 1760000000 +0000", "data 1", "x"]
    for name, text in files.items():
        lines += ["M 100644 inline " + name, "data %d" % len(text), text]
    lines += ["M 160000 %s lib" % world.old]
    git(repository, "fast-import", "--quiet", stdin="\n".join(lines).encode() + b"\n")
    run = world.start()
    url = world.https_url(repository)
    made = run.create("a.tar", "--git", url, "--credentials", world.credentials)
    assert made.git("x")["lfsPointers"] == 1, made.lock
    assert made.unresolved("lfs")[0]["ref"] == url, made.lock
    assert made.unresolved("remote-base")[0]["usedBy"] == ["x:apps/kustomization.yaml"], made.lock
    assert made.unresolved("submodule")[0]["digest"] == world.old, made.lock
    again = run.create("b.tar", "--git", url, "--credentials", world.credentials)
    assert again.members == made.members
    result = run.create("c.tar", "--git", url, "--strict", "--credentials", world.credentials, expect=6)
    assert "github.com/o/r" in result.err and not os.path.exists(run.path("c.tar")), result


def add_submodule(repository, path, url, oid):
    text = '[submodule "%s"]\n\tpath = %s\n\turl = %s\n' % (path, path, url)
    lines = ["commit refs/heads/main", "committer Ada <ada@example.com> 1760009999 +0000", "data 1", "y",
             "from refs/heads/main^0", "M 100644 inline .gitmodules", "data %d" % len(text), text,
             "M 160000 %s %s" % (oid, path)]
    git(repository, "fast-import", "--quiet", "--force", stdin="\n".join(lines).encode() + b"\n")
    return git(repository, "rev-parse", "main")


@creates
def submodules(world):
    """Followed as far as Flux does, nested, by relative URLs, with the parent's login; on other hosts without."""
    outer, inner = world.repository(commits=3), world.repository(commits=4)
    other, _ = world.server(user="bob", password="other")
    with other, world.cluster() as cluster:
        add_submodule(inner, "deep", "../../app.git", world.old)
        nested = git(inner, "rev-parse", "main")
        relative = "../../" + os.path.relpath(inner, world.root)
        tip = add_submodule(outer, "lib", relative, nested)
        cluster.add_secret("login", **world.login())
        cluster.add_git("outer", world.https_url(outer), "main@sha1:" + tip, secretRef={"name": "login"},
                        recurseSubmodules=True)
        run = world.start()
        made = run.create("a.tar", "--no-snapshot", cluster=cluster)
        by_url = {one["url"]: one for one in made.lock["git"]}
        first, second, third = (by_url[world.https_url(one)] for one in (outer, inner, world.app))
        assert first["submodules"] == [{"path": "lib", "url": second["url"], "oid": nested, "source": second["name"]}], first
        assert second["submodules"][0]["source"] == third["name"], second
        assert third["refs"] == {"refs/heads/flux-arc/" + world.old: world.old}, third
        assert not made.unresolved("submodule"), made.lock
        add_submodule(outer, "elsewhere", world.https_url(world.app, other), world.old)
        cluster.objects.clear()
        cluster.add_git("outer", world.https_url(outer), "main@sha1:" + git(outer, "rev-parse", "main"),
                        secretRef={"name": "login"}, recurseSubmodules=True)
        result = run.create("b.tar", "--no-snapshot", cluster=cluster, expect=1)
        assert other.url in result.err, result
        assert not any("authorization" in one.headers for one in other.seen), other.seen


@creates
def killed_at_any_moment(world):
    """Run again, from nothing or from what was left, it makes the same bytes; nothing else is left but the cache."""
    repository = world.repository(commits=400)
    git(repository, "repack", "-adfq", "--threads=1")
    git(repository, "config", "pack.threads", "1")
    run = world.start()
    words = ["--git", world.https_url(repository), "--credentials", world.credentials]
    killer = Killer([world.binary, "bundle", "create", "a.tar", *words],
                    environment(XDG_CACHE_HOME=run.cache, HOME=run.folder, TMPDIR=run.folder), run.folder)
    killer.whole()
    wanted = run.files()[run.path("a.tar")]
    for number in range(rounds(10)):
        if number % 3 < 2:
            shutil.rmtree(run.cache, ignore_errors=True)
        if number % 2:
            os.remove(run.path("a.tar"))
        killer.kill()
        left = set(os.listdir(run.folder))
        assert left <= {"a.tar", "a.tar.partial", "cache"}, left
        run.create("a.tar", *words)
        files = run.files()
        assert files[run.path("a.tar")] == wanted, "round %d: other bytes" % number
        left = {os.path.relpath(path, run.folder) for path in files}
        assert {name.partition("/")[0] for name in left} == {"a.tar", "cache"}, left
        assert not any("/tmp/" in name for name in left), left
    return killer.said()


@creates
def forgets_what_nobody_uses(world):
    """What was not used for 90 days goes, unless another program is at work; what this run used stays."""
    run = world.start()
    words = ["--git", world.app_url, "--credentials", world.credentials]
    run.create("a.tar", *words)
    store = os.path.join(run.cache, "kubectl-flux-arc", "store")
    kept = set(os.listdir(store + "/sha256"))
    old = os.path.join(store, "sha256", "0" * 64)
    notes = len(os.listdir(store + "/notes"))
    for path in [old, os.path.join(store, "notes", "1" * 64)] + [os.path.join(store, "sha256", name) for name in kept]:
        with open(path, "ab"):
            os.utime(path, (0, 0))
    with open(store + "/lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        run.create("a.tar", *words)
        assert os.path.exists(old)
    run.create("a.tar", *words)
    assert set(os.listdir(store + "/sha256")) == kept and len(os.listdir(store + "/notes")) == notes


@creates
def sources_of_other_namespaces(world):
    """-n looks at one namespace, and at what its objects name elsewhere; names choose the same way."""
    run = world.start()
    with world.cluster() as cluster:
        cluster.add_git("shared", world.app_url, "main@sha1:" + world.tip, "flux-system")
        cluster.add_git("unused", world.app_url + "x", "main@sha1:" + world.tip, "flux-system")
        cluster.add("Kustomization", "apps", "team", spec={
            "sourceRef": {"kind": "GitRepository", "name": "shared", "namespace": "flux-system"}})
        words = ["--no-snapshot", "--credentials", world.credentials]
        made = run.create("a.tar", *words, "-n", "team", cluster=cluster)
        assert made.git("app")["usedBy"] == ["GitRepository/flux-system/shared"] and len(made.lock["git"]) == 1, made.lock
        by_name = run.create("b.tar", "ks/apps", *words, cluster=cluster)
        assert by_name.lock["git"] == made.lock["git"]
        result = run.create("c.tar", "ks/other", *words, cluster=cluster, expect=1)
        assert "ks/other" in result.err, result


def write_trees(repository, trees):
    """A commit each, {path: text, or the name of a submodule's commit as bytes}, one a minute; tagged t0, t1, …"""
    lines = []
    for number, files in enumerate(trees):
        lines += ["commit refs/heads/main", "committer Ada <ada@example.com> %d +0000" % (1760000000 + 60 * number), "data 1",
                  "x", "deleteall"]
        for name, text in files.items():
            if isinstance(text, bytes):
                lines += ["M 160000 %s %s" % (text.decode(), name)]
            else:
                lines += ["M 100644 inline " + name, "data %d" % len(text), text]
        lines += ["reset refs/tags/t%d" % number, "from refs/heads/main"]
    git(repository, "fast-import", "--quiet", stdin="\n".join(lines).encode() + b"\n")


@creates
def what_other_refs_lack(world):
    """Of trees that have much in common each is looked through, with its own .gitattributes and .gitmodules."""
    def pointer(digit):
        return "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 9\n" % (digit * 64)

    def base(version):
        return "resources:\n- https://github.com/o/r//base?ref=%s\n" % version

    lfs, link = "*.bin filter=lfs diff=lfs merge=lfs -text\n", world.old.encode()
    modules = '[submodule "lib"]\n\tpath = lib\n\turl = https://h.example/lib.git\n'
    common = {"deep/er/same.yaml": "a: b\n", "deep/er/kustomization.yaml": base("v0")}
    repository = world.repository()
    write_trees(repository, [
        {**common, ".gitattributes": lfs, "a.bin": pointer("1"), ".gitmodules": modules, "lib": link},
        {**common, "a.bin": pointer("1"), "e.bin": pointer("5"), "apps/kustomization.yaml": base("v1")},
        {**common, "a.bin": pointer("2"), "b.bin": pointer("3"), "d/.gitattributes": lfs, "d/c.bin": pointer("4"), "late": link},
        {**common, "a.bin": pointer("2"), "apps/kustomization.yaml": base("v2")}])
    made = world.start().create("a.tar", "--all-refs", "--git", world.https_url(repository), "--credentials",
                                world.credentials)
    source = made.git("x")
    assert source["lfsPointers"] == 4, made.lock
    assert {(one["path"], one["url"]) for one in source["submodules"]} == {
        ("lib", "https://h.example/lib.git"), ("late", "?")}, made.lock
    bases = {(one["usedBy"][0], one["ref"][-2:]) for one in made.unresolved("remote-base")}
    assert bases == {("x:deep/er/kustomization.yaml", "v0"), ("x:apps/kustomization.yaml", "v1"),
                     ("x:apps/kustomization.yaml", "v2")}, made.lock
