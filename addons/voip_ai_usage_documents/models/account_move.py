"""The AI sessions of an invoice leave as a file, its annex."""

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_documents.calls import calls_file
from odoo.addons.voip_documents.calls.account_move import PLAIN_ROWS
from odoo.addons.voip_documents.engine.cells import file_name

from .annex import ANNEX_SQL, COUNT_SQL


class AccountMove(models.Model):
    _inherit = "account.move"

    voip_session_count = fields.Integer(
        string="AI Sessions", compute="_compute_voip_session_count"
    )

    def _compute_voip_session_count(self):
        counts = self.sudo()._voip_session_counts()
        for move in self:
            move.voip_session_count = counts.get(move._origin.id, 0)

    # === ACTION METHODS === #

    def action_voip_download_sessions(self):
        """The annex: each session with its tokens, time and amounts."""
        self.check_access("read")
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/voip/invoice/{self.id}/ai_sessions/csv",
            "target": "self",
        }

    # === BUSINESS METHODS === #

    def _voip_session_counts(self):
        """{invoice id: how many sessions it charges}; without any it is left out."""
        self.env.flush_all()
        self.env.cr.execute(COUNT_SQL, [self._origin.ids])
        return dict(self.env.cr.fetchall())

    def _voip_sessions_file(self):
        """(file name, format, open file, size, SHA-256) of the annex.

        :raises UserError: there are no sessions behind it
        """
        self.check_access("read")
        self.ensure_one()
        self.env["voip.ai.charge"].check_access("read")
        rows = self._voip_session_counts().get(self.id)
        if not rows:
            raise UserError(
                self.env._("There are no AI sessions in %s.", self.display_name)
            )
        format_ = "zip" if rows > PLAIN_ROWS else "csv"
        cr, tz = self.env.cr, self.sudo().voip_account_id.tz or "UTC"
        sql = cr._obj.mogrify(ANNEX_SQL, {"move": self.id, "tz": tz}).decode()
        name = file_name(f"{self.name} AI sessions", format_)
        stem = name.removesuffix(f".{format_}")
        return name, format_, *calls_file.write(cr, sql, format_, stem)
