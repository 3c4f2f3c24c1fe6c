# SPDX-License-Identifier: Apache-2.0
"""What the program does as a process: signals, closed and full outputs, the line that says what is waited for, installation.

    python3 tests/cli/process.py PROGRAM
"""
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
LIMIT = 30  # seconds anything may take on a busy machine
QUIET = {"PATH": os.environ["PATH"], "KUBECONFIG": "/dev/null"}


def start(words, **more):
    more.setdefault("stdin", subprocess.DEVNULL)
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([PROGRAM, *words], env=QUIET, **more)


def silent_server():
    """A server that takes connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(LIMIT)
    return listener


def ask(listener):
    return ["version", "-s", f"http://127.0.0.1:{listener.getsockname()[1]}"]


def read_until(descriptor, wanted):
    """What a terminal shows, up to the text wanted or its end."""
    seen = b""
    end = time.monotonic() + LIMIT
    while wanted not in seen:
        ready, _, _ = select.select([descriptor], [], [], max(0, end - time.monotonic()))
        if not ready:
            raise AssertionError(f"{wanted!r} was not shown, only {seen!r}")
        try:
            data = os.read(descriptor, 4096)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        seen += data
    return seen


class Process(unittest.TestCase):
    def test_closed_pipe_is_silent(self):
        reader, writer = os.pipe()
        os.close(reader)
        with start(["help", "options"], stdout=writer) as child:
            os.close(writer)
            self.assertEqual(child.communicate(timeout=LIMIT)[1], b"")
            self.assertEqual(child.returncode, -signal.SIGPIPE)

    def test_closed_pipe_is_silent_though_the_signal_was_ignored(self):
        reader, writer = os.pipe()
        os.close(reader)
        before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        try:
            child = start(["help", "options"], stdout=writer, restore_signals=False)
        finally:
            signal.signal(signal.SIGPIPE, before)
        with child:
            os.close(writer)
            self.assertEqual(child.communicate(timeout=LIMIT)[1], b"")
            self.assertEqual(child.returncode, -signal.SIGPIPE)

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_full_disk(self):
        with open("/dev/full", "wb") as full, start(["help"], stdout=full) as child:
            self.assertEqual(child.communicate(timeout=LIMIT)[1], b"error: write: no space left on device\n")
            self.assertEqual(child.returncode, 1)

    def test_closed_output(self):
        script = f'exec "{PROGRAM}" help >&-'
        done = subprocess.run(["sh", "-c", script], env=QUIET, stderr=subprocess.PIPE, timeout=LIMIT, check=False)
        self.assertEqual(done.stderr, b"error: write: bad file descriptor\n")
        self.assertEqual(done.returncode, 1)

    def test_interrupt_ends_it_as_the_signal(self):
        with silent_server() as listener, start(ask(listener)) as child:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(LIMIT)
                connection.recv(4096)  # the request: it waits for the reply now
                child.send_signal(signal.SIGINT)
                out, err = child.communicate(timeout=LIMIT)
        self.assertEqual(err, b"")
        self.assertIn(b"Client Version", out)
        self.assertEqual(child.returncode, -signal.SIGINT)

    def test_progress_is_shown_and_erased(self):
        terminal, other = pty.openpty()
        with silent_server() as listener, start(ask(listener), stderr=other) as child:
            os.close(other)
            connection, _ = listener.accept()
            with connection:
                shown = read_until(terminal, b"waiting 1s for ")
                child.send_signal(signal.SIGINT)
                shown += read_until(terminal, b"(never shown: reads to the end)")
                child.communicate(timeout=LIMIT)
        os.close(terminal)
        self.assertIn(b"waiting 1s for the version of http://127.0.0.1:", shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)

    def test_nothing_typed_shows_what_there_is(self):
        with start([]) as child:
            out, err = child.communicate(timeout=LIMIT)
        self.assertIn(b"\nCommands:\n", out)
        self.assertEqual((err, child.returncode), (b"", 0))

    def test_link_for_completion(self):
        folder = os.path.dirname(PROGRAM)
        link = os.path.join(folder, f"kubectl_complete-flux_arc.{os.getpid()}")
        os.symlink(PROGRAM, link)
        try:
            done = subprocess.run([link, "vers"], env=QUIET, stdout=subprocess.PIPE, timeout=LIMIT, check=True)
        finally:
            os.unlink(link)
        self.assertTrue(done.stdout.startswith(b"version\t"), done.stdout)
        self.assertTrue(done.stdout.endswith(b"\n:4\n"), done.stdout)


if __name__ == "__main__":
    unittest.main()
