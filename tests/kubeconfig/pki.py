# SPDX-License-Identifier: Apache-2.0
"""Certificates for the mock server, made by openssl when the tests start."""
import base64
import os
import subprocess


def openssl(folder, *args):
    subprocess.run(("openssl",) + args, cwd=folder, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def make_key(folder, name):
    openssl(folder, "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", name)


def make_ca(folder, name):
    make_key(folder, name + ".key")
    openssl(folder, "req", "-x509", "-new", "-key", name + ".key", "-subj", "/CN=" + name, "-days", "2",
            "-addext", "basicConstraints=critical,CA:TRUE", "-out", name + ".crt")


def sign(folder, name, subject, names=None):
    make_key(folder, name + ".key")
    openssl(folder, "req", "-new", "-key", name + ".key", "-subj", subject, "-out", name + ".csr")
    extensions = ["-extfile", name + ".ext"] if names else []
    if names:
        with open(os.path.join(folder, name + ".ext"), "w") as file:
            file.write("subjectAltName=" + names + "\n")
    openssl(folder, "x509", "-req", "-in", name + ".csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-days", "2",
            "-CAcreateserial", "-out", name + ".crt", *extensions)


class Pki:
    """ca.crt signed server.crt and client.crt (CN=alice); other.key and wrong-ca.crt belong to nothing."""

    def __init__(self, folder):
        self.folder = folder
        make_ca(folder, "ca")
        make_ca(folder, "wrong-ca")
        sign(folder, "server", "/CN=mock",
             "DNS:localhost,DNS:mock.example.com,IP:127.0.0.1,IP:::1")
        sign(folder, "client", "/CN=alice")
        make_key(folder, "other.key")

    def path(self, name):
        return os.path.join(self.folder, name)

    def text(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def data(self, name):
        return base64.b64encode(self.text(name).encode()).decode()
