# SPDX-License-Identifier: Apache-2.0
"""Runs the program of one case against a server of its own, and gives back what was seen."""
import collections
import contextlib
import fcntl
import json
import os
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
for beside in ("replay", "arm"):
    sys.path.insert(0, os.path.join(HERE, "..", beside))
import arm_server  # noqa: E402
import recording as rec  # noqa: E402
from replay import kubeconfig  # noqa: E402
from server import Server  # noqa: E402

NOW = "2026-11-24T08:00:00Z"  # where the case names neither a recording nor a moment
TIME_LIMIT = 60  # seconds a run may take, on a busy machine
SANITIZER_EXIT = 99
SANITIZER_WORDS = ("Sanitizer", "runtime error:")
ESCAPE, ESCAPE_SHOWN = "\x1b", "\u241b"

TRACE = "--v=9"  # all that the program traces

Outcome = collections.namedtuple("Outcome", "exit stdout stderr requests complaints timed_out arm_requests arm_state")


# Names that stand for the same in every run, for what is read before the servers are there.
FIXED_NAMES = (("${ARC}", arm_server.fixtures.ARC), ("${AKS}", arm_server.fixtures.AKS), ("${GROUP}", arm_server.fixtures.GROUP),
               ("${IDENTITY}", arm_server.fixtures.IDENTITY), ("${SUB}", arm_server.fixtures.SUBSCRIPTION),
               ("${TENANT}", arm_server.fixtures.TENANT), ("${CLIENT}", arm_server.fixtures.CLIENT))


class Exchange:
    """Answers by the case's own replies first, then by its recording; notes what nobody expected."""

    def __init__(self, case):
        self.case, self.complaints, self.lock = case, [], threading.Lock()
        self.left = list(case.replies)
        self.used = set()
        fields = case.fields
        self.recording = None
        if "recording" in fields:
            self.recording = rec.Recording.load(fields["recording"], fields.get("access"), fields.get("now"))
        self.now = self.recording.now if self.recording else rec.parse_moment(fields.get("now", NOW))

    def take(self, method, target):
        """The reply meant for this request; with a recording a case's own reply serves any number of times."""
        bare = target.partition("?")[0] + "?*"
        with self.lock:
            for spec in self.left:
                if spec.method == method and spec.target in (target, bare):
                    if not self.recording or sum(s.target == spec.target for s in self.left) > 1:
                        self.left.remove(spec)
                    self.used.add(spec)
                    return spec
        return None

    def answer(self, method, target, headers, body):
        spec = self.take(method, target)
        if spec:
            return self.reply(spec, body)
        if self.recording:
            return self.recording.answer(method, target, headers, body)
        with self.lock:
            self.complaints.append("unexpected request: %s %s" % (method, target))
        return rec.not_served()

    def reply(self, spec, body):
        if spec.expected_body is not None and json.loads(body or "null") != json.loads(spec.expected_body):
            self.complaints.append("%s %s: the body sent was %s" % (spec.method, spec.target, body.decode()))
        content, status = spec.body, int(spec.status) if spec.status.isdigit() else 200
        if spec.source:
            content = self.load(spec.source)
        headers = [pair for pair in spec.headers if pair[0].lower() != "content-type"]
        kinds = [value for name, value in spec.headers if name.lower() == "content-type"]
        return rec.Reply(status, content, kinds[0] if kinds else "application/json", headers)

    def load(self, source):
        name, colon, path = source.partition(":")
        if colon:
            return rec.Recording.load(name).answer("GET", path, {}, b"").body
        with open(os.path.join(os.path.dirname(self.case.path), name), "rb") as file:
            return file.read()

    def plan(self, method, target):
        """`-> reset`, `-> cut` and `-> html` of the case itself."""
        with self.lock:
            for spec in self.left:
                if spec.method == method and spec.target in (target, target.partition("?")[0] + "?*"):
                    if spec.status == "reset":
                        self.used.add(spec)
                    return None if spec.status.isdigit() else spec.status
        return None

    def finish(self):
        unused = [spec for spec in self.case.replies if spec not in self.used]
        return self.complaints + ["never asked for: %s %s" % (spec.method, spec.target) for spec in unused]


def environment(case, folder, fill, world):
    """A small one, made for the case: nothing of the caller's own leaks in."""
    env = {"HOME": os.path.join(folder, "home"), "KUBECONFIG": os.path.join(folder, "kubeconfig"),
           "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm",
           "ASAN_OPTIONS": "exitcode=%d:detect_leaks=1" % SANITIZER_EXIT,
           "UBSAN_OPTIONS": "exitcode=%d:print_stacktrace=1" % SANITIZER_EXIT}
    if world:
        env.update(world.environment())
    else:
        env["AZURE_TOKEN_CREDENTIALS"] = "EnvironmentCredential"  # no machine's identity is looked for
    for assignment in case.fields["env"]:
        name, _, value = assignment.partition("=")
        env[name] = fill(value)
    return env


class Canned:
    """The case's own replies of ARM: several to one target in their order, the last one from then on."""

    def __init__(self, specs):
        self.left, self.used, self.fill = list(specs), set(), str

    def __call__(self, host, method, target):
        for spec in self.left:
            wanted = self.fill(spec.target)
            if (spec.host, spec.method) == (host, method) and wanted in (target, target.partition("?")[0] + "?*"):
                self.used.add(spec)
                if sum((other.host, other.method, other.target) == (host, method, spec.target) for other in self.left) > 1:
                    self.left.remove(spec)
                return rec.Reply(int(spec.status), self.fill(spec.body), headers=[
                    (name, self.fill(value)) for name, value in spec.headers])
        return None


