"""What may not be done to a document that bills usage, whatever the value or the way.

What is wrong on it is credited, never edited. Odoo's own work on posted entries goes
on: numbering and hashing, payments and reconciliation, sending, due dates, notes.
"""

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ..models.voip_guard import changed, without_defaults

# Kept by the billing run; the payer follows from the account.
INTERNAL = frozenset(
    ("voip_period_start", "voip_period_end", "voip_run_id", "voip_usage_document")
)
FROZEN = (
    *sorted(INTERNAL),
    "voip_account_id",
    "voip_payer_id",
    "state",
    "name",
    "move_type",
    "company_id",
    "journal_id",
    "partner_id",
    "currency_id",
    "invoice_currency_rate",
    "date",
    "invoice_date",
    "invoice_payment_term_id",
    "invoice_cash_rounding_id",
    "fiscal_position_id",
    "reversed_entry_id",
    "commercial_partner_id",
    "partner_shipping_id",
    "direction_sign",
    "is_storno",
    "amount_untaxed",
    "amount_tax",
    "amount_total",
    "amount_residual",
    "amount_untaxed_signed",
    "amount_untaxed_in_currency_signed",
    "amount_tax_signed",
    "amount_total_signed",
    "amount_total_in_currency_signed",
    "amount_residual_signed",
    "voip_usage_document",
    "voip_span_start",
    "voip_span_end",
)
FROZEN_SQL = """
SELECT id FROM account_move
 WHERE id = ANY(%s) AND state <> 'draft'
   AND (voip_period_end IS NOT NULL OR voip_span_end IS NOT NULL)
"""
# Written by its button; the other states follow from reconciliations.
PAYMENT_STATES = ("blocked", "not_paid")


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "voip.named"]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        plain = without_defaults(self, (*INTERNAL, "voip_payer_id"))
        for vals in vals_list:
            # Nothing is what a new entry has anyway.
            self._voip_refuse_internal({name for name in vals if vals[name]})
            self._voip_refuse_payer(vals)
        return super(AccountMove, plain).create(vals_list).with_env(self.env)

    def write(self, vals):
        self._voip_refuse_internal(vals.keys())
        self._voip_refuse_frozen(vals)
        if not self.env.su and changed(self, vals, ["voip_payer_id"]):
            for move in self:
                names = ("voip_account_id", "reversed_entry_id")
                self._voip_refuse_payer({n: move[n].id for n in names} | vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_usage(self):
        if self._voip_frozen():
            self._voip_refuse_reopening()

    # === ACTION METHODS === #

    def button_draft(self):
        self._voip_refuse_reopening()
        return super().button_draft()

    def button_cancel(self):
        self._voip_refuse_reopening()
        return super().button_cancel()

    # === GUARDS === #

    def _voip_frozen(self):
        """Those of these documents that bill or credit usage and were posted.

        The database is asked, too: what a client writes stands in the cache already.
        """
        self.env.cr.execute(FROZEN_SQL, [self.ids])
        kept = {row[0] for row in self.env.cr.fetchall()}
        return self.filtered(
            lambda m: m.id in kept
            or (m.voip_period_end or m.voip_span_end)
            and m.state != "draft"
        )

    def _voip_refuse_reopening(self):
        billed = self._voip_frozen().filtered(lambda m: m.move_type != "out_refund")
        if billed:
            raise UserError(
                self.env._(
                    "%(names)s bills rated usage and stays as posted. Open it and "
                    "press Credit Note: what is wrong is credited, never edited.",
                    names=", ".join(billed.mapped("name")),
                )
            )

    def _voip_refuse_frozen(self, vals):
        """Fields of a posted usage document stay, for the superuser too.

        :raises UserError: ``vals`` would change one
        """
        frozen = self._voip_frozen()
        names = changed(frozen, vals, FROZEN)
        if vals.get("payment_state", "blocked") not in PAYMENT_STATES:
            names += changed(frozen, vals, ["payment_state"])
        if names:
            raise UserError(
                self.env._(
                    "%(field)s of a posted usage document stays. Press Credit Note on "
                    "the invoice: what is wrong is credited, never edited.",
                    field=self._fields[names[0]]._description_string(self.env),
                )
            )

    @api.model
    def _voip_refuse_internal(self, names):
        if not self.env.su and INTERNAL & names:
            raise AccessError(self.env._("The usage period is not edited."))

    @api.model
    def _voip_refuse_payer(self, vals):
        """Who pays follows from the document's account, or from what it reverses."""
        payer = vals.get("voip_payer_id")
        if self.env.su or not payer:
            return
        account = self.env["voip.account"].sudo().browse(vals.get("voip_account_id"))
        origin = self.sudo().browse(vals.get("reversed_entry_id"))
        if payer not in (account.payer_id.id, origin.voip_payer_id.id):
            raise AccessError(
                self.env._("Who pays a document follows from its VoIP account.")
            )
