# SPDX-License-Identifier: Apache-2.0
"""`bundle verify` and `inspect` of what `create` made: deltas with and without their base, and parts."""
import json
import os

from create_world import creates
from servers import git, write_history


def stages(run, file, *words, expect=0):
    """{stage: (state, text)} of a bundle."""
    result = run.program("bundle", "verify", file, "--insecure-allow-unsigned", "-o", "json", *words)
    assert result.status == expect, result
    tree = json.loads(result.out)
    return {stage["name"]: (stage["state"], stage["text"] + " " + " ".join(stage["faults"])) for stage in tree["stages"]}


@creates
def verify_deltas(world):
    path = world.repository(commits=30, size=2000)
    words = ["--git", world.https_url(path), "--credentials", world.credentials]
    run = world.start()
    base = run.create("1.tar", *words)
    write_history(path, 3, start=1000, parent=git(path, "rev-parse", "main"), size=2000)
    delta = run.create("2.tar", *words, "--base", "1.tar")
    run.create("3.tar", *words, "--base", "2.tar")  # nothing has changed

    whole = stages(run, "1.tar")
    assert whole["packs"][0] == "good" and whole["base"] == ("none", "builds on no other bundle "), whole
    alone = stages(run, "2.tar", expect=6)
    assert alone["contents"][0] == "good" and alone["packs"][0] == "unchecked", alone
    assert alone["base"][0] == "bad" and base.id in alone["base"][1], alone
    for file, bases in (("2.tar", ["1.tar"]), ("3.tar", ["2.tar", "1.tar"]), ("3.tar", ["1.tar", "2.tar"])):
        given = stages(run, file, *[word for one in bases for word in ("--base", one)])
        for stage in ("contents", "base", "packs", "sequence"):
            assert given[stage][0] == "good", (file, bases, given)
    # The base of the base is wanted, too; and one that does not fit is named.
    lacking = stages(run, "3.tar", "--base", "2.tar", expect=6)
    assert "bad" in (lacking["base"][0], lacking["packs"][0]), lacking
    wrong = stages(run, "2.tar", "--base", "3.tar", expect=6)
    assert "3.tar" in wrong["base"][1] and base.id in wrong["base"][1], wrong

    said = run.program("bundle", "inspect", "2.tar").out
    assert "a delta: the other side must have 1 (lock %s)" % base.id[:15] in said, said
    assert "NEW SINCE 1" in said and "%d objects" % delta.git("x")["objects"] in said, said
    assert "nothing" in run.program("bundle", "inspect", "3.tar").out


@creates
def verify_parts(world):
    """Parts as create writes them, read as they are; one that is lost or damaged."""
    path = world.repository(commits=60, size=20000)
    words = ["--git", world.https_url(path), "--credentials", world.credentials, "--part-size", "64Ki", "--parity"]
    run = world.start()
    run.create("a.tar", *words[:4])
    os.rename(run.path("a.tar"), run.path("whole.tar"))
    run.create("a.tar", *words)
    parts = sorted(name for name in os.listdir(run.folder) if "-of-" in name)
    assert len(parts) > 2, parts
    good = stages(run, "a.tar")
    assert good["parts"][0] == "good" and good["packs"][0] == "good", good
    os.rename(run.path(parts[-1]), run.path("moved"))
    good = stages(run, "a.parts.json")
    assert good["parts"][0] == "good" and parts[-1] in good["parts"][1], good
    assert run.program("bundle", "join", "a.parts.json").status == 0
    with open(run.path("a.tar"), "rb") as joined, open(run.path("whole.tar"), "rb") as whole:
        assert joined.read() == whole.read()
    os.unlink(run.path("a.tar"))
    with open(run.path(parts[0]), "r+b") as part:
        part.seek(60000)
        part.write(b"?")
    bad = stages(run, "a.parts.json", expect=5)
    assert parts[0] in bad["contents"][1] + bad["parts"][1], bad
    os.rename(run.path("moved"), run.path(parts[-1]))
    bad = stages(run, "a.parts.json", expect=5)
    assert bad["parts"] == ("bad", bad["parts"][1]) and parts[0] + ": damaged" in bad["parts"][1], bad
    joined = run.program("bundle", "join", "a.parts.json")
    assert joined.status == 0 and parts[0] + " is damaged: the parity part stood for it" in joined.err, joined
    with open(run.path("a.tar"), "rb") as file, open(run.path("whole.tar"), "rb") as whole:
        assert file.read() == whole.read()
