"""What Brevo posts: read strictly, believed little."""

import ipaddress
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from .states import EVENTS

MOST_BYTES = 256 << 10
MOST_EVENTS = 1_000
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Controls, and halves of surrogate pairs, which JSON can carry and no database keeps.
_NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")
_SPLIT = re.compile(r"[\s,;]+")
EARLIEST, LATEST = 946_684_800, 4_102_444_800  # 2000, 2100


class BadPost(Exception):
    """What was posted is no event and no list of events."""


@dataclass(frozen=True, slots=True)
class Event:
    """What became of a mail at one address; ``keys`` name the mail, surest first."""

    name: str
    address: str
    keys: tuple
    message: str
    at: datetime
    reason: str


def read(body):
    """Events of a body; those that say nothing to us are left out.

    :param body: bytes
    :return: list of :class:`Event`
    :raises BadPost: it cannot be read
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadPost("no JSON") from error
    items = value if isinstance(value, list) else [value]
    if len(items) > MOST_EVENTS or not all(isinstance(item, dict) for item in items):
        raise BadPost("no list of events")
    return [event for event in map(_event, items) if event]


def _event(item):
    name, address = item.get("event"), item.get("email")
    stamp = item.get("ts_event") or item.get("ts")
    if not (isinstance(name, str) and name in EVENTS and isinstance(address, str)):
        return None
    if type(stamp) is not int or not EARLIEST <= stamp <= LATEST:
        return None
    message = item.get("message-id")
    return Event(
        name,
        _plain(address).strip().lower()[:254],
        tuple(_keys(item)),
        _plain(message)[:200] if isinstance(message, str) else "",
        datetime.fromtimestamp(stamp, UTC).replace(tzinfo=None),
        _plain(str(item.get("reason") or ""))[:500],
    )


def _plain(text):
    return _NO_TEXT.sub(" ", text)


def _keys(item):
    tags = item.get("tags")
    named = [item.get("X-Mailin-custom"), *(tags if isinstance(tags, list) else ())]
    for text in [*named[:20], item.get("tag")]:
        if isinstance(text, str):
            yield from _KEY.findall(text[:500])


def networks(text):
    """Networks of a list in CIDR.

    :raises ValueError: naming what is none
    """
    return [ipaddress.ip_network(part) for part in _SPLIT.split(text or "") if part]


def is_within(address, text):
    """Whether an address is in one of the networks; an empty list has all."""
    try:
        number = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    allowed = networks(text)
    return not allowed or any((mapped or number) in network for network in allowed)
