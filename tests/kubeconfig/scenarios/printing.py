# SPDX-License-Identifier: Apache-2.0
"""A91 to A104: retries, pages, errors, warnings, columns. A95 is a unit test (tests/unit/base_time.c)."""
import subprocess
import time

from case import scenario
from mock import Reply, git_repository, make_list, status


def first_time(code, *headers):
    """An answer that fails the first read and lets the others through."""
    failure = Reply(status(code, "X", "told to fail"), code, headers)
    return lambda request, number: failure if number == 1 else None


@scenario("A91")
def retries(c):
    c.good()
    c.mock.answer = first_time(429, ("Retry-After", "1"))
    started = time.monotonic()
    c.run()
    c.equal(len(c.mock.requests), 2, "requests")
    c.expect(time.monotonic() - started >= 1, "it did not wait")
    c.mock.answer = first_time(500, ("Retry-After", "0"))
    c.run()
    c.equal(len(c.mock.requests), 2, "requests")
    for code, headers in ((400, [("Retry-After", "0")]), (500, []), (429, [("Retry-After", "soon")])):
        c.mock.answer = first_time(code, *headers)
        c.run(code=1, err=["Error from server (X): ", "told to fail\n"])
        c.equal(len(c.mock.requests), 1, "requests after %d" % code)


@scenario("A92")
def pages(c):
    c.good()

    def page(request, number):
        start = int(request.query.get("continue", ["0"])[0])
        token = {"continue": str(start + 2)} if start < 4 else {}
        return Reply(make_list([git_repository(start), git_repository(start + 1)], **token))

    c.mock.answer = page
    c.run("--chunk-size=2")
    lines = c.stdout.splitlines()
    c.equal([line.split()[0] for line in lines], ["NAME"] + ["repo-%d" % n for n in range(6)], "rows")
    c.equal([(r.query.get("limit"), r.query.get("continue")) for r in c.mock.requests],
            [(["2"], None), (["2"], ["2"]), (["2"], ["4"])], "limit and continue")


@scenario("A93")
def errors_of_the_server(c):
    c.good()
    reply = {}
    c.mock.answer = lambda request, number: reply["now"]
    reply["now"] = Reply(status(404, "NotFound", 'pods "x" not found', name="x", kind="pods"), 404)
    c.run("x", code=1, err='Error from server (NotFound): pods "x" not found\n')
    reply["now"] = Reply(status(409, "Conflict", "Operation cannot be fulfilled"), 409)
    c.run(code=1, err="Error from server (Conflict): Operation cannot be fulfilled\n")


@scenario("A93 causes", ours=True)
def causes_of_an_error(c):
    c.good()
    reply = {}
    c.mock.answer = lambda request, number: reply["now"]
    causes = [{"field": "spec.path", "message": "Required value"}]
    reply["now"] = Reply(status(422, "Invalid", "all of it", kind="Kustomization", name="x", causes=causes), 422)
    c.run(code=1, err='The Kustomization "x" is invalid: spec.path: Required value\n')
    causes.append({"field": "spec.interval", "message": "Invalid value"})
    reply["now"] = Reply(status(422, "Invalid", "all of it", kind="Kustomization", name="x", causes=causes), 422)
    c.run(code=1, err='The Kustomization "x" is invalid: \n* spec.path: Required value\n* spec.interval: Invalid value\n')


@scenario("A94")
def warnings(c):
    c.good()
    headers = [("Warning", '299 - "old API"'), ("Warning", '299 - "old API", 299 - "say \\"please\\""'),
               ("Warning", '214 - "not for us"')]
    c.mock.answer = lambda request, number: Reply(make_list([git_repository(1)]), 200, headers)
    c.run(err=["Warning: old API\n", 'Warning: say "please"\n'])
    c.equal(c.stderr.count("old API"), 1, "warnings of one text")
    c.expect("not for us" not in c.stderr, "a warning of another code")


