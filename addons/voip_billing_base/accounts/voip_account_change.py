"""Changes of an account: who may make them, and what they leave behind."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.translate import LazyGettext

from ..models.voip_guard import changed

APPROVER = "voip_billing_base.group_voip_approver"
MANAGER = "voip_billing_base.group_voip_manager"
# Fields that give credit, and the group that may change them.
GUARDED = {
    "mode": APPROVER,
    "credit_limit": APPROVER,
    "overdraft_amount": MANAGER,
    "overdraft_until": MANAGER,
}
STRUCTURE = {"parent_id", "pay_by_parent", "consolidated_billing"}
AUDITED = (*GUARDED, "profile_id", "parent_id", "pay_by_parent", "consolidated_billing")
# Without credit: what everybody in billing may open.
PLAIN = {
    "mode": "prepaid",
    "credit_limit": 0.0,
    "overdraft_amount": 0.0,
    "overdraft_until": False,
}


class VoipAccount(models.Model):
    _inherit = "voip.account"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("code", "/") == "/":
                company = self.env["res.company"].browse(vals.get("company_id"))
                sequence = self.env["ir.sequence"].with_company(
                    company or self.env.company
                )
                vals["code"] = sequence.next_by_code("voip.account") or "/"
            if vals.get("profile_id"):
                profile = self.env["voip.billing.profile"].browse(vals["profile_id"])
                for name, value in self._terms_of(profile).items():
                    vals.setdefault(name, value)
        accounts = super().create(vals_list)
        accounts._guard_new()
        self.env["voip.wallet"]._open(accounts)
        for account in accounts:
            account._audit_changes({**account._audited(), **PLAIN})
        return accounts

    def write(self, vals):
        self._guard_write(vals)
        before = {account.id: account._audited() for account in self}
        family = self | self.child_ids
        relations = {account: account._relation() for account in family}
        result = super().write(vals)
        family.filtered(lambda a: a._relation() != relations[a])._guard_relation()
        if vals.keys() & set(GUARDED):
            self.env["voip.wallet"]._sync_limit(self)
        for account in self:
            account._audit_changes(before[account.id])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An account is never deleted. Close it instead."))

    def copy_data(self, default=None):
        data = super().copy_data(default)
        for account, vals in zip(self, data, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", account.name)
        return data

    # === CRON METHODS === #

    @api.model
    def _cron_expire_overdrafts(self):
        """Take back overdrafts whose last local day has passed."""
        # Local dates run up to a day ahead of UTC; each account's own date decides.
        accounts = self.search([("overdraft_until", "<=", fields.Date.today())])
        self.env["voip.wallet"]._sync_limit(accounts)

    # === STATE === #

    def _set_state(self, state, reason):
        """The one way a state changes: with reason, actor, audit and mail.

        :param state: one of ``STATES``
        :param reason: not empty; the customer reads it, a lazy text in his language
        :raises UserError: no reason, or no right to change or reopen the account
        """
        told, reason = reason, self._reason_text(reason)
        if not reason:
            raise UserError(self.env._("State a reason."))
        self.check_access("write")
        for account in self:
            if account.state == state:
                continue
            if account.state == "closed" and not account._may(MANAGER):
                raise UserError(
                    self.env._("Only a billing manager reopens a closed account.")
                )
            before = account.state
            account._write_state(state)
            self.env["voip.audit"]._log(
                "account_state",
                account,
                {"before": before, "after": state, "reason": reason},
            )
            account.message_post(body=reason)
            account._mail_state(told)

    def _reason_text(self, reason):
        """A reason as text; one of the program's own in the language of the reader."""
        if isinstance(reason, LazyGettext):
            return self.env._(reason)
        return (reason or "").strip()

    def _write_state(self, state):
        # Nobody else writes it: the right to do so was checked.
        return super(VoipAccount, self.sudo()).write({"state": state})

    def _mail_state(self, reason):
        def words(account):
            states = account._fields["state"]._description_selection(account.env)
            return {
                "voip_reason": account._reason_text(reason),
                "voip_state": dict(states)[account.state],
            }

        self._mail_alert("voip_billing_base.mail_template_account_state", words)

    def _mail_alert(self, template, words=None):
        """Queue a mail to those who receive alerts, one for each of their languages.

        Who has no address gets none.

        :param template: XML id of a template whose language is ``voip_lang``
        :param words: gives what its context has beside that, ``{name: text}``, of this
            account in the language of a mail
        """
        contacts = self.contact_ids.filtered(lambda c: c.kind == "alert").partner_id
        people = (contacts or self.partner_id).filtered("email")
        usual = self.partner_id.lang or "en_US"
        for lang, group in people.grouped(lambda one: one.lang or usual).items():
            told = words(self.with_context(lang=lang)) if words else {}
            self.env.ref(template).with_context(voip_lang=lang, **told).send_mail(
                self.id,
                force_send=False,
                email_values={"recipient_ids": [(6, 0, group.ids)]},
            )

    # === GUARDS === #

    def _may(self, group):
        return self.env.su or self.env.user.has_group(group)

    def _guard_new(self):
        """New accounts are prepaid, active and without credit, unless allowed."""
        if self.env.su:
            return
        for account in self:
            for name, group in GUARDED.items():
                if account[name] != PLAIN[name]:
                    self._require(group, name)
            if account.state != "active":
                raise AccessError(self.env._("A new account is active."))
        self._guard_relation()

    def _guard_write(self, vals):
        if "state" in vals:
            raise UserError(
                self.env._("Change the state with its button, which asks for a reason.")
            )
        for name, group in GUARDED.items():
            if name in vals:
                self._require(group, name)
        if not vals.get("active", True):
            self._refuse_archiving()
        self._refuse_other_customer(vals)
        if vals.keys() & {"currency_id", "company_id"}:
            self._refuse_if_moved(vals)
        if vals.keys() & STRUCTURE and self._has_open_usage():
            raise UserError(
                self.env._("Invoice its open usage before you change who pays.")
            )

    def _require(self, group, field):
        if not self._may(group):
            raise AccessError(
                self.env._(
                    "You may not change %(field)s of an account.",
                    field=self._fields[field].string,
                )
            )

    def _refuse_archiving(self):
        """An archived account would be forgotten by the billing runs."""
        if self.filtered(lambda a: a.state != "closed") or self._has_open_usage():
            raise UserError(
                self.env._("Close the account and invoice its usage, then archive it.")
            )

    def _refuse_if_moved(self, vals):
        for account in self:
            changed = any(
                account[name].id != vals[name]
                for name in ("currency_id", "company_id")
                if name in vals
            )
            wallet = account.wallet_id
            if changed and wallet:
                raise UserError(
                    self.env._(
                        "Currency and company of %s are fixed: its wallet is open.",
                        account.display_name,
                    )
                )

    def _relation(self):
        """What decides whether a parent of this account needs an approver."""
        self_sudo = self.sudo()
        parent = self_sudo.parent_id
        customers = (self_sudo | parent).partner_id.commercial_partner_id
        return parent, len(customers), self_sudo.payer_id

    def _guard_relation(self):
        """A parent of another customer, or one that pays, is set by an approver."""
        if self._may(APPROVER):
            return
        for account in self:
            parent, customers, payer = account._relation()
            if parent and (customers > 1 or payer != account):
                raise AccessError(
                    self.env._(
                        "Only a postpaid approver sets a parent account of another "
                        "customer, or one that pays."
                    )
                )

    def _refuse_other_customer(self, vals):
        """Invoices and payments stay with the customer they were made for."""
        if not changed(self, vals, ["partner_id"]):
            return
        partner = self.env["res.partner"].sudo().browse(vals["partner_id"])
        for account in self._with_history():
            customer = account.partner_id.commercial_partner_id
            if customer != partner.commercial_partner_id:
                raise account._customer_refusal()

    def _customer_refusal(self):
        return UserError(
            self.env._(
                "The customer of %s stays: its wallet has moved or it has usage. Open "
                "an account for the other customer and close this one.",
                self.display_name,
            )
        )

    def _with_history(self):
        """Those of these accounts whose wallet has moved or that have usage."""
        self.env.cr.execute(HISTORY_SQL, [self.ids])
        return self.sudo().browse([row[0] for row in self.env.cr.fetchall()])

    def _has_open_usage(self):
        """Whether usage of these accounts or their sub-accounts waits for an invoice.

        A sub-account's payer and invoice follow from its parents.
        """
        family = self.sudo().with_context(active_test=False)
        family = family.search([("id", "child_of", self.ids)])
        self.env.cr.execute(
            "SELECT FROM voip_usage_summary WHERE account_id = ANY(%s)"
            " AND move_line_id IS NULL AND (calls <> 0 OR amount <> 0) LIMIT 1",
            [family.ids],
        )
        return bool(self.env.cr.rowcount)

    # === AUDIT === #

    def _audited(self):
        return {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in AUDITED
        }

    def _audit_changes(self, before):
        after = self._audited()
        changes = {
            name: [before[name], after[name]]
            for name in AUDITED
            if before[name] != after[name]
        }
        if changes:
            self.env["voip.audit"]._log("account_terms", self, changes)


HISTORY_SQL = """
SELECT a.id FROM voip_account a
 WHERE a.id = ANY(%s)
   AND (EXISTS (SELECT FROM voip_wallet_entry WHERE account_id = a.id)
     OR EXISTS (SELECT FROM voip_wallet_pending WHERE account_id = a.id)
     OR EXISTS (SELECT FROM voip_usage_row WHERE account_id = a.id)
     OR EXISTS (SELECT FROM voip_usage_summary
                 WHERE account_id = a.id AND move_line_id IS NULL))
"""
