"""A supplier's deck has an address of its own, to which he sends his notices."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .rate_import_mail import MOST_WAITING

SENDERS = [
    ("everyone", "Everyone"),
    ("partners", "Addresses of known contacts"),
]


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    mail_alias_id = fields.Many2one(
        "mail.alias",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    mail_name = fields.Char(
        string="Sheets by Mail",
        compute="_compute_mail_name",
        inverse="_inverse_mail_name",
        copy=False,
        help="The part before the @. A sheet sent there becomes an import, which"
        " waits for its preview.",
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
        for deck in self:
            deck.mail_name = deck.sudo().mail_alias_id.alias_name

    @api.depends("mail_alias_id.alias_full_name")
    def _compute_mail_address(self):
        for deck in self:
            deck.mail_address = deck.sudo().mail_alias_id.alias_full_name

    @api.depends("mail_alias_id.alias_contact")
    def _compute_mail_senders(self):
        for deck in self:
            deck.mail_senders = deck.sudo().mail_alias_id.alias_contact or "everyone"

    def _inverse_mail_name(self):
        for deck in self:
            deck._set_alias(deck.mail_name)

    def _inverse_mail_senders(self):
        for deck in self.filtered("mail_senders"):
            deck.sudo().mail_alias_id.alias_contact = deck.mail_senders

    # === BUSINESS METHODS === #

    def _waiting_sheets(self):
        """Sheets by mail that nobody has dealt with, the newest first."""
        return self.env["voip.rate.import"].search(
            [
                ("deck_id", "=", self.id),
                ("sender", "!=", False),
                ("state", "in", ("draft", "previewed")),
            ],
            order="id DESC",
            limit=MOST_WAITING,
        )

    def _room_for_sheets(self):
        """How many more sheets may wait."""
        return MOST_WAITING - len(self._waiting_sheets())

    def _set_alias(self, name):
        """Give the deck this address, or none; the user may write the deck.

        :raises UserError: it is no address, or somebody has it
        """
        self.check_access("write")
        deck = self.sudo()
        alias = deck.mail_alias_id
        name = alias._sanitize_alias_name((name or "").strip())
        if not name:
            alias.unlink()
            return
        if self.side != "supplier":
            raise UserError(
                self.env._("Sheets by Mail: only a supplier's deck has an address.")
            )
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
            deck.mail_alias_id = alias.create(self._alias_values(name, domain))

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
                    "Sheets by Mail: %s is taken already, choose another name.",
                    f"{name}@{domain.name}",
                )
            )

    def _alias_values(self, name, domain):
        models_ = self.env["ir.model"].sudo()
        return {
            "alias_name": name,
            "alias_domain_id": domain.id,
            "alias_model_id": models_._get_id("voip.rate.import"),
            "alias_defaults": repr({"deck_id": self.id}),
            "alias_parent_model_id": models_._get_id(self._name),
            "alias_parent_thread_id": self.id,
        }
