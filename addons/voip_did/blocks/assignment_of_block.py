"""A block is at one account, by one plan, for the same days: all of it or none."""

from odoo import api, fields, models


class VoipDidAssignment(models.Model):
    _inherit = "voip.did.assignment"

    block_id = fields.Many2one(related="did_id.block_id")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        found = super().create(vals_list)
        found._refuse_torn(found.did_id.block_id)
        return found

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"did_id", "account_id", "plan_id", "date_start", "date_end"}:
            self._refuse_torn(self.sudo().did_id.block_id)
        return result

    def unlink(self):
        blocks = self.sudo().did_id.block_id
        result = super().unlink()
        self._refuse_torn(blocks)
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _refuse_torn(self, blocks):
        """:raises UserError: a block would be at an account in part

        What is over was maybe assigned before the numbers were joined.
        """
        if not blocks:
            return
        self.env.flush_all()
        today = fields.Date.context_today(self)
        self.env.cr.execute(TORN_SQL, [blocks.ids, today])
        for (did_id,) in self.env.cr.fetchall():
            raise self.env["voip.did"].sudo().browse(did_id)._part_refusal()


TORN_SQL = """
SELECT min(d.id) FROM voip_did_block b
  JOIN voip_did d ON d.block_id = b.id
  JOIN voip_did_assignment s ON s.did_id = d.id
 WHERE b.id = ANY(%s) AND COALESCE(s.date_end, 'infinity') >= %s
 GROUP BY b.id, b.size, s.account_id, s.plan_id, s.date_start, s.date_end
HAVING count(*) <> b.size::int
 LIMIT 1
"""
