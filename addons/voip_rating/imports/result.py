"""SQL of what the lines of a sheet do to a deck, and of what an undo gives back."""

from ..sheets.compare import USED_SAME_START
from ..sheets.row import OPTIONAL
from ..sheets.stage import OF_STAGE, TERMS

ROW_COLUMNS = (
    "number",
    "prefix",
    "origin_prefix",
    "label",
    "price",
    "old_price",
    "status",
    "reason",
    "starts",
    "ends",
    "falls_to",
    "falls_price",
    "stated_from",
)
_LIST = ", ".join(ROW_COLUMNS)
CREATE = """
DROP TABLE IF EXISTS pg_temp.voip_close, pg_temp.voip_result, pg_temp.voip_before,
    pg_temp.voip_open, pg_temp.voip_taken, pg_temp.voip_twin;
CREATE TEMP TABLE voip_close (idx integer PRIMARY KEY, number integer NOT NULL,
    prefix text NOT NULL, origin text NOT NULL, at timestamp NOT NULL,
    stated timestamp NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE voip_result (
    number integer NOT NULL, prefix text, origin_prefix text, label text,
    price numeric, old_price numeric, status text NOT NULL, reason text,
    starts timestamp, ends timestamp, falls_to text, falls_price numeric,
    stated_from timestamp) ON COMMIT DROP
"""
# Lines leave the stage with a status and a reason; {found} selects idx and reason.
SET_ASIDE = """
WITH found AS ({found}),
gone AS (
    DELETE FROM voip_stage s USING found f WHERE s.idx = f.idx
    RETURNING s.idx, s.prefix, s.origin, s.label, s.price, s.starts, s.ends, f.reason)
INSERT INTO voip_result
    (number, prefix, origin_prefix, label, price, status, reason, starts, ends)
SELECT h.number, g.prefix, NULLIF(g.origin, ''), g.label, g.price, %(status)s, g.reason,
       g.starts, g.ends
  FROM gone g JOIN voip_sheet h USING (idx)
"""
BACKWARDS = "SELECT idx, %(reason)s AS reason FROM voip_stage WHERE ends <= starts"
OVER = """
SELECT s.idx, %(reason)s AS reason FROM voip_stage s JOIN voip_sheet h USING (idx)
 WHERE s.ends <= %(now)s AND NOT h.closing
"""
# Of what begins in the past only the last is valid now.
SUPERSEDED = """
SELECT s.idx, replace(%(reason)s, '{row}', h.number::text) AS reason
  FROM voip_stage s JOIN voip_sheet m ON m.idx = s.idx AND NOT m.closing
  JOIN LATERAL (
       SELECT o.idx FROM voip_stage o JOIN voip_sheet k ON k.idx = o.idx
        WHERE o.prefix = s.prefix AND o.origin = s.origin AND NOT k.closing
          AND o.starts <= %(now)s AND o.starts > s.starts
        ORDER BY o.starts DESC LIMIT 1) l ON TRUE
  JOIN voip_sheet h ON h.idx = l.idx
 WHERE s.starts < %(now)s
"""
FROM_NOW = (
    """
    UPDATE voip_stage s SET starts = %(now)s, stated = s.starts FROM voip_sheet h
     WHERE h.idx = s.idx AND NOT h.closing AND s.starts < %(now)s
    """,
)
# The line that is kept of those with the same prefix, origin and start.
_KEPT = {
    "refuse": "s.idx",
    "first": "s.idx",
    "last": "s.idx DESC",
    "dearest": "s.cost DESC, s.idx",
}
_TWICE = f"""
WITH keys AS (SELECT prefix, origin, starts FROM voip_stage
               GROUP BY prefix, origin, starts HAVING count(*) > 1),
s AS (SELECT s.*, {OF_STAGE}
        FROM voip_stage s JOIN keys USING (prefix, origin, starts)),
g AS (SELECT prefix, origin, starts, (array_agg(idx ORDER BY {{order}}))[1] AS kept
        FROM s GROUP BY prefix, origin, starts),
pairs AS (
    SELECT s.idx, g.kept, s.prefix, s.origin, s.starts, h.number,
           (s.ends, s.cost, s.other) IS NOT DISTINCT FROM (k.ends, k.cost, k.other)
               AS same
      FROM s JOIN g USING (prefix, origin, starts) JOIN s k ON k.idx = g.kept
      JOIN voip_sheet h ON h.idx = g.kept)
"""


