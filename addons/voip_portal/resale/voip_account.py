"""Which sub-accounts are resold, to whom, and what a reseller may do about it."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

# Who logs in as the customer of a reseller, at most, for each sub-account.
CONTACTS = 10


class VoipAccount(models.Model):
    _inherit = "voip.account"

    may_resell = fields.Boolean(
        string="Resells to Others",
        copy=False,
        tracking=True,
        help="Its owners set mark-ups for sub-accounts they manage, and give them to"
        " customers of their own, who see them at these prices in the portal.",
    )
    resale_partner_id = fields.Many2one(
        "res.partner",
        string="Resold To",
        copy=False,
        tracking=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="A customer of the parent's own, who sees this account at resale prices."
        " He is no customer of ours: the account stays the parent's.",
    )
    resale_since = fields.Date(
        string="Resold Since",
        readonly=True,
        copy=False,
        help="He sees nothing of the days before.",
    )
    resale_markup_ids = fields.One2many(
        "voip.resale.markup", "account_id", string="Resale Mark-ups"
    )

    _resold = models.Constraint(
        "CHECK (resale_partner_id IS NULL OR managed_by_parent)",
        "Only a sub-account that is managed by its parent is resold.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("resale_partner_id", "parent_id", "partner_id")
    def _check_resale_partner(self):
        """He is a company of its own right, right below the reseller."""
        for account in self.filtered("resale_partner_id"):
            partner = account.resale_partner_id
            customer = account.partner_id.commercial_partner_id
            above = partner.parent_id.commercial_partner_id
            if partner.commercial_partner_id != partner or above != customer:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is no customer of %(reseller)s: it needs to be a"
                        " company whose parent company this is.",
                        partner=partner.display_name,
                        reseller=customer.display_name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        made = super().create(vals_list)
        made.filtered("resale_partner_id")._begin_resale()
        return made

    def write(self, vals):
        """Who comes next sees nothing of the one before."""
        before = {account: account.resale_partner_id for account in self.sudo()}
        result = super().write(vals)
        changed = self.sudo().filtered(
            lambda account: (
                account.resale_partner_id
                and account.resale_partner_id != before[account]
            )
        )
        if changed:
            changed._begin_resale()
        return result

    # === BUSINESS METHODS === #

    def _begin_resale(self):
        for account in self.sudo():
            today = account._resale_today()
            # What was used this day may have been the one's before.
            first = fields.Date.add(today, days=1) if account.resale_since else today
            account.resale_since = first

    def _resale_today(self):
        """Today in the account's zone."""
        zone = self.sudo().tz or "UTC"
        return fields.Date.context_today(self.with_context(tz=zone))

    def _refuse_resale(self, sub, by):
        """:raises UserError: this contact may not say what the sub-account costs"""
        self.ensure_one()
        mine = sub in self._managed() and self.sudo().may_resell
        if not (mine and self._portal_may(by, "contacts")):
            raise UserError(self.env._("You may look at this, but not change it."))
        if sub.state == "closed":
            raise UserError(self.env._("This account is closed for good."))

    def _set_markup(self, sub, service, percent, day, by):
        """A mark-up of a sub-account from a day on.

        :param service: voip.service, empty for all others
        :param percent: Decimal
        :raises UserError: who asks may not, or it does not fit those that there are
        """
        self._refuse_resale(sub, by)
        model = self.env["voip.resale.markup"].sudo()
        same = [
            ("account_id", "=", sub.id),
            ("service_id", "=", service.id),
            ("date_from", "=", day),
        ]
        if model.search_count(same, limit=1):
            raise UserError(
                self.env._("There is a mark-up from this day on: choose another day.")
            )
        return model.with_context(voip_resale_by=by.id).create(
            {
                "account_id": sub.id,
                "service_id": service.id,
                "percent": float(percent),
                "date_from": day,
            }
        )

    def _withdraw_markup(self, markup, by):
        """:raises UserError: who asks may not, or it has begun"""
        self._refuse_resale(markup.account_id, by)
        markup.sudo().with_context(voip_resale_by=by.id).unlink()

    def _resell_to(self, sub, name, by):
        """Make a customer of the reseller, and give him the sub-account.

        :raises UserError: who asks may not, or the account has no prices yet
        """
        self._refuse_resale(sub, by)
        if sub.sudo().resale_partner_id:
            raise UserError(self.env._("This sub-account has a customer already."))
        if not sub.sudo().resale_markup_ids:
            raise UserError(self.env._("Make a mark-up for all services first."))
        customer = self.sudo().partner_id.commercial_partner_id
        partner = customer.create(
            {
                "name": name,
                "is_company": True,
                "parent_id": customer.id,
                # Of another kind it would get the reseller's own address.
                "type": "other",
                "company_id": customer.company_id.id,
                "lang": self.env.lang,
            }
        )
        sub.sudo().resale_partner_id = partner
        self._log_resale(sub, by, "resold", name)

    def _end_resale(self, sub, by):
        """The customer of the reseller sees it no more, from now on."""
        self._refuse_resale(sub, by)
        sub.sudo().resale_partner_id = False
        self._log_resale(sub, by, "resale ended")

    def _invite_resale_contact(self, sub, name, mail, by):
        """Let someone log in as the customer of a sub-account; Odoo mails him.

        :param mail: normalised
        :raises UserError: who asks may not, there are enough, or he has a login
        """
        self._refuse_resale(sub, by)
        customer = sub.sudo().resale_partner_id
        if not customer:
            raise UserError(self.env._("First say whose this sub-account is."))
        if len(sub._resale_contacts()) >= CONTACTS:
            raise UserError(self.env._("%s contacts have access already.", CONTACTS))
        contact = customer.create(
            {
                "name": name,
                "email": mail,
                "parent_id": customer.id,
                "company_id": customer.company_id.id,
                "lang": self.env.lang,
            }
        )
        wizard = self.env["portal.wizard"].sudo().with_company(self.sudo().company_id)
        line = wizard.create({"partner_ids": [Command.set(contact.ids)]}).user_ids
        if line.email_state != "ok":
            raise UserError(
                self.env._("This address cannot be invited: please ask us for help.")
            )
        line.action_grant_access()
        self._log_resale(sub, by, "invited", mail)

    def _resale_contacts(self):
        """Contacts who log in as the customer to whom this is resold."""
        customer = self.sudo().resale_partner_id
        users = self.env["res.users"].sudo()
        if not customer:
            return users.partner_id
        found = users.search(
            [("partner_id", "child_of", customer.ids), ("share", "=", True)]
        )
        return found.partner_id.filtered(
            lambda contact: contact.commercial_partner_id == customer
        )

    def _log_resale(self, sub, by, what, name=""):
        data = {"by": by.id, "what": what, "name": name}
        self.env["voip.audit"]._log("sub_account", sub, data)
