"""Events are kept once: by company, source and event id."""

from dataclasses import dataclass, field

from ..engine.event import BadEvent, read_event


@dataclass(slots=True)
class Sent:
    """What a call sent: :class:`~..engine.event.Event` by key, the rest refused."""

    events: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)
    duplicates: int = 0
    errors: list = field(default_factory=list)

    def refuse(self, index, event_id, code, message):
        shown = event_id if isinstance(event_id, str) else None
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


def store_events(cr, company_id, sent, conflict):
    """Keep events that are not there yet; how many were new.

    Those that are there count in ``sent.duplicates``, or are refused where their
    content is another. In the order of their keys, so that two calls with the same
    events wait for each other and never in a circle.
    """
    events = [sent.events[key] for key in sorted(sent.events)]
    if not events:
        return 0
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
INSERT INTO voip_usage_event (company_id, source, event_ref, account_code, type_code,
                              units, occurred_at, metadata, digest, state, received_at)
SELECT %s, e.*, 'waiting', clock_timestamp() AT TIME ZONE 'UTC'
  FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
              %s::timestamp[], %s::jsonb[], %s::text[]) e
    ON CONFLICT (company_id, source, event_ref) DO NOTHING
RETURNING source, event_ref
"""
KNOWN_SQL = """
SELECT e.source, e.event_ref, e.digest
  FROM unnest(%s::text[], %s::text[]) k (source, event_ref)
  JOIN voip_usage_event e
    ON e.company_id = %s AND e.source = k.source AND e.event_ref = k.event_ref
"""