def repeated(policy):
    """Lines that say the same as the one that is kept, or lose against it."""
    which = "p.same" if policy == "refuse" else "TRUE"
    return f"""{_TWICE.format(order=_KEPT[policy])}
SELECT p.idx, replace(%(reason)s, '{{row}}', p.number::text) AS reason
  FROM pairs p WHERE p.idx <> p.kept AND {which}"""


# Lines of which others with other values say the same prefix and start: all of them.
CONTRADICT = f"""{_TWICE.format(order="s.idx")},
bad AS (SELECT DISTINCT prefix, origin, starts FROM pairs WHERE NOT same)
SELECT p.idx, replace(%(reason)s, '{{row}}', o.number::text) AS reason
  FROM pairs p JOIN bad USING (prefix, origin, starts)
  JOIN LATERAL (
       SELECT h.number FROM pairs q JOIN voip_sheet h ON h.idx = q.idx
        WHERE (q.prefix, q.origin, q.starts) = (p.prefix, p.origin, p.starts)
          AND q.idx <> p.idx ORDER BY q.idx LIMIT 1) o ON TRUE
"""
USED = f"SELECT u.idx, %(reason)s AS reason FROM ({USED_SAME_START}) u"
# What begins as late as agreed, and that is now, was stated for the past.
PAST = """
SELECT t.idx, %(reason)s AS reason FROM voip_timeline t
 WHERE t.idx IS NOT NULL
   AND CASE t.kind WHEN 'unchanged' THEN t.ends ELSE t.starts END < %(now)s
UNION
SELECT s.idx, %(reason)s FROM voip_stage s
 WHERE s.agreed AND s.starts <= %(now)s
   AND NOT EXISTS (SELECT FROM voip_timeline t
                    WHERE t.idx = s.idx AND t.kind = 'unchanged')
"""
# Lines that the comparison refused, and its reasons.
REFUSED = """
SELECT u.idx, u.reason FROM unnest(%(indexes)s::int[], %(reasons)s::text[])
           AS u(idx, reason)
 WHERE EXISTS (SELECT FROM voip_stage s WHERE s.idx = u.idx)
"""
# Calls that versions rated which begin to be others in the past, and those that shorter
# codes or origins rated since a longer one begins.
LATE = """
WITH late AS MATERIALIZED (
    SELECT prefix, origin, bool_or(kind <> 'unchanged') AS begins,
           min(CASE kind WHEN 'unchanged' THEN ends ELSE starts END) AS since
      FROM voip_timeline
     WHERE idx IS NOT NULL
       AND CASE kind WHEN 'unchanged' THEN ends ELSE starts END < %(now)s
     GROUP BY prefix, origin
     UNION ALL
    SELECT prefix, origin, FALSE, min(at) FROM voip_ending
     WHERE alone AND at < %(now)s GROUP BY prefix, origin),
rated AS MATERIALIZED (
    SELECT u.id, u.batch_id, u.started_at, u.called, u.caller, r.prefix,
           COALESCE(r.origin_prefix, '') AS origin
      FROM (SELECT id, batch_id, unnest(ARRAY[rate_id, cost_rate_id]) AS rate_id,
                   started_at, COALESCE(called_number::text, called) AS called,
                   COALESCE(caller_number::text, caller) AS caller
              FROM voip_usage_row
             WHERE started_at >= (SELECT min(since) FROM late)) u
      JOIN voip_rate r ON r.id = u.rate_id AND r.deck_id = %(deck)s),
found AS (
    SELECT u.id, u.batch_id, u.started_at
      FROM rated u JOIN late l USING (prefix, origin)
     WHERE u.started_at >= l.since
     UNION
    SELECT u.id, u.batch_id, u.started_at
      FROM rated u
      JOIN (SELECT DISTINCT length(prefix) AS size FROM late) n
        ON n.size >= length(u.prefix)
      JOIN late l ON l.prefix = left(u.called, n.size)
     WHERE l.begins AND u.started_at >= l.since
       AND starts_with(COALESCE(u.caller, ''), l.origin)
       AND (n.size, length(l.origin)) > (length(u.prefix), length(u.origin)))
SELECT count(*), (array_agg(id ORDER BY started_at, id))[1:%(most)s],
       array_agg(DISTINCT batch_id) FILTER (WHERE batch_id IS NOT NULL)
  FROM found
"""
# What a line changes beside the price, which has columns of its own.
FURTHER = [name for name in TERMS.values() if name != "price_per_minute"]


