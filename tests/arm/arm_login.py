# SPDX-License-Identifier: Apache-2.0
"""Sign-in on loopback: tokens for a secret, for a certificate (verified with openssl), for a token of somebody else's, for
a device code, and for machines (IMDS, App Service, Arc). Tokens are JWTs with a signature that is none.

Whatever is secret has PLANTED in it, so that a look for that word finds what leaked.
"""
import base64
import hashlib
import json
import os
import re
import subprocess
import tempfile
import time
import urllib.parse

from arm_fixtures import CLIENT, OBJECT, TENANT
from recording import Reply, to_json

MARK = "PLANTED"
SECRET = "PLANTED-client-secret~1"
PASSWORD = "PLANTED-pfx-password"
IDENTITY_HEADER = "PLANTED-identity-header"
LIFE = 3599
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwt(claims, mark):
    return ".".join((b64url(to_json({"typ": "JWT", "alg": "RS256", "kid": "loopback"})), b64url(to_json(claims)),
                     b64url(("%s-%s" % (MARK, mark)).encode()) + MARK))


def federated_token():
    """What a workload is given by its own issuer."""
    return jwt({"iss": "https://issuer.example.com/", "sub": "system:serviceaccount:default:deployer",
                "aud": "api://AzureADTokenExchange", "exp": 4102444800}, "federated")


def refusal(status, error, text, code, **more):
    return Reply(status, to_json({
        "error": error, "error_description": "AADSTS%d: %s Trace ID: 00000000-0000-4000-8000-0000000000aa" % (code, text),
        "error_codes": [code], "timestamp": "2026-11-24 07:00:00Z", "trace_id": "00000000-0000-4000-8000-0000000000aa",
        "correlation_id": "00000000-0000-4000-8000-0000000000bb", **more}))


class Refused(Exception):
    def __init__(self, reply):
        super().__init__("refused")
        self.reply = reply


