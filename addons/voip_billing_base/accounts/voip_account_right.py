"""Which contacts of a customer may do what with an account in the portal."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

RIGHTS = [
    ("owner", "Owner"),
    ("billing", "Billing"),
    ("technical", "Technical"),
    ("reader", "Read-only"),
]
# What each may change; all of them see the account.
MAY = {
    "owner": {"pay", "technical", "contacts"},
    "billing": {"pay"},
    "technical": {"technical"},
    "reader": set(),
}


class VoipAccountRight(models.Model):
    """Without one, each contact of the customer who logs in is an owner.

    With some, only those who are named see the account, the customer's own login, and
    the contact whose account it is.
    """

    _name = "voip.account.right"
    _inherit = ["voip.guard"]
    _description = "Portal Right"
    _order = "account_id, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "voip.account",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    right = fields.Selection(
        RIGHTS,
        required=True,
        default="reader",
        help="Owners change all, and who else may. Billing tops up, pays and asks for"
        " credit. Technical changes trunks, addresses and keys. Read-only changes"
        " nothing.",
    )

    _once = models.Constraint(
        "UNIQUE(account_id, partner_id)", "This contact has a right already."
    )

    # === CONSTRAINTS === #

    @api.constrains("account_id", "partner_id")
    def _check_customer(self):
        for right in self:
            customer = right.account_id.partner_id.commercial_partner_id
            if right.partner_id.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of %(customer)s.",
                        contact=right.partner_id.display_name,
                        customer=customer.display_name,
                    )
                )


class VoipAccount(models.Model):
    _inherit = "voip.account"

    right_ids = fields.One2many(
        "voip.account.right", "account_id", string="Portal Rights"
    )

    # === BUSINESS METHODS === #

    def _portal_right(self, partner):
        """The right of a contact, a key of :data:`RIGHTS`; None where he has none."""
        self.ensure_one()
        account = self.sudo()
        customer = account.partner_id.commercial_partner_id
        if partner.sudo().commercial_partner_id != customer:
            return None
        if not account.right_ids or partner in (customer, account.partner_id):
            return "owner"
        mine = account.right_ids.filtered(lambda right: right.partner_id == partner)
        return mine.right or None

    def _portal_may(self, partner, what):
        """Whether a contact may change something.

        :param what: one of the names in :data:`MAY`
        """
        return what in MAY.get(self._portal_right(partner), ())

    def _portal_contacts(self):
        """Contacts of the customer who may log in to the portal, by name."""
        customer = self.sudo().partner_id.commercial_partner_id
        users = self.env["res.users"].sudo()
        found = users.search(
            [("partner_id", "child_of", customer.ids), ("share", "=", True)]
        )
        # A customer of his own below him is another one.
        own = found.partner_id.filtered(
            lambda contact: contact.commercial_partner_id == customer
        )
        return own.sorted(lambda contact: (contact.name or "", contact.id))

    def _set_portal_rights(self, rights, by):
        """Keep what a contact chose for the others; he was found to be an owner.

        :param rights: {contact: a key of :data:`RIGHTS`, or None}; who is not in it
            keeps what he has
        :param by: the contact who asks
        :raises UserError: nobody would be left who may change it, or it is his own
        """
        self.ensure_one()
        account = self.sudo()
        had = {right.partner_id: right.right for right in account.right_ids}
        # Who was an owner as nobody was named stays one.
        before = had or dict.fromkeys(self._portal_contacts(), "owner")
        after = {c: right for c, right in {**before, **rights}.items() if right}
        customer = account.partner_id.commercial_partner_id
        if by not in (customer, account.partner_id) and after.get(by) != "owner":
            raise UserError(
                self.env._("You stay an owner: another owner may change your right.")
            )
        account.right_ids = [Command.clear()] + [
            Command.create({"partner_id": contact.id, "right": right})
            for contact, right in after.items()
        ]
        self.env["voip.audit"]._log(
            "portal_rights",
            account,
            {
                "by": by.id,
                "rights": [[contact.id, right] for contact, right in after.items()],
            },
        )
