"""The mails of an mboxrd file, one after the other, as bytes."""
import re

_QUOTED = re.compile(rb"^>(>*From )", re.M)


def mails(path):
    with open(path, "rb") as file:
        lines = []
        for line in file:
            if line.startswith(b"From ") and (not lines or lines[-1] == b"\n"):
                if lines:
                    yield _unquoted(lines)
                lines = []
                continue
            lines.append(line)
        if lines:
            yield _unquoted(lines)


def _unquoted(lines):
    return _QUOTED.sub(rb"\1", b"".join(lines[:-1]))
