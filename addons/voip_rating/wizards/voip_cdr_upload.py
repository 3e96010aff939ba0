"""Upload of a file of call records."""

import base64
import io

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..calls.read import BadFile
from ..formats.files import is_json
from ..intake.plain import plain_file
from ..records.voip_cdr_batch import SMALL_FILE


class VoipCdrUpload(models.TransientModel):
    """Takes a file in a format; small files are rated at once."""

    _name = "voip.cdr.upload"
    _inherit = ["voip.guard"]
    _description = "Upload Call Records"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    switch_id = fields.Many2one(
        "voip.switch",
        required=True,
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self.env["voip.switch"].search([], limit=1),
        help="The switch that wrote the file: its zone and trunks apply.",
    )
    format_id = fields.Many2one(
        "voip.cdr.format",
        compute="_compute_format_id",
        store=True,
        readonly=False,
        check_company=True,
        help="What the file is. Empty: generic, as in the API.",
    )
    format_note = fields.Text(compute="_compute_format_note")
    file = fields.Binary(
        string="File",
        required=True,
        help="CSV, TXT or JSON, also packed with gzip, or XLSX. Generic: the first line"
        " has column names as in the API (call_id, called, start, answer, duration,"
        " trunk …); comma, semicolon or tab, or as a line sep=; before it says; UTF-8."
        " A record is a line; a damaged line is refused alone.",
    )
    file_name = fields.Char()
    sheet = fields.Char(help="Of an XLSX file: the name of the sheet; else the first.")

    @api.depends("switch_id")
    def _compute_format_id(self):
        for wizard in self:
            wizard.format_id = wizard.switch_id.format_id

    @api.depends("format_id")
    def _compute_format_note(self):
        generic = self.env.ref("voip_rating.format_generic")
        for wizard in self:
            wizard.format_note = (wizard.format_id or generic).note

    def action_upload(self):
        """Make a batch of the file and open it."""
        self._voip_use()
        self.ensure_one()
        self.env["voip.cdr.batch"].check_access("create")
        data = self._plain_data()
        if not data.strip():
            raise UserError(self.env._("The file is empty."))
        named = not self.format_id._compiled() and not is_json(io.BytesIO(data))
        if named and b"\n" not in data.strip() and b"\r" not in data.strip():
            raise UserError(self.env._("The file has no records, only a first line."))
        self._check_beginning(data)
        batch = self.env["voip.cdr.batch"].sudo()._take_file(
            self.switch_id, data, self.file_name or "upload.csv", self.format_id
        )
        if len(data) <= SMALL_FILE:
            batch._rate_here()
        else:
            batch._wake_worker()
        return {
            "type": "ir.actions.act_window",
            "res_model": "voip.cdr.batch",
            "res_id": batch.id,
            "view_mode": "form",
        }

    def _plain_data(self):
        data = base64.b64decode(self.file or b"")
        try:
            return plain_file(data, self.sheet)
        except BadFile as error:
            raise self._refused(error) from error

    def _check_beginning(self, data):
        try:
            self.env["voip.cdr.batch"]._check_file(data, self.format_id)
        except BadFile as error:
            raise self._refused(error) from error

    def _refused(self, error):
        return UserError(
            self.env._(
                "%(file)s: %(why)s. Mend the file and upload it again.",
                file=self.file_name or self.env._("The file"),
                why=str(error),
            )
        )
