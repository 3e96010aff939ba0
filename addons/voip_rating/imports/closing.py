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
     ORDER BY r.effective_from LIMIT 1) r ON TRUE
"""
# A row that closes ends the row of the sheet that would be valid then, else becomes the
# version it ends, with an end. Where none is valid, it takes away those that begin
# later.
CLOSES = (
    """
    WITH mine AS (
        SELECT DISTINCT ON (c.idx) c.*, s.idx AS row, s.starts, s.label, s.price
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
    later AS (INSERT INTO voip_ending SELECT row, prefix, origin, at FROM mine),
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
    later AS (INSERT INTO voip_ending SELECT idx, prefix, origin, at FROM ended)
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
        SELECT NULL, prefix, origin, at FROM open
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
            cells = (index, close.number, code, close.origin, at)
            buffer.write("\t".join(map(str, cells)) + "\n")
            index += 1
    if not closes:
        return
    work.fill_table("voip_close", ("idx", "number", "prefix", "origin", "at"), buffer)
    params = work.params(work.env._("has no rate already")) | {
        "past": work.past_reason(),
        "refused": work.now if work.sheet.past == "refuse" else None,
    }
    for statement in CLOSES:
        work.env.cr.execute(statement, params)
