"""A record with an address of its own, to which others send files."""

from odoo import api, fields, models
from odoo.exceptions import UserError

SENDERS = [
    ("everyone", "Everyone"),
    ("partners", "Addresses of known contacts"),
]


class VoipMailbox(models.AbstractModel):
    """Has a mail alias of Odoo; what is sent there becomes a ``voip.mail.file``."""

    _name = "voip.mailbox"
    _description = "Address for Files by Mail"

    # Model of what comes.
    _mailbox_receiver = None

    mail_alias_id = fields.Many2one(
        "mail.alias",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    mail_name = fields.Char(
        string="By Mail",
        compute="_compute_mail_name",
        inverse="_inverse_mail_name",
        copy=False,
        help="The part before the @.",
    )
    mail_senders = fields.Selection(
        SENDERS,
        string="Taken From",
        compute="_compute_mail_senders",
        inverse="_inverse_mail_senders",
        copy=False,
        help="Mail of others is sent back. Nothing is applied without a manager.",
    )
    mail_address = fields.Char(string="Address", compute="_compute_mail_address")

    # === COMPUTE METHODS === #

    @api.depends("mail_alias_id.alias_name")
    def _compute_mail_name(self):
        for mailbox in self:
            mailbox.mail_name = mailbox.sudo().mail_alias_id.alias_name

    @api.depends("mail_alias_id.alias_full_name")
    def _compute_mail_address(self):
        for mailbox in self:
            mailbox.mail_address = mailbox.sudo().mail_alias_id.alias_full_name

    @api.depends("mail_alias_id.alias_contact")
    def _compute_mail_senders(self):
        for mailbox in self:
            contact = mailbox.sudo().mail_alias_id.alias_contact
            mailbox.mail_senders = contact or "everyone"

    def _inverse_mail_name(self):
        for mailbox in self:
            mailbox._set_alias(mailbox.mail_name)

    def _inverse_mail_senders(self):
        for mailbox in self.filtered("mail_senders"):
            mailbox.sudo().mail_alias_id.alias_contact = mailbox.mail_senders

    # === BUSINESS METHODS === #

    def _mailbox_defaults(self):
        """Values of what comes; by them its :meth:`_mailbox` is found."""
        raise NotImplementedError

    def _mailbox_holders(self):
        """The records that share the address, this one among them."""
        return self

    def _refuse_mailbox(self):
        """:raises UserError: the record can have no address"""

    def _set_alias(self, name):
        """Give the record this address, or none; the user may write the record.

        :raises UserError: it is no address, or somebody has it
        """
        self.check_access("write")
        own = self.sudo()
        alias = own.mail_alias_id
        name = alias._sanitize_alias_name((name or "").strip())
        if not name:
            alias.unlink()
            return
        self._refuse_mailbox()
        domain = self.company_id.sudo().alias_domain_id
        if not domain:
            raise UserError(
                self.env._(
                    "%(company)s receives no mail yet: an administrator sets its alias"
                    " domain in the general settings first.",
                    company=self.company_id.display_name,
                )
            )
        self._refuse_taken(name, domain, alias)
        if alias:
            alias.alias_name = name
        else:
            alias = alias.create(self._alias_values(name, domain))
            own._mailbox_holders().mail_alias_id = alias

    def _refuse_taken(self, name, domain, alias):
        # Odoo's own refusal names whose it is, which may be another company's.
        taken = alias.search(
            [
                ("alias_name", "=", name),
                ("alias_domain_id", "=", domain.id),
                ("id", "!=", alias.id),
            ],
            limit=1,
        )
        if taken or name in (domain.bounce_alias, domain.catchall_alias):
            raise UserError(
                self.env._(
                    "%(field)s: %(address)s is taken already, choose another name.",
                    field=self._fields["mail_name"]._description_string(self.env),
                    address=f"{name}@{domain.name}",
                )
            )

    def _alias_values(self, name, domain):
        models_ = self.env["ir.model"].sudo()
        return {
            "alias_name": name,
            "alias_domain_id": domain.id,
            "alias_model_id": models_._get_id(self._mailbox_receiver),
            "alias_defaults": repr(self._mailbox_defaults()),
            "alias_parent_model_id": models_._get_id(self._name),
            "alias_parent_thread_id": self.id,
            "voip_company_id": self.company_id.id,
        }
