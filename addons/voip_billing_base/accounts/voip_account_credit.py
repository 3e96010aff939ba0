"""Accounts that ran out of credit: notice first, then suspension, and back again."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)
USED_UP, BACK = _lt("The credit is used up."), _lt("The credit is back.")


class VoipAccount(models.Model):
    """Prepaid accounts below zero, others beyond their limit.

    The customer gets notice at once and the profile's hours to pay; then the account is
    suspended. A payment that brings the wallet back ends both by itself.
    """

    _inherit = "voip.account"

    no_credit_since = fields.Datetime(
        string="Without Credit Since", readonly=True, copy=False
    )
    suspended_for_credit = fields.Boolean(
        readonly=True,
        copy=False,
        help="Suspended because the credit was used up; active again once it is back.",
    )

    # === CRON METHODS === #

    @api.model
    def _cron_credit(self):
        """Give notice, suspend and reactivate; each account on its own."""
        now = fields.Datetime.now()
        without = self.browse(self._ids_without_credit())
        for account in without.filtered(lambda a: not a.no_credit_since):
            account._give_credit_notice(now)
        for account in without.filtered(lambda a: a.state == "active"):
            hours = timedelta(hours=account.suspend_notice_hours)
            if account.no_credit_since + hours <= now:
                account._set_state("suspended", USED_UP)
                account.sudo().suspended_for_credit = True
        noticed = self.search([("no_credit_since", "!=", False)])
        for account in noticed - without:
            account._credit_is_back()

    # === BUSINESS METHODS === #

    @api.model
    def _watch_credit(self, payer_ids):
        """Ask for the scheduled action when one of these wallets ran out."""
        self.env.cr.execute(WATCH_SQL, [list(payer_ids)])
        if self.env.cr.rowcount:
            self.env["voip.job"]._wake("voip_billing_base.ir_cron_credit")

    @api.model
    def _ids_without_credit(self):
        """Accounts in use whose paying wallet is below its limit."""
        self.flush_model()
        self.env.cr.execute(WITHOUT_SQL)
        return [row[0] for row in self.env.cr.fetchall()]

    def _give_credit_notice(self, now):
        self.sudo().no_credit_since = now
        self.env["voip.audit"]._log(
            "credit_used_up", self, {"notice_hours": self.suspend_notice_hours}
        )
        self._mail_alert(
            "voip_billing_base.mail_template_no_credit",
            lambda account: {"voip_pay": account._notice_text()},
        )

    def _notice_text(self):
        """Until when a customer may pay, as he reads it."""
        hours = self.suspend_notice_hours
        if not hours:
            return self.env._(
                "Outbound calls are not possible until the credit is back."
            )
        if hours == 1:
            return self.env._(
                "Please pay within 1 hour; after that no outbound calls are possible"
                " until the credit is back."
            )
        return self.env._(
            "Please pay within %s hours; after that no outbound calls are possible"
            " until the credit is back.",
            hours,
        )

    def _credit_is_back(self):
        if self.suspended_for_credit and self.state == "suspended":
            self._set_state("active", BACK)
        self.sudo().write({"no_credit_since": False, "suspended_for_credit": False})


# What a wallet may still spend, with the movements that are kept for it.
AVAILABLE = """
    w.available + COALESCE((SELECT sum(p.ledger - p.unbilled - p.tax)
                              FROM voip_wallet_pending p
                             WHERE p.account_id = w.account_id), 0)
"""
# Only for accounts that the action acts on, and once: it reads all wallets.
WATCH_SQL = f"""
SELECT FROM voip_wallet w
 WHERE w.account_id = ANY(%s) AND {AVAILABLE} < 0
   AND EXISTS (SELECT FROM voip_account a
                WHERE a.payer_id = w.account_id AND a.active
                  AND a.state IN ('active', 'suspended') AND a.no_credit_since IS NULL)
 LIMIT 1
"""
WITHOUT_SQL = f"""
SELECT a.id FROM voip_account a JOIN voip_wallet w ON w.account_id = a.payer_id
 WHERE a.active AND a.state IN ('active', 'suspended') AND {AVAILABLE} < 0
 ORDER BY a.id
"""
