"""The answers of the inventory to the rating of calls."""

from odoo import api, models

from odoo.addons.voip_rating.calls.parties.callers import FOREIGN, OF_OTHERS
from odoo.addons.voip_rating.calls.parties.holders import (
    BY_CALLED,
    BY_CALLER,
    ENDLESS,
)

WORDS = {OF_OTHERS: "of_others", FOREIGN: "foreign"}


class VoipNumberHolder(models.AbstractModel):
    _inherit = "voip.number.holder"

    @api.model
    def _spans(self, company, numbers):
        self.env.flush_all()
        self.env.cr.execute(
            SPANS_SQL,
            {
                "company": company.id,
                "numbers": [str(number) for number in numbers],
                "endless": ENDLESS,
                "called": BY_CALLED,
                "caller": BY_CALLER,
            },
        )
        return self.env.cr.fetchall()

    @api.model
    def _caller_rules(self, company):
        self.env.flush_all()
        self.env.cr.execute(RULES_SQL, [company.id])
        return {row[0]: row[1:] for row in self.env.cr.fetchall()}

    @api.model
    def _note_callers(self, company, calls):
        columns = zip(*calls, strict=True)
        ids, starts, accounts, callers, holders, marks = map(list, columns)
        words = [WORDS[mark] for mark in marks]
        values = [company.id, ids, starts, accounts, callers, holders, words]
        self.env.cr.execute(NOTE_SQL, values)


# Days are those of the account. Where the next assignment begins on the next day, its
# beginning ends this one, whatever the zones of both accounts are.
SPANS_SQL = """
SELECT d.number::bigint, COALESCE(x.since, %(endless)s),
       COALESCE(x.until, %(endless)s), COALESCE(x.account_id, 0),
       COALESCE(i.deck_id, 0), COALESCE(d.cost_deck_id, 0),
       COALESCE(k.partner_id, d.supplier_id, 0), COALESCE(i.by_caller, false)::integer,
       COALESCE(i.unknown_as::bigint, 0), COALESCE(d.two_way, false)::integer,
       CASE d.cost_by WHEN 'called' THEN %(called)s WHEN 'caller' THEN %(caller)s
                      ELSE 0 END
  FROM voip_did d
  LEFT JOIN voip_rate_deck k ON k.id = d.cost_deck_id
  LEFT JOIN LATERAL (
       SELECT y.account_id, y.plan_id, y.since,
              CASE WHEN lead(y.date_start) OVER w = y.date_end + 1
                   THEN lead(y.since) OVER w
                   ELSE LEAST(y.until, lead(y.since) OVER w) END AS until
         FROM (SELECT s.account_id, s.plan_id, s.date_start, s.date_end,
                      extract(epoch FROM s.date_start::timestamp
                              AT TIME ZONE a.tz)::bigint AS since,
                      extract(epoch FROM (s.date_end + 1)::timestamp
                              AT TIME ZONE a.tz)::bigint AS until
                 FROM voip_did_assignment s JOIN voip_account a ON a.id = s.account_id
                WHERE s.did_id = d.id) y
       WINDOW w AS (ORDER BY y.date_start)) x ON true
  LEFT JOIN LATERAL (
       SELECT i.deck_id, i.by_caller, i.unknown_as FROM voip_did_inbound i
        WHERE i.plan_id = x.plan_id AND (i.kind IS NULL OR i.kind = d.kind)
          AND (i.account_id IS NULL OR i.account_id = x.account_id)
        ORDER BY i.account_id IS NULL, i.kind IS NULL LIMIT 1) i ON true
 WHERE d.company_id = %(company)s AND d.number = ANY(%(numbers)s)
"""
RULES_SQL = """
SELECT id, caller_of_others, caller_foreign FROM voip_account
 WHERE company_id = %s AND (caller_of_others <> 'accept' OR caller_foreign <> 'accept')
"""
NOTE_SQL = """
INSERT INTO voip_did_caller
       (company_id, cdr_id, started_at, account_id, caller, holder_id, why)
SELECT %s, x.cdr, to_timestamp(x.start / 1000000.0) AT TIME ZONE 'UTC', x.account,
       x.caller::text, NULLIF(x.holder, 0), x.why
  FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::bigint[], %s::integer[],
              %s::text[]) AS x (cdr, start, account, caller, holder, why)
    ON CONFLICT DO NOTHING
"""
