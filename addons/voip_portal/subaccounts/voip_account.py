"""What a reseller may do with sub-accounts of his, and the limit of their month."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools.translate import LazyTranslate

from odoo.addons.voip_billing_base.accounts.voip_account_change import APPROVER
from odoo.addons.voip_billing_base.fields import ExactFloat

_lt = LazyTranslate(__name__)
ABOVE = _lt("Its parent account is suspended or blocked.")
AGAIN = _lt("Its parent account is active again.")
REACHED = _lt("The limit of the month is reached.")
BELOW = _lt("It is below the limit of the month again.")
MONEY = (18, 2)
# They let others be paid by an account: who sets a paying parent sets them.
GIVEN = (
    "sub_account_limit",
    "sub_month_limit_most",
    "managed_by_parent",
    "may_resell",
    "resale_partner_id",
)


class VoipAccount(models.Model):
    _inherit = "voip.account"

    sub_account_limit = fields.Integer(
        string="Sub-accounts at Most",
        copy=False,
        tracking=True,
        help="So many sub-accounts its owners may make in the portal, paid by this"
        " account; 0: none.",
    )
    sub_month_limit_most = ExactFloat(
        string="Most of a Month",
        digits=MONEY,
        copy=False,
        tracking=True,
        help="The largest limit of a month, taxes included, that its owners may give a"
        " sub-account; 0: any, and none.",
    )
    managed_by_parent = fields.Boolean(
        string="Managed by Its Parent",
        copy=False,
        tracking=True,
        help="Owners of the parent account name, limit, suspend and close it in the"
        " portal.",
    )
    month_limit = ExactFloat(
        string="Limit of a Month",
        digits=MONEY,
        copy=False,
        tracking=True,
        help="Usage of a month, taxes included, after which it is suspended until the"
        " next one; 0: none.",
    )
    suspended_by = fields.Selection(
        [
            ("parent", "The parent's owner"),
            ("limit", "The limit of the month"),
            ("above", "Its parent, with itself"),
        ],
        readonly=True,
        copy=False,
        help="Who suspended it, where it was not staff or its credit.",
    )

    _sub_accounts = models.Constraint(
        "CHECK (sub_account_limit BETWEEN 0 AND 500)",
        "An account has 0 to 500 sub-accounts of its own making.",
    )
    _month_limits = models.Constraint(
        "CHECK (month_limit BETWEEN 0 AND 1000000000000000"
        " AND sub_month_limit_most BETWEEN 0 AND 1000000000000000)",
        "Limits are not negative.",
    )
    _managed = models.Constraint(
        "CHECK (NOT managed_by_parent OR parent_id IS NOT NULL)",
        "Only an account with a parent is managed by it.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("managed_by_parent", "parent_id", "partner_id", "payer_id")
    def _check_managed(self):
        """Its parent's customer manages it, and pays for it."""
        for account in self.filtered("managed_by_parent"):
            parent = account.parent_id
            customers = (account | parent).partner_id.commercial_partner_id
            if len(customers) > 1 or account.payer_id != parent.payer_id:
                raise ValidationError(
                    self.env._(
                        "%s is managed by its parent: it needs the parent's customer,"
                        " and to be paid by it.",
                        account.display_name,
                    )
                )

    # === CRON METHODS === #

    @api.model
    def _cron_month_limits(self):
        """Suspend who reached the limit of his month; release them in the next one."""
        self._apply_month_limits()

    # === STATE === #

    def _set_state(self, state, reason):
        """Whoever else changes the state decides: what suspended it is over.

        What an account pays for stops and goes on with it.
        """
        moved = self.filtered(lambda account: account.state != state)
        result = super()._set_state(state, reason)
        moved.sudo().filtered("suspended_by").suspended_by = False
        if state != "closed" and (below := moved._managed()):
            below._follow(state)
        return result

    def _follow(self, state):
        """Sub-accounts take their parent's new state: those that were active, and come
        back once it does."""
        gone = self.filtered(lambda account: account.suspended_by == "above")
        # Their customer is told of the parent once.
        if state == "active":
            gone.with_context(voip_follows=True)._set_state(state, AGAIN)
            # Of no account that would be all of them.
            if gone:
                gone._apply_month_limits()
            return
        active = self.filtered(lambda account: account.state == "active")
        follows = gone | active
        follows.with_context(voip_follows=True)._set_state(state, ABOVE)
        follows.suspended_by = "above"

    def _mail_state(self, reason):
        if self.env.context.get("voip_follows"):
            return None
        return super()._mail_state(reason)

    def _apply_month_limits(self):
        """Act on the limits of these accounts; of all, where there are none."""
        self.flush_model()
        self.env["voip.usage.summary"].flush_model()
        self.env.cr.execute(LIMIT_SQL, [self.ids or None] * 2)
        for account_id, reached in self.env.cr.fetchall():
            account = self.sudo().browse(account_id)
            if reached and account.state == "active":
                account._set_state("suspended", REACHED)
                account.suspended_by = "limit"
            elif not reached and account.state == "suspended":
                account._set_state("active", BELOW)

    # === GUARDS === #

    def _guard_new(self):
        result = super()._guard_new()
        for account in self:
            for name in GIVEN:
                if account[name]:
                    self._require(APPROVER, name)
        return result

    def _guard_write(self, vals):
        result = super()._guard_write(vals)
        for name in GIVEN:
            if name in vals:
                self._require(APPROVER, name)
        return result

    # === BUSINESS METHODS === #

    def _managed(self):
        """Sub-accounts that this account's owners manage, by code."""
        found = self.sudo().with_context(active_test=False)
        return found.search(
            [("parent_id", "in", self.ids), ("managed_by_parent", "=", True)],
            order="code",
        )

    def _places_left(self):
        """How many sub-accounts may still be made; closed ones take no place."""
        open_ones = self._managed().filtered(lambda account: account.state != "closed")
        return max(0, self.sudo().sub_account_limit - len(open_ones))

    def _free_sub_code(self):
        """The next code of a sub-account: that of this one and a number."""
        taken = set(self._managed().mapped("code"))
        numbers = range(1, len(taken) + 2)
        return next(
            code for code in (f"{self.code}-{n}" for n in numbers) if code not in taken
        )

    def _make_sub_account(self, name, code, month_limit, by):
        """A sub-account of a reseller, paid by what pays for him and on his invoice.

        He was found to be an owner. Contacts with a right here have it there, too.

        :param month_limit: Decimal, 0: none
        :param by: the contact who asks
        :raises UserError: no place left, the code is taken, the limit too large
        """
        self.ensure_one()
        parent = self.sudo().with_company(self.sudo().company_id)
        # Two at once meet here: the later one begins anew and counts both.
        self.env.cr.execute(PLACE_SQL, [parent.id])
        if parent.state != "active":
            raise UserError(self.env._("Only an active account has new sub-accounts."))
        if not parent._places_left():
            raise UserError(
                self.env._("All of your sub-accounts are made: please ask us for more.")
            )
        parent._refuse_sub_limit(month_limit)
        same = [("company_id", "=", parent.company_id.id), ("code", "=", code)]
        if parent.with_context(active_test=False).search_count(same, limit=1):
            raise UserError(self.env._("Choose another code: this one is taken."))
        made = parent.create(parent._sub_account_values(name, code, month_limit))
        parent._log_sub_account(made, by, "made")
        return made

    def _sub_account_values(self, name, code, month_limit):
        return {
            **self._terms_of(self),
            "auto_recharge": False,
            "auto_recharge_token_id": False,
            "name": name,
            "code": code,
            "kind": self.kind if self.kind != "reseller" else "enterprise",
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "parent_id": self.id,
            "pay_by_parent": True,
            "consolidated_billing": True,
            "managed_by_parent": True,
            "month_limit": float(month_limit),
            "event_pricelist_id": self.event_pricelist_id.id,
            "portal_addresses": self.portal_addresses,
            "right_ids": [
                Command.create({"partner_id": one.partner_id.id, "right": one.right})
                for one in self.right_ids
            ],
        }

    def _refuse_sub_limit(self, month_limit):
        """:raises UserError: staff does not let a sub-account have this limit"""
        most = Decimal(f"{self.sudo().sub_month_limit_most:.8f}")
        if most and not 0 < month_limit <= most:
            raise UserError(
                self.env._(
                    "Give a limit of a month above 0 and not above %s.",
                    self.sudo()._money_text(most),
                )
            )

    def _change_sub_account(self, sub, name, month_limit, by):
        """Another name or limit of a sub-account; the limit counts at once."""
        self._refuse_sub_limit(month_limit)
        sub.write({"name": name, "month_limit": float(month_limit)})
        sub._apply_month_limits()
        self._log_sub_account(sub, by, "changed")

    def _switch_sub_account(self, sub, state, by):
        """Suspend, resume or close a sub-account.

        :param state: the new state
        :raises UserError: others suspended or blocked it, or it cannot be closed
        """
        mine = sub.state == "suspended" and sub.suspended_by
        if state == "active" and not (mine and self.sudo().state == "active"):
            raise UserError(
                self.env._("You cannot resume this one: please ask us about it.")
            )
        if state == "suspended" and sub.state != "active":
            raise UserError(self.env._("Only an active account is suspended."))
        if state == "closed" and sub.state == "blocked":
            raise UserError(self.env._("We blocked this account: please ask us."))
        sub._set_state(state, self.env._("By %s in the portal.", by.name))
        if state == "suspended":
            sub.suspended_by = "parent"
        if state == "active":
            sub._apply_month_limits()
            if sub.state != "active":
                raise UserError(
                    self.env._("Its limit of the month is reached: raise it first.")
                )
        self._log_sub_account(sub, by, state)

    def _log_sub_account(self, sub, by, what):
        """What a reseller did, in the audit trail of the sub-account."""
        data = {"by": by.id, "what": what, "limit": f"{sub.month_limit:.2f}"}
        self.env["voip.audit"]._log("sub_account", sub, data)


# A new version of the row: a lock alone would let an older snapshot count.
PLACE_SQL = """
UPDATE voip_account SET sub_account_limit = sub_account_limit WHERE id = %s
"""
LIMIT_SQL = """
SELECT a.id, a.month_limit > 0 AND a.month_limit <= (
        SELECT COALESCE(sum(s.amount + s.tax), 0) FROM voip_usage_summary s
         WHERE s.account_id = a.id AND s.local_day >= date_trunc(
               'month', now() AT TIME ZONE COALESCE(a.tz, 'UTC'))::date)
  FROM voip_account a
 WHERE (%s::int[] IS NULL OR a.id = ANY(%s))
   AND (a.month_limit > 0 AND a.state = 'active'
     OR a.state = 'suspended' AND a.suspended_by = 'limit'
    AND NOT EXISTS (SELECT FROM voip_account p
                     WHERE p.id = a.parent_id AND p.state <> 'active'))
 ORDER BY a.id
"""
