"""What a mail from outside is worth: text, headers and sender are all written by somebody else.

>>> is_automatic({"Auto-Submitted": ["auto-replied"]}), is_automatic({"Auto-Submitted": ["no"]})
(True, False)
>>> clean_line("Re:\\x00 pump\\r\\n stopped ")
'Re: pump stopped'
>>> fingerprint("a@b.ch", "RE: Pump", "It  stops.") == fingerprint("a@b.ch", "pump", "It stops.")
True
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import PurePosixPath

# Headers that the functions below read: the caller needs to collect no others.
AUTOMATIC_HEADERS = (
    "Auto-Submitted",
    "Precedence",
    "Return-Path",
    "X-Auto-Response-Suppress",
    "X-Autoreply",
    "X-Autorespond",
)

# Control characters but tab, line feed and carriage return; halves of surrogate pairs.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Marks that turn the direction of the text that follows: "gpj.exe" may be made to look "exe.jpg".
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
# Marks put on top of one another: more than any language needs, they cover the lines above.
_STACKED_MARKS = re.compile(
    "(?P<kept>[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})"
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_REPLY_PREFIX = re.compile(r"^\s*((re|aw|sv|antw|fw|fwd|wg|tr|rif|rv)\s*(\[\d+\])?\s*:\s*)+", re.I)
_COMMENT = re.compile(r"\([^()]*\)")


def clean_text(text: str) -> str:
    """Remove what no database and no reader can use: control characters, broken characters.

    PostgreSQL refuses a null character, and the mail that held it would be lost.

    >>> clean_text("one\\x00\\x1b two\\n\\tthree\\ud83d")
    'one two\\n\\tthree'
    """
    return _CONTROL.sub("", text)


def clean_line(text: str, limit: int = 200) -> str:
    """The text on one line of `limit` characters at most, an ellipsis included.

    >>> clean_line("a  very\\tlong subject", 10)
    'a very lo…'
    >>> len(clean_line("e" + "\\u0301" * 1000))
    5
    """
    line = " ".join(_DIRECTION.sub("", clean_text(text)).split())
    line = _STACKED_MARKS.sub(r"\g<kept>", line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def clean_filename(name: str, limit: int = 120) -> str:
    """The name of a file without folders, marks of direction and control characters.

    >>> clean_filename("../../etc/passwd"), clean_filename("C:\\\\a\\\\photo.png")
    ('passwd', 'photo.png')
    >>> clean_filename("invoice\\u202egpj.exe"), clean_filename("/")
    ('invoicegpj.exe', 'file')
    >>> clean_filename("a" * 300 + ".png", 12)
    'aaaaaaa….png'
    """
    path = PurePosixPath(clean_line(name, 10**4).replace("\\", "/"))
    if not path.name:
        return "file"
    if len(path.name) <= limit:
        return path.name
    suffix = path.suffix if len(path.suffix) < limit // 2 else ""
    return path.name[: limit - len(suffix) - 1] + "…" + suffix


def is_automatic(headers: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a program wrote the mail: an automatic answer, a list, a notice.

    RFC 3834 (`Auto-Submitted`, the empty return path), the older `Precedence`, and what
    Microsoft's programs write.

    :param headers: values of each header of `AUTOMATIC_HEADERS` that the mail has

    >>> is_automatic({}), is_automatic({"Return-Path": ["<anna@example.com>"]})
    (False, False)
    >>> is_automatic({"Return-Path": ["<>"]}), is_automatic({"Precedence": ["Bulk"]})
    (True, True)
    >>> is_automatic({"X-Auto-Response-Suppress": ["OOF, AutoReply"]}), is_automatic(
    ...     {"X-Auto-Response-Suppress": ["None"]}
    ... )
    (True, False)
    """
    submitted, precedence, path, suppress = (
        [value.strip().lower() for value in headers.get(name, ())]
        for name in ("Auto-Submitted", "Precedence", "Return-Path", "X-Auto-Response-Suppress")
    )
    return (
        any(value and not value.startswith("no") for value in submitted)
        or any(value in ("bulk", "list", "junk", "auto_reply") for value in precedence)
        or any(value in ("", "<>") for value in path)
        or any(value not in ("", "none") for value in suppress)
        or any(headers.get(name) for name in ("X-Autoreply", "X-Autorespond"))
    )


