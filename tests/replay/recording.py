# SPDX-License-Identifier: Apache-2.0
"""A recorded cluster as a function from requests to replies.

    recording = Recording.load("helmrepository-index-404")
    reply = recording.answer("GET", "/apis/apps/v1/namespaces/web/deployments?limit=5", {}, b"")

What a fault recording lacks is answered from `healthy`, as the recordings' README asks. Nothing is written to disk.
"""
import base64
import calendar
import functools
import json
import os
import re
import tarfile
import time
import urllib.parse

import kube_selectors as selectors

ARCHIVE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "recordings.tar.xz")
HEALTHY = "healthy"
# Where the moment is not the rule's (newest moment found and a little, see Recording.now).
NOWS = {HEALTHY: "2026-11-24T07:13:30Z"}
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
MOMENT = re.compile(rb'"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z"')
LOG_PATH = re.compile(r"^/api/v1/namespaces/[^/]+/pods/(?P<pod>[^/]+)/log$")


class Reply:
    """Status, type, body and further headers of one answer."""

    def __init__(self, status, body, content_type="application/json", headers=()):
        self.status = status
        self.body = body if isinstance(body, bytes) else body.encode()
        self.content_type = content_type
        self.headers = list(headers)


def to_json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def status_reply(code, reason, message, details=None):
    """A Status object, as the API server words its refusals."""
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": reason, "details": details or {}, "code": code}
    return Reply(code, to_json(body) + b"\n")


def not_served():
    """What the API server says to a path that it does not serve at all."""
    return Reply(404, "404 page not found\n", "text/plain; charset=utf-8")


