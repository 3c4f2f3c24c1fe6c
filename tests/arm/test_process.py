# SPDX-License-Identifier: Apache-2.0
"""The program as a process against the loopback ARM: killed and resumed, throttled, with clocks that are off, led to other hosts,
ended with a core dump wanted. What stands in memory while it runs is not looked at: a token has to be somewhere. Everything ends by what is seen and not by a time.

    python3 tests/arm/test_process.py [--binary PROGRAM]
"""
import os
import re
import signal
import tempfile
import time
import unittest

import support
from support import PLACE, arm_server
from recording import Reply

CREATE = ["extension", "create", *PLACE, "-n", "flux", "--yes"]
LIST = ["extension", "list", *PLACE, "-o", "name"]
RESUME = re.compile(r"kubectl flux-arc operation wait '([^']+)'")
LONG = "slow 100000"


def read_resume(child):
    """The address that the program tells while it waits."""
    for line in child.stderr:
        found = RESUME.search(line)
        if found:
            return found[1]
    raise AssertionError("no address was told, exit status %s" % child.wait())


def wait_for(condition, what):
    end = time.monotonic() + support.LIMIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.02)


def polls(world):
    return sum("/operations/" in target for _, target, _ in world.requests)


def end_operations(world):
    with world.lock:
        for operation in world.store.operations.values():
            operation["left"] = 0


def state(world):
    return [item["properties"]["provisioningState"] for item in world.store.resources.values()
            if item["type"].endswith("/extensions")]


class Interrupted(unittest.TestCase):
    def interrupt(self, number):
        """An extension is being created when the signal comes; (world, exit status, the rest of stderr, address)."""
        world = self.enterContext(arm_server.World("arc", [LONG]))
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="flux-arc-arm-"))
        with support.start(world, folder, CREATE) as child:
            address = read_resume(child)
            wait_for(lambda: polls(world) > 2, "polls")
            child.send_signal(number)
            err = child.communicate(timeout=support.LIMIT)[1]
        self.assertEqual(state(world), ["Creating"])
        return world, child.returncode, err, address

    def resume(self, world, address):
        end_operations(world)
        status, out, err = support.run(world, ["operation", "wait", address])
        self.assertEqual(status, 0, out + err)
        self.assertEqual(state(world), ["Succeeded"])
        self.assertEqual([method for method, _, _ in support.writes(world)], ["PUT"])
        self.assertEqual(world.finish(), [])

    def test_kill_and_resume(self):
        world, status, _, address = self.interrupt(signal.SIGKILL)
        self.assertEqual(status, -signal.SIGKILL)
        self.resume(world, address)

    def test_interrupt_says_that_it_goes_on(self):
        world, _, err, address = self.interrupt(signal.SIGINT)
        self.assertIn("goes on in Azure", err)
        self.assertIn(address, err)
        self.resume(world, address)

    def test_no_wait_and_resume(self):
        with arm_server.World("arc", [LONG]) as world:
            status, out, err = support.run(world, CREATE + ["--no-wait"])
            self.assertEqual((status, polls(world)), (0, 0), err)
            self.resume(world, re.search(r"https://\S+/operations/[^\s']+", out)[0])

    def test_failure_is_told_when_resumed(self):
        with arm_server.World("arc", [LONG, "operation-failed ExtensionOperationFailed no space left"]) as world:
            out = support.run(world, CREATE + ["--no-wait"])[1]
            end_operations(world)
            address = re.search(r"https://\S+/operations/[^\s']+", out)[0]
            status, _, err = support.run(world, ["operation", "wait", address])
            self.assertEqual(status, 1)
            self.assertIn("no space left", err)

    def test_resume_of_another_host_is_refused(self):
        with arm_server.World("arc") as world:
            status, _, err = support.run(world, ["operation", "wait", world.trap.url + support.fixtures.ARC +
                                                 "/operations/1?api-version=2024-11-01"])
            self.assertNotEqual(status, 0)
            self.assertEqual(world.finish(), [], err)


class Storm(unittest.TestCase):
    def moments(self, faults, words):
        """When requests came that the storm is about, and how it ended."""
        with arm_server.World("arc+extension", faults) as world:
            found = []
            answer = world.arm.answer

            def noting(method, target, headers, body):
                found.append(time.monotonic())
                return answer(method, target, headers, body)
            world.arm.answer = noting
            result = support.run(world, words)
            self.assertEqual(world.finish(), [])
        return found[1:], result  # the first asks for the cloud

    def test_retry_after_is_honoured(self):
        found, (status, out, err) = self.moments(["throttle GET */extensions 3 2"], LIST)
        self.assertEqual((status, out), (0, "extension/flux\n"), err)
        self.assertEqual(len(found), 4)
        for one, other in zip(found, found[1:]):
            self.assertGreaterEqual(other - one, 1.99)

    def test_polls_of_an_operation(self):
        _, (status, out, err) = self.moments(["throttle GET */operations/* 2 1"],
                                             ["extension", "update", *PLACE, "-n", "flux", "--in-memory-build", "--yes"])
        self.assertEqual(status, 0, out + err)

    def test_writes(self):
        _, (status, out, err) = self.moments(["throttle PATCH */extensions/flux 2 1"],
                                             ["extension", "update", *PLACE, "-n", "flux", "--in-memory-build", "--yes"])
        self.assertEqual(status, 0, out + err)

    def test_a_server_that_wants_an_hour_is_not_waited_for(self):
        began = time.monotonic()
        found, (status, _, err) = self.moments(["throttle GET */extensions 9 3600"], LIST)
        self.assertEqual((status, len(found)), (1, 1), err)
        self.assertLess(time.monotonic() - began, support.LIMIT / 2)


