"""A supplier has an address, to which he sends his invoices."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class VoipSupplierAgreement(models.Model):
    """The address is the supplier's: his agreements share it, also those to come."""

    _name = "voip.supplier.agreement"
    _inherit = ["voip.supplier.agreement", "voip.mailbox"]

    _mailbox_receiver = "voip.supplier.file"

    mail_name = fields.Char(
        string="Invoices by Mail",
        help="The part before the @. Each file sent there waits under Suppliers' Files"
        " until somebody takes it.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        agreements = super().create(vals_list)
        for agreement in agreements.sudo():
            shared = agreement._mailbox_holders().mail_alias_id[:1]
            if shared and not agreement.mail_alias_id:
                agreement.mail_alias_id = shared
        return agreements

    def write(self, vals):
        if {"partner_id", "company_id"} & vals.keys():
            self._refuse_to_move(vals)
        return super().write(vals)

    def unlink(self):
        for agreement in self.sudo():
            alias = agreement.mail_alias_id
            if left := (agreement._mailbox_holders() - self)[:1]:
                alias.alias_defaults = repr(left._mailbox_defaults())
                alias.alias_parent_thread_id = left.id
            else:
                alias.unlink()
        return super().unlink()

    # === BUSINESS METHODS === #

    def _mailbox_defaults(self):
        return {"agreement_id": self.id}

    def _mailbox_holders(self):
        return self.with_context(active_test=False).search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.partner_id.id),
            ]
        )

    def _mailbox_current(self):
        """The supplier's agreement of today, else this one."""
        return self._of(self.partner_id, fields.Date.today(), self.company_id) or self

    def _refuse_to_move(self, vals):
        """:raises UserError: the address would become another supplier's"""
        for agreement in self:
            moves = any(
                name in vals and vals[name] != agreement[name].id
                for name in ("partner_id", "company_id")
            )
            if moves and agreement.sudo().mail_alias_id:
                raise UserError(
                    self.env._(
                        "%(agreement)s: %(address)s is the supplier's. Take the address"
                        " away first, or make an agreement of the other supplier.",
                        agreement=agreement.display_name,
                        address=agreement.mail_address,
                    )
                )
