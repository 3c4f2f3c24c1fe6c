# SPDX-License-Identifier: Apache-2.0
"""`extension show`, sign-in included, against the loopback ARM; and the start-up of az, which is what `az group list` takes to
say that nobody is signed in. az is taken from FLUX_ARC_AZ, or from a virtual environment in the user's cache folder, which
is made once (it is large).

It runs with the test CA alone, and once more with the system's certificates in the same file, since on a real cloud those are
read, too, and cost more than all else.
"""
import os
import subprocess
import sys
import tempfile

import measure

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "arm"))

import arm_server  # noqa: E402

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "flux-arc", "azure-cli")
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
SHOW = ["extension", "show", "-g", "flux-demo-rg", "-c", "flux-demo-arc", "-t", "connectedClusters", "-n", "flux"]
ROUNDS = 11


def find_az():
    """The az program; None if it cannot be had."""
    az, marker = os.path.join(CACHE, "bin", "az"), os.path.join(CACHE, "complete")
    if os.environ.get("FLUX_ARC_AZ"):
        return os.environ["FLUX_ARC_AZ"]
    if os.path.exists(marker):
        return az
    try:
        subprocess.run([sys.executable, "-m", "venv", CACHE], check=True, stdout=sys.stderr)
        subprocess.run([os.path.join(CACHE, "bin", "pip"), "-q", "install", "--disable-pip-version-check", "azure-cli"],
                       check=True, stdout=sys.stderr)
    except (OSError, subprocess.SubprocessError) as error:
        print("# az cannot be had: %s" % error, flush=True)
        return None
    with open(marker, "w", encoding="utf-8"):
        pass
    return az


def write_certificates(path, world):
    with open(path, "w", encoding="utf-8") as out:
        for bundle in [name for name in BUNDLES if os.path.exists(name)][:1] + [world.pki.pki.path("ca.crt")]:
            with open(bundle, encoding="utf-8") as file:
                out.write(file.read())


def main(promises):
    measure.print_floor()
    az = find_az()
    with tempfile.TemporaryDirectory() as folder, arm_server.World("arc+extension") as world:
        certificates = os.path.join(folder, "certificates.pem")
        write_certificates(certificates, world)
        os.environ.update(world.environment(), KUBECONFIG=os.devnull, HOME=folder,
                          AZURE_CONFIG_DIR=os.path.join(folder, "azure"), AZURE_CORE_COLLECT_TELEMETRY="false")
        ours = [measure.OURS] + SHOW
        contenders = {"extension show": ours, "with the system's CAs": ["env", "SSL_CERT_FILE=" + certificates] + ours}
        if az:
            # It ends with 1, as it should.
            contenders["az group list"] = ["sh", "-c", '"$0" group list; test $? = 1', az]
        contest = measure.Contest("extension show, sign-in included", contenders, ROUNDS)
        if az:
            promises.at_least("extension show, times as fast as az takes to start", contest.ratio(
                "az group list", "extension show"), 40)
            promises.at_least("with the system's CAs, times as fast", contest.ratio(
                "az group list", "with the system's CAs"), 40)
        for name in ("extension show", "with the system's CAs"):
            promises.at_most("%s, peak memory" % name, max(cost.peak for cost in contest.costs[name]), 16, " MiB")
        if world.finish():
            raise measure.BenchError("\n".join(world.finish()))


if __name__ == "__main__":
    sys.exit(measure.Promises().run(main))
