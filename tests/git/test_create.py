#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`bundle create` against real Git servers, with a cluster of objects that a test writes down.

    test_create.py --binary FILE [NAME…]     scenarios with NAME in their name; all without
"""
import argparse
import concurrent.futures
import os
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import create_artifacts  # noqa: E402,F401
import create_charts  # noqa: E402,F401
import create_deltas  # noqa: E402,F401
import create_git  # noqa: E402,F401
import create_merge  # noqa: E402,F401
import create_verify  # noqa: E402,F401
from create_world import CREATE, CreateWorld  # noqa: E402


def judge(function, world):
    began = time.monotonic()
    try:
        function(world)
        failure = ""
    except Exception:  # pylint: disable=broad-except
        failure = traceback.format_exc()
    return failure, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--times", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    chosen = [one for one in CREATE if not options.names or any(name in one.__name__ for name in options.names)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="flux-arc-create-") as folder, \
            concurrent.futures.ThreadPoolExecutor(3) as pool:
        world = CreateWorld(folder, os.path.abspath(options.binary))
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
