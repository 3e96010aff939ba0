"""What may not be done to the lines of a document that bills usage."""

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..models.voip_guard import changed, without_defaults

# What usage, wallets and reconciliations say is not typed in, on no line.
INTERNAL = frozenset(
    (
        "voip_ledger_amount",
        "voip_value",
        "voip_account_named",
        "voip_calls",
        "voip_seconds",
        "voip_rate",
        "voip_amount",
        "voip_late",
        "amount_residual",
        "amount_residual_currency",
        "reconciled",
        "parent_state",
        "company_currency_id",
    )
)
# What goes on changing on the lines of a posted usage document: due dates, follow-up,
# reconciliation, analytic accounting. All else stays.
FREE = frozenset(
    (
        "date_maturity",
        "discount_date",
        "discount_amount_currency",
        "discount_balance",
        "matching_number",
        "full_reconcile_id",
        "analytic_distribution",
        "no_followup",
        "sequence",
        "payment_date",
        *models.MAGIC_COLUMNS,
    )
)


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "voip.named"]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        plain = without_defaults(self, INTERNAL)
        for vals in vals_list:
            # Nothing is what a new line has anyway.
            named = {name for name in vals if vals[name]}
            move = self.env["account.move"].browse(vals.get("move_id") or ())
            self._voip_refuse_internal(named - _told(vals, move))
        lines = super(AccountMoveLine, plain).create(vals_list).with_env(self.env)
        lines._voip_refuse_usage_lines()
        return lines

    def write(self, vals):
        self._voip_refuse_internal(vals.keys() - _told(vals, self.move_id))
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
        kept = [name for name in vals if self._voip_stays(name)]
        if not kept:
            return
        documents = self.move_id._voip_frozen()
        frozen = self.filtered(lambda line: line.move_id in documents)
        target = self.env["account.move"].sudo().browse(vals.get("move_id")).exists()
        arriving = target._voip_frozen() and changed(self, vals, ["move_id"])
        if arriving or changed(frozen, vals, kept):
            raise self._voip_line_refusal()

    def _voip_stays(self, name):
        field = self._fields.get(name)
        return field is not None and field.store and name not in FREE

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


def _told(vals, moves):
    """The company's currency where it is that of ``moves`` already: Odoo writes it on
    lines of cash rounding."""
    value = vals.get("company_currency_id")
    if not value or set(moves.sudo().exists().company_currency_id.ids) != {value}:
        return set()
    return {"company_currency_id"}
