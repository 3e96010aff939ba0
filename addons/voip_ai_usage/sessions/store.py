"""Sessions are kept once: by company, switch and session id."""

from dataclasses import dataclass, field

from ..engine.session import BadSession, read_session
from . import kept


@dataclass(slots=True)
class Sent:
    """What a call sent: :class:`~..engine.session.Session` by its id, the rest
    refused."""

    sessions: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)
    duplicates: int = 0
    conflicts: int = 0
    errors: list = field(default_factory=list)

    def refuse(self, index, session_id, code, message):
        shown = session_id if isinstance(session_id, str) else ""
        self.conflicts += code == "conflict"
        self.errors.append(
            {"index": index, "session_id": shown, "code": code, "message": message}
        )


def read_sessions(given, now, zone, conflict):
    """:class:`Sent` of the objects of one call; a bad one spoils no other.

    :param list given: sessions as JSON says them
    :param datetime now: UTC without zone
    :param zone: of times that say none
    :param str conflict: what is said of a session that was sent with other content
    """
    sent = Sent()
    for index, one in enumerate(given):
        try:
            session = read_session(one, now, zone)
        except BadSession as error:
            named = one.get("session_id") if isinstance(one, dict) else None
            sent.refuse(index, named, error.code, str(error))
            continue
        known = sent.sessions.get(session.session_id)
        if known is None or session.revision > known.revision:
            sent.duplicates += known is not None
            sent.sessions[session.session_id] = session
            sent.places[session.session_id] = index
        elif known.digest == session.digest or session.revision < known.revision:
            sent.duplicates += 1
        else:
            sent.refuse(index, session.session_id, "conflict", conflict)
    return sent


def store_sessions(cr, company_id, switch_id, sent, conflict):
    """Keep sessions that are not there yet.

    What is there counts in ``sent.duplicates``, or is refused where its content is
    another and its revision no higher. In the order of their ids, so that two calls
    with the same sessions wait for each other and never in a circle.

    :return: (how many are new, [:class:`~..engine.session.Session`] that correct what
        is there, by its database id)
    """
    _drop_charged(cr, company_id, switch_id, sent)
    sessions = [sent.sessions[key] for key in sorted(sent.sessions)]
    if not sessions:
        return 0, {}
    columns = [[getattr(one, name) for one in sessions] for name in COLUMNS]
    cr.execute(STORE_SQL, [company_id, switch_id or None, *columns])
    new = {row[0] for row in cr.fetchall()}
    there = [one for one in sessions if one.session_id not in new]
    corrections = {}
    if there:
        ids = [one.session_id for one in there]
        cr.execute(KNOWN_SQL, [company_id, switch_id or 0, ids])
        known = {row[0]: row[1:] for row in cr.fetchall()}
        for one in there:
            number, digest, revision = known[one.session_id]
            if digest == one.digest or one.revision < revision:
                sent.duplicates += 1
            elif one.revision > revision:
                corrections[number] = one
            else:
                place = sent.places[one.session_id]
                sent.refuse(place, one.session_id, "conflict", conflict)
    sent.errors.sort(key=lambda error: error["index"])
    return len(new), corrections


def _drop_charged(cr, company_id, switch_id, sent):
    """Leave out what was charged before the module was uninstalled."""
    known = kept.charged_sessions(cr, company_id, switch_id, list(sent.sessions))
    for session_id, revision in known.items():
        if sent.sessions.pop(session_id).revision <= revision:
            sent.duplicates += 1
        else:
            sent.refuse(sent.places[session_id], session_id, "conflict", STAYS)


def replace_session(cr, number, session):
    """Let a later revision take the place of what was kept; it waits again."""
    values = [getattr(session, name) for name in COLUMNS[1:]]
    cr.execute(REPLACE_SQL, [*values, number])


STAYS = (
    "session_id: it was charged before the module was installed again, and stays;"
    " credit its usage instead."
)
COLUMNS = (
    "session_id",
    "revision",
    "account",
    "call_id",
    "started_at",
    "seconds",
    "connected",
    "tools",
    "parts_json",
    "cost",
    "cost_parts",
    "cost_currency",
    "metadata",
    "digest",
)
NAMES = """session_ref, revision, account_code, call_ref, started_at, seconds,
       said_connected, tools, parts, cost_text, cost_parts_text, cost_currency,
       metadata, digest"""
STORE_SQL = f"""
INSERT INTO voip_ai_session (company_id, switch_id, {NAMES}, state, received_at)
SELECT %s, %s, s.*, 'waiting', now() AT TIME ZONE 'UTC'
  FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::timestamp[],
              %s::int[], %s::bool[], %s::int[], %s::jsonb[], %s::text[], %s::text[],
              %s::text[], %s::jsonb[], %s::text[]) s
    ON CONFLICT (company_id, COALESCE(switch_id, 0), session_ref) DO NOTHING
RETURNING session_ref
"""
KNOWN_SQL = """
SELECT session_ref, id, digest, revision FROM voip_ai_session
 WHERE company_id = %s AND COALESCE(switch_id, 0) = %s AND session_ref = ANY(%s)
   FOR UPDATE
"""
REPLACE_SQL = """
UPDATE voip_ai_session
   SET revision = %s, account_code = %s, call_ref = %s, started_at = %s, seconds = %s,
       said_connected = %s, tools = %s, parts = %s, cost_text = %s,
       cost_parts_text = %s, cost_currency = %s, metadata = %s, digest = %s,
       state = 'waiting', error = NULL, error_about = NULL, look_at = NULL,
       cdr_id = NULL, cdr_start = NULL
 WHERE id = %s
"""
