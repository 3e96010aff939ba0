"""Receivable lines: each is in one wallet, with what it has open."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..books import attribute, line_trigger
from ..charge.exchange import has_rate
from ..fields import Amount

# What decides which wallet a line is in, or how much it has open there.
DECIDING = {
    "partner_id",
    "account_id",
    "voip_account_id",
    "currency_id",
    "debit",
    "credit",
    "balance",
    "amount_currency",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    voip_account_id = fields.Many2one(
        "voip.account",
        string="VoIP Account",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        help="The account whose wallet this receivable line is in. It is found when "
        "the entry is posted or reconciled; one that is chosen here stays.",
    )
    voip_account_named = fields.Boolean(
        string="VoIP Account Chosen", copy=False, readonly=True
    )
    voip_ledger_amount = Amount(
        string="Wallet Amount",
        digits=(24, 8),
        copy=False,
        readonly=True,
        help="What the line counts in the wallet's ledger balance, in the account's "
        "currency: minus what it has open.",
    )
    voip_value = Amount(
        string="Booked Wallet Amount",
        digits=(24, 8),
        copy=False,
        readonly=True,
        help="The whole line in the account's currency, converted when it was booked; "
        "where neither its currency nor the company's is the account's.",
    )

    def init(self):
        result = super().init()
        self.env.cr.execute(attribute.OWN_FUNCTION)
        line_trigger.install(self.env.cr)
        return result

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [_chosen(vals) for vals in vals_list]
        lines = super().create(vals_list)
        lines._voip_sync_posted()
        return lines

    def write(self, vals):
        result = super().write(_chosen(vals))
        if DECIDING & vals.keys():
            if vals.get("voip_account_id"):
                self._voip_refuse_strange_accounts()
            self._voip_sync_posted()
        return result

    def unlink(self):
        moves = self.move_id
        result = super().unlink()
        self.env["account.move"]._voip_sync(moves=moves.exists().ids)
        return result

    # === BUSINESS METHODS === #

    def _reconcile_plan(self, reconciliation_plan):
        with self.env["account.move"]._voip_books():
            return super()._reconcile_plan(reconciliation_plan)

    def _reconcile_plan_with_sync(self, plan_list, all_amls):
        result = super()._reconcile_plan_with_sync(plan_list, all_amls)
        self.env["account.move"]._voip_sync(lines=all_amls.ids)
        return result

    def _voip_sync_posted(self):
        if posted := self.filtered(lambda line: line.parent_state == "posted"):
            self.env["account.move"]._voip_sync(lines=posted.ids)

    @api.model
    def _voip_attribute(self, ids):
        """Put lines into the wallet they belong to; how many changed.

        :param ids: dict of ``lines`` and ``moves``, lists of ids
        """
        self.env.cr.execute(
            f"{attribute.ATTRIBUTE_SQL} WHERE account IS DISTINCT FROM before", ids
        )
        rows = self.env.cr.dictfetchall()
        if rows:
            values = [self._voip_value_of(row) for row in rows]
            self.env.cr.execute(
                attribute.SET_SQL,
                [[r["id"] for r in rows], [r["account"] for r in rows], values],
            )
        return len(rows)

    @api.model
    def _voip_value_of(self, row):
        """The whole line in its wallet's currency, where that is a third one.

        :raises UserError: there is no exchange rate for the day of the entry
        """
        account = self.env["voip.account"].sudo().browse(row["account"] or ())
        currency = account.currency_id
        known = (row["currency_id"], row["company_currency_id"])
        if not account or currency.id in known:
            return None
        company = self.env["res.company"].sudo().browse(row["company_id"])
        if not has_rate(company, currency.id, row["date"]):
            raise UserError(
                self.env._(
                    "Account %(account)s: %(currency)s has no exchange rate of %(day)s"
                    " or before. Enter one, then post again.",
                    account=account.code,
                    currency=currency.name,
                    day=row["date"],
                )
            )
        value = company.currency_id._convert(
            -float(row["balance"]), currency, company, row["date"]
        )
        return Decimal(str(value))


def _chosen(vals):
    if "voip_account_id" in vals and "voip_account_named" not in vals:
        return {**vals, "voip_account_named": bool(vals["voip_account_id"])}
    return vals
