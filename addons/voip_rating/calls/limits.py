"""How large and how deep one call record may be, and its JSON. No Odoo here.

What a record says beside the known fields is kept as its sender wrote it, or the record
is refused: nothing is cut or replaced.
"""

import json
import re
from datetime import date
from hashlib import blake2b

from ..engine.parse import BadValue, quote

KNOWN = (
    "call_id",
    "leg",
    "caller",
    "called",
    "start",
    "answer",
    "end",
    "duration",
    "answered",
    "trunk",
    "account",
    "supplier_trunk",
    "direction",
    "jurisdiction",
    "sip_code",
    "hangup_cause",
    "pdd_ms",
    "mos",
    "packet_loss",
    "jitter_ms",
    "lrn",
    "attempts",
)
MAX_BYTES = 8_192
MAX_LEVELS = 5
KNOWN_NAMES = frozenset(KNOWN)
# PostgreSQL's jsonb takes no NUL; a backslash before the escape makes it plain text.
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
WORD = 10**18
SENT, NOTE = "_sent", "_note"
CUT = (
    f"the record was refused, what came of it is in {SENT}; to take what the other"
    f' fields say, correct {{"{SENT}": null}}'
)


def _as_text(value):
    """What XML-RPC can carry and JSON cannot."""
    return value.isoformat() if isinstance(value, date) else str(value)


def _encoder(**options):
    separators = (",", ":")
    return json.JSONEncoder(separators=separators, default=_as_text, **options).encode


to_strict_json = _encoder(ensure_ascii=False, allow_nan=False)
to_json = _encoder(ensure_ascii=False)


def metadata_of(record):
    """JSON text of the fields of a record that are not ``KNOWN``; ``""``: none.

    A record that is too large, or has such a field too deep, gives a ``BadValue`` in
    place of the text; its message names the limit and what was found.
    """
    try:
        if record.get(SENT) and NOTE in record:
            raise BadValue(CUT)
        fields = {name: record[name] for name in record.keys() - KNOWN_NAMES}
        for name, value in fields.items():
            check_levels(_shown(name), value)
        text = _stored(fields) if fields else ""
        if not _surely_short(record):
            known = {name: record[name] for name in record.keys() - fields.keys()}
            _check_count("the record", byte_count(text[1:]) + _count_known(known))
        return text
    except BadValue as error:
        return error


def list_text(name, values):
    """JSON text of a list within the same bounds.

    :raises BadValue: with the limit and what was found
    """
    check_levels(name, values)
    _stored({name: values})
    text = to_strict_json(values)
    check_bytes(name, text)
    return text


def check_levels(name, value):
    """Refuse lists and objects within each other beyond the limit."""
    layer, levels = [value], 0
    while layer := [item for item in layer if isinstance(item, list | dict)]:
        levels += 1
        layer = [
            inner
            for item in layer
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    if levels > MAX_LEVELS:
        raise BadValue(
            f"{name}: is nested {levels:,} levels deep, at most {MAX_LEVELS} are taken"
        )


def check_bytes(name, text):
    """Refuse a JSON text that is too long in UTF-8."""
    _check_count(name, byte_count(text))


def _check_count(name, count):
    if count > MAX_BYTES:
        raise BadValue(
            f"{name}: has {count:,} bytes of JSON, at most {MAX_BYTES:,} are taken"
        )


def byte_count(text):
    """Bytes in UTF-8; half a surrogate pair counts as the six of its escape."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-8", "backslashreplace"))


def _count_known(fields):
    try:
        return byte_count(to_json(fields))
    except RecursionError:
        # Too deep in a known field, which is refused for its kind.
        return 0


def _surely_short(record):
    """Whether a glance tells that the record is within the limit; most are.

    A character takes six bytes at most, another value less than thirty.
    """
    length = 0
    for name, value in record.items():
        kind = type(value)
        if kind is str:
            length += len(value)
        elif kind is int:
            if not -WORD < value < WORD:
                return False
        elif value is not None and kind is not float and kind is not bool:
            return False
        length += len(name) + 6
    return length * 6 <= MAX_BYTES


def _stored(fields):
    """JSON text of fields as jsonb takes it."""
    text, reason = _text_or_reason(fields)
    if not reason:
        return text
    for name, value in fields.items():
        reason = _text_or_reason({name: value})[1]
        if reason:
            raise BadValue(f"{_shown(name)}: {reason}")
    raise BadValue(reason)


def _text_or_reason(fields):
    try:
        text = to_strict_json(fields)
        text.encode()
    except UnicodeEncodeError:
        return "", "has half a surrogate pair, which is no character"
    except ValueError:
        return "", "has a number that is not finite"
    if "\\u0000" in text and NUL.search(text):
        return "", "has a NUL character"
    return text, ""


def _shown(name):
    return name if name.isascii() and name.isidentifier() else quote(name)


# === Refused records === #


def payload_text(record):
    """A refused record as it came, as JSON text of a bounded length.

    Of one that is too large its usable ``KNOWN`` fields stay, and the beginning of its
    JSON; it is not taken again before somebody drops the rest, see ``metadata_of``.
    """
    try:
        text = json.dumps(record, default=_as_text)
        if len(text) <= MAX_BYTES:
            return text
        sent = to_json(record).encode("utf-8", "backslashreplace")
        if len(sent) <= MAX_BYTES:
            return text
        digest = blake2b(sent, digest_size=8).hexdigest()
        note = f"{len(sent):,} bytes of JSON, digest {digest}, first {MAX_BYTES:,} kept"
    except (ValueError, RecursionError):
        sent, note = b"?", "nested too deep to be kept"
    usable = {n: v for n, v in record.items() if n in KNOWN and _is_short(v)}
    start = sent[:MAX_BYTES].decode("utf-8", "ignore")
    return json.dumps({**usable, NOTE: note, SENT: start}, default=_as_text)


def _is_short(value):
    if isinstance(value, str):
        return len(value) <= 255
    if isinstance(value, int):
        return -WORD < value < WORD
    return value is None or isinstance(value, float)
