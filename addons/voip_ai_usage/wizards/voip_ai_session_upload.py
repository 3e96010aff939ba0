"""Upload of a sheet of AI sessions."""

import base64
from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from odoo.addons.voip_billing_base.charge.transaction import in_money
from odoo.addons.voip_billing_base.reader import grid
from odoo.addons.voip_billing_base.reader.workbook import BadFile

from ..sessions.sheet import sessions_of
from ..sessions.voip_ai_session import LIMIT

SHOWN = 50


class VoipAiSessionUpload(models.TransientModel):
    """Takes a CSV or XLSX file whose columns are fields of sessions, or kinds.

    What has an error is told and left out, the rest is kept; the file may be uploaded
    again when it is mended.
    """

    _name = "voip.ai.session.upload"
    _inherit = ["voip.guard"]
    _description = "Upload AI Sessions"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    switch_id = fields.Many2one(
        "voip.switch",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        help="Whose calls the sessions are of. Its zone counts for times without one.",
    )
    file = fields.Binary(required=True, help="CSV, text or XLSX.")
    file_name = fields.Char()
    result = fields.Text(readonly=True)

    # === ACTION METHODS === #

    def action_upload(self):
        """Keep the sessions of the file, and say what became of each."""
        self._voip_use()
        self.ensure_one()
        self.env["voip.ai.session"].check_access("write")
        try:
            rows = sessions_of(grid.rows(base64.b64decode(self.file or b"")))
        except BadFile as error:
            raise UserError(
                self.env._("The file cannot be read: %s.", str(error))
            ) from error
        if not rows:
            raise UserError(
                self.env._("The file has no sessions below the names of its columns.")
            )
        self.sudo().result = self._kept(rows)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Upload Sessions"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # === BUSINESS METHODS === #

    def _kept(self, rows):
        """What became of numbered sessions, in words."""
        company, switch = self.company_id.id, self.switch_id
        zone = ZoneInfo(switch.tz) if switch else UTC
        counts, errors = dict.fromkeys(("accepted", "corrected", "duplicates"), 0), []
        for some in split_every(LIMIT, rows, list):
            given = [session for _number, session in some]
            answer = in_money(
                self.env["voip.ai.session"].sudo(),
                lambda s, own=given: s._keep(company, switch.id, own, zone),
            )
            for name in counts:
                counts[name] += answer[name]
            errors += [
                self.env._(
                    "Row %(row)s: %(why)s",
                    row=some[error["index"]][0],
                    why=error["message"],
                )
                for error in answer["errors"]
            ]
        words = self.env._(
            "%(accepted)s new, %(corrected)s corrected, %(duplicates)s known already,"
            " %(faulty)s refused.",
            **counts,
            faulty=len(errors),
        )
        return "\n".join([words, *errors[:SHOWN]])
