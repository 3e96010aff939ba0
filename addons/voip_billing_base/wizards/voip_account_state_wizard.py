from odoo import api, fields, models
from odoo.exceptions import UserError

from ..accounts.voip_account import STATES


class VoipAccountStateWizard(models.TransientModel):
    """Asks for the reason of a state change; at closing also what becomes of money."""

    _name = "voip.account.state.wizard"
    _inherit = ["voip.once", "voip.guard"]
    _description = "Change Account State"

    account_ids = fields.Many2many(
        "voip.account",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    state = fields.Selection(STATES, required=True, string="New State")
    reason = fields.Char(required=True, help="The customer reads it in the mail.")
    money_held = fields.Char(
        string="Balance",
        compute="_compute_money_held",
        help="What the books say of these accounts: credit, or what they owe.",
    )
    money = fields.Selection(
        [
            ("keep", "Nothing: close only accounts without balance"),
            ("move", "Move it to another account of the customer"),
            ("refund", "Pay it back"),
        ],
        string="What Becomes of It",
        required=True,
        default="keep",
        help="An account is closed without money in it. Moving makes a journal entry,"
        " paying back a payment to the customer.",
    )
    currency_ids = fields.Many2many("res.currency", compute="_compute_target")
    customer_ids = fields.Many2many("res.partner", compute="_compute_target")
    company_ids = fields.Many2many("res.company", compute="_compute_target")
    target_id = fields.Many2one(
        "voip.account",
        string="Move To",
        domain="[('state', '!=', 'closed'), ('id', 'not in', account_ids),"
        " ('currency_id', 'in', currency_ids), ('company_id', 'in', company_ids),"
        " ('partner_id', 'child_of', customer_ids)]",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Pay From",
        domain="[('type', 'in', ('bank', 'cash')), ('company_id', 'in', company_ids)]",
    )
    payment_ids = fields.Many2many("account.payment", string="Paid Back", readonly=True)
    applied = fields.Boolean(readonly=True)

    @api.depends("account_ids", "state")
    def _compute_money_held(self):
        for wizard in self:
            accounts = wizard.account_ids._origin
            held = accounts._money() if wizard.state == "closed" else {}
            wizard.money_held = ", ".join(
                f"{account.code}: {account._money_text(held[account.id][0])}"
                for account in accounts
                if account.id in held and held[account.id][0]
            )

    @api.depends("account_ids")
    def _compute_target(self):
        for wizard in self:
            accounts = wizard.account_ids
            wizard.currency_ids = accounts.currency_id
            wizard.customer_ids = accounts.partner_id.commercial_partner_id
            wizard.company_ids = accounts.company_id

    def action_apply(self):
        """Settle the money as chosen, change the state; shows a payment made.

        A second click shows what the first one did.
        """
        self._voip_use()
        self.ensure_one()
        self.account_ids.check_access("write")
        self.flush_recordset()
        # Written, not only locked: who began before would not see what was done.
        self.env.cr.execute(
            "UPDATE voip_account_state_wizard SET write_uid = write_uid WHERE id = %s",
            [self.id],
        )
        if not self.applied:
            payments = self._apply()
            self.sudo().write({"applied": True, "payment_ids": [(6, 0, payments.ids)]})
        return self._open(self.payment_ids)

    def _made(self):
        if not self.applied:
            return False
        states = dict(self._fields["state"]._description_selection(self.env))
        done = ", ".join(
            f"{account.code}: {states[account.state]}" for account in self.account_ids
        )
        paid = self._made_payments(self.payment_ids)
        return f"{done}; {paid}" if paid else done

    def _apply(self):
        payments = self.env["account.payment"]
        if self.state == "closed":
            for account in self.account_ids:
                payments |= self._settle(account)
        self.account_ids._set_state(self.state, self.reason)
        return payments

    def _settle(self, account):
        if self.money == "move" and account._money()[account.id][0]:
            account._move_money(self.target_id)
        if self.money == "refund":
            if not self.journal_id:
                raise UserError(self.env._("Choose the journal to pay from."))
            return account._pay_money_back(self.journal_id)
        return self.env["account.payment"]

    def _open(self, payments):
        if not payments:
            return {"type": "ir.actions.act_window_close"}
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Paid Back"),
            "res_model": "account.payment",
        }
        if len(payments) == 1:
            return {**action, "view_mode": "form", "res_id": payments.id}
        return {
            **action,
            "view_mode": "list,form",
            "domain": [("id", "in", payments.ids)],
        }
