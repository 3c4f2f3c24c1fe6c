# SPDX-License-Identifier: Apache-2.0
"""A folder of a check's own, and the program run in it."""
import os
import shutil
import resource
import subprocess
import time


class Skipped(Exception):
    """Something that this check needs is not here."""


def need(*programs):
    for name in programs:
        if not shutil.which(name):
            raise Skipped("%s is not installed" % name)


class World:
    def __init__(self, binary, folder):
        self.binary = os.path.abspath(binary)
        self.folder = folder
        self.env = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8"}

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def run(self, *words, status=0):
        """What the program printed, once it ended with this status."""
        done = subprocess.run([self.binary, *words], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text = done.stdout.decode() + done.stderr.decode()
        assert done.returncode == status, "%s: status %d, wanted %d\n%s" % (
            " ".join(words), done.returncode, status, text)
        return text

    def timed(self, *words):
        """Seconds that it took."""
        start = time.monotonic()
        self.run(*words)
        return time.monotonic() - start

    def processor_time(self, *words):
        """Seconds of processor time: what a busy machine leaves nearly as it is."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.run(*words)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def killed_after(self, seconds, *words):
        """Start the program and kill it; true if it had not ended by itself."""
        process = subprocess.Popen([self.binary, *words], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        return process.wait() < 0

    def shell(self, script):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.folder, env=self.env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = done.stdout.decode("utf-8", "backslashreplace")
        assert done.returncode == 0, "%s\nstatus %d\n%s" % (script, done.returncode, text)
        return text

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()
