#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fetching from and pushing to real Git servers.

    run.py --probe FILE --binary FILE [NAME…]     scenarios with NAME in their name; all without
"""
import argparse
import concurrent.futures
import os
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import extracting  # noqa: E402,F401
import fetching  # noqa: E402,F401
import http_failures  # noqa: E402,F401
import hostile  # noqa: E402,F401
import pushing  # noqa: E402,F401
import pushing_bundles  # noqa: E402,F401
import ssh_failures  # noqa: E402,F401
from world import SCENARIOS, World  # noqa: E402


def judge(function, world):
    """What went wrong, '' if nothing did; and how long it took."""
    began = time.monotonic()
    try:
        function(world)
        failure = ""
    except AssertionError as error:
        failure = "%s\n%s" % (error, traceback.format_exc(limit=-1))
    except Exception:  # pylint: disable=broad-except
        failure = traceback.format_exc()
    return failure, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probe", required=True)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--times", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    chosen = [function for function in SCENARIOS
              if not options.names or any(name in function.__module__ + "." + function.__name__
                                          for name in options.names)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="flux-arc-git-") as folder, \
            concurrent.futures.ThreadPoolExecutor(4) as pool:
        world = World(folder, os.path.abspath(options.probe), os.path.abspath(options.binary))
        try:
            for function, future in [(one, pool.submit(judge, one, world)) for one in chosen]:
                failure, seconds = future.result()
                failed += bool(failure)
                if failure:
                    print("%s: %s" % (function.__name__, failure))
                if options.times:
                    print("%5.2f s %s" % (seconds, function.__name__))
        finally:
            world.close()
    print("%d passed, %d failed" % (len(chosen) - failed, failed))
    return 1 if failed or not chosen else 0


sys.exit(main())
