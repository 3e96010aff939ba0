"""Addresses that a customer wants for a trunk of his, and what staff make of it."""

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.models.voip_guard import one

from .addresses import BadAddress, is_usual, networks_of


class VoipTrunk(models.Model):
    _inherit = "voip.trunk"

    wanted_addresses = fields.Char(
        copy=False,
        readonly=True,
        tracking=True,
        help="What the customer asked for in the portal, instead of those that are.",
    )
    wanted_by_id = fields.Many2one("res.users", copy=False, readonly=True)
    wanted_at = fields.Datetime(copy=False, readonly=True)
    wanted_answer = fields.Char(
        copy=False,
        help="Why it was refused; the customer reads it.",
    )

    # === ACTION METHODS === #

    def action_take_wanted(self):
        """Give the trunk the addresses that the customer asked for."""
        self._check_wanted()
        addresses = self.wanted_addresses
        self.write({"ip_addresses": addresses, "wanted_answer": False})
        self.sudo()._end_wanted()

    def action_refuse_wanted(self):
        """Leave the addresses as they are; the reason is for the customer."""
        self._check_wanted()
        if not (self.wanted_answer or "").strip():
            raise UserError(self.env._("State the reason: the customer reads it."))
        self.sudo()._end_wanted()

    # === BUSINESS METHODS === #

    def _check_wanted(self):
        self.check_access("write")
        one(self)
        if not self.wanted_addresses:
            raise UserError(self.env._("Nothing is asked for any more."))

    def _end_wanted(self):
        self.write({"wanted_addresses": False})

    def _portal_want(self, text):
        """Change the addresses for a customer, or ask staff to; his right was checked.

        :return: ``changed`` or ``asked``
        :raises UserError: they cannot be a customer's
        """
        self.ensure_one()
        try:
            networks = networks_of(text)
        except BadAddress as error:
            raise UserError(self._address_refusal(error)) from error
        addresses = " ".join(map(_shown, networks))
        how = self.account_id.portal_addresses
        if how == "shown":
            raise UserError(self.env._("Please ask us to change the addresses."))
        usual = all(map(is_usual, networks)) and not self._is_elsewhere(networks)
        if how == "changed" and usual:
            self.write({"ip_addresses": addresses, "wanted_answer": False})
            self._end_wanted()
            return "changed"
        self.write(
            {
                "wanted_addresses": addresses,
                "wanted_by_id": self.env.uid,
                "wanted_at": fields.Datetime.now(),
                "wanted_answer": False,
            }
        )
        self._tell_wanted()
        return "asked"

    def _is_elsewhere(self, networks):
        """Whether another trunk, of whoever, has one of the addresses."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT EXISTS (SELECT FROM voip_trunk_network n"
            " JOIN unnest(%s::inet[]) AS w(network) ON n.network && w.network"
            " WHERE n.trunk_id <> %s)",
            [list(map(str, networks)), self.id],
        )
        return self.env.cr.fetchone()[0]

    def _tell_wanted(self):
        """The managers of billing read it with the trunk."""
        managers = self.account_id.company_id._billing_managers()
        said = self.env._(
            "%(who)s asks for the addresses %(addresses)s.",
            who=self.env.user.partner_id.display_name,
            addresses=self.wanted_addresses,
        )
        self.message_post(body=said, partner_ids=managers.partner_id.ids)

    def _address_refusal(self, error):
        return {
            "none": self.env._("Name at least one address."),
            "many": self.env._("These are too many addresses."),
            "wrong": self.env._("%s is no IP address or network.", error.text),
            "large": self.env._("%s is too large a network.", error.text),
        }[error.code]


def _shown(network):
    """A network as it is read: an address alone without its length."""
    alone = network.num_addresses == 1
    return str(network.network_address if alone else network)
