"""Papers that ask for money and name no bank account say so before they leave."""

from odoo import api, fields, models

from odoo.addons.voip_billing_base.notice import notice


class ResCompany(models.Model):
    _inherit = "res.company"

    def _voip_bank(self, currency=None):
        """The bank account that papers ask to pay to.

        :param currency: one of its own or of none is taken before others
        :return: ``res.partner.bank``, empty where the company has none
        """
        self.ensure_one()
        banks = self.sudo().partner_id.bank_ids.filtered(
            lambda bank: not bank.company_id or bank.company_id == self
        )
        fits = banks.filtered(lambda bank: not bank.currency_id)
        own = banks.filtered(lambda bank: currency and bank.currency_id == currency)
        return (own or fits or banks)[:1]


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_bank_hint = fields.Char(
        compute="_compute_voip_bank_hint",
        help="What an invoice lacks that says nobody where to pay.",
    )

    voip_can_name_bank = fields.Boolean(compute="_compute_voip_bank_hint")

    @api.depends(
        "partner_bank_id", "voip_account_id", "move_type", "state", "amount_residual"
    )
    def _compute_voip_bank_hint(self):
        adds = self.env["res.partner.bank"].has_access("create")
        for move in self:
            asks = move.move_type == "out_invoice" and move.voip_account_id
            owed = move.state == "draft" or not move.currency_id.is_zero(
                move.amount_residual
            )
            move.voip_bank_hint = (
                move._voip_bank_sentence(adds)
                if asks and owed and move.state != "cancel" and not move.partner_bank_id
                else False
            )
            move.voip_can_name_bank = bool(move.voip_bank_hint) and bool(
                adds or move.company_id._voip_bank(move.currency_id)
            )

    def _voip_bank_sentence(self, adds):
        """:param adds: whether the user may add a bank account"""
        if self.company_id._voip_bank(self.currency_id):
            return self.env._(
                "This invoice names no bank account: its papers do not say where to "
                "pay. Name the company's, and make the documents after it."
            )
        if adds:
            return self.env._(
                "%s has no bank account: papers of this invoice do not say where to "
                "pay. Add it, and make the documents after it.",
                self.company_id.name,
            )
        return self.env._(
            "%s has no bank account: papers of this invoice do not say where to pay. "
            "Whoever keeps contacts adds it to the company's; make the documents after "
            "it.",
            self.company_id.name,
        )

    def action_voip_name_bank(self):
        """Name the company's bank account on the invoices, or ask for one to add."""
        self.check_access("write")
        for company, moves in self.grouped("company_id").items():
            for currency, same in moves.grouped("currency_id").items():
                bank = company._voip_bank(currency)
                if not bank:
                    return self._voip_add_bank(company)
                same.filtered("voip_bank_hint").partner_bank_id = bank
        return notice(self.env._("The bank account is on the papers made from now on."))

    def _voip_add_bank(self, company):
        """The form of a new bank account of the company."""
        partner = company.sudo().partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bank Account of %s", company.name),
            "res_model": "res.partner.bank",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": partner.id},
        }


class VoipDocumentTemplate(models.Model):
    _inherit = "voip.document.template"

    bank_hint = fields.Char(compute="_compute_bank_hint")

    @api.depends("kind", "company_id")
    def _compute_bank_hint(self):
        """Companies whose papers of this template cannot say where to pay."""
        for template in self:
            companies = template.company_id or self.env.companies
            lacking = companies.filtered(lambda company: not company._voip_bank())
            asks = template.kind in ("invoice", "statement")
            template.bank_hint = (
                self.env._(
                    "%s: no bank account, so the paper does not say where to pay. Add "
                    "one to the company's contact.",
                    ", ".join(lacking.mapped("name")),
                )
                if asks and lacking
                else False
            )
