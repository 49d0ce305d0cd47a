"""The link that opens a remote session: the address of the tool, with the identifier in its place.

What is typed is checked by a strict pattern and quoted, so that it fills one piece of the address
and never becomes another address:

>>> TEAMVIEWER = "https://start.teamviewer.com/{identifier}"
>>> build_link(TEAMVIEWER, "digits", "1 234 567 890")
'https://start.teamviewer.com/1234567890'
>>> build_link("https://teams.example/call?users={identifier}", "email", "ann@customer.example")
'https://teams.example/call?users=ann%40customer.example'
>>> is_template(TEAMVIEWER), is_template("javascript:alert({identifier})")
(True, False)
>>> is_identifier("digits", "javascript:alert(1)")
False
"""

import re
from urllib.parse import quote, urlsplit

PLACEHOLDER = "{identifier}"
HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?")

# What an identifier may be, by format.
PATTERNS = {
    "digits": re.compile(r"[0-9](?:[ -]?[0-9]){5,14}"),
    "email": re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"),
    "phone": re.compile(r"\+?[0-9](?:[ ./-]?[0-9]){2,19}"),
    "name": re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"),
}


def is_template(template: str) -> bool:
    """Tell whether an address can take an identifier: https, one place for it, after the host.

    >>> is_template("https://{identifier}.example/")  # it would choose the host
    False
    >>> is_template("https://tool.example/{identifier}/{identifier}")
    False
    >>> is_template("https://tool.example@elsewhere.example/{identifier}")
    False
    """
    if not (template.isascii() and template.isprintable()) or " " in template:
        return False
    if template.count(PLACEHOLDER) != 1 or "{" in template.replace(PLACEHOLDER, ""):
        return False
    try:
        address = urlsplit(template)
    except ValueError:
        return False
    return address.scheme == "https" and HOST.fullmatch(address.netloc) is not None


def is_identifier(kind: str, identifier: str) -> bool:
    """Tell whether an identifier has the format of the tool.

    >>> [is_identifier("digits", text) for text in ("987-654-321", "12345", "٣٣٣٣٣٣", "123456\\n")]
    [True, False, False, False]
    >>> [is_identifier("phone", text) for text in ("+41 22 344 55 66", "117", "+", "22;ext=1")]
    [True, True, False, False]
    >>> [is_identifier("name", text) for text in ("press-3", "../admin", "a b", "")]
    [True, False, False, False]
    """
    return PATTERNS[kind].fullmatch(identifier) is not None


def build_link(template: str, kind: str, identifier: str) -> str | None:
    """The address that opens the session, or None when the address or the identifier is not right.

    >>> build_link("http://tool.example/{identifier}", "digits", "123456789")
    >>> build_link("https://tool.example/{identifier}", "name", "a/../b")
    """
    if not is_template(template) or not is_identifier(kind, identifier):
        return None
    if kind == "digits":
        identifier = re.sub("[ -]", "", identifier)
    return template.replace(PLACEHOLDER, quote(identifier, safe=""))
