# SPDX-License-Identifier: Apache-2.0
"""Runs scenarios side by side and tells what became of each."""
import concurrent.futures
import time
import traceback


def judge(function, world):
    """What went wrong, '' if nothing did; what it says of itself; and how long it took."""
    began = time.monotonic()
    failure = said = ""
    try:
        said = function(world)
    except AssertionError as error:
        failure = "%s\n%s" % (error, traceback.format_exc(limit=-1))
    except Exception:  # pylint: disable=broad-except
        failure = traceback.format_exc()
    return failure, said, time.monotonic() - began


def choose(scenarios, names):
    """Those with one of the names in theirs; all without names."""
    return [one for one in scenarios
            if not names or any(name in one.__module__ + "." + one.__name__ for name in names)]


def run_all(chosen, world, workers, times):
    """The exit status; the world is closed at the end. No scenario at all is a failure."""
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        try:
            for function, future in [(one, pool.submit(judge, one, world)) for one in chosen]:
                failure, said, seconds = future.result()
                failed += bool(failure)
                if failure:
                    print("%s: %s" % (function.__name__, failure))
                elif said:
                    print("%s: %s" % (function.__name__, said))
                if times:
                    print("%5.2f s %s" % (seconds, function.__name__))
        finally:
            world.close()
    print("%d passed, %d failed" % (len(chosen) - failed, failed))
    return 1 if failed or not chosen else 0