@scenario("A96")
def empty_lists(c):
    c.good()
    c.mock.answer = lambda request, number: Reply(make_list([]))
    for options in ([], ["-o", "wide"], ["--no-headers"]):
        c.run(*options, err="No resources found in default namespace.\n")
        c.equal(c.stdout, "", "stdout")
    c.run("-A", err="No resources found\n")
    c.equal(c.stdout, "", "stdout")


@scenario("A97", ours=True)
def wide_columns(c):
    c.good()
    c.run()
    plain = c.stdout.splitlines()[0].split()
    c.run("-o", "wide")
    wide = c.stdout.splitlines()[0].split()
    c.equal(plain[0], "NAME", "first column")
    c.expect(len(wide) > len(plain) and [name for name in wide if name in plain] == plain,
             "wide columns %s after plain columns %s" % (wide, plain))


def columns(line):
    """Where the columns of a header begin."""
    return [at for at in range(len(line)) if line[at] != " " and (at == 0 or line[at - 1] == " ")]


@scenario("A98", ours=True)
def column_widths(c):
    c.good()
    c.run("-o", "wide")
    header, *rows = c.stdout.splitlines()
    c.equal(len(rows), 2, "rows")
    for at in columns(header):
        for row in rows:
            c.expect(at == 0 or row[at - 1] == " ", "a column of %r does not begin at %d" % (row, at))
    for line in [header] + rows:
        c.equal(line, line.rstrip(), "trailing blanks")


@scenario("A99")
def all_namespaces(c):
    c.good()
    c.run("-A")
    header, first, _ = c.stdout.splitlines()
    c.equal(header.split()[:2], ["NAMESPACE", "NAME"], "header")
    c.equal(first.split()[:2], ["default", "repo-1"], "row")
    c.expect("/namespaces/" not in c.request.path, "asked for one namespace")


@scenario("A100")
def labels_and_headers(c):
    c.good()
    bare = git_repository(2)
    del bare["metadata"]["labels"]
    c.mock.answer = lambda request, number: Reply(make_list([git_repository(1), bare]))
    c.run("--no-headers")
    c.equal([line.split()[0] for line in c.stdout.splitlines()], ["repo-1", "repo-2"], "rows")
    c.run("--show-labels")
    c.equal([line.split()[-1] for line in c.stdout.splitlines()], ["LABELS", "app=podinfo,tier=x", "<none>"], "labels")
    c.run("-L", "app")
    header, first, second = c.stdout.splitlines()
    c.equal(header.split()[-1], "APP", "header")
    c.equal(first[columns(header)[-1]:], "podinfo", "label")
    c.equal(second[columns(header)[-1]:], "", "label")
    c.run("-L", "example.com/team")
    c.equal(c.stdout.splitlines()[0].split()[-1], "TEAM", "header")


@scenario("A101")
def names(c):
    c.good()
    c.run("-o", "name")
    c.equal(c.stdout, "".join("gitrepository.source.toolkit.fluxcd.io/repo-%d\n" % n for n in (1, 2)), "stdout")


@scenario("A102")
def name_and_selector(c):
    c.good()
    c.run("x", "-l", "a=b", code=1, usage=True, err="error: name cannot be provided when a selector is specified")


@scenario("A103")
def unknown_flag(c):
    c.good()
    c.fails("--foo", usage=True, err=["error: unknown flag: --foo\n", "--help' for usage."])


@scenario("A104")
def closed_pipe(c):
    c.good()
    c.mock.answer = lambda request, number: Reply(make_list([git_repository(n) for n in range(5000)]))
    line = '%s get gitrepositories --kubeconfig=a 2>err | head -1; echo "${PIPESTATUS[0]}" >status' % c.suite.binary
    subprocess.run(["bash", "-c", line], cwd=c.dir, env=c.environment(None), stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, timeout=60, check=True)
    with open(c.path("err")) as file:
        c.equal(file.read(), "", "stderr")
    with open(c.path("status")) as file:
        # Killed by SIGPIPE as a shell tells it; kubectl ends with 1, or 0 where the pipe took all.
        c.expect(file.read().strip() in ("141", "1", "0"), "exit status")