def parse_moment(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


@functools.lru_cache(maxsize=1)
def archive():
    """Every file of the archive: {folder: {file name: bytes}}."""
    folders = {}
    with tarfile.open(ARCHIVE, "r:xz") as tar:
        for member in tar:
            if not member.isfile():
                continue
            folder, _, name = member.name.partition("/logs/")
            if name:
                name = "logs/" + name
            else:
                folder, _, name = member.name.rpartition("/")
            folders.setdefault(folder, {})[name] = tar.extractfile(member).read()
    return folders


def names():
    """Every recording, by the name that Recording.load takes."""
    return sorted(folder[7:] if folder.startswith("faults/") else folder for folder in archive())


class Recording:
    def __init__(self, name, files, fallback, access=None, now=None):
        self.name, self.files, self.fallback, self.access = name, files, fallback, access
        self.index = json.loads(files["index.json"])
        self.now = parse_moment(now) if now else self.newest_moment()

    @classmethod
    @functools.lru_cache(maxsize=None)
    def load(cls, name, access=None, now=None):
        """`access`: None, "allow" or "deny" for permission reviews; `now`: overrides the recording's."""
        folders = archive()
        folder = name if name in folders else "faults/" + name
        if folder not in folders:
            raise KeyError("no recording named '%s'; there are: %s" % (name, ", ".join(names())))
        fallback = None if folder == HEALTHY else cls.load(HEALTHY)
        return cls(name, folders[folder], fallback, access, now or NOWS.get(name))

    @property
    def cause(self):
        return self.files.get("cause.txt", b"").decode().strip()

    def newest_moment(self):
        """The newest moment that the recording mentions, eight seconds later, rounded up to ten."""
        newest = max(moment for body in self.files.values() for moment in MOMENT.findall(body))
        return -(-(parse_moment(newest.decode() + "Z") + 8) // 10) * 10

    def answer(self, method, target, headers, body):
        """The reply to one request; `headers` with lower case names."""
        path, _, raw_query = target.partition("?")
        query = dict(urllib.parse.parse_qsl(raw_query, keep_blank_values=True))
        if method == "POST" and path == REVIEWS and self.access:
            return self.review(body)
        if method != "GET":
            return not_served()
        try:
            return self.find(path, query, headers.get("accept", "")) or not_served()
        except selectors.Unsupported as error:
            return status_reply(400, "BadRequest", str(error))

    def review(self, body):
        review = json.loads(body)
        review["status"] = {"allowed": self.access == "allow"}
        return Reply(201, to_json(review))

    def find(self, path, query, accept):
        for look in (self.find_recorded, self.find_filtered, self.find_object):
            reply = look(path, query, accept)
            if reply:
                return reply
        return self.fallback.find(path, query, accept) if self.fallback else None

    def load_entry(self, key):
        """(status, body) of an index key."""
        entry = self.index[key]
        if isinstance(entry, dict):
            return entry.get("status", 200), self.files[entry["file"]]
        return 200, self.files[entry]

    def find_recorded(self, path, query, accept):
        """Exactly what was asked when it was recorded."""
        wanted = accept.split(",")[0]
        with_accept = "%s Accept:%s" % (path, wanted)
        if with_accept in self.index and not selectors.narrows(query):
            status, body = self.load_entry(with_accept)
            return Reply(status, body, wanted)
        if path in self.index and LOG_PATH.match(path):
            return self.log_reply(path, query)
        if path in self.index and not selectors.narrows(query):
            status, body = self.load_entry(path)
            return Reply(status, body)
        selector = query.get("fieldSelector")
        key = "%s?fieldSelector=%s" % (path, urllib.parse.quote(selector, safe="")) if selector else ""
        if key in self.index:
            status, body = self.load_entry(key)
            return Reply(status, body)
        return None

    def log_reply(self, path, query):
        if query.get("previous") == "true":
            return status_reply(400, "BadRequest", "previous terminated container in pod \"%s\" not found"
                                % LOG_PATH.match(path)["pod"])
        body = self.load_entry(path)[1]
        if "tailLines" in query:
            count = int(query["tailLines"])
            body = b"".join(body.splitlines(keepends=True)[-count:] if count else [])
        return Reply(200, body, "text/plain")

    def find_list(self, path):
        """The recorded list that `path` is a part of, as (status, tree, namespace or None)."""
        namespaced = re.match(r"^(/api/v1|/apis/[^/]+/[^/]+)/namespaces/([^/]+)/([^/]+)$", path)
        key = "%s/%s" % (namespaced[1], namespaced[3]) if namespaced else path
        if key not in self.index:
            return None
        status, body = self.load_entry(key)
        if status != 200:
            return status, body, None
        tree = json.loads(body)
        if "items" not in tree:
            return None
        return status, tree, namespaced[2] if namespaced else None

    def find_filtered(self, path, query, accept):
        """A list of one namespace, by selectors, or in pages."""
        del accept
        found = self.find_list(path)
        if not found:
            return None
        status, tree, namespace = found
        if status != 200:
            return Reply(status, tree)
        items = [item for item in tree["items"]
                 if namespace in (None, item["metadata"].get("namespace")) and selectors.match(item, query)]
        metadata = dict(tree["metadata"])
        limit = int(query.get("limit") or 0)
        if limit or query.get("continue"):
            start = int(base64.b64decode(query["continue"])) if query.get("continue") else 0
            rest = len(items) - start - limit
            if limit and rest > 0:
                metadata["continue"] = base64.b64encode(b"%d" % (start + limit)).decode()
                metadata["remainingItemCount"] = rest
            items = items[start:start + limit if limit else None]
        return Reply(200, to_json({**tree, "metadata": metadata, "items": items}))

    def find_object(self, path, query, accept):
        """One object of a recorded list."""
        del query, accept
        parent, _, name = path.rpartition("/")
        found = self.find_list(parent)
        if not found:
            return None
        status, tree, namespace = found
        if status != 200:
            return Reply(status, tree)
        for item in tree["items"]:
            metadata = item["metadata"]
            if metadata["name"] == name and metadata.get("namespace") == namespace:
                head = {"kind": tree["kind"][:-len("List")], "apiVersion": tree["apiVersion"]}
                return Reply(200, to_json(item if "kind" in item else {**head, **item}))
        if namespace is None and tree["items"] and "namespace" in tree["items"][0]["metadata"]:
            return None
        return self.no_such_object(parent, name)

    @staticmethod
    def no_such_object(parent, name):
        parts = parent.strip("/").split("/")
        group = parts[1] if parts[0] == "apis" else ""
        resource = parts[-1] + ("." + group if group else "")
        details = {"name": name, "kind": parts[-1]}
        if group:
            details["group"] = group
        return status_reply(404, "NotFound", '%s "%s" not found' % (resource, name), details)
