"""What may not be done to the lines of a document that bills usage."""

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .voip_guard import changed

# What usage and wallets say is not typed in, on no line.
INTERNAL = frozenset(
    (
        "voip_ledger_amount",
        "voip_value",
        "voip_calls",
        "voip_seconds",
        "voip_rate",
        "voip_amount",
        "voip_late",
    )
)
FROZEN = (
    *sorted(INTERNAL),
    "voip_account_id",
    "voip_service_id",
    "move_id",
    "account_id",
    "partner_id",
    "currency_id",
    "product_id",
    "display_type",
    "name",
    "quantity",
    "price_unit",
    "discount",
    "tax_ids",
    "tax_line_id",
    "tax_tag_ids",
    "debit",
    "credit",
    "balance",
    "amount_currency",
)


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "voip.named"]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        kept = {f"default_{name}" for name in INTERNAL}
        context = {k: v for k, v in self.env.context.items() if k not in kept}
        plain = self.with_env(self.env(context=context))
        for vals in vals_list:
            # Nothing is what a new line has anyway.
            self._voip_refuse_internal({name for name in vals if vals[name]})
        lines = super(AccountMoveLine, plain).create(vals_list).with_env(self.env)
        lines._voip_refuse_usage_lines()
        return lines

    def write(self, vals):
        self._voip_refuse_internal(vals.keys())
        self._voip_refuse_frozen(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_usage(self):
        self._voip_refuse_usage_lines()

    # === GUARDS === #

    @api.model
    def _voip_refuse_internal(self, names):
        if not self.env.su and INTERNAL & names:
            raise AccessError(
                self.env._("Usage and wallet figures of a line are not edited.")
            )

    def _voip_refuse_frozen(self, vals):
        """Lines of a posted usage document stay, for the superuser too.

        :raises UserError: ``vals`` would change one, or move another line there
        """
        if not vals.keys() & set(FROZEN):
            return
        frozen = self.filtered("move_id.voip_usage_document")
        frozen = frozen.filtered(lambda line: line.move_id._voip_frozen())
        target = self.env["account.move"].sudo().browse(vals.get("move_id")).exists()
        arriving = target._voip_frozen() and changed(self, vals, ["move_id"])
        if arriving or changed(frozen, vals, FROZEN):
            raise self._voip_line_refusal()

    def _voip_refuse_usage_lines(self):
        """Lines are neither added to nor taken from a posted usage document."""
        if self.move_id._voip_frozen():
            raise self._voip_line_refusal()

    def _voip_line_refusal(self):
        return UserError(
            self.env._(
                "A line that adds up rated usage cannot be edited. Press Credit "
                "Note on its invoice: what is wrong is credited, never edited."
            )
        )