def open_world(case, plan, stack):
    """The loopback ARM of a case, and its replies; (None, None) without an `arm:` line."""
    if "arm" not in case.fields:
        return None, None
    canned = Canned(case.arm_replies)
    text = case.text("arm resources") or "[]"
    for name, value in FIXED_NAMES:
        text = text.replace(name, value)
    world = arm_server.World(case.fields["arm"], case.fields["arm-fault"], plan, canned, json.loads(text))
    return stack.enter_context(world), canned


def written_files(folder, case):
    """The content of every file in the run's folder that the case itself did not put there."""
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            own = case.files.get(os.path.relpath(path, folder))
            if own is None and os.path.isfile(path):
                with open(path, "rb") as file:
                    yield path, file.read()


def leaks(case, folder, out, err, server):
    """Secrets in what a run wrote, or sent to the cluster."""
    headers = "".join("%s %s %r" % request for request in server.requests).encode()
    parts = [("stdout", out), ("stderr", err), ("a request to the cluster", headers), *written_files(folder, case)]
    return ["%s has a secret: %s" % (name, ", ".join(arm_server.leaks(data))) for name, data in parts
            if arm_server.leaks(data)]


def open_terminal(columns):
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    modes = termios.tcgetattr(slave)
    modes[1] &= ~termios.OPOST  # newlines stay what they are
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    return master, slave


def read_terminal(master, parts):
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # EIO: the last user of the other side is gone
            return
        if not part:
            return
        parts.append(part)


def run_on_terminal(command, columns, env, folder, stdin):
    master, slave = open_terminal(columns)
    parts = []
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=slave, stderr=subprocess.PIPE, env=env,
                                   cwd=folder)
    finally:
        os.close(slave)
    reader = threading.Thread(target=read_terminal, args=(master, parts))
    reader.start()
    try:
        err = process.communicate(stdin, timeout=TIME_LIMIT)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    finally:
        reader.join()
        os.close(master)
    return process.returncode, b"".join(parts), err


def run_program(command, case, env, folder):
    """(exit status, stdout, stderr, timed out)"""
    stdin = (case.text("stdin") or "").encode()
    try:
        if "terminal" in case.fields:
            return (*run_on_terminal(command, int(case.fields["terminal"]), env, folder, stdin), False)
        done = subprocess.run(command, input=stdin, capture_output=True, env=env, cwd=folder, timeout=TIME_LIMIT)
        return done.returncode, done.stdout, done.stderr, False
    except subprocess.TimeoutExpired as late:
        return -1, late.stdout or b"", late.stderr or b"", True


def write_files(case, folder, fill, url):
    os.mkdir(os.path.join(folder, "home"))
    files = {"kubeconfig": kubeconfig(url)}
    files.update((name, fill(text)) for name, text in case.files.items())
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if text.startswith("#!"):
            os.chmod(path, 0o700)


def run(binary, case, plan=None, listen=True, trace=False):
    """
    Run a case once. `plan` makes requests fail; without `listen` nothing is on the port; with `trace` the program traces
    all it can.
    """
    exchange = Exchange(case)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="flux-arc-case-"))
        server = stack.enter_context(Server(exchange.answer, exchange.now, plan or exchange.plan))
        world, canned = open_world(case, plan, stack)
        if not listen:
            for one in (server, world) if world else (server,):
                one.stop_listening()
        names = (("${URL}", server.url), ("${HOST}", server.host), ("${DIR}", folder)) + (world.names() if world else ())

        def fill(text):
            for name, value in names:
                text = text.replace(name, value)
            return text

        def put_back(text):
            for name, value in names:
                text = text.replace(value, name)
            return text

        def show(output):
            return put_back(output.decode("utf-8", "backslashreplace").replace(ESCAPE, ESCAPE_SHOWN))

        if canned:
            canned.fill = fill
        write_files(case, folder, fill, server.url)
        command = [binary] + [TRACE] * trace + [fill(word) for word in shlex.split(case.fields["command"])]
        status, out, err, late = run_program(command, case, environment(case, folder, fill, world), folder)
        complaints = exchange.finish() + ["the server failed:\n" + text for text in server.errors]
        requests = [(method, target) for method, target, _ in server.requests]
        arm_requests = arm_state = ""
        if world:
            complaints += world.finish() + leaks(case, folder, out, err, server)
            complaints += ["never asked for: %s %s" % (spec.method, spec.target)
                           for spec in case.arm_replies if spec not in canned.used]
            requests += world.seen()
            arm_requests, arm_state = put_back(world.request_text()), put_back(world.state_text())
    return Outcome(status, show(out), show(err), requests, complaints, late, arm_requests, arm_state)


def broken(outcome):
    """Words for what no run may do, whatever the network does; None if all is well."""
    if outcome.timed_out:
        return "still running after %d s" % TIME_LIMIT
    if outcome.exit < 0:
        return "killed by signal %d" % -outcome.exit
    text = outcome.stderr + outcome.stdout
    if outcome.exit == SANITIZER_EXIT or any(word in text for word in SANITIZER_WORDS):
        return "sanitizer report"
    return None
