"""Accounts that are topped up by themselves: when, how much, how often at most."""

import logging
from datetime import timedelta

import pytz
from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import float_compare, format_datetime

from ..accounts.voip_account_change import MANAGER
from ..alerts.voip_account_alert import LEFT
from ..models.voip_guard import changed
from .voip_recharge import BACK_OFF

_logger = logging.getLogger(__name__)
CRON = "voip_billing_base.ir_cron_recharge"
ACTIVITY = "voip_billing_base.mail_activity_recharge"
DONE = "voip_billing_base.mail_template_recharge_done"
FAILED = "voip_billing_base.mail_template_recharge_failed"
SETTINGS = (
    "auto_recharge",
    "auto_recharge_token_id",
    "auto_recharge_threshold",
    "auto_recharge_amount",
    "auto_recharge_daily_cap",
    "auto_recharge_monthly_cap",
)


class VoipAccount(models.Model):
    """A stored payment method is charged when the balance falls below the threshold.

    At most the caps of a day and a month (of the account's zone), one charge at a time.
    After a failure the next try comes after 1, 6 and 24 hours; after the fourth in a
    row nothing more is tried until somebody changes the settings or resumes it.
    """

    _inherit = "voip.account"

    auto_recharge_token_id = fields.Many2one(
        "payment.token",
        string="Payment Method",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        tracking=True,
        domain="[('partner_id', 'child_of', partner_id)]",
        help="A payment method that the customer stored in the portal.",
    )
    auto_recharge_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="Failures before this do not count: then the settings were changed.",
    )
    auto_recharge_status = fields.Char(
        string="Recharge Now",
        compute="_compute_auto_recharge_status",
        compute_sudo=True,
        help="Whether the next recharge is ready, or why not.",
    )
    recharge_ids = fields.One2many("voip.recharge", "account_id", string="Recharges")

    # === COMPUTE METHODS === #

    @api.depends("recharge_ids.state", *SETTINGS)
    def _compute_auto_recharge_status(self):
        for account in self:
            refusal = account._origin and account._recharge_refusal()
            account.auto_recharge_status = refusal or self.env._("Ready")

    # === CONSTRAINT METHODS === #

    @api.constrains("auto_recharge_token_id", "partner_id", "company_id")
    def _check_token(self):
        """The money is the customer's own: nobody else's method is charged."""
        for account in self:
            token = account.auto_recharge_token_id.sudo()
            customer = account.partner_id.commercial_partner_id
            if token and token.partner_id.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "The payment method of %s is its customer's own.",
                        account.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("auto_recharge_token_id") for vals in vals_list):
            self._guard_recharge()
        return super().create(vals_list)

    def write(self, vals):
        settings = changed(self, vals, SETTINGS)
        token = vals.get("auto_recharge_token_id")
        if settings and (token or self.auto_recharge_token_id):
            self._guard_recharge()
        result = super().write(vals)
        if settings:
            self._recharge_anew()
            for account in self:
                self.env["voip.audit"]._log(
                    "recharge_settings", account, account._recharge_settings(settings)
                )
        return result

    # === ACTION METHODS === #

    def action_resume_recharge(self):
        """Forget the failures so far: the next try may come at once."""
        self.check_access("write")
        self._guard_recharge()
        self._recharge_anew()
        self.env["voip.job"]._wake(CRON)

    def action_view_recharges(self):
        return self._open_action(
            "voip_billing_base.voip_recharge_action", [("account_id", "in", self.ids)]
        )

    # === CRON METHODS === #

    @api.model
    def _cron_recharge(self):
        """Settle what providers answered meanwhile, then charge what is due."""
        recharges = self.env["voip.recharge"].sudo()
        open_ones = recharges.search([("state", "in", ("sent", "unknown"))])
        recharges._settle(open_ones.transaction_id)
        recharges._give_up_waiting()
        for account in self.browse(self._ids_to_recharge()):
            try:
                recharges._charge(account)
            except Exception:
                # Kept as sent: a person decides whether it was charged.
                self.env.invalidate_all(flush=False)
                _logger.exception("The recharge of account %s failed", account.code)

    # === BUSINESS METHODS === #

    @api.model
    def _watch_credit(self, payer_ids):
        result = super()._watch_credit(payer_ids)
        due = self.sudo().browse(self._ids_to_recharge(payer_ids))
        if any(not account._recharge_refusal() for account in due):
            self.env["voip.job"]._wake(CRON)
        return result

    @api.model
    def _ids_to_recharge(self, only=None):
        """Accounts below their threshold that no recharge is open for.

        :param only: ids among which it looks; None: all
        """
        self.env["voip.account"].flush_model()
        self.env["voip.recharge"].flush_model()
        self.env.cr.execute(DUE_SQL, {"only": None if only is None else list(only)})
        return [row[0] for row in self.env.cr.fetchall()]

    def _recharge_due(self):
        """What is charged now, of an account whose row is locked; 0: nothing."""
        if not self._ids_to_recharge(self.ids) or self._recharge_refusal():
            return 0
        return self.currency_id.round(self.auto_recharge_amount)

    def _recharge_refusal(self):
        """Why the next recharge has to wait, as staff and customer read it."""
        self.ensure_one()
        if not self.auto_recharge:
            return self.env._("Switched off")
        if self.payer_id != self:
            return self.env._("%s pays for this account", self.payer_id.display_name)
        if self.recharge_ids.filtered(lambda r: r.state in ("sent", "unknown")):
            return self.env._("Waiting for the payment provider")
        return self._token_refusal() or self._back_off_refusal() or self._cap_refusal()

    def _token_refusal(self):
        token = self.auto_recharge_token_id
        provider = token.provider_id
        if not token.active:
            return self.env._("Choose a stored payment method")
        if provider.state == "disabled":
            return self.env._("%s is switched off", provider.name)
        if provider.state == "test" and not self.company_id.voip_test_payments:
            return self.env._("%s is in test mode", provider.name)
        currencies = provider.available_currency_ids
        if currencies and self.currency_id not in currencies:
            return self.env._(
                "%(provider)s takes no %(currency)s",
                provider=provider.name,
                currency=self.currency_id.name,
            )
        return None

    def _back_off_refusal(self):
        retry = self._recharge_retry()
        if retry is False:
            return self.env._("Paused after %s failures", len(BACK_OFF) + 1)
        if retry and retry > self.env.cr.now():
            when = format_datetime(self.env, retry, tz=self.tz, dt_format="short")
            return self.env._("Failed, next try at %s", when)
        return None

    def _recharge_retry(self):
        """When the next try may come after failures in a row.

        :return: datetime in UTC; None without a failure, False: never by itself
        """
        failures = self.recharge_ids.sorted("id", reverse=True)
        since = self.auto_recharge_since
        if since:
            failures = failures.filtered(lambda r: r.at >= since)
        count = next(
            (i for i, r in enumerate(failures) if r.state != "failed"), len(failures)
        )
        if not count:
            return None
        if count > len(BACK_OFF):
            return False
        return failures[0].at + timedelta(hours=BACK_OFF[count - 1])

    def _cap_refusal(self):
        for cap, days, words in (
            (self.auto_recharge_daily_cap, True, self.env._("Cap of the day reached")),
            (
                self.auto_recharge_monthly_cap,
                False,
                self.env._("Cap of the month reached"),
            ),
        ):
            if not cap and not days:
                continue
            total = self._recharged_since(days) + self.auto_recharge_amount
            if float_compare(total, cap, self.currency_id.decimal_places) > 0:
                return words
        return None

    def _recharged_since(self, days):
        """What was charged, or may have been, since midnight or the month's first."""
        zone = pytz.timezone(self.tz)
        now = pytz.utc.localize(self.env.cr.now()).astimezone(zone)
        first = now.date() if days else now.date().replace(day=1)
        midnight = zone.localize(
            fields.Datetime.to_datetime(first), is_dst=True
        ).astimezone(pytz.utc)
        start = midnight.replace(tzinfo=None)
        counted = self.recharge_ids.filtered(
            lambda r: r.state != "failed" and r.at >= start
        )
        return sum(counted.mapped("amount"))

    def _recharge_anew(self):
        since = {"auto_recharge_since": self.env.cr.now()}
        return super(VoipAccount, self.sudo()).write(since)

    def _recharge_settings(self, names):
        return {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in names
        }

    @api.model
    def _guard_recharge(self):
        """How a customer's money is taken is up to a manager, or to himself.

        :raises AccessError: the user is neither
        """
        if not self._may(MANAGER):
            raise AccessError(
                self.env._(
                    "Only a billing manager changes how a customer's stored payment"
                    " method is charged."
                )
            )

    # === WHO IS TOLD === #

    def _tell_recharge(self, recharge):
        """Mail what became of a recharge; the last failure is a task for managers."""
        done = recharge.state == "done"

        def words(account):
            return {
                "voip_amount": account._amount_text(recharge.amount),
                "voip_method": recharge.token_id.display_name,
                "voip_why": recharge.reason or "",
                "voip_next": "" if done else account._next_try_text(),
            }

        self._mail_alert(DONE if done else FAILED, words)
        if not done and self._recharge_retry() is False:
            self._ask_staff_about(recharge)

    def _next_try_text(self):
        retry = self._recharge_retry()
        if retry is False:
            return self.env._(
                "We do not try again by ourselves. Please check your payment method or"
                " top up."
            )
        when = format_datetime(self.env, retry, tz=self.tz, dt_format="short")
        return self.env._("We try again at %(when)s (%(tz)s).", when=when, tz=self.tz)

    def _ask_staff_about(self, recharge):
        """One open task for each billing manager of the company."""
        note = self.env._(
            "Recharge of %(amount)s: %(why)s",
            amount=self._amount_text(recharge.amount),
            why=recharge.reason,
        )
        told = self.activity_search([ACTIVITY]).user_id
        quick = self.with_context(mail_activity_quick_update=True)
        for user in self.company_id._billing_managers() - told:
            quick.activity_schedule(ACTIVITY, note=escape(note), user_id=user.id)


# A blocked account buys nothing; one that is suspended gets its credit back by this.
DUE_SQL = f"""
SELECT a.id FROM voip_account a JOIN voip_wallet w ON w.account_id = a.id
 WHERE a.payer_id = a.id AND a.active AND a.state IN ('active', 'suspended')
   AND a.auto_recharge AND a.auto_recharge_token_id IS NOT NULL
   AND a.auto_recharge_amount > 0
   AND {LEFT} < a.auto_recharge_threshold
   AND (%(only)s::int[] IS NULL OR a.id = ANY(%(only)s))
   AND NOT EXISTS (SELECT FROM voip_recharge r
                    WHERE r.account_id = a.id AND r.state IN ('sent', 'unknown'))
 ORDER BY a.id
"""
