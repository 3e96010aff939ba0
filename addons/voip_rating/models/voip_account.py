from odoo import api, fields, models

from odoo.addons.voip_billing_base.counts import counts_by


class VoipAccount(models.Model):
    _inherit = "voip.account"

    deck_id = fields.Many2one(
        "voip.rate.deck",
        string="Rate deck",
        domain=[("side", "=", "customer")],
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="Empty: the deck of the parent account.",
    )
    effective_deck_id = fields.Many2one(
        "voip.rate.deck",
        string="Deck in use",
        compute="_compute_effective_deck_id",
        recursive=True,
    )
    trunk_ids = fields.One2many("voip.trunk", "account_id")
    trunk_count = fields.Integer(compute="_compute_trunk_count")

    # === COMPUTE METHODS === #

    @api.depends("deck_id", "parent_id.effective_deck_id")
    def _compute_effective_deck_id(self):
        for account in self:
            account.effective_deck_id = (
                account.deck_id or account.parent_id.effective_deck_id
            )

    @api.depends("trunk_ids")
    def _compute_trunk_count(self):
        counts = counts_by(self.env["voip.trunk"], "account_id", self)
        for account in self:
            account.trunk_count = counts.get(account, 0)

    # === CRUD METHODS === #

    def write(self, vals):
        before = {account: account.deck_id for account in self}
        result = super().write(vals)
        if "deck_id" in vals:
            for account, deck in before.items():
                if account.deck_id != deck:
                    account._log_deck(deck)
        return result

    def _log_deck(self, before):
        self.env["voip.audit"]._log(
            "account_deck",
            self,
            {"before": before.code or "", "after": self.deck_id.code or ""},
        )

    # === ACTION METHODS === #

    def action_view_trunks(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_trunk_action"
        )
        return action | {
            "domain": [("account_id", "=", self.id)],
            "context": {"default_account_id": self.id, "default_side": "customer"},
        }

    def action_quote(self):
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_rating.voip_rate_quote_action"
        )
        return action | {"context": {"default_account_id": self.id}}

    # === BUSINESS METHODS === #

    def _customer_deck(self):
        """Return the deck calls of the account are sold by: its own or the nearest
        ancestor's; empty when there is none."""
        self.ensure_one()
        return self.effective_deck_id
