"""Addresses that try links which there are not."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

from odoo import api, fields, models

MOST, WITHIN = 20, timedelta(hours=1)


class VoipNettingTry(models.Model):
    """A wrong link, and where it came from: many of them close the door for a while."""

    _name = "voip.netting.try"
    _description = "Wrong Link of a Netting"
    _inherit = ["voip.guard"]
    _order = "id desc"
    _rec_name = "address"

    address = fields.Char(required=True, readonly=True, index=True)
    at = fields.Datetime(
        required=True, readonly=True, index=True, default=fields.Datetime.now
    )

    @api.autovacuum
    def _gc_tries(self):
        old = fields.Datetime.now() - WITHIN
        found = self.search([("at", "<", old)], limit=10_000)
        found.unlink()
        return len(found), 0

    @api.model
    def _is_closed(self, address):
        """Whether too many wrong links came from ``address`` within the last hour."""
        since = fields.Datetime.now() - WITHIN
        domain = [("address", "=", _network(address)), ("at", ">=", since)]
        return self.search_count(domain, limit=MOST) >= MOST

    @api.model
    def _note(self, address):
        self.create({"address": _network(address)})


def _network(address):
    """IPv4 addresses count one by one, IPv6 by the network that a line has.

    A server that listens for both sees IPv4 within IPv6, all in one such network.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return "?"
    found = getattr(found, "ipv4_mapped", None) or found
    if found.version == 6:
        return str(ip_network((found, 64), strict=False))
    return str(found)