class Clocks(unittest.TestCase):
    def test_off(self):
        for seconds in (-7200, -299, 299, 7200, 86400 * 400):
            for how in ({}, {"AZURE_CLIENT_SECRET": "", "AZURE_CLIENT_CERTIFICATE_PATH": "sp.pem"}):
                with self.subTest(seconds=seconds, how=how), arm_server.World(
                        "arc+extension", ["skew %d" % seconds]) as world:
                    how = {key: os.path.join(world.pki.folder, value) if value else "" for key, value in how.items()}
                    status, out, err = support.run(world, LIST, **how)
                    self.assertEqual((status, out), (0, "extension/flux\n"), err)
                    self.assertEqual(len(world.login.issued), 1)

    def test_renewed_while_it_waits(self):
        # Tokens that live for less than an operation: none of them is used to its last second.
        with arm_server.World("arc", ["token-life 130", "slow 3"]) as world:
            status, out, err = support.run(world, CREATE)
            self.assertEqual(status, 0, out + err)
            self.assertEqual(world.finish(), [])

    def test_a_token_that_has_ended_already(self):
        with arm_server.World("arc+extension", ["token-life -10"]) as world:
            status, _, err = support.run(world, LIST)
            self.assertEqual(status, 1, err)
            self.assertLessEqual(len(world.login.issued), 4)


class OtherHosts(unittest.TestCase):
    """Wherever a reply points, nothing is sent there: the trap complains of everything that it hears."""

    def check(self, host, part, reply, words=LIST, wanted=1):
        def canned(which, _, target):
            return reply(world) if which == host and part in target else None
        with arm_server.World("arc+extension", canned=canned) as world:
            status, out, err = support.run(world, words)
            self.assertEqual([text for text in world.finish() if "foreign" in text], [], out + err)
            self.assertEqual(status, wanted, out + err)

    def test_redirects(self):
        for status in (301, 302, 303, 307, 308):
            for host, part in (("arm", "/extensions"), ("login", "/token")):
                with self.subTest(status=status, host=host):
                    self.check(host, part, lambda world: Reply(status, b"", headers=[
                        ("Location", world.trap.url + "/x")]))

    def test_addresses_of_operations(self):
        with arm_server.World("arc") as names:
            forms = ["{trap}/x?api-version=1", "//{host}/x", "{arm}@{host}/x", "http://{armhost}/x",
                     "{arm}.example.com/x", "https:\\\\{host}/x"]
            self.assertTrue(names.url)
        for form in forms:
            with self.subTest(form):
                self.check("arm", "/extensions/flux", lambda world: Reply(202, b"{}", headers=[(
                    "Azure-AsyncOperation", form.format(trap=world.trap.url, host=world.trap.host, arm=world.url,
                                                        armhost=world.arm.host))]),
                           ["extension", "delete", *PLACE, "-n", "flux", "--yes"])

    def test_location_alone(self):
        self.check("arm", "/extensions/flux", lambda world: Reply(204, b"", headers=[
            ("Location", world.trap.url + "/x")]), ["extension", "delete", *PLACE, "-n", "flux", "--yes"], 0)

    def test_challenge_points_elsewhere(self):
        self.check("arm", "/extensions", lambda world: Reply(401, b"{}", headers=[
            ("WWW-Authenticate", 'Bearer authorization_uri="%s/common", error="invalid_token"' % world.trap.url)]))


class Secrets(unittest.TestCase):
    def started(self, folder):
        world = self.enterContext(arm_server.World("arc", [LONG]))
        child = self.enterContext(support.start(world, folder, CREATE + ["--v=9"]))
        self.addCleanup(child.kill)
        read_resume(child)
        return world, child

    def test_no_core_file(self):
        with tempfile.TemporaryDirectory(prefix="flux-arc-arm-") as folder:
            world, child = self.started(folder)
            with open("/proc/%d/limits" % child.pid, encoding="ascii") as file:
                limit = next(line for line in file if line.startswith("Max core file size")).split()[4]
            self.assertIn(limit, ("0", "1"))
            child.send_signal(signal.SIGQUIT)
            child.communicate(timeout=support.LIMIT)
            for parent, _, names in os.walk(folder):
                for name in names:
                    with open(os.path.join(parent, name), "rb") as file:
                        self.assertEqual(arm_server.leaks(file.read()), [], name)
            self.assertEqual([name for name in os.listdir(folder) if name.startswith("core")], [])
            self.assertEqual(world.finish(), [])

    def test_arguments_of_the_process(self):
        with tempfile.TemporaryDirectory(prefix="flux-arc-arm-") as folder:
            _, child = self.started(folder)
            with open("/proc/%d/cmdline" % child.pid, "rb") as file:
                self.assertEqual(arm_server.leaks(file.read()), [])


if __name__ == "__main__":
    support.take_binary()
    unittest.main()
