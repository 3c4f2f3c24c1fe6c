# SPDX-License-Identifier: Apache-2.0
"""Label and field selectors of the Kubernetes API, applied to objects."""
import re

# Fields that the API server can select by, beside the two of every kind.
FIELDS = ("involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
          "reason", "type", "status.phase", "spec.nodeName")
TERM = re.compile(r"^\s*(?P<key>[^\s=!,()]+)\s*(?P<op>==|!=|=|\s(?:not)?in\s)\s*(?P<value>.*?)\s*$")
NARROWING = ("labelSelector", "fieldSelector", "limit", "continue")


class Unsupported(ValueError):
    """A selector that the API server refuses."""


def narrows(query):
    """Whether a query asks for less than the whole list."""
    return any(query.get(name) not in (None, "", "0") for name in NARROWING)


def split_terms(text):
    """Split at commas outside parentheses."""
    return [term for term in re.split(r",(?![^(]*\))", text) if term.strip()]


def match_labels(labels, text):
    for term in split_terms(text):
        found = TERM.match(term)
        if not found:
            key = term.strip()
            if (key.lstrip("!").strip() in labels) == key.startswith("!"):
                return False
            continue
        operator, value = found["op"].strip(), labels.get(found["key"])
        wanted = [part.strip() for part in found["value"].strip("()").split(",")]
        inside = value is not None and value in wanted
        if inside == (operator in ("!=", "notin")):
            return False
    return True


def field_of(item, path):
    if path not in FIELDS and path not in ("metadata.name", "metadata.namespace"):
        raise Unsupported("field label not supported: %s" % path)
    value = item
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return "" if value is None else str(value)


def match_fields(item, text):
    for term in split_terms(text):
        found = TERM.match(term)
        if not found:
            raise Unsupported("invalid selector: '%s'; can't understand '%s'" % (text, term))
        if (field_of(item, found["key"]) == found["value"]) == (found["op"] == "!="):
            return False
    return True


def match(item, query):
    """Whether an object is what labelSelector and fieldSelector of `query` ask for."""
    return match_labels(item["metadata"].get("labels") or {}, query.get("labelSelector", "")) and \
        match_fields(item, query.get("fieldSelector", ""))
