"""What an open order of porting says of a number."""

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from .voip_did_port import OPEN


class VoipDid(models.Model):
    _inherit = "voip.did"

    port_ids = fields.Many2many("voip.did.port", string="Portings")
    port_count = fields.Integer(compute="_compute_port_count")

    def _compute_port_count(self):
        for did in self:
            did.port_count = len(did.port_ids)

    # === ACTION METHODS === #

    def action_view_ports(self):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_did.voip_did_port_action"
        )
        context = {"default_did_ids": [(6, 0, self.ids)]}
        return {**action, "domain": [("did_ids", "in", self.ids)], "context": context}

    # === BUSINESS METHODS === #

    def _note_porting(self):
        """Let the numbers say what their open order says."""
        orders = self.env["voip.did.port"].sudo()
        orders = orders.search([("did_ids", "in", self.ids), ("state", "in", OPEN)])
        by_order = {did: order for order in orders for did in order.did_ids & self}
        for did in self.sudo():
            order = by_order.get(did, orders.browse())
            values = {
                "porting": order.direction or False,
                "porting_date": order.agreed_on or False,
            }
            if did._differing(values):
                did.write(values)


class VoipDidAssignment(models.Model):
    _inherit = "voip.did.assignment"

    def _refuse_unfit(self):
        """:raises ValidationError: it begins before the number is ported in, too"""
        for one in self.sudo():
            did = one.did_id
            if did.porting == "in" and not (
                did.porting_date and did.porting_date <= one.date_start
            ):
                day = did.porting_date and format_date(self.env, did.porting_date)
                raise ValidationError(
                    self.env._(
                        "%(number)s is being ported in: it may be assigned from the"
                        " agreed day on (%(day)s).",
                        number=did.display_name,
                        day=day or self.env._("not agreed yet"),
                    )
                )
        return super()._refuse_unfit()
