"""The account of a customer that money goes to when nothing else says whose it is."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class VoipAccount(models.Model):
    _inherit = "voip.account"

    is_main = fields.Boolean(
        string="Main Account",
        copy=False,
        tracking=True,
        help="Payments and documents of the customer that name no account, and do not "
        "tell it by what they pay, belong to this one. A customer's first account is "
        "his main account until another one is chosen.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        chosen = accounts.filtered("is_main")
        for account in accounts - chosen:
            if not account._siblings().filtered("is_main"):
                account._write_main(True)
        chosen._leave_one_main()
        accounts._take_over_open_items()
        return accounts

    def write(self, vals):
        if "is_main" in vals and not vals["is_main"] and any(self.mapped("is_main")):
            raise UserError(
                self.env._(
                    "A customer has one main account: tick the box of another one."
                )
            )
        before = self.sudo().partner_id.commercial_partner_id
        result = super().write(vals)
        if vals.get("is_main"):
            self._leave_one_main()
        if "partner_id" in vals:
            self._settle_mains(before | self.sudo().partner_id.commercial_partner_id)
            self.sudo().partner_id.commercial_partner_id._voip_sync_receivables()
        return result

    @api.model
    def _settle_mains(self, customers):
        """One main account in each company for customers whose accounts changed."""
        accounts = self.sudo().with_context(active_test=False)
        accounts = accounts.search(
            [("partner_id.commercial_partner_id", "in", customers.ids)], order="id"
        )
        groups = accounts.grouped(
            lambda a: (a.partner_id.commercial_partner_id, a.company_id)
        )
        for group in groups.values():
            mains = group.filtered("is_main")
            if len(mains) != 1:
                usable = group.filtered(lambda a: a.state != "closed")
                main = (mains or usable or group)[0]
                (group - main)._write_main(False)
                main._write_main(True)

    def _siblings(self):
        """All accounts of the customer in the company, this one included."""
        self.ensure_one()
        return self.sudo().with_context(active_test=False).search(
            [
                (
                    "partner_id.commercial_partner_id",
                    "=",
                    self.partner_id.sudo().commercial_partner_id.id,
                ),
                ("company_id", "=", self.company_id.id),
            ]
        )

    def _write_main(self, value):
        return super().write({"is_main": value})

    def _leave_one_main(self):
        """The account chosen last is the main one; the change is in the audit trail."""
        for account in self:
            others = account._siblings().filtered("is_main") - account
            others._write_main(False)
            before = others[:1].code or ""
            self.env["voip.audit"]._log(
                "account_terms", account, {"is_main": [before, account.code]}
            )

    def _take_over_open_items(self):
        """Put what the customers owe or have already into the new wallets."""
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(UNATTRIBUTED_SQL, [self.ids])
        lines = [row[0] for row in cr.fetchall()]
        if lines:
            cr.execute("SELECT set_config('voip.cause', 'opening', true)")
            self.env["account.move"].sudo()._voip_sync(lines=lines)
            cr.execute("SELECT set_config('voip.cause', '', true)")


UNATTRIBUTED_SQL = """
SELECT l.id
  FROM (SELECT DISTINCT p.commercial_partner_id, a.company_id
          FROM voip_account a JOIN res_partner p ON p.id = a.partner_id
         WHERE a.id = ANY(%s)) customer
  JOIN res_partner p ON p.commercial_partner_id = customer.commercial_partner_id
  JOIN account_move_line l ON l.partner_id = p.id
       AND l.company_id = customer.company_id
  JOIN account_account aa ON aa.id = l.account_id
 WHERE l.voip_account_id IS NULL AND l.parent_state = 'posted'
   AND aa.account_type = 'asset_receivable'
"""
