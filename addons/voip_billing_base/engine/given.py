"""What a sender gave, record by record: words for its refusal, text that is kept."""

import json
import re

# Characters of a value that a message shows.
SHOWN = 40
# Of a record that is too long: so many fields of so many characters are kept.
FEW, LONG = 16, 160
CUT = "_sent"
# Lists and objects within each other; what is deeper no page could show.
LEVELS = 20
# A number as a text says it: no blanks, no digits of other scripts, no underscores.
NUMBER = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII
)
_OPTIONS = {"sort_keys": True, "ensure_ascii": False, "allow_nan": False}
# Made once: an encoder for each record takes longer than what it does.
_plain = json.JSONEncoder(**_OPTIONS)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class BadGiven(ValueError):
    """A record that was refused; the message is for its sender.

    :param code: error code of the machine doors
    """

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def metadata_text(metadata, further, noun, most, bad, default=None):
    """JSON text of a record's metadata and of its fields that nobody knows.

    :param metadata: what came under that name
    :param dict further: fields that join it
    :param str noun: what the record is, for messages: "event"
    :param int most: bytes that are kept
    :param bad: the :class:`BadGiven` that is raised
    :param default: makes a text of what JSON has no word for; None: that is refused
    :raises BadGiven: no object, a name is there twice, or it cannot be kept
    """
    if not isinstance(metadata, dict):
        raise bad("bad_metadata", "metadata: must be an object.")
    if twice := further.keys() & metadata.keys():
        name = shown(min(twice, key=str))
        raise bad("bad_metadata", f"{name} is in the {noun} and in its metadata.")
    try:
        text = _json(metadata | further, default)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise bad(
            "bad_metadata", "metadata: holds what JSON cannot say, or is nested deeply."
        ) from error
    if size > most:
        raise bad("bad_metadata", f"metadata: {size:,} bytes, at most {most:,}.")
    if _NUL.search(text):
        raise bad("bad_metadata", "metadata: holds a NUL character.")
    if text.count("[") + text.count("{") > LEVELS and _is_deep(metadata | further):
        raise bad("bad_metadata", f"metadata: is more than {LEVELS} levels deep.")
    return text


def _is_deep(value):
    """Whether there are more than :data:`LEVELS` lists and objects in each other."""
    layer = [value]
    for _level in range(LEVELS):
        layer = [
            inner
            for item in layer
            if isinstance(item, dict | list | tuple)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return any(isinstance(item, dict | list | tuple) for item in layer)


def _json(value, default):
    if default is None:
        return _plain.encode(value)
    return json.dumps(value, **_OPTIONS, default=default)


def kept_text(record, most):
    """A refused record as JSON text of at most some ``most`` characters.

    Of one that is longer its short fields stay and, as ``_sent``, the beginning of its
    JSON: it is not taken again before somebody drops that.
    """
    try:
        text = json.dumps(record, default=str)
    except (TypeError, ValueError, RecursionError):
        return json.dumps({CUT: "nested too deep to be kept"})
    if len(text) <= most:
        return text
    fields = record.items() if isinstance(record, dict) else ()
    short = {name: value for name, value in fields if _is_short(name, value)}
    return json.dumps({**dict(list(short.items())[:FEW]), CUT: text[: most // 2]})


def _is_short(name, value):
    plain = isinstance(value, str | int | float | bool)
    return plain and len(f"{name}{value}") <= LONG


def shown(value):
    """A value in quotes for a message, cut and printable."""
    text = value if isinstance(value, str) else ascii(value)
    cut = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:SHOWN])
    return f"'{cut}{'…' if len(text) > SHOWN else ''}'"