def _words(name, value, price):
    """SQL of a term as people read it, a dash where there is none."""
    if name in ("blocked", "payback"):
        return f"CASE WHEN {value} THEN 'yes' ELSE 'no' END"
    if name == "service_id":
        return f"COALESCE((SELECT code FROM voip_service WHERE id = {value}), '–')"
    text = f"trim_scale({value}::numeric)::text"
    nothing = {"max_charge": "0", "first_price": f"-1, {price}"}
    if none := nothing.get(name, "-1" if name in OPTIONAL else None):
        return f"CASE WHEN {value} IN ({none}) THEN '–' ELSE {text} END"
    return text


def _said(column):
    """SQL of the array of all terms of :data:`FURTHER`, in their order."""
    price = column("price", "price_per_minute")
    words = (_words(n, column(k, n), price) for k, n in TERMS.items() if n in FURTHER)
    return f"ARRAY[{', '.join(words)}]"


# ``b`` or ``r`` is what is before a line: another one, or a version of the deck.
_STATUS = """CASE WHEN t.kind = 'unchanged'
            AND s.ends < COALESCE(t.ends_before, 'infinity')
       THEN 'closed' ELSE t.kind END"""
LINES = f"""
INSERT INTO voip_result ({_LIST})
SELECT h.number, s.prefix, NULLIF(s.origin, ''), s.label,
       CASE WHEN h.closing THEN NULL WHEN s.blocked THEN NULLIF(s.price, 0)
            ELSE s.price END,
       CASE WHEN t.kind <> 'new' THEN COALESCE(b.price, r.price_per_minute) END,
       {_STATUS},
       CASE WHEN s.blocked AND NOT h.closing THEN %(blocked)s
            WHEN t.kind IN ('increased', 'decreased', 'changed')
            THEN (SELECT string_agg(x.name || ' ' || x.had || ' → ' || x.said, ', '
                                    ORDER BY x.place)
                    FROM unnest(
                         %(names)s::text[],
                         CASE WHEN t.idx_before IS NULL
                              THEN {_said(lambda _key, name: f"r.{name}")}
                              ELSE {_said(lambda key, _name: f"b.{key}")} END,
                         {_said(lambda key, _name: f"s.{key}")}) WITH ORDINALITY
                         AS x(name, had, said, place)
                   WHERE x.had <> x.said) END,
       s.starts, s.ends, NULL, NULL, CASE WHEN s.agreed THEN s.stated END
  FROM voip_timeline t
  JOIN voip_stage s ON s.idx = t.idx JOIN voip_sheet h ON h.idx = t.idx
  LEFT JOIN voip_stage b ON b.idx = t.idx_before
  LEFT JOIN voip_rate r ON r.id = t.id_before AND r.deck_id = %(deck)s
"""
# Of lines that a preview keeps no more is asked than how many there are.
LINES_KNOWN = f"""
INSERT INTO voip_result (number, status)
SELECT 0, {_STATUS} FROM voip_timeline t JOIN voip_stage s ON s.idx = t.idx
"""
BEFORE = """
CREATE TEMP TABLE voip_before ON COMMIT DROP AS
SELECT * FROM voip_rate WHERE deck_id = %(deck)s;
ANALYZE voip_before
"""
# What a preview tells of them.
BEFORE_TWIN = """
CREATE TEMP TABLE voip_before ON COMMIT DROP AS
SELECT id, label, price_per_minute, effective_from
  FROM voip_rate WHERE deck_id = %(deck)s
"""
KEPT = """
INSERT INTO voip_kept SELECT DISTINCT prefix FROM voip_result
 WHERE status = 'faulty' AND prefix IS NOT NULL
ON CONFLICT DO NOTHING
"""
# What no row mentions.
CLOSED = f"""
INSERT INTO voip_result ({_LIST})
SELECT DISTINCT ON (c.prefix, c.origin)
       0, c.prefix, NULLIF(c.origin, ''), b.label, NULL,
       b.price_per_minute, 'closed', NULL, b.effective_from, %(close_at)s::timestamp,
       NULL, NULL, NULL
  FROM voip_closed c JOIN voip_before b ON b.id = c.id
 WHERE NOT c.told
 ORDER BY c.prefix, c.origin, b.effective_from
"""
FALLS = """
WITH falls AS (SELECT unnest(%(gone)s::text[]) AS prefix,
                      unnest(%(shorter)s::text[]) AS shorter)
UPDATE voip_result o SET falls_to = f.shorter, (falls_price, reason) = (
       SELECT CASE WHEN r.blocked IS NOT TRUE THEN r.price_per_minute END,
              CASE WHEN r.blocked THEN %(blocked)s END
         FROM voip_rate r
        WHERE r.deck_id = %(deck)s AND r.prefix = f.shorter
          AND r.effective_from <= o.ends
          AND (r.effective_to IS NULL OR r.effective_to > o.ends)
        ORDER BY r.origin_prefix NULLS FIRST, r.effective_from DESC LIMIT 1)
  FROM falls f WHERE f.prefix = o.prefix AND o.status = 'closed'
"""
COUNTS = "SELECT status, count(*) FROM voip_result GROUP BY status"
ANY_CLOSED = "SELECT EXISTS (SELECT FROM voip_result WHERE status = 'closed')"
# Whether a moment of the rows has passed since their preview.
PASSED = """
SELECT EXISTS (
    SELECT FROM voip_rate_import_row
     WHERE import_id = %(id)s AND (starts > %(then)s AND starts <= %(now)s
                                   OR ends > %(then)s AND ends <= %(now)s))
"""
FROM_THEN = """
UPDATE voip_rate_import_row
   SET starts = CASE starts WHEN %(then)s THEN %(now)s ELSE starts END,
       ends = CASE ends WHEN %(then)s THEN %(now)s ELSE ends END
 WHERE import_id = %(id)s AND (starts = %(then)s OR ends = %(then)s)
"""
FIRST_FAULTS = """
SELECT number, reason FROM voip_result WHERE status = 'faulty' ORDER BY number LIMIT 3
"""
STORE = f"""
INSERT INTO voip_rate_import_row (import_id, company_id, change, {_LIST})
SELECT %(id)s, %(company)s,
       CASE WHEN old_price > 0 AND price IS NOT NULL
            THEN round((price - old_price) / old_price * 100, 2) END,
       {_LIST}
  FROM voip_result ORDER BY number, prefix COLLATE "C", starts
"""

