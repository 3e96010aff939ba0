"""From open usage summaries to posted invoices, a batch at a time."""

from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from ..charge.bounds import COUNT_LIMIT, largest_of, number_text, out_of_bounds
from ..charge.exchange import has_rate
from ..engine.rounding import to_currency

# Lines are created complete (account, balance, amounts), so that Odoo has nothing to
# recompute per line; the result equals a plain create and post.
FAST = {
    "tracking_disable": True,
    "skip_analytic_sync": True,
    "mail_create_nosubscribe": True,
}


class VoipBillingDocument(models.AbstractModel):
    _name = "voip.billing.document"
    _description = "Billing Document"

    @api.model
    def _prepare(self, lines):
        """Invoice values of run lines.

        Locks the summaries it reads; whoever calls holds the company lock.

        :return: list of dicts ``line``, ``vals``, ``summaries`` (one list of summary
            ids per invoice line, [] for a section)
        """
        groups = self._groups(lines)
        return [
            self._prepare_document(line, groups[line.id])
            for line in lines
            if groups.get(line.id)
        ]

    @api.model
    def _groups(self, lines):
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(LOCK_SQL, {"lines": lines.ids})
        cr.execute(GROUP_SQL, {"lines": lines.ids})
        groups = defaultdict(list)
        for row in cr.dictfetchall():
            # Odoo reads numeric columns as float; sums come as text.
            for name in ("attempts", "calls", "units", "seconds"):
                row[name] = int(row[name])
            for name in ("amount", "tax", "amount_company"):
                row[name] = Decimal(row[name])
            groups[row["line_id"]].append(row)
        return groups

    def _prepare_document(self, line, groups):
        account = line.account_id
        self._refuse_unconverted(line)
        self._refuse_large(line, groups)
        refund = sum((group["amount"] for group in groups), Decimal(0)) < 0
        sign = -1 if refund else 1
        header = self._header(account)
        speaking = self.with_context(lang=header["partner"].lang or self.env.lang)
        commands, summaries = [], []
        for sequence, (sections, group) in enumerate(speaking._sectioned(groups)):
            for place, section in enumerate(sections):
                commands.append({**section, "sequence": sequence * 3 + place})
                summaries.append([])
            commands.append(speaking._prepare_line(line, group, sign, sequence, header))
            summaries.append(group["summary_ids"])
        vals = self._prepare_header(line, account, refund, header)
        vals["invoice_line_ids"] = [(0, 0, command) for command in commands]
        return {"line": line, "vals": vals, "summaries": summaries}

    def _refuse_unconverted(self, line):
        """:raises UserError: the books cannot convert the document on its date"""
        currency, day = line.account_id.currency_id, line.run_id.invoice_date
        if not has_rate(line.company_id, currency.id, day):
            raise UserError(
                self.env._(
                    "Account %(account)s: %(currency)s has no exchange rate of %(day)s"
                    " or before. Enter one, then invoice again.",
                    account=line.account_id.code,
                    currency=currency.name,
                    day=day,
                )
            )

    def _refuse_large(self, line, groups):
        """:raises UserError: Odoo's floats would not hold the document to the unit"""
        account = line.account_id
        totals = {
            name: sum((abs(group[name]) for group in groups), Decimal(0))
            for name in ("amount", "tax", "amount_company")
        }
        amount = totals["amount"]
        taxed = amount + totals["tax"]
        company = totals["amount_company"] * (taxed / amount if amount else 1)
        for currency, total in (
            (account.currency_id, taxed),
            (line.company_id.currency_id, company),
        ):
            most = largest_of(currency)
            if total > most:
                raise UserError(
                    self.env._(
                        "Account %(account)s: an invoice of %(total)s %(currency)s, "
                        "taxes included, is beyond %(most)s, up to which Odoo counts "
                        "every unit. Invoice it in shorter periods.",
                        account=account.code,
                        total=number_text(to_currency(total, currency.decimal_places)),
                        currency=currency.name,
                        most=number_text(most),
                    )
                )
        for name in ("calls", "seconds"):
            total = sum(group[name] for group in groups)
            if abs(total) > COUNT_LIMIT:
                raise out_of_bounds(self.env, {account.id: (name, total)})

    def _header(self, account):
        """What a document and its lines have in common."""
        return {
            "partner": account._invoice_partner(),
            "position": account._fiscal_position(),
            "journal": self._journal(account.company_id, account.currency_id),
            "analytic": self._has_analytic_models(),
            "terms": {},
        }

    def _prepare_header(self, line, account, refund, header):
        run, partner = line.run_id, header["partner"]
        payment_term = account._invoice_payment_term()
        due = {}
        if not payment_term:
            # Odoo would say today, whatever the invoice's date.
            due["invoice_date_due"] = run.invoice_date
        # The same in the background, where Odoo would name its own user.
        seller = partner.user_id or partner.commercial_partner_id.user_id
        return {
            **due,
            "move_type": "out_refund" if refund else "out_invoice",
            "partner_id": partner.id,
            "company_id": line.company_id.id,
            "currency_id": account.currency_id.id,
            "journal_id": header["journal"].id,
            "invoice_date": run.invoice_date,
            "date": run.invoice_date,
            "invoice_payment_term_id": payment_term.id,
            "fiscal_position_id": header["position"].id,
            "invoice_user_id": (seller or run.create_uid).id,
            "voip_account_id": account.id,
            "voip_payer_id": account.payer_id.id,
            "voip_period_start": line.period_start,
            "voip_period_end": line.period_end,
            "voip_run_id": run.id,
            "invoice_origin": run.name,
        }

    def _journal(self, company, currency):
        move = self.env["account.move"].with_company(company)
        values = {"move_type": "out_invoice", "currency_id": currency.id}
        return move.new(values)._search_default_journal()

    def _has_analytic_models(self):
        """Whether Odoo may have a distribution to compute for a line."""
        models_ = self.env["account.analytic.distribution.model"].sudo()
        return bool(models_.search_count([], limit=1))

    def _has_mandatory_plans(self):
        """Whether a line may have to say its analytic accounts."""
        mandatory = ("=", "mandatory")
        return any(
            self.env[model].sudo().search_count([(name, *mandatory)], limit=1)
            for model, name in (
                ("account.analytic.applicability", "applicability"),
                ("account.analytic.plan", "default_applicability"),
            )
        )

    @api.model
    def _create_posted(self, prepared):
        """Create, link and post; {run line id: move}."""
        if not prepared:
            return {}
        moves = (
            self.env["account.move"]
            .with_context(**FAST)
            .create([document["vals"] for document in prepared])
        )
        self._link(prepared, moves)
        # As the button Confirm does.
        analytic = {"validate_analytic": True} if self._has_mandatory_plans() else {}
        moves.with_context(**analytic)._post(soft=False)
        return {
            document["line"].id: move
            for document, move in zip(prepared, moves, strict=True)
        }

    def _link(self, prepared, moves):
        """Point every summary to the invoice line that bills it."""
        summary_ids, line_ids, move_ids = [], [], []
        for document, move in zip(prepared, moves, strict=True):
            lines = move.invoice_line_ids.sorted("sequence")
            # Commands were prepared in the order of their sequence.
            for ids, line in zip(document["summaries"], lines, strict=True):
                summary_ids += ids
                line_ids += [line.id] * len(ids)
                move_ids += [move.id] * len(ids)
        self.env.flush_all()
        self.env.cr.execute(LINK_SQL, [summary_ids, line_ids, move_ids])
        self.env.cr.execute(EXACT_SQL, [moves.ids])
        self.env["voip.usage.summary"].invalidate_model()
        names = ["voip_amount", "voip_rate"]
        moves.line_ids.invalidate_recordset(names, flush=False)

    @api.model
    def _settle_prepaid(self, moves):
        """Pay what prepaid accounts owe from their credit, oldest first: these
        invoices, and older ones that found no credit.

        :param moves: iterable of documents
        """
        invoices = self.env["account.move"].union(*moves)
        invoices = invoices.filtered(lambda move: move.move_type == "out_invoice")
        payers = invoices.voip_payer_id.filtered(lambda a: a.mode != "postpaid")
        open_lines = self._open_lines(payers)
        plan = []
        groups = open_lines.grouped(lambda x: (x.voip_account_id, x.account_id))
        for lines in groups.values():
            if len(set(lines.mapped(lambda x: x.balance > 0))) == 2:
                plan.append(lines)
        if plan:
            lines = self.env["account.move.line"].with_context(tracking_disable=True)
            lines._reconcile_plan(plan)

    def _open_lines(self, payers):
        """Open invoices and credits in the wallets of ``payers``."""
        return self.env["account.move.line"].search(
            [
                ("voip_account_id", "in", payers.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                "|",
                ("balance", "<", 0),
                "&",
                ("balance", ">", 0),
                ("move_type", "in", ("out_invoice", "out_receipt")),
            ],
            order="date, id",
        )


LOCK_SQL = """
SELECT s.id
  FROM voip_billing_run_line l
  JOIN voip_account a ON a.bill_account_id = l.account_id
  JOIN voip_usage_summary s ON s.account_id = a.id
   AND s.move_line_id IS NULL AND s.local_day <= l.period_end
 WHERE l.id = ANY(%(lines)s)
 ORDER BY s.id FOR UPDATE OF s
"""
# One invoice line per destination, price, its currency, facets and service; late usage
# apart. Attempts that nobody answered ride on the line of their destination; they make
# one of their own only where they have a fee.
GROUP_SQL = """
SELECT l.id AS line_id, s.account_id, s.service_id, s.label, s.unit_price,
       s.late,
       min(s.local_day) FILTER (WHERE s.calls <> 0 OR s.amount <> 0) AS first_day,
       sum(s.attempts)::text AS attempts,
       sum(s.calls)::text AS calls, sum(s.seconds)::text AS seconds,
       sum(s.units)::text AS units, sum(s.tax)::text AS tax,
       sum(s.amount_company)::text AS amount_company,
       sum(s.amount)::text AS amount, array_agg(s.id ORDER BY s.id) AS summary_ids,
       s.deck_currency_id, s.facets
  FROM voip_billing_run_line l
  JOIN voip_account a ON a.bill_account_id = l.account_id
  JOIN voip_usage_summary s ON s.account_id = a.id
   AND s.move_line_id IS NULL AND s.local_day <= l.period_end
  JOIN voip_service v ON v.id = s.service_id
 WHERE l.id = ANY(%(lines)s)
 GROUP BY l.id, a.parent_path, s.account_id, v.code, s.service_id, s.label,
          s.unit_price, s.late, s.deck_currency_id, s.facets
HAVING sum(s.calls) <> 0 OR sum(s.amount) <> 0
 ORDER BY l.id, a.parent_path, v.code, s.label, s.unit_price, s.facets,
          s.deck_currency_id, s.late
"""
LINK_SQL = """
UPDATE voip_usage_summary s SET move_line_id = x.line_id, move_id = x.move_id
  FROM unnest(%s::int[], %s::int[], %s::int[]) AS x(summary_id, line_id, move_id)
 WHERE s.id = x.summary_id
"""
# A float cannot hold every sum and price of 8 decimals; the columns can.
EXACT_SQL = """
UPDATE account_move_line l
   SET voip_amount = x.amount * CASE m.move_type WHEN 'out_refund' THEN -1 ELSE 1 END,
       voip_rate = x.unit_price
  FROM (SELECT move_line_id, sum(amount) AS amount, min(unit_price) AS unit_price
          FROM voip_usage_summary
         WHERE move_id = ANY(%s) GROUP BY 1) x, account_move m
 WHERE l.id = x.move_line_id AND m.id = l.move_id
"""