class Login:
    """`world` has url, login_url, audience, clock(), pki and settings {name: value} of the faults."""

    def __init__(self, world):
        self.world, self.issued, self.asked, self.jti = world, {}, [], set()
        self.pending = int(world.settings.get("device-pending", 1))

    # ---- tokens

    def issue(self, audience, how, claims=False):
        world, now = self.world, self.world.clock()
        life = int(world.settings.get("token-life", LIFE))
        number = len(self.issued) + 1
        token = jwt({"aud": audience, "iss": "%s/%s/" % (world.login_url, TENANT), "iat": now, "nbf": now,
                     "exp": now + life, "tid": TENANT, "oid": OBJECT, "appid": CLIENT, "idtyp": "app",
                     "app_displayname": "flux-arc-test", "ver": "1.0", "jti": str(number)}, "token-%d" % number)
        self.issued[token] = {"exp": now + life, "aud": audience, "claims": claims, "how": how}
        return token, life

    def grant(self, audience, how, claims=False):
        token, life = self.issue(audience, how, claims)
        return Reply(200, to_json({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life,
                                   "access_token": token}))

    def check(self, authorization):
        """None, or why a request with this header is refused: (code, message)."""
        kind, _, token = authorization.partition(" ")
        if not authorization:
            return "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
        found = self.issued.get(token)
        if kind != "Bearer" or not found:
            return "InvalidAuthenticationToken", "The access token is invalid."
        if found["exp"] <= self.world.clock():
            return "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."
        if found["aud"].rstrip("/") != self.world.audience.rstrip("/"):
            return "InvalidAuthenticationTokenAudience", "The access token has been obtained for wrong audience or " \
                "resource '%s'." % found["aud"]
        return None

    # ---- the authority

    def answer(self, method, target, headers, body):
        path, _, query = target.partition("?")
        form = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if path.endswith("/.well-known/openid-configuration"):
            return self.metadata(path.strip("/").split("/")[0])
        if path in ("/oidc/github", "/oidc/pipelines"):
            return self.pipeline(path, method, headers)
        found = re.fullmatch(r"/([^/]+)/oauth2/v2\.0/(token|devicecode)", path)
        if not found or method != "POST" or query:
            self.world.complain("unexpected request to the authority: %s %s" % (method, target))
            return refusal(400, "invalid_request", "no such endpoint", 900144)
        tenant, what = found.groups()
        self.asked.append((what, form.get("grant_type", ""), sorted(form)))
        if tenant not in (TENANT, "organizations", "common"):
            return refusal(400, "invalid_request", "Tenant '%s' not found. Check to make sure you have the correct tenant "
                           "ID." % tenant, 90002)
        if "aad" in self.world.settings:
            code, _, text = self.world.settings["aad"].partition(" ")
            return refusal(401, "invalid_client", text, int(code))
        try:
            return self.device(form) if what == "devicecode" else self.token(form, target)
        except Refused as refused:
            return refused.reply

    def metadata(self, tenant):
        url = "%s/%s" % (self.world.login_url, tenant)
        return Reply(200, to_json({
            "issuer": "%s/v2.0" % url, "token_endpoint": url + "/oauth2/v2.0/token",
            "authorization_endpoint": url + "/oauth2/v2.0/authorize",
            "device_authorization_endpoint": url + "/oauth2/v2.0/devicecode"}))

    def token(self, form, path):
        kind = form.get("grant_type")
        if kind == DEVICE:
            return self.device_token(form)
        if kind != "client_credentials":
            return refusal(400, "unsupported_grant_type", "The grant type '%s' is not supported." % kind, 70003)
        if form.get("client_id") != CLIENT:
            return refusal(400, "unauthorized_client", "Application with identifier '%s' was not found in the directory."
                           % form.get("client_id"), 700016)
        audience = form.get("scope", "")
        if not audience.endswith("/.default"):
            return refusal(400, "invalid_scope", "The scope '%s' is not valid." % audience, 70011)
        if "client_assertion" in form:
            how = self.assertion(form, path)
        elif form.get("client_secret") == SECRET:
            how = "secret"
        else:
            return refusal(401, "invalid_client", "Invalid client secret provided. Ensure the secret being sent in the "
                           "request is the client secret value, not the client secret ID.", 7000215)
        return self.grant(audience[:-len("/.default")], how, "claims" in form)

    def assertion(self, form, path):
        """How an assertion proves who asks; raises Refused with the reason."""
        def refuse(reason, code=700027):
            raise Refused(refusal(401, "invalid_client", "The certificate with identifier used to sign the client "
                                  "assertion is not registered on application, or: %s" % reason, code))
        text = form["client_assertion"]
        if form.get("client_assertion_type") != ASSERTION:
            refuse("client_assertion_type is '%s'" % form.get("client_assertion_type"))
        if text == federated_token():
            return "federated"
        try:
            head, claims, signature = text.split(".")
            header, body = json.loads(from_b64url(head)), json.loads(from_b64url(claims))
        except ValueError:
            refuse("it is no JWT", 50027)
        reason = self.world.pki.check_header(header) or self.check_claims(body, path) or \
            self.world.pki.check_signature(header, head + "." + claims, from_b64url(signature))
        if reason and reason.startswith("it is not valid now"):
            raise Refused(refusal(401, "invalid_client", "Client assertion is not within its valid time range. (%s)" % reason,
                                  700024))
        if reason:
            refuse(reason)
        return "certificate"

    def check_claims(self, claims, path):
        now = self.world.clock()
        if claims.get("aud") != self.world.login_url + path:
            return "its audience is '%s'" % claims.get("aud")
        if claims.get("iss") != CLIENT or claims.get("sub") != CLIENT:
            return "issuer and subject are not the client"
        if not claims.get("jti") or claims["jti"] in self.jti:
            return "jti is missing, or was there before"
        self.jti.add(claims["jti"])
        if not (claims.get("nbf", 0) <= now + 300 and now < claims.get("exp", 0) <= now + 3900):
            return "it is not valid now: nbf %s, exp %s" % (claims.get("nbf"), claims.get("exp"))
        return None

    # ---- device code

    def device(self, form):
        if not form.get("client_id") or not form.get("scope"):
            return refusal(400, "invalid_request", "The request body must contain client_id and scope.", 900144)
        self.device_scope = form["scope"].split()[0]
        return Reply(200, to_json({
            "user_code": "FLUXARC1", "device_code": MARK + "-device-code", "expires_in": 900, "interval": 1,
            "verification_uri": "https://microsoft.com/devicelogin",
            "message": "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the "
                       "code FLUXARC1 to authenticate."}))

    def device_token(self, form):
        if form.get("device_code") != MARK + "-device-code":
            return refusal(400, "bad_verification_code", "The device code is not known.", 50173)
        if self.pending > 0:
            self.pending -= 1
            return refusal(400, "authorization_pending", "OAuth 2.0 device flow error. Authorization is pending.", 70016)
        return self.grant(self.device_scope[:-len("/.default")], "device")

    # ---- pipelines and machines

    def pipeline(self, path, method, headers):
        wanted = {"/oidc/github": ("GET", "value"), "/oidc/pipelines": ("POST", "oidcToken")}[path]
        if method != wanted[0] or headers.get("authorization", "").lower() != ("bearer %s-pipeline" % MARK).lower():
            return Reply(401, to_json({"message": "who are you?"}))
        return Reply(200, to_json({wanted[1]: federated_token()}))

    def machine(self, method, target, headers, body):
        """The services of a machine, over plain http on this machine alone."""
        path, _, query = target.partition("?")
        form = dict(urllib.parse.parse_qsl(query))
        settings = self.world.settings
        if "no-machine" in settings:
            return Reply(400, to_json({"error": "invalid_request", "error_description": "Identity not found"}))
        if path == "/msi/token":
            allowed = headers.get("x-identity-header") == IDENTITY_HEADER and form.get("api-version") == "2019-08-01"
        elif path == "/metadata/identity/oauth2/token":
            allowed = headers.get("metadata") == "true" and form.get("api-version") == "2018-02-01"
        else:
            self.world.complain("unexpected request to the machine's identity: %s %s" % (method, target))
            return Reply(404, b"")
        if not allowed:
            return Reply(400, to_json({"error": "invalid_request", "error_description": "Required metadata header not "
                                       "specified"}))
        token, life = self.issue(form.get("resource", ""), "machine")
        return Reply(200, to_json({"access_token": token, "expires_on": str(self.world.clock() + life), "token_type":
                                   "Bearer", "resource": form.get("resource"), "client_id": CLIENT}))