# === Undo === #

# What was applied is never deleted: a foreign key would cost as much as the rows.
CHANGE_TABLE = """
CREATE TABLE IF NOT EXISTS voip_rate_import_change (
    import_id integer NOT NULL,
    rate_id integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('made', 'removed', 'changed')),
    before jsonb,
    PRIMARY KEY (import_id, rate_id));
ALTER TABLE voip_rate_import_change
    DROP CONSTRAINT IF EXISTS voip_rate_import_change_import_id_fkey
"""
# All that an import may do to a version that stays.
_EDITED = "effective_to, label, destination_id, closing_reason"


def _edited(alias):
    return ", ".join(f"{alias}.{name}" for name in _EDITED.split(", "))


_USED_SINCE = """
SELECT rate_id, max(started_at) AS last
  FROM (SELECT unnest(ARRAY[rate_id, cost_rate_id]) AS rate_id, started_at
          FROM voip_usage_row
         WHERE started_at >= {since} AND company_id = %(company)s) used
 GROUP BY rate_id
"""
_BEGAN = """
SELECT min((before->>'effective_from')::timestamp) FROM voip_rate_import_change
 WHERE import_id = %(id)s AND kind = 'removed'
"""
# A version that is no more and rated calls. Without one no usage is read.
REMOVED_USED = f"""
SELECT EXISTS (
    SELECT FROM voip_rate_import_change c
      JOIN ({_USED_SINCE.format(since=f"({_BEGAN}) - %(ringing)s")}) u USING (rate_id)
     WHERE c.import_id = %(id)s AND c.kind = 'removed')
"""
_ENDED = """
SELECT LEAST(%(now)s::timestamp, min(r.effective_to))
  FROM voip_rate_import_change c JOIN voip_rate r ON r.id = c.rate_id
 WHERE c.import_id = %(id)s AND c.kind = 'changed' AND r.deck_id = %(deck)s
"""
# Versions that end and rated calls that began later: they end behind the last one.
MEANWHILE = f"""
UPDATE voip_rate r
   SET effective_to = date_trunc('second', u.last) + interval '1 second'
  FROM ({_USED_SINCE.format(since=f"({_ENDED})")}) u
  JOIN voip_rate_import_change c USING (rate_id)
 WHERE c.import_id = %(id)s AND c.kind = 'changed'
   AND r.deck_id = %(deck)s AND r.id = c.rate_id AND r.effective_to <= u.last
"""
CHANGES = f"""
INSERT INTO voip_rate_import_change (import_id, rate_id, kind, before)
SELECT %(id)s, r.id, 'made', NULL FROM voip_rate r
 WHERE r.deck_id = %(deck)s
   AND NOT EXISTS (SELECT FROM voip_before b WHERE b.id = r.id)
UNION ALL
SELECT %(id)s, b.id, CASE WHEN r.id IS NULL THEN 'removed' ELSE 'changed' END,
       CASE WHEN r.id IS NULL THEN to_jsonb(b) ELSE jsonb_build_object(
            'effective_to', b.effective_to, 'label', b.label,
            'destination_id', b.destination_id,
            'closing_reason', b.closing_reason) END
  FROM voip_before b LEFT JOIN voip_rate r ON r.id = b.id AND r.deck_id = %(deck)s
 WHERE r.id IS NULL OR ({_edited("r")}) IS DISTINCT FROM ({_edited("b")})
"""
# All that the undo of an import would do, as a text.
MARK = """
SELECT count(*) || ' ' || COALESCE(sum(hash_record_extended(
           ROW(rate_id, kind, before), 0)), 0)
  FROM voip_rate_import_change WHERE import_id = {}
"""
# A call that a version of the import rated.
USED_CALL = """
SELECT r.prefix, u.started_at
  FROM voip_rate_import_change c JOIN voip_rate r ON r.id = c.rate_id
  JOIN (SELECT unnest(ARRAY[rate_id, cost_rate_id]) AS rate_id, started_at
          FROM voip_usage_row WHERE started_at >= %(since)s) u ON u.rate_id = r.id
 WHERE c.import_id = %(id)s AND c.kind = 'made' LIMIT 1
"""
SINCE = """
SELECT min(r.effective_from)
  FROM voip_rate_import_change c JOIN voip_rate r ON r.id = c.rate_id
 WHERE c.import_id = %(id)s AND c.kind = 'made'
"""
