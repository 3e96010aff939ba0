"""What switches post: JSON, JSON in a form field, or a form that is the record.

FreeSWITCH's mod_json_cdr posts ``cdr=<JSON>``, URL-encoded or in base64, or the bare
JSON; Kamailio posts what its script says, often with a form's content type; Twilio
posts a form of one field a value. No Odoo here.
"""

import binascii
import re
from urllib.parse import unquote_to_bytes

from .strict_json import BadBody, read_value, refuse_packed

FIELD = "cdr"
MAX_FIELDS = 500
FORM = "application/x-www-form-urlencoded"
BASE64 = "application/x-www-form-base64-encoded"
KINDS = (FORM, BASE64, "application/json", "text/json", "text/plain", "")
_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def read_records(body, kind):
    """The records of a body.

    :param body: bytes
    :param kind: media type that the sender states, without parameters
    :return: list of what should be records: dicts, if the sender is right
    :raises BadBody: with a sentence on what cannot be read
    """
    if kind not in KINDS:
        raise BadBody(f"Content-Type: {kind[:80]!r} is none of JSON and form fields")
    refuse_packed(body)
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise BadBody("the body is empty")
    if text[:1] in b"{[":
        return _listed(read_value(text))
    if kind == BASE64:
        return _listed(read_value(_from_base64(text)))
    if kind == FORM or text.startswith(FIELD.encode() + b"="):
        return _of_form(text)
    return _listed(read_value(text))


def _listed(value):
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [value]
    raise BadBody("the body is no record: it must be an object or a list of objects")


def _of_form(text):
    fields = {}
    parts = text.split(b"&")
    if len(parts) > MAX_FIELDS:
        raise BadBody(f"the form has {len(parts):,} fields, at most {MAX_FIELDS}")
    for part in filter(None, parts):
        name, _equal, value = part.partition(b"=")
        name = _plain(name, b"a field's name").decode()
        if name in fields:
            raise BadBody(f"the form names {name[:80]!r} twice")
        fields[name] = _plain(value, name.encode())
    if FIELD not in fields:
        return [{name: value.decode() for name, value in fields.items()}]
    try:
        return _listed(read_value(fields[FIELD]))
    except BadBody as error:
        raise BadBody(
            f"{FIELD}: {error}. mod_json_cdr with encode=true does not protect what"
            " is URL-encoded within values: set encode to false"
        ) from error


def _plain(text, name):
    if _PERCENT.search(text):
        raise BadBody(f"{name.decode()[:80]}: has a % that encodes nothing")
    value = unquote_to_bytes(text.replace(b"+", b" "))
    try:
        value.decode()
    except UnicodeDecodeError as error:
        raise BadBody(f"{name.decode()[:80]}: is not UTF-8") from error
    return value


def _from_base64(text):
    prefix = FIELD.encode() + b"="
    if not text.startswith(prefix):
        raise BadBody(f"the body must be {FIELD}=<base64>")
    digits = b"".join(text.removeprefix(prefix).split())
    try:
        # Some senders leave the padding out.
        return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4), strict_mode=True)
    except binascii.Error as error:
        raise BadBody(f"{FIELD}: is no base64: {error}") from error
