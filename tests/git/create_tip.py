# SPDX-License-Identifier: Apache-2.0
"""Trees without history, and the ignore rules that a tree is packed by."""
import io
import os
import tarfile

from create_world import creates
from servers import git, objects


@creates
def tip_only(world):
    """The tree as source-controller packs it, by the rules of each object; no history."""
    repository = world.repository()
    lines = ["commit refs/heads/main", "committer Ada <ada@example.com> 1760000000 +0000", "data 1", "x"]
    for name, text in (("a.yaml", "a: 1\n"), ("b.md", "b\n"), (".github/x.yaml", "x\n"), ("logo.png", "png\n")):
        lines += ["M 100644 inline " + name, "data %d" % len(text), text]
    git(repository, "fast-import", "--quiet", stdin="\n".join(lines).encode() + b"\n")
    git(repository, "tag", "-a", "-m", "x", "v1.0.0", "main")
    tip, url = git(repository, "rev-parse", "main"), world.https_url(repository)
    run = world.start()
    with world.cluster() as cluster:
        cluster.add_git("plain", url, "main@sha1:" + tip)
        cluster.add_git("same", url, "main@sha1:" + tip)
        cluster.add_git("less", url, "main@sha1:" + tip, ignore="*.md\n")
        cluster.add_git("tag", url, ref={"tag": "v1.0.0"})
        made = run.create("a.tar", "--no-snapshot", "--history", "tip", "--credentials", world.credentials, cluster=cluster)
    rows = {tuple(row["usedBy"]): row for row in made.lock["git"]}
    assert set(rows) == {("GitRepository/apps/plain", "GitRepository/apps/same"), ("GitRepository/apps/less",),
                         ("GitRepository/apps/tag",)}, rows
    names = {}
    for users, row in rows.items():
        assert row["history"] == "tip" and "bundle" not in row, row
        with tarfile.open(fileobj=io.BytesIO(made.blob(row["snapshot"]))) as tar:
            names[users[0].rpartition("/")[2]] = {one.name for one in tar if one.isfile()}
    # Rules of an object's own stand in place of the usual ones.
    assert names == {"plain": {"a.yaml", "b.md"}, "less": {"a.yaml", ".github/x.yaml", "logo.png"},
                     "tag": {"a.yaml", "b.md"}}, names
    assert rows[("GitRepository/apps/tag",)]["revision"] == "v1.0.0@sha1:" + tip, rows
    made = run.create("b.tar", "--history", "tip", "--git", url, "--credentials", world.credentials)
    assert made.git("x")["revision"] == "main@sha1:" + tip, made.lock


@creates
def ignore_rules_travel(world):
    """An artifact extracted on the other side is the one that source-controller makes for that object."""
    repository = world.repository()
    lines = ["commit refs/heads/main", "committer Ada <ada@example.com> 1760000000 +0000", "data 1", "x"]
    for name, text in (("a.yaml", "a: 1\n"), ("b.md", "b\n"), ("c/d.md", "d\n"), (".sourceignore", "c/\n")):
        lines += ["M 100644 inline " + name, "data %d" % len(text), text]
    git(repository, "fast-import", "--quiet", stdin="\n".join(lines).encode() + b"\n")
    tip, url = git(repository, "rev-parse", "main"), world.https_url(repository)

    def extracted(objects_of_cluster):
        run = world.start()
        words = ["--no-snapshot", "--credentials", world.credentials]
        with world.cluster() as cluster:
            for name, ignore in objects_of_cluster.items():
                cluster.add_git(name, url, "main@sha1:" + tip, **({"ignore": ignore} if ignore else {}))
            made = run.create("a.tar", *words, cluster=cluster)
            tips = run.create("tip.tar", *words, "--history", "tip", cluster=cluster)
        result = run.program("bundle", "extract", "a.tar", "out", "--form", "artifact", "--insecure-allow-unsigned")
        assert result.status == 0, result
        assert run.program("bundle", "verify", "a.tar", "--insecure-allow-unsigned").status == 0
        contents = {user: tips.blob(row["snapshot"]) for row in tips.lock["git"] for user in row["usedBy"]}
        files = {name: run.files()[run.path("out/artifacts/" + name)] for name in os.listdir(run.path("out/artifacts"))}
        return made.git("x").get("ignore"), files, {user.rpartition("/")[2]: data for user, data in contents.items()}

    ignore, files, tips = extracted({"one": None, "two": None})
    assert ignore is None and files == {"x.tar.gz": tips["one"]}, (ignore, files.keys())
    ignore, files, tips = extracted({"one": "*.md\n", "two": "*.md\n"})
    assert ignore == [{"rules": "*.md\n", "usedBy": "GitRepository/apps/" + name} for name in ("one", "two")], ignore
    assert files == {"x.tar.gz": tips["one"]} and tips["one"] == tips["two"], files.keys()
    ignore, files, tips = extracted({"one": None, "two": "*.md\n", "three": "/a.yaml\n!c/\n"})
    assert files == {"x.tar.gz": tips["one"], "x+apps+two.tar.gz": tips["two"], "x+apps+three.tar.gz": tips["three"]}, \
        files.keys()
    assert len(set(files.values())) == 3


def downloaded(run):
    """Bytes of the largest thing in the cache: what the server sent."""
    folder = os.path.join(run.cache, "kubectl-flux-arc", "store", "sha256")
    return max(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder))


@creates
def tip_is_all_that_is_downloaded(world):
    """The applied commit too, which is no tip; what was downloaded so is not taken for a history."""
    repository = world.repository(commits=300, size=4000)
    old = git(repository, "rev-parse", "main~100")
    said = []
    for url, wanted in ((world.https_url(repository), "main"), (world.ssh_url(repository), "main"),
                        (world.https_url(repository), old)):
        words = ["--git", "%s@%s" % (url, wanted), "--credentials", world.credentials]
        tip, full = world.start(), world.start()
        made = tip.create("a.tar", "--history", "tip", "--canonical", *words)
        row = made.git("x")
        assert row["revision"].endswith(git(repository, "rev-parse", wanted)) and "bundle" not in row, row
        small = downloaded(tip)
        wanted_bytes = full.create("a.tar", "--history", "tip", *words).members
        assert made.members == wanted_bytes
        full.create("a.tar", *words)
        said.append((small, downloaded(full)))
        assert small * 8 < downloaded(full), said
        made = tip.create("b.tar", *words)
        assert objects(tip.clone(made, made.git("x")), "--all") == objects(repository, wanted)
        again = tip.create("a.tar", "--history", "tip", *words)
        assert again.members == wanted_bytes
    return ", ".join("%d bytes of %d" % pair for pair in said)
