# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder share: the program against a world, and Microsoft's SDK against the same."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import arm_fixtures as fixtures  # noqa: E402,F401
import arm_server  # noqa: E402

PROGRAM = os.environ.get("FLUX_ARC_BINARY") or os.path.join(HERE, "..", "..", "build", "dev", "plugin", "kubectl-flux-arc")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "flux-arc")
LIMIT = 120  # seconds for anything
PACKAGES = ("azure-mgmt-kubernetesconfiguration-extensions", "azure-mgmt-kubernetesconfiguration-fluxconfigurations",
            "azure-identity")
PLACE = ["-g", "flux-demo-rg", "-c", "flux-demo-arc", "-t", "connectedClusters"]
AKS_PLACE = ["-g", "flux-demo-rg", "-c", "flux-demo-aks", "-t", "managedClusters"]


def take_binary():
    """`--binary PROGRAM` out of the arguments, before unittest sees them."""
    global PROGRAM
    if "--binary" in sys.argv:
        at = sys.argv.index("--binary")
        PROGRAM = sys.argv[at + 1]
        del sys.argv[at:at + 2]


def environment(world, folder, **more):
    return {"PATH": os.environ["PATH"], "HOME": folder, "KUBECONFIG": os.devnull, "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "ASAN_OPTIONS": "exitcode=99:detect_leaks=1:disable_coredump=0", **world.environment(), **more}


def start(world, folder, words, **more):
    env = environment(world, folder, **more)
    return subprocess.Popen([os.path.abspath(PROGRAM), *words], env=env, cwd=folder, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(world, words, **more):
    """(exit status, stdout, stderr)"""
    with tempfile.TemporaryDirectory(prefix="flux-arc-arm-") as folder, start(world, folder, words, **more) as child:
        out, err = child.communicate(timeout=LIMIT)
        return child.returncode, out, err


def sdk_python():
    """The interpreter of a virtual environment with Microsoft's packages; None if they cannot be had."""
    python = os.path.join(CACHE, "sdk", "bin", "python")
    marker = os.path.join(CACHE, "sdk", "complete")
    if os.path.exists(marker):
        return python
    try:
        os.makedirs(CACHE, exist_ok=True)
        for command in ([sys.executable, "-m", "venv", os.path.join(CACHE, "sdk")],
                        [python, "-m", "pip", "-q", "install", "--disable-pip-version-check", *PACKAGES]):
            subprocess.run(command, check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError):
        return None
    with open(marker, "w", encoding="utf-8"):
        pass
    return python


def sdk(python, world, steps, how="secret", **more):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "REQUESTS_CA_BUNDLE": world.pki.pki.path("ca.crt"),
           "LOOPBACK_ARM": world.url, "LOOPBACK_LOGIN": world.login_url,
           "LOOPBACK_CERTIFICATE": os.path.join(world.pki.folder, "sp.pem"),
           "LOOPBACK_ASSERTION": os.path.join(world.pki.folder, "federated-token"), **world.environment(), **more}
    done = subprocess.run([python, os.path.join(HERE, "sdk_client.py"), how], input=json.dumps(steps), env=env,
                          capture_output=True, text=True, timeout=LIMIT, check=False)
    if done.returncode:
        raise AssertionError("the SDK failed:\n" + done.stderr[-3000:])
    return json.loads(done.stdout)


def writes(world):
    """(method, path without query, body) of what was written."""
    return [(method, target.partition("?")[0], json.loads(body) if body else None)
            for method, target, body in world.requests if method != "GET"]
