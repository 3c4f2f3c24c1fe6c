# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments. KILL_ROUNDS in the environment says how often; each scenario has a smaller number for every day."""
import os
import random
import subprocess
import time


def rounds(usual):
    return int(os.environ.get("KILL_ROUNDS") or usual)


class Killer:
    """Kills runs of one command, somewhere in the time that a whole run takes, and counts those that had not ended."""

    def __init__(self, words, env, folder=None):
        self.words, self.env, self.folder = words, env, folder
        self.seconds, self.hits, self.tries = 0, 0, 0

    def start(self):
        return subprocess.Popen(self.words, env=self.env, cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def whole(self):
        began = time.monotonic()
        status = self.start().wait(120)
        self.seconds = time.monotonic() - began
        assert status == 0, "exit status %d" % status

    def kill(self):
        began = time.monotonic()
        process = self.start()
        try:
            process.wait(random.uniform(0.005, self.seconds))
            self.seconds = min(self.seconds, time.monotonic() - began)
        except subprocess.TimeoutExpired:
            process.kill()
        self.tries += 1
        self.hits += process.wait() < 0

    def said(self):
        assert self.hits > self.tries // 4, "only %d of %d runs were killed in time" % (self.hits, self.tries)
        return "%d of %d runs killed in time" % (self.hits, self.tries)
