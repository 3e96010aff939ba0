"""Rows that close codes: what they end, and what they keep from beginning."""

import io

from odoo import fields

from ..sheets.stage import TERMS

_TERMS_OF_RATE = ", ".join(
    f"COALESCE({name}, FALSE)" if name in ("blocked", "payback") else name
    for name in TERMS.values()
)
_LATER = """
LATERAL (
    SELECT r.* FROM voip_rate r
     WHERE r.deck_id = %(deck)s AND r.prefix = c.prefix
       AND COALESCE(r.origin_prefix, '') = c.origin AND r.effective_from >= c.at
       AND (c.stated >= %(now)s OR r.effective_from < %(now)s)
       AND NOT EXISTS (
           SELECT FROM voip_rate o
            WHERE o.deck_id = r.deck_id AND o.prefix = r.prefix
              AND o.origin_prefix IS NOT DISTINCT FROM r.origin_prefix
              AND o.effective_to = c.stated)
     ORDER BY r.effective_from LIMIT 1) r ON TRUE
"""
# A row that closes ends the row of the sheet that would be valid then, else becomes the
# version it ends, with an end. Where none is valid, it takes away those that begin
# later, unless it tells of an end that the code has, or had long ago.
CLOSES = (
    # A full sheet keeps up to its end what it says will end, though it has that end.
    """
    INSERT INTO voip_named SELECT DISTINCT prefix, origin FROM voip_close
     WHERE stated > %(now)s
    ON CONFLICT DO NOTHING
    """,
    """
    WITH mine AS (
        SELECT DISTINCT ON (c.idx) c.*, s.starts, s.label, s.price
          FROM voip_close c
          JOIN voip_stage s ON s.prefix = c.prefix AND s.origin = c.origin
           AND s.starts < c.at AND (s.ends IS NULL OR s.ends > c.at)
         WHERE NOT EXISTS (
               SELECT FROM voip_rate r
                WHERE r.deck_id = %(deck)s AND r.prefix = c.prefix
                  AND COALESCE(r.origin_prefix, '') = c.origin
                  AND r.effective_from > s.starts AND r.effective_from < c.at
                  AND (r.effective_to IS NULL OR r.effective_to > c.at))
         ORDER BY c.idx, s.starts DESC),
    later AS (INSERT INTO voip_ending
              SELECT number, prefix, origin, at, FALSE FROM mine),
    told AS (DELETE FROM voip_close c USING mine m WHERE m.idx = c.idx),
    ended AS (
        UPDATE voip_stage s SET ends = m.at FROM mine m
         WHERE s.prefix = m.prefix AND s.origin = m.origin AND s.starts = m.starts
           AND (s.ends IS NULL OR s.ends > m.at))
    INSERT INTO voip_result
        (number, prefix, origin_prefix, label, old_price, status, starts, ends)
    SELECT number, prefix, NULLIF(origin, ''), label, price, 'closed', starts, at
      FROM mine
    """,
    f"""
    WITH ended AS (
        SELECT DISTINCT ON (c.idx) c.idx, c.number, c.at, c.origin, r.*
          FROM voip_close c
          JOIN voip_rate r ON r.deck_id = %(deck)s AND r.prefix = c.prefix
           AND COALESCE(r.origin_prefix, '') = c.origin AND r.effective_from < c.at
           AND (r.effective_to IS NULL OR r.effective_to > c.at)
         ORDER BY c.idx, r.effective_from DESC),
    told AS (INSERT INTO voip_sheet SELECT idx, number, TRUE FROM ended),
    later AS (INSERT INTO voip_ending
              SELECT number, prefix, origin, at, FALSE FROM ended)
    INSERT INTO voip_stage
        (idx, prefix, origin, label, {", ".join(TERMS)}, starts, ends)
    SELECT idx, prefix, origin, label,
           {_TERMS_OF_RATE},
           effective_from, at
      FROM ended
    """,
    f"""
    WITH open AS (
        SELECT c.*, r.id AS rate_id, r.label, r.price_per_minute, r.effective_from,
               r.effective_from < %(refused)s AS past
          FROM voip_close c LEFT JOIN {_LATER}
         WHERE NOT EXISTS (SELECT FROM voip_sheet s WHERE s.idx = c.idx)),
    later AS (
        INSERT INTO voip_ending
        SELECT number, prefix, origin, at, TRUE FROM open
         WHERE rate_id IS NOT NULL AND past IS NOT TRUE)
    INSERT INTO voip_result
        (number, prefix, origin_prefix, label, old_price, status, reason, starts, ends)
    SELECT number, prefix, NULLIF(origin, ''), label,
           CASE WHEN past IS NOT TRUE THEN price_per_minute END,
           CASE WHEN rate_id IS NULL THEN 'unchanged' WHEN past THEN 'faulty'
                ELSE 'closed' END,
           CASE WHEN rate_id IS NULL THEN %(reason)s WHEN past THEN %(past)s END,
           effective_from, CASE WHEN rate_id IS NOT NULL THEN at END
      FROM open
    """,
)

# What a row would have ended has left the stage.
_LOST = """
UPDATE voip_result o SET status = 'faulty', reason = %(reason)s
  FROM voip_ending e
 WHERE o.status = 'closed' AND o.number = e.number AND o.prefix = e.prefix
   AND NOT e.alone AND NOT EXISTS (
       SELECT FROM voip_stage s
        WHERE s.prefix = e.prefix AND s.origin = e.origin AND s.ends = e.at)
"""


def fill(work, closes, index):
    """Put the rows that close codes into the stage.

    :param work: the run of an import
    :param closes: list of :class:`lines.Close`
    :param index: the first that is free in the stage
    """
    buffer, now = io.StringIO(), fields.Datetime.to_string(work.now)
    for close in closes:
        at = max(close.at, now) if work.sheet.past == "now" else close.at
        for code in close.codes:
            cells = (index, close.number, code, close.origin, at, close.at)
            buffer.write("\t".join(map(str, cells)) + "\n")
            index += 1
    if not closes:
        return
    columns = ("idx", "number", "prefix", "origin", "at", "stated")
    work.fill_table("voip_close", columns, buffer)
    params = work.params(work.env._("has no rate already")) | {
        "past": work.past_reason(),
        "refused": work.now if work.sheet.past == "refuse" else None,
    }
    for statement in CLOSES:
        work.env.cr.execute(statement, params)


def refuse_lost(work):
    """Rows that close what other rows of the sheet would have begun, but do not."""
    reason = work.env._("The row that it ends is not taken.")
    work.env.cr.execute(_LOST, work.params(reason))
