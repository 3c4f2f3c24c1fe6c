# SPDX-License-Identifier: Apache-2.0
"""The text format of a case (README.md beside this file). What is not understood is an error, never skipped."""
import re

KEYS = ("command", "env", "recording", "now", "access", "terminal", "exit", "torture", "may-ignore", "arm", "arm-fault")
REPEATED = ("env", "may-ignore", "arm-fault")
REPLY = re.compile(r"^(?:(?P<host>arm|login|machine) )?(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD) (?P<target>/\S*) -> (?P<status>\d{3}|reset|cut|html)"
                   r"(?: @(?P<source>\S+))?$")
SEEN = ("requests", "arm requests", "arm state")  # sections whose absence means that they are not compared
NO_NEWLINE = "\\ no newline at end"
ANYTHING = "${ANY}"


class CaseError(Exception):
    """A case file that cannot be understood; the message names file and line."""


class ReplySpec:
    """One `=== GET /path -> 200` section."""

    def __init__(self, found, text):
        self.host, self.method, self.target = found["host"], found["method"], found["target"]
        self.status, self.source = found["status"], found["source"]
        self.headers, self.expected_body, self.body = [], None, text
        while self.body.startswith(("< ", "> ")):
            line, _, self.body = self.body.partition("\n")
            if line.startswith("< "):
                name, _, value = line[2:].partition(": ")
                self.headers.append((name, value))
            else:
                self.expected_body = (self.expected_body or "") + line[2:]


class Case:
    def __init__(self, path, name):
        self.path, self.name = path, name
        self.head = []  # lines before the first section, as written
        self.fields = {key: [] for key in REPEATED}
        self.sections = []  # [title, text]
        self.replies, self.arm_replies = [], []
        self.files = {}

    @property
    def exit(self):
        return int(self.fields.get("exit", "0"))

    def text(self, title):
        """The text of a section, or None."""
        return next((text for name, text in self.sections if name == title), None)

    def set_text(self, title, text):
        """Replace a section's text; a missing one is added, an empty stdout or stderr is left out."""
        keep = text or title in SEEN
        for section in self.sections:
            if section[0] == title:
                section[1] = text
                if not keep:
                    self.sections.remove(section)
                return
        if keep:
            self.sections.append([title, text])

    def set_exit(self, status):
        self.fields["exit"] = str(status)
        self.head = [line for line in self.head if not line.startswith("exit:")]
        if status:
            self.head.append("exit: %d" % status)

    def format(self):
        lines = list(self.head)
        for title, text in self.sections:
            lines.append("=== " + title)
            lines += text_to_lines(text)
        return "\n".join(lines) + "\n"


def text_to_lines(text):
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    else:
        lines.append(NO_NEWLINE)
    return ["\\" + line if line.startswith(("=== ", "\\=== ")) else line for line in lines]


def lines_to_text(lines):
    lines = [line[1:] if line.startswith(("\\=== ", "\\\\=== ")) else line for line in lines]
    if lines and lines[-1] == NO_NEWLINE:
        return "\n".join(lines[:-1])
    return "".join(line + "\n" for line in lines)


def parse_head(case, line, where):
    case.head.append(line)
    if not line or line.startswith("#"):
        return
    key, colon, value = line.partition(":")
    if not colon or key not in KEYS:
        raise CaseError("%s: '%s' is neither a comment nor one of: %s" % (where, line, ", ".join(KEYS)))
    if key in REPEATED:
        case.fields[key].append(value.strip())
    elif key in case.fields:
        raise CaseError("%s: '%s' twice" % (where, key))
    else:
        case.fields[key] = value.strip()


def add_section(case, title, lines, where):
    text = lines_to_text(lines)
    found = REPLY.match(title)
    if found:
        (case.arm_replies if found["host"] else case.replies).append(ReplySpec(found, text))
    elif title.startswith("file "):
        case.files[title[5:]] = text
    elif title not in ("stdout", "stderr", "stdin", "arm resources") + SEEN:
        raise CaseError("%s: unknown section '%s'" % (where, title))
    elif case.text(title) is not None:
        raise CaseError("%s: section '%s' twice" % (where, title))
    case.sections.append([title, text])


def check(case):
    fields = case.fields
    if not fields.get("command"):
        raise CaseError("%s: no command" % case.path)
    if not fields.get("exit", "0").isdigit():
        raise CaseError("%s: exit is not a number" % case.path)
    if not fields.get("terminal", "80").isdigit():
        raise CaseError("%s: terminal is not a number of columns" % case.path)
    if fields.get("access", "allow") not in ("allow", "deny"):
        raise CaseError("%s: access is neither allow nor deny" % case.path)
    if "arm" not in fields and (fields["arm-fault"] or case.arm_replies or
                                any(title.startswith("arm ") for title, _ in case.sections)):
        raise CaseError("%s: no 'arm:' line" % case.path)
    if any(not reply.status.isdigit() for reply in case.arm_replies):
        raise CaseError("%s: a reply of ARM needs a status; see arm-fault" % case.path)
    for assignment in fields["env"]:
        if "=" not in assignment:
            raise CaseError("%s: env '%s' is not NAME=VALUE" % (case.path, assignment))


def parse(path, name):
    with open(path, encoding="utf-8", newline="") as file:
        content = file.read()
    if not content.endswith("\n"):
        raise CaseError("%s: the last line has no newline" % path)
    case, title, lines, start = Case(path, name), None, [], 0
    for number, line in enumerate(content.split("\n")[:-1], 1):
        if line.startswith("=== "):
            if title is not None:
                add_section(case, title, lines, "%s:%d" % (path, start))
            title, lines, start = line[4:], [], number
        elif title is None:
            parse_head(case, line, "%s:%d" % (path, number))
        else:
            lines.append(line)
    if title is not None:
        add_section(case, title, lines, "%s:%d" % (path, start))
    check(case)
    return case


def same(expected, actual):
    """Whether an output is the expected one; `${ANY}` stands for anything within a line."""
    if ANYTHING not in expected:
        return expected == actual
    pattern = ".*".join(re.escape(part) for part in expected.split(ANYTHING))
    return re.fullmatch(pattern, actual) is not None


def merge(expected, actual):
    """The new expectation: the actual output, keeping old lines with `${ANY}` that still match."""
    patterns = [line for line in expected.split("\n") if ANYTHING in line]
    lines = [next((old for old in patterns if same(old, line)), line) for line in actual.split("\n")]
    return "\n".join(lines)