# ---- a certificate's assertion, verified with openssl

def thumbprint(path, kind):
    der = subprocess.run(["openssl", "x509", "-in", path, "-outform", "DER"], check=True, capture_output=True).stdout
    return hashlib.new(kind, der).digest()


def make_principal(folder):
    """sp.pem (key and certificate), sp.pfx with the planted password, sp-public.pem."""
    def run(*words):
        subprocess.run(("openssl",) + words, cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "sp.key", "-out", "sp.crt", "-days", "2", "-subj",
        "/CN=flux-arc-test")
    run("pkcs12", "-export", "-inkey", "sp.key", "-in", "sp.crt", "-out", "sp.pfx", "-passout", "pass:" + PASSWORD)
    run("x509", "-in", "sp.crt", "-pubkey", "-noout", "-out", "sp-public.pem")
    with open(os.path.join(folder, "sp.pem"), "w", encoding="utf-8") as out:
        for name in ("sp.key", "sp.crt"):
            with open(os.path.join(folder, name), encoding="utf-8") as part:
                out.write(part.read())
    with open(os.path.join(folder, "federated-token"), "w", encoding="utf-8") as out:
        out.write(federated_token() + "\n")


def check_header(folder, header):
    path = os.path.join(folder, "sp.crt")
    wanted = {"x5t": ("sha1", "RS256"), "x5t#S256": ("sha256", "PS256")}
    for name, (kind, algorithm) in wanted.items():
        if name in header:
            # Microsoft's own libraries pad it.
            if header[name].rstrip("=") != b64url(thumbprint(path, kind)):
                return "%s names another certificate" % name
            return None if header.get("alg") == algorithm else "%s with %s" % (name, header.get("alg"))
    return "it names no certificate"


def check_signature(folder, header, text, signature):
    options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"] if header["alg"] == "PS256" else []
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", os.path.join(folder, "sp-public.pem"), *options,
                               "-signature", file.name], input=text.encode(), capture_output=True, check=False)
    return None if done.returncode == 0 else "the signature is not of the certificate's key"


def now():
    return int(time.time())
