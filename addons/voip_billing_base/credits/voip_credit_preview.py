"""What a credit would make, shown before it is made: to who asks and who approves."""

from decimal import Decimal

from odoo import api, fields, models

VIEWER = "voip_billing_base.group_voip_viewer"


class VoipCredit(models.Model):
    _inherit = "voip.credit"

    preview = fields.Html(readonly=True, groups=VIEWER)
    asked_net = fields.Monetary(readonly=True)
    net = fields.Monetary(
        string="Before Tax", compute="_compute_net", help="Of the credit note."
    )
    tax = fields.Monetary(compute="_compute_net")

    # === COMPUTE METHODS === #

    @api.depends("note_id", "asked_net", "total")
    def _compute_net(self):
        for credit in self:
            note = credit.note_id
            credit.net = note.amount_untaxed if note else credit.asked_net
            credit.tax = credit.total - credit.net

    # === ACTION METHODS === #

    def action_preview(self):
        """Look again at what approving it would make now."""
        self._check_decision(self._is_approver())
        self._refuse_decided()
        preview = self.sudo()._try_out()
        self.sudo().preview = preview
        return True

    # === BUSINESS METHODS === #

    def _try_out(self):
        """HTML of what this credit makes, without making it."""
        savepoint = self.env.cr.savepoint()
        try:
            preview = self._carry_out_shown()
        finally:
            savepoint.close(rollback=True)
        self.env.invalidate_all()
        return preview

    def _carry_out_shown(self, wallet=True):
        """Carry it out.

        :param wallet: whether to tell what the wallet holds
        :return: HTML of what it made
        """
        before = wallet and self._wallet_balance()
        self._carry_out()
        values = self._preview_values()
        if wallet:
            values["rows"] += self._wallet_rows(before)
        return self.env["ir.qweb"]._render("voip_billing_base.credit_preview", values)

    def _preview_values(self):
        """What the template shows: words, documents with their lines, open amounts."""
        note, again = self.note_id, self.again_id
        documents = [self._preview_document(self.env._("Credit note"), note, -1)]
        rows = []
        if again:
            words = self.env._("New invoice")
            documents.append(self._preview_document(words, again, 1))
            change = again.amount_total - note.amount_total
            rows.append((self.env._("Difference for the customer"), change))
        left = self.env._("Still open of %(document)s", document=self.move_id.name)
        rows.append((left, self.move_id.amount_residual))
        if again:
            rows.append((self.env._("Open of the new invoice"), again.amount_residual))
        return {
            "words": [
                (self._fields[name]._description_string(self.env), self._word(name))
                for name in ("outcome", "settlement")
            ],
            "less": self._less_text(
                {
                    line.voip_credited_line_id: Decimal(str(line.price_unit))
                    for line in note.invoice_line_ids
                }
            ),
            "documents": documents,
            "rows": [(words, self.currency_id.format(n)) for words, n in rows],
        }

    def _preview_document(self, name, move, sign):
        return {
            "name": name,
            "sums": self._preview_sums(
                sign, move.amount_untaxed, move.amount_tax, move.amount_total
            ),
            "lines": [
                (
                    line.name,
                    self._preview_sums(
                        sign,
                        line.price_subtotal,
                        line.price_total - line.price_subtotal,
                        line.price_total,
                    ),
                )
                for line in move.invoice_line_ids
                if line.display_type == "product"
            ]
            + [
                (line.name, self._preview_sums(sign, amount, 0.0, amount))
                for line, amount in self._cash_rounding(move)
            ],
        }

    def _cash_rounding(self, move):
        """(line, amount) of what a document is rounded by for cash, taxes aside."""
        for line in move.line_ids:
            if line.display_type == "rounding" and not line.tax_repartition_line_id:
                yield line, move.direction_sign * line.amount_currency

    def _preview_sums(self, sign, *amounts):
        return [self.currency_id.format(sign * amount) for amount in amounts]

    def _wallet_balance(self):
        """What the paying wallet holds, with what is kept for it (Decimal)."""
        payer = self._payer()
        ledger, unbilled, _reserved = payer._money().get(payer.id, (0, 0, 0))
        return ledger - unbilled

    def _payer(self):
        move = self.move_id
        return move.voip_payer_id or move.voip_account_id.payer_id

    def _wallet_rows(self, before):
        payer = self._payer()
        money = payer._money_text
        return [
            (self.env._("Wallet of %s now", payer.code), money(before)),
            (self.env._("Wallet afterwards"), money(self._wallet_balance())),
        ]
