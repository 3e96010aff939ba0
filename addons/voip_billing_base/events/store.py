"""Events are kept once: by company, source and event id."""

from dataclasses import dataclass, field
from hashlib import blake2b

from ..charge.transaction import ensure_partitions
from ..engine.event import LIMITS, BadEvent, moment_of, read_event
from ..engine.given import kept_text


@dataclass(slots=True)
class Sent:
    """What a call sent: :class:`~..engine.event.Event` by key, the rest refused."""

    events: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)
    duplicates: int = 0
    errors: list = field(default_factory=list)

    def refuse(self, index, event_id, code, message):
        shown = event_id if isinstance(event_id, str) else ""
        self.errors.append(
            {"index": index, "event_id": shown, "code": code, "message": message}
        )


def read_events(given, now, conflict):
    """:class:`Sent` of the objects of one call; a bad one spoils no other.

    :param list given: events as JSON says them
    :param datetime now: UTC without zone
    :param str conflict: what is said of an event that was sent with other content
    """
    sent = Sent()
    for index, one in enumerate(given):
        try:
            event = read_event(one, now)
        except BadEvent as error:
            named = one.get("event_id") if isinstance(one, dict) else None
            sent.refuse(index, named, error.code, str(error))
            continue
        known = sent.events.setdefault(event.key, event)
        if known is event:
            sent.places[event.key] = index
        elif known.digest == event.digest:
            sent.duplicates += 1
        else:
            sent.refuse(index, event.event_id, "conflict", conflict)
    return sent


def store_events(env, company_id, sent, conflict):
    """Keep events that are not there yet; how many were new.

    Those that are there count in ``sent.duplicates``, or are refused where their
    content is another. In the order of their keys, so that two calls with the same
    events wait for each other and never in a circle.
    """
    events = [sent.events[key] for key in sorted(sent.events)]
    if not events:
        return 0
    cr = env.cr
    months = {event.occurred_at.date().replace(day=1) for event in events}
    ensure_partitions(env, "voip_usage_event_row", months)
    columns = [[getattr(event, name) for event in events] for name in COLUMNS]
    cr.execute(STORE_SQL, [company_id, *columns])
    new = set(cr.fetchall())
    there = [event for event in events if event.key not in new]
    if there:
        keys = [list(names) for names in zip(*(e.key for e in there), strict=True)]
        cr.execute(KNOWN_SQL, [*keys, company_id])
        known = {row[:2]: row[2] for row in cr.fetchall()}
        for event in there:
            if known.get(event.key) == event.digest:
                sent.duplicates += 1
            else:
                place = sent.places[event.key]
                sent.refuse(place, event.event_id, "conflict", conflict)
    sent.errors.sort(key=lambda error: error["index"])
    return len(new)


def keep_refused(cr, company_id, given, errors):
    """List events that were refused, each as it was sent; once however often.

    :param list given: events of the call
    :param list errors: those of :class:`Sent` that are listed
    """
    rows = [_refused(given[error["index"]], error) for error in errors]
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        cr.execute(REFUSED_SQL, [company_id, *columns])


def _refused(event, error):
    """What is kept of a refused event, by the columns of :data:`REFUSED_SQL`."""
    payload = kept_text(event, MOST_KEPT)
    said = event if isinstance(event, dict) else {}
    names = (_readable(said, name) for name in ("source", "event_id", "account"))
    digest = blake2b(payload.encode(), digest_size=16).hexdigest()
    at = moment_of(said.get("occurred_at"))
    return *names, at, error["code"], error["message"], payload, digest


def _readable(said, name):
    value = said.get(name)
    named = isinstance(value, str) and value.isprintable() and value.isascii()
    return value if named and len(value) <= LIMITS[name] else None


MOST_KEPT = 16_384  # characters of an event's JSON
MOST_NOTE = 1_000  # of why an event is dismissed
COLUMNS = (
    "source",
    "event_id",
    "account",
    "event_type",
    "units",
    "occurred_at",
    "metadata",
    "digest",
)
STORE_SQL = """
WITH given AS (
    SELECT nextval('voip_usage_event_row_id_seq') AS id, %s AS company_id, e.*
      FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
                  %s::timestamp[], %s::jsonb[], %s::text[])
           AS e (source, event_ref, account_code, type_code, units, occurred_at,
                 metadata, digest)
), new AS (
    INSERT INTO voip_usage_event_key (key, event_id, occurred_at)
    SELECT voip_usage_event_key_of(company_id, source, event_ref), id, occurred_at
      FROM given
        ON CONFLICT (key) DO NOTHING
    RETURNING event_id
)
INSERT INTO voip_usage_event_row (id, company_id, source, event_ref, account_code,
            type_code, units, occurred_at, metadata, digest, state, received_at)
SELECT g.*, 'waiting', clock_timestamp() AT TIME ZONE 'UTC'
  FROM given g JOIN new ON new.event_id = g.id
 ORDER BY g.id
RETURNING source, event_ref
"""
REFUSED_SQL = """
INSERT INTO voip_usage_event_refused (company_id, source, event_ref, account_code,
            occurred_at, code, message, payload, content, state, received_at)
SELECT %s, r.*, 'open', clock_timestamp() AT TIME ZONE 'UTC'
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamp[], %s::text[],
              %s::text[], %s::text[], %s::text[])
       AS r (source, event_ref, account_code, occurred_at, code, message, payload,
             content)
 ORDER BY r.content
    ON CONFLICT (company_id, content) DO NOTHING
"""
KNOWN_SQL = """
SELECT e.source, e.event_ref, e.digest
  FROM unnest(%s::text[], %s::text[]) k (source, event_ref)
  JOIN voip_usage_event_key n
    ON n.key = voip_usage_event_key_of(%s, k.source, k.event_ref)
 CROSS JOIN LATERAL (
       SELECT source, event_ref, digest FROM voip_usage_event_row
        WHERE id = n.event_id AND occurred_at = n.occurred_at) e
"""
