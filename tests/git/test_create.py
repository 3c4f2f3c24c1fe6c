#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`bundle create` against real Git servers, with a cluster of objects that a test writes down.

    test_create.py --binary FILE [NAME…]     scenarios with NAME in their name; all without
"""
import argparse
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import create_artifacts  # noqa: E402,F401
import create_charts  # noqa: E402,F401
import create_deltas  # noqa: E402,F401
import create_git  # noqa: E402,F401
import create_merge  # noqa: E402,F401
import create_tip  # noqa: E402,F401
import create_verify  # noqa: E402,F401
from running import choose, run_all  # noqa: E402
from create_world import CREATE, CreateWorld  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--times", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flux-arc-create-") as folder:
        world = CreateWorld(folder, os.path.abspath(options.binary))
        return run_all(choose(CREATE, options.names), world, 3, options.times)


sys.exit(main())
