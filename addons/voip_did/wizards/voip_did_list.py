"""Compare the inventory with a supplier's list of his numbers."""

from base64 import b64decode

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.reader.workbook import BadFile

from ..supply.listed import NoNumbers, differences, numbers_of

KINDS = [
    ("here", "Missing here"),
    ("there", "Missing there"),
    ("ended", "Ended but billed"),
    ("faulty", "No number"),
]


class VoipDidList(models.TransientModel):
    """A file with a column of numbers, and what differs from what is held."""

    _name = "voip.did.list"
    _inherit = ["voip.guard"]
    _description = "Check a Supplier's List of Numbers"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    supplier_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, check_company=True
    )
    day = fields.Date(
        string="As Of",
        required=True,
        default=fields.Date.context_today,
        help="The day of the list: what is held of him on it.",
    )
    file = fields.Binary(required=True, attachment=False)
    file_name = fields.Char()
    listed = fields.Integer(string="Numbers in the List", readonly=True)
    held = fields.Integer(string="Numbers Held", readonly=True)
    checked = fields.Boolean(readonly=True)
    line_ids = fields.One2many("voip.did.list.line", "list_id", readonly=True)

    def action_check(self):
        """Read the file and list what differs; nothing of the inventory is changed."""
        self._voip_use()
        self.ensure_one()
        self.env["voip.did"].check_access("read")
        try:
            listed, faulty = numbers_of(b64decode(self.file or b""))
        except (BadFile, NoNumbers) as error:
            raise UserError(self.env._("The list: %s", error)) from error
        held, ended = self._ours()
        found = [
            {
                "kind": kind,
                "number": digits,
                "row": listed.get(digits, 0),
                "did_id": (held | ended).get(digits),
            }
            for kind, digits in differences(listed, held, ended)
        ]
        found += [
            {"kind": "faulty", "number": text[:40], "row": row, "why": why}
            for row, text, why in faulty
        ]
        self.sudo().write(
            {
                "listed": len(listed),
                "held": len(held),
                "checked": True,
                "line_ids": [(5, 0, 0), *((0, 0, values) for values in found)],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check a List"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _ours(self):
        """({digits: id} held of the supplier on the day, those that he has back)."""
        held, ended = {}, {}
        dids = self.env["voip.did"].with_context(active_test=False)
        for did in dids.search(
            [
                ("supplier_id", "child_of", self.supplier_id.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        ):
            back = did.returned_on and did.returned_on <= self.day
            if back or (did.held_from and did.held_from > self.day):
                ended[did.number] = did.id
            else:
                held[did.number] = did.id
        return held, ended


class VoipDidListLine(models.TransientModel):
    """One number that differs."""

    _name = "voip.did.list.line"
    _inherit = ["voip.guard"]
    _description = "Difference to a Supplier's List"
    _order = "id"
    _rec_name = "number"

    list_id = fields.Many2one(
        "voip.did.list", required=True, index=True, ondelete="cascade", readonly=True
    )
    kind = fields.Selection(KINDS, readonly=True)
    number = fields.Char(readonly=True)
    row = fields.Integer(readonly=True, help="Of the file, from 1; 0: not in it.")
    did_id = fields.Many2one("voip.did", string="In the Inventory", readonly=True)
    state = fields.Selection(related="did_id.state")
    why = fields.Char(
        string="Reason", compute="_compute_why", store=True, readonly=True
    )

    @api.depends("kind")
    def _compute_why(self):
        words = {
            "here": self.env._("In the list, not held of him: load it, or dispute it."),
            "there": self.env._("Held, not in the list: return it, or ask him."),
            "ended": self.env._("Given back or not yet held, but in the list."),
        }
        for line in self:
            line.why = line.why or words.get(line.kind, "")
