#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fetching from and pushing to real Git servers.

    run.py --probe FILE --binary FILE [NAME…]     scenarios with NAME in their name; all without
"""
import argparse
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import extracting  # noqa: E402,F401
import fetching  # noqa: E402,F401
import http_failures  # noqa: E402,F401
import hostile  # noqa: E402,F401
import pushing  # noqa: E402,F401
import pushing_bundles  # noqa: E402,F401
import ssh_failures  # noqa: E402,F401
from running import choose, run_all  # noqa: E402
from world import SCENARIOS, World  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probe", required=True)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--times", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flux-arc-git-") as folder:
        world = World(folder, os.path.abspath(options.probe), os.path.abspath(options.binary))
        return run_all(choose(SCENARIOS, options.names), world, 4, options.times)


sys.exit(main())