def sender_verdict(results: Sequence[str], sender: str, server: str = "") -> str:
    """Tell what the receiving mail server found out about the sender: pass, fail or unknown.

    Anybody can write an `Authentication-Results` header (RFC 8601), so only those of our own
    `server` count. When that is not known, the topmost one, written last, may still accuse, and
    never acquits. DMARC decides; without it, SPF or DKIM of the sender's own domain.

    :param results: values of the headers, topmost first
    :param sender: normalised address in From
    :param server: the name with which our mail server signs its results

    >>> found = ["mx.our.ch; spf=pass smtp.mailfrom=b.ch; dmarc=pass (p=none) header.from=b.ch"]
    >>> sender_verdict(found, "a@b.ch", "mx.our.ch"), sender_verdict(found, "a@b.ch")
    ('pass', 'unknown')
    >>> sender_verdict(["mx.evil.com; dmarc=pass"], "a@b.ch", "mx.our.ch")
    'unknown'
    >>> sender_verdict(["mx.our.ch; dmarc=fail header.from=b.ch"], "a@b.ch")
    'fail'
    >>> sender_verdict(["mx.our.ch; dkim=pass header.d=evil.com"], "a@b.ch", "mx.our.ch")
    'unknown'
    """
    servers = [(_server_of(result), result) for result in results]
    if server:
        trusted = [result for name, result in servers if name == server.strip().lower()]
    else:
        trusted = [result for _name, result in servers[:1]]
    verdict = _judge("; ".join(trusted), sender.rpartition("@")[2].lower())
    return verdict if server or verdict == "fail" else "unknown"


def _server_of(result: str) -> str:
    return result.partition(";")[0].split()[0].lower() if result.strip("; ") else ""


def _judge(result: str, domain: str) -> str:
    """Verdict of the methods told by an `Authentication-Results` header on a sender's domain."""
    found = set()
    for part in _COMMENT.sub("", result).lower().split(";"):
        words = dict(word.split("=", 1) for word in part.split() if "=" in word)
        method, outcome = next(iter(words.items()), ("", ""))
        signer = words.get("smtp.mailfrom") or words.get("header.d") or words.get("header.i") or ""
        if method == "dmarc" or _is_same_domain(signer.rpartition("@")[2], domain):
            found.add((method, outcome))
    if {("dmarc", "pass"), ("dmarc", "fail")} & found:
        return "fail" if ("dmarc", "fail") in found else "pass"
    if {("spf", "pass"), ("dkim", "pass")} & found:
        return "pass"
    return "fail" if ("spf", "fail") in found else "unknown"


def _is_same_domain(signer: str, domain: str) -> bool:
    return bool(signer and domain) and (
        signer == domain or signer.endswith(f".{domain}") or domain.endswith(f".{signer}")
    )


def normalise_subject(subject: str) -> str:
    """The subject without the marks of an answer or a forward, whatever its case and spaces.

    >>> normalise_subject("RE: AW: Fwd:  Pump   stopped"), normalise_subject("Reset")
    ('pump stopped', 'reset')
    """
    return _REPLY_PREFIX.sub("", clean_line(subject, 10**4)).casefold().strip()


def fingerprint(sender: str, subject: str, text: str) -> str:
    """What two copies of one mail have in common, though their identifiers differ.

    :param text: body as plain text
    """
    return digest(sender, normalise_subject(subject), " ".join(clean_text(text).split()))


def digest(*parts: str) -> str:
    """A key of fixed length, where a sender may give as much as he likes.

    >>> len(digest("a" * 10**5)), digest("ab", "c") == digest("a", "bc")
    (64, False)
    """
    return sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def clean_identifier(identifier: str, limit: int = 500) -> str:
    """A `Message-Id` that an index can hold: too long a one is replaced, always by the same.

    >>> clean_identifier(" <1@example.com>"), clean_identifier("<" + "1" * 9999)[-13:]
    ('<1@example.com>', '@long.invalid')
    """
    identifier = identifier.strip()
    return identifier if len(identifier) <= limit else f"{digest(identifier)}@long.invalid"
