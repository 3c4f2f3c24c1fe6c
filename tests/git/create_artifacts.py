# SPDX-License-Identifier: Apache-2.0
"""--from-artifacts: source-controller's own files through the API server, nobody else asked."""
import concurrent.futures
import gzip
import io
import os
import tarfile

from create_charts import chart, index, release, sha
from create_cluster import artifact
from create_world import Made, creates
from server import FAILURES

SERVICE = "/api/v1/namespaces/flux-system/services/http:source-controller:80/proxy/"


def tarball(files):
    """As source-controller packs it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o600
            tar.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def add_git(cluster, name, data, url="https://git.invalid/o/r", revision="main@sha1:" + "1" * 40, digest=None, **spec):
    where = "gitrepository/apps/%s/%s.tar.gz" % (name, sha(data)[:8])
    cluster.files[where] = data
    cluster.add("GitRepository", name, spec={"url": url, "ref": {"branch": "main"}, **spec},
                status={"artifact": artifact(where, revision, data, digest or "sha256:" + sha(data))})
    return where


@creates
def artifacts(world):
    """Each object has its own file; equal ones are one; charts come the same way; no Secret is read."""
    one = tarball({"apps/kustomization.yaml": b"resources:\n- https://example.com/base.yaml\n"})
    two, data = tarball({"README.md": b"other ignore rules\n" * 100}), chart("podinfo", "6.5.0")
    listing = index(("podinfo", "6.5.0", "https://charts.invalid/a.tgz", sha(data)))
    run = world.start()
    with world.cluster() as cluster:
        add_git(cluster, "one", one, secretRef={"name": "login"})
        add_git(cluster, "same", one)
        add_git(cluster, "two", two)
        cluster.add("FluxConfig", "two", spec={"gitRepository": {"url": "https://git.invalid/o/r"}})
        cluster.files.update({"repo.yaml": listing, "podinfo.tgz": data})
        cluster.add("HelmRepository", "repo", spec={"url": "https://charts.invalid"},
                    status={"artifact": artifact("repo.yaml", "sha256:x", listing, "sha256:" + sha(listing))})
        cluster.add("HelmChart", "apps-podinfo", spec={"chart": "podinfo"},
                    status={"artifact": artifact("podinfo.tgz", "6.5.0", data, "sha256:" + sha(data))})
        release(cluster, "podinfo", "6.5.0")
        result = run.create("a.tar", "--from-artifacts", "--dry-run", cluster=cluster)
        assert "main@sha1:11111111" in result.out and "1.8 KiB" in result.out, result
        assert "Secret" not in result.err, result
        assert not any("/proxy/" in one for one in cluster.seen), cluster.seen
        made = run.create("a.tar", "--from-artifacts", "--no-snapshot", cluster=cluster)
        rows = {row["snapshot"]: row for row in made.lock["git"]}
        first, second = rows["sha256:" + sha(one)], rows["sha256:" + sha(two)]
        assert first["usedBy"] == ["GitRepository/apps/one", "GitRepository/apps/same"], first
        assert second["usedBy"] == ["FluxConfig/apps/two", "GitRepository/apps/two"], second
        assert {first["name"], second["name"]} == {"r", "r-2"} and first["history"] == "artifact", first
        assert first["revision"] == "main@sha1:" + "1" * 40 and "bundle" not in first, first
        assert made.blob(first["snapshot"]) == one and made.blob(second["snapshot"]) == two
        assert made.blob(made.lock["charts"][0]["blob"]) == data
        assert b"podinfo" in made.blob(made.lock["charts"][0]["entry"])
        assert made.unresolved("remote-base")[0]["ref"] == "https://example.com/base.yaml", made.lock
        assert not any("/secrets/" in one for one in cluster.seen), cluster.seen
        asked = len(cluster.seen)
        again = run.create("b.tar", "--from-artifacts", "--no-snapshot", cluster=cluster)
        assert again.members == made.members
        assert not any("/proxy/" in one for one in cluster.seen[asked:]), cluster.seen[asked:]


@creates
def artifact_by_pod(world):
    """Where the Service cannot be asked, a pod of it is."""
    data = tarball({"a": b"b"})
    run = world.start()
    with world.cluster() as cluster:
        where = add_git(cluster, "one", data)
        cluster.forbid.add(SERVICE + where)
        result = run.create("a.tar", "--from-artifacts", "--no-snapshot", cluster=cluster, expect=1)
        assert "services/proxy or pods/proxy" in result.err and "flux-system" in result.err, result
        cluster.add("Pod", "source-controller-x", "flux-system", {"containers": [
            {"name": "manager", "image": "x", "ports": [{"name": "http", "containerPort": 9191}]}]}, {"phase": "Running"})
        made = run.create("a.tar", "--from-artifacts", "--no-snapshot", cluster=cluster)
        assert made.blob(made.lock["git"][0]["snapshot"]) == data
        assert any("/pods/http:source-controller-x:9191/proxy/" in one for one in cluster.seen), cluster.seen


@creates
def artifact_that_lies(world):
    run = world.start()
    with world.cluster() as cluster:
        add_git(cluster, "one", tarball({"a": b"b"}), digest="sha256:" + "0" * 64)
        result = run.create("a.tar", "--from-artifacts", cluster=cluster, expect=5)
        assert "0" * 64 in result.err, result
        cluster.objects.clear()
        link = io.BytesIO()
        with tarfile.open(fileobj=link, mode="w:gz") as tar:
            info = tarfile.TarInfo("x")
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(info)
        add_git(cluster, "one", link.getvalue())
        result = run.create("a.tar", "--from-artifacts", cluster=cluster, expect=5)
        assert "GitRepository/apps/one" in result.err, result
        assert not os.path.exists(run.path("a.tar"))


@creates
def artifact_that_is_not_there(world):
    run = world.start()
    with world.cluster() as cluster:
        cluster.add_git("fresh", "https://git.invalid/o/r")
        result = run.create("a.tar", "--from-artifacts", cluster=cluster, expect=1)
        assert "no artifact" in result.err and "GitRepository/apps/fresh" in result.err, result
        cluster.objects.clear()
        add_git(cluster, "odd", b"x")
        cluster.objects["GitRepository"][0]["status"]["artifact"]["url"] = "http://169.254.169.254/latest"
        result = run.create("a.tar", "--from-artifacts", cluster=cluster, expect=1)
        assert "169.254.169.254" in result.err and not any("169" in one for one in cluster.seen), result


# Looked at for the versions that the lock tells; a failure leaves them out.
ERRORS = ("error: ", "Error from server", "Unable to connect to the server", "The connection to the server")
MAY_FAIL = ("/version", "/apis/apps", "/api/v1/nodes", "/api/v1/namespaces")


def fill(cluster):
    data = chart("podinfo", "6.5.0")
    listing = index(("podinfo", "6.5.0", "https://charts.invalid/a.tgz", sha(data)))
    add_git(cluster, "one", tarball({"a": b"b"}))
    add_git(cluster, "two", tarball({"a": b"c" * 9000}))
    cluster.files.update({"repo.yaml": listing, "podinfo.tgz": data})
    cluster.add("HelmRepository", "repo", spec={"url": "https://charts.invalid"},
                status={"artifact": artifact("repo.yaml", "sha256:x", listing, "sha256:" + sha(listing))})
    cluster.add("HelmChart", "apps-podinfo", spec={"chart": "podinfo"},
                status={"artifact": artifact("podinfo.tgz", "6.5.0", data, "sha256:" + sha(data))})
    release(cluster, "podinfo", "6.5.0")


def one_failure(world, way, target):
    """The result, and the bundle's members if there is one."""
    run, seen = world.start(), []

    def plan(method, asked):
        if method != "GET" or asked not in (target, "%s?limit=500" % target):
            return None
        seen.append(asked)
        return way if way != "429" or len(seen) == 1 else None
    with world.cluster() as cluster:
        fill(cluster)
        cluster.server.plan = plan
        result = run.program("bundle", "create", "a.tar", "--from-artifacts", "--no-snapshot", cluster=cluster)
    assert seen or target is None, target
    assert not os.path.exists(run.path("a.tar.partial")) and os.path.exists(run.path("a.tar")) == (result.status == 0)
    return result, Made(run.path("a.tar")).members if result.status == 0 else None, cluster.server.requests


@creates
def every_request_for_artifacts_fails_in_turn(world):
    """In six ways: an error, or a bundle and a word about what is missing; never a bundle that keeps silent."""
    result, whole, requests = one_failure(world, None, None)
    assert result.status == 0, result
    targets = sorted({target for _, target, *_ in requests})
    probes = [(way, target) for target in targets for way in FAILURES]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for (way, target), (result, members, _) in zip(probes, pool.map(lambda probe: one_failure(world, *probe), probes)):
            what = (way, target, result)
            assert "Sanitizer" not in result.err and result.status in (0, 1, 5), what
            if way == "429":
                assert members == whole, what
            elif result.status:
                assert any(word in result.err for word in ERRORS), what
            elif not target.startswith(MAY_FAIL):
                assert "Warning: " in result.err, what
    return "%d failures of %d requests" % (len(probes), len(targets))
