"""Accounts whose balance runs low: found by SQL, told once per level."""

from odoo import api, fields, models
from odoo.tools import formatLang

from ..accounts.voip_account_credit import AVAILABLE

CRON = "voip_billing_base.ir_cron_low_balance"
TEMPLATE = "voip_billing_base.mail_template_low_balance"


class VoipAccount(models.Model):
    """Levels are compared with what is left of the customer's own money.

    That is what is available without credit limit or overdraft; of a postpaid account,
    who has no money here, what is left of the limit.
    """

    _inherit = "voip.account"

    alert_ids = fields.One2many("voip.balance.alert", "account_id", string="Alerts")
    low_balance = fields.Boolean(
        compute="_compute_low_balance",
        compute_sudo=True,
        search="_search_low_balance",
        help="The paying account is below a level of its alerts.",
    )

    # === COMPUTE METHODS === #

    @api.depends("payer_id")
    def _compute_low_balance(self):
        payers = self.payer_id._origin
        low = self.env["voip.balance.alert"].search(
            [("account_id", "in", payers.ids), ("over_at", "=", False)]
        )
        low = low.account_id
        for account in self:
            account.low_balance = account.payer_id._origin in low

    @api.model
    def _search_low_balance(self, operator, value):
        if operator != "in":
            return NotImplemented
        alerts = self.env["voip.balance.alert"]._search([("over_at", "=", False)])
        return [("payer_id", "in", alerts.subselect("account_id"))]

    # === CRON METHODS === #

    @api.model
    def _cron_low_balance(self):
        """Close the alerts of balances that are back, and tell of new crossings."""
        self.env["voip.account"].flush_model()
        self.env.cr.execute(OVER_SQL)
        self.env.cr.execute(CROSSED_SQL)
        self.env["voip.balance.alert"].invalidate_model()
        told = {}
        for alert_id, account_id in self.env.cr.fetchall():
            told.setdefault(account_id, []).append(alert_id)
        for account_id, alert_ids in told.items():
            alerts = self.env["voip.balance.alert"].browse(alert_ids)
            self.browse(account_id)._tell_low_balance(alerts)

    # === BUSINESS METHODS === #

    @api.model
    def _watch_credit(self, payer_ids):
        result = super()._watch_credit(payer_ids)
        self.env.cr.execute(WATCH_SQL, {"ids": list(payer_ids)})
        if self.env.cr.rowcount:
            self.env["voip.job"]._wake(CRON)
        return result

    def _tell_low_balance(self, alerts):
        """Mail the lowest of the levels that were crossed at once."""
        lowest = alerts.sorted("threshold")[:1]

        def words(account):
            return {
                "voip_left": account._amount_text(lowest.left_amount),
                "voip_why": account._low_balance_text(lowest),
            }

        self._mail_alert(TEMPLATE, words)
        self.message_post(body=self._low_balance_text(lowest))

    def _low_balance_text(self, alert):
        amount = self._amount_text(alert.threshold)
        if not alert.level:
            return self.env._("The balance is below %s.", amount)
        if self.mode == "postpaid":
            return self.env._(
                "Less than %(percent)s %% of the credit limit is left (%(amount)s).",
                percent=alert.level,
                amount=amount,
            )
        return self.env._(
            "The balance is below %(percent)s %% of the last top-up (%(amount)s).",
            percent=alert.level,
            amount=amount,
        )

    def _amount_text(self, amount):
        """An amount as the reader of this environment's language writes it."""
        return formatLang(self.env, amount, currency_obj=self.currency_id)


# What is left of a customer's own money: neither limit nor overdraft are his.
LEFT = f"({AVAILABLE} - CASE a.mode WHEN 'postpaid' THEN 0 ELSE w.limit_amount END)"
# The last money that came in and is still in the books.
BASIS = """
    CASE a.mode WHEN 'postpaid' THEN w.limit_amount ELSE (
        SELECT e.amount FROM voip_wallet_entry e JOIN account_move m ON m.id = e.move_id
         WHERE e.account_id = a.id AND e.kind IN ('topup', 'payment') AND e.amount > 0
           AND m.state = 'posted'
         ORDER BY e.id DESC LIMIT 1) END
"""
# Each level of each paying account, with what is left.
LEVELS = f"""
payer AS (
    SELECT a.id, a.company_id, a.currency_id, {LEFT} AS left_amount, {BASIS} AS basis,
           CASE a.mode WHEN 'postpaid' THEN w.limit_amount ELSE 0 END AS lent,
           COALESCE(a.low_balance_amount, 0) AS fixed,
           ARRAY[a.low_balance_percent_1, a.low_balance_percent_2,
                 a.low_balance_percent_3] AS percents
      FROM voip_account a JOIN voip_wallet w ON w.account_id = a.id
     WHERE a.payer_id = a.id AND a.active AND a.state <> 'closed'
),
level AS (
    SELECT p.id, p.company_id, p.currency_id, p.left_amount, p.lent, 0 AS level,
           p.fixed AS threshold
      FROM payer p WHERE p.fixed > 0
     UNION ALL
    SELECT DISTINCT p.id, p.company_id, p.currency_id, p.left_amount, p.lent,
           percent, p.basis * percent / 100
      FROM payer p, unnest(p.percents) percent
     WHERE p.fixed = 0 AND percent > 0 AND p.basis > 0
)
"""
# Back above the level, or it was by a top-up since: that is spent again already.
OVER_SQL = f"""
WITH {LEVELS}
UPDATE voip_balance_alert b SET over_at = now() AT TIME ZONE 'UTC'
 WHERE b.over_at IS NULL
   AND NOT EXISTS (SELECT FROM level l WHERE l.id = b.account_id AND l.level = b.level
                      AND l.left_amount < l.threshold
                      AND NOT EXISTS (
                          SELECT FROM voip_wallet_entry e
                           WHERE e.account_id = l.id AND e.amount > 0
                             AND e.kind IN ('topup', 'payment') AND e.at > b.at
                             AND e.balance_after + l.lent >= l.threshold))
"""
CROSSED_SQL = f"""
WITH {LEVELS}
INSERT INTO voip_balance_alert
       (account_id, company_id, currency_id, level, threshold, left_amount, at)
SELECT id, company_id, currency_id, level, threshold, left_amount,
       now() AT TIME ZONE 'UTC'
  FROM level l
 WHERE left_amount < threshold
   AND NOT EXISTS (SELECT FROM voip_balance_alert b
                    WHERE b.account_id = l.id AND b.level = l.level
                      AND b.over_at IS NULL)
 ORDER BY id, level
RETURNING id, account_id
"""
# Charging asks for the action only where a level of these wallets is crossed.
WATCH_SQL = f"""
WITH {LEVELS.replace("WHERE a.payer_id = a.id", "WHERE a.id = ANY(%(ids)s)")}
SELECT FROM level l
 WHERE left_amount < threshold
   AND NOT EXISTS (SELECT FROM voip_balance_alert b
                    WHERE b.account_id = l.id AND b.level = l.level
                      AND b.over_at IS NULL)
 LIMIT 1
"""
