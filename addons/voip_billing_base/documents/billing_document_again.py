"""An invoice of given summaries, beside the invoices of periods."""

from decimal import Decimal

from odoo import api, models

COUNTS = ("attempts", "calls", "units", "seconds")
SUMS = ("amount", "tax", "amount_company")


class VoipBillingDocument(models.AbstractModel):
    _inherit = "voip.billing.document"

    @api.model
    def _bill_summaries(self, summary_ids, account, span, day):
        """Invoice open summaries of what ``account`` is invoiced for, posted.

        It is no period's invoice: that of its period stands beside it. The caller holds
        the company lock.

        :param summary_ids: others than open ones of the account are left alone
        :param span: (first day, last day) that the paper names
        :param day: invoice date
        :return: the document, or none where there is nothing to invoice
        """
        line = self._again_line(account, span, day)
        groups = self._groups_of(summary_ids, account)
        if not groups:
            return self.env["account.move"]
        document = self._prepare_document(line, groups)
        document["vals"].update(
            voip_period_start=False,
            voip_period_end=False,
            voip_run_id=False,
            invoice_origin=False,
            voip_span_start=span[0],
            voip_span_end=span[1],
        )
        return self._create_posted([document])[line.id]

    def _again_line(self, account, span, day):
        """A run line that is written nowhere, for what prepares documents."""
        run = self.env["voip.billing.run"].new(
            {"company_id": account.company_id.id, "invoice_date": day}
        )
        return self.env["voip.billing.run.line"].new(
            {
                "run_id": run,
                "company_id": account.company_id.id,
                "account_id": account.id,
                "currency_id": account.currency_id.id,
                "period_start": span[0],
                "period_end": span[1],
            }
        )

    def _groups_of(self, summary_ids, account):
        self.env.flush_all()
        values = {"summaries": list(summary_ids), "account": account.id}
        self.env.cr.execute(LOCK_SQL, values)
        self.env.cr.execute(GROUP_SQL, values)
        groups = self.env.cr.dictfetchall()
        for group in groups:
            # Odoo reads numeric columns as float; sums come as text.
            group.update({name: int(group[name]) for name in COUNTS})
            group.update({name: Decimal(group[name]) for name in SUMS})
        return groups


LOCK_SQL = """
SELECT s.id FROM voip_usage_summary s
 WHERE s.id = ANY(%(summaries)s) AND s.move_line_id IS NULL
 ORDER BY s.id FOR UPDATE
"""
GROUP_SQL = """
SELECT s.account_id, s.service_id, s.label, s.unit_price, false AS late,
       NULL::date AS first_day,
       sum(s.attempts)::text AS attempts,
       sum(s.calls)::text AS calls, sum(s.seconds)::text AS seconds,
       sum(s.units)::text AS units, sum(s.tax)::text AS tax,
       sum(s.amount_company)::text AS amount_company,
       sum(s.amount)::text AS amount, array_agg(s.id ORDER BY s.id) AS summary_ids,
       s.deck_currency_id, s.facets
  FROM voip_usage_summary s
  JOIN voip_account a ON a.id = s.account_id
  JOIN voip_service v ON v.id = s.service_id
 WHERE s.id = ANY(%(summaries)s) AND s.move_line_id IS NULL
   AND a.bill_account_id = %(account)s
 GROUP BY a.parent_path, s.account_id, v.code, s.service_id, s.label, s.unit_price,
          s.deck_currency_id, s.facets
HAVING sum(s.calls) <> 0 OR sum(s.amount) <> 0
 ORDER BY a.parent_path, v.code, s.label, s.unit_price, s.facets, s.deck_currency_id
"""
