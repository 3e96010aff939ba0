"""Addresses that end in a key: the key is taken out before anything can log it.

``/voip/cdr/<switch>/<format>/<key>`` is for switches that can send no header,
``/voip/netting/<key>`` for partners, who open a link.
"""

import re
from urllib.parse import unquote

MASK = "***"
_DOOR = r"(/+voip/+cdr/+[^/?#]+/+[^/?#]+/+)"
_PATH = re.compile(rf"{_DOOR}(.+)", re.DOTALL)
_IN_LINE = re.compile(rf"{_DOOR}[^?#\s]+", re.I)
_LINK = re.compile(r"(/+voip/+netting/+)[^/?#\s]+", re.I)
_RECORDS = re.compile(r"voip/+cdr", re.I)
_LIKE_A_KEY = re.compile(r"[0-9a-fA-F]{40,}")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def without_key(path):
    """A path, or a line that holds one, with a mask in place of the key.

    Where the address is of records in any spelling, whatever looks like one of Odoo's
    keys is masked: behind a forgotten part, in a query, behind an encoded slash.
    """
    path = _LINK.sub(rf"\1{MASK}", _IN_LINE.sub(rf"\1{MASK}", path))
    if _RECORDS.search(unquote(path)):
        path = _LIKE_A_KEY.sub(MASK, path)
    return path


def move_key(environ):
    """Make of a key in the path of a WSGI request one in the header."""
    match = _PATH.fullmatch(environ.get("PATH_INFO", ""))
    if not match:
        return
    key = match[2].rstrip("/")
    environ["HTTP_AUTHORIZATION"] = f"Bearer {key if _KEY.fullmatch(key) else '-'}"
    environ["PATH_INFO"] = match[1].rstrip("/")
    for name in ("RAW_URI", "REQUEST_URI"):
        if name in environ:
            environ[name] = without_key(environ[name])


def name_database(environ, names):
    """Say which database a posted record is for where the server has but one.

    Odoo would open a connection to look for it, with each request.

    :param names: databases of Odoo's configuration
    """
    if len(names) == 1 and environ.get("PATH_INFO", "").startswith("/voip/cdr/"):
        environ.setdefault("HTTP_X_ODOO_DATABASE", names[0])
