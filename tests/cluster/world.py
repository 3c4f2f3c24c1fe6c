# SPDX-License-Identifier: Apache-2.0
"""What tests on the real cluster share: kubectl, waiting, faults that heal."""

import contextlib
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = os.environ.get("FLUX_ARC_CLUSTER", "main")
OLD = os.environ.get("FLUX_ARC_KUBECONFIG_21", "")


def need_cluster():
    """Ends the test program, with a word, where no cluster was started for it."""
    if not os.environ.get("FLUX_ARC_KUBECTL") or not os.environ.get("KUBECONFIG"):
        print('skipped: no test cluster; eval "$(./dev cluster up)" first')
        sys.exit(77)


def kubectl(*words, kubeconfig=None, check=True, stdin=None):
    """kubectl's standard output; of a failure that is not checked, its standard error."""
    command = [os.environ["FLUX_ARC_KUBECTL"], *words]
    if kubeconfig:
        command += ["--kubeconfig", kubeconfig]
    done = subprocess.run(command, text=True, input=stdin, capture_output=True, check=False)
    if done.returncode and check:
        raise AssertionError(f"kubectl {' '.join(words)}: {done.stderr}")
    return done.stderr if done.returncode else done.stdout


def get(*words, **more):
    return json.loads(kubectl("get", *words, "-o", "json", **more))


def cluster(*words):
    """Runs the cluster script on the cluster of this test."""
    done = subprocess.run([os.path.join(HERE, "cluster"), *words, "--name", NAME], text=True,
                          capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"cluster {' '.join(words)}: {done.stderr}")
    return done.stdout


def condition(obj, kind="Ready"):
    for each in obj.get("status", {}).get("conditions", []):
        if each["type"] == kind:
            return each
    return {}


def until(question, seconds=30):
    """Polls until question() is true, and returns its answer."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(0.2)


def patch(kind, name, spec, namespace="cluster-config"):
    kubectl("-n", namespace, "patch", kind, name, "--type=merge", "-p", json.dumps({"spec": spec}))


def reconcile(kind, name, namespace="cluster-config"):
    """Asks a controller to look again, as `flux reconcile` does."""
    kubectl("-n", namespace, "annotate", "--overwrite", kind, name,
            f"reconcile.fluxcd.io/requestedAt={time.time()}")


def scale(name, replicas, namespace="flux-system"):
    kubectl("-n", namespace, "scale", "deployment", name, f"--replicas={replicas}")


@contextlib.contextmanager
def healed():
    """What is done to the world inside is undone at the end."""
    try:
        yield
    finally:
        cluster("heal")
