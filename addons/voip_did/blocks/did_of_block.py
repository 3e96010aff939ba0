"""What a number may not do without the others of its block."""

from odoo import api, fields, models
from odoo.exceptions import UserError

# What happens to all numbers of a block or to none.
TOGETHER = {"active", "country_id", "kind", "returned_on", "supplier_id"}
SHOWN = 5


class VoipDid(models.Model):
    _inherit = "voip.did"

    block_id = fields.Many2one(
        "voip.did.block",
        string="Block",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="It is assigned and released with the others of its block, until the block"
        " is split.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        if TOGETHER & vals.keys():
            self._refuse_parts()
        return super().write(vals)

    # === ACTION METHODS === #

    def action_join(self):
        """Make a block of the chosen numbers, and show it."""
        self.check_access("write")
        block = self.env["voip.did.block"]._join(self)
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.did.block",
            "res_id": block.id,
            "view_mode": "form",
        }

    # === BUSINESS METHODS === #

    def _of_block(self, block):
        """Note the block of these numbers; no history of a thousand times the same."""
        self.with_context(tracking_disable=True).write({"block_id": block.id})

    def _refuse_parts(self):
        """:raises UserError: a block of these numbers is here in part only"""
        for block, dids in self.sudo().grouped("block_id").items():
            if block and len(dids) < int(block.size):
                raise dids[0]._part_refusal()

    def _part_refusal(self):
        return UserError(
            self.env._(
                "%(number)s is of the block %(block)s: choose the whole block, or split"
                " it under Numbers → Blocks first.",
                number=self.display_name,
                block=self.sudo().block_id.display_name,
            )
        )

    def _refuse_not_free(self):
        """:raises UserError: naming numbers that are not free"""
        taken = self.filtered(lambda did: did.state != "free" or not did.active)
        if taken:
            names = ", ".join(taken[:SHOWN].mapped("display_name"))
            raise UserError(
                self.env._("Only free numbers are joined, but not %s.", names)
            )

    @api.model
    def _offer_domain(self, country, kind):
        """Numbers of blocks are not offered singly."""
        return [
            *super()._offer_domain(country, kind),
            ("block_id", "=", False),
        ]

    def _refuse_reserved_part(self):
        """:raises UserError: it is of a block, which is not reserved singly"""
        if self.block_id:
            raise self._part_refusal()
