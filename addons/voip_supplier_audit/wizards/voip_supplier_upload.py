"""Lines of an invoice from a CSV or XLSX file."""

import base64
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.imports.look import letters
from odoo.addons.voip_billing_base.reader.values import MARKS, SHAPES
from odoo.addons.voip_billing_base.reader.workbook import BadFile

from ..imports import sheet as sheets

NAMES = tuple(sheets.COLUMNS)
FAULTS_SHOWN = 10
LETTER = {
    "help": "The letter of the column. Empty: the sheet has none.",
    "compute": "_compute_look",
    "store": True,
    "readonly": False,
}


def content_of(wizard):
    """The bytes of the wizard's file, also where a browser asks how large it is."""
    return base64.b64decode(wizard.with_context(bin_size=False).file or b"")


def of_another(wizard):
    """A sentence where another supplier brought the wizard's file, or False."""
    data = content_of(wizard)
    return bool(data) and wizard.env["voip.supplier.file"]._of_another(
        wizard.invoice_id,
        wizard.file_name or wizard.env._("The file"),
        sha256(data).hexdigest(),
    )


class VoipSupplierUpload(models.TransientModel):
    """Reads a sheet into the lines of an invoice; its columns are remembered."""

    _name = "voip.supplier.upload"
    _inherit = ["voip.guard"]
    _description = "Lines from a File"

    invoice_id = fields.Many2one("voip.supplier.invoice", required=True)
    file = fields.Binary(string="File", required=True, help="CSV or XLSX.")
    file_name = fields.Char()
    sheet = fields.Char(help="Of an XLSX file: the name of the sheet; else the first.")
    header_text = fields.Char(
        string="Columns", compute="_compute_look", store=True, readonly=False
    )
    problem = fields.Char(compute="_compute_look", store=True, readonly=False)
    warning = fields.Char(compute="_compute_warning")
    prefix_column = fields.Char(**LETTER)
    destination_column = fields.Char(**LETTER)
    day_column = fields.Char(**LETTER)
    rate_column = fields.Char(**LETTER)
    calls_column = fields.Char(**LETTER)
    minutes_column = fields.Char(**LETTER)
    amount_column = fields.Char(**LETTER)
    mark = fields.Selection(
        [(".", "Point"), (",", "Comma")],
        string="Decimal Mark",
        compute="_compute_look",
        store=True,
        readonly=False,
    )
    shape = fields.Selection(
        [
            ("ymd", "Year, month, day"),
            ("dmy", "Day, month, year"),
            ("mdy", "Month first"),
        ],
        string="Order of Dates",
        compute="_compute_look",
        store=True,
        readonly=False,
    )
    set_total = fields.Boolean(help="The total becomes the sum of the lines.")

    # === COMPUTE METHODS === #

    @api.depends("file", "sheet", "invoice_id")
    def _compute_look(self):
        for wizard in self:
            values = dict.fromkeys((f"{name}_column" for name in NAMES), False)
            values |= {"mark": False, "shape": False, "problem": False}
            values["header_text"] = False
            if wizard.file:
                values |= wizard._looked()
            for name, value in values.items():
                wizard[name] = value

    @api.depends("file", "invoice_id")
    def _compute_warning(self):
        for wizard in self:
            wizard.warning = of_another(wizard)

    # === ACTION METHODS === #

    def action_read(self):
        """Replace the lines of the invoice by those of the file."""
        self._voip_use()
        self.ensure_one()
        invoice = self.invoice_id
        invoice.check_access("write")
        invoice._lock()
        invoice._refuse_decided()
        data, look = self._look()
        found = self._read(data, look)
        if found.faults:
            raise self._refused("; ".join(self._faults(found.faults)))
        if not found.lines:
            raise self._refused(self.env._("it has no row with an amount"))
        self._take(invoice, found.lines)
        self.env["voip.supplier.map"]._remember(
            invoice,
            {
                "header_mark": look.header.mark,
                "header": " | ".join(look.header.names),
                "columns": self._letters(),
                "mark": self.mark or MARKS[0],
                "shape": self.shape or SHAPES[0],
            },
        )
        return {"type": "ir.actions.act_window_close"}

    # === BUSINESS METHODS === #

    def _looked(self):
        """What the columns are: as remembered, else as their names say."""
        try:
            _data, look = self._look()
        except UserError as error:
            return {"problem": str(error)}
        header = look.header
        known = self.env["voip.supplier.map"]._find(self.invoice_id, header.mark)
        columns = known.columns or {
            name: letters(place) for name, place in header.columns.items()
        }
        values = {f"{name}_column": columns.get(name, False) for name in NAMES}
        values["mark"] = look.mark.chosen(known.mark, *MARKS)
        values["shape"] = look.shape.chosen(known.shape, *SHAPES)
        values["header_text"] = ", ".join(
            f"{letters(place)}: {name}"
            for place, name in enumerate(header.names)
            if name
        )
        return values

    def _look(self):
        """(bytes of the file, :class:`~..imports.sheet.Look`)."""
        data = content_of(self)
        try:
            return data, sheets.look(data, self.sheet)
        except BadFile as error:
            raise self._refused(str(error)) from error

    def _read(self, data, look):
        columns = {
            name: self._place(name, letter) for name, letter in self._letters().items()
        }
        if "amount" not in columns:
            raise self._refused(self.env._("say which column has the amounts"))
        try:
            return sheets.read(
                data,
                self.sheet,
                look.header.row,
                columns,
                self.mark or MARKS[0],
                self.shape or SHAPES[0],
            )
        except BadFile as error:
            raise self._refused(str(error)) from error

    def _letters(self):
        """{field: letter of its column}, of those that are chosen."""
        chosen = {name: (self[f"{name}_column"] or "").strip() for name in NAMES}
        return {name: letter.upper() for name, letter in chosen.items() if letter}

    def _place(self, name, letter):
        if not letter.isascii() or not letter.isalpha() or len(letter) > 2:
            raise self._refused(
                self.env._(
                    "%(letter)s is no column: give a letter for %(name)s",
                    letter=letter[:5],
                    name=self._fields[f"{name}_column"]._description_string(self.env),
                )
            )
        place = 0
        for char in letter:
            place = place * 26 + ord(char) - 64
        return place - 1

    def _faults(self, faults):
        for row, why in faults[:FAULTS_SHOWN]:
            yield self.env._("row %(row)s: %(why)s", row=row, why=why)
        if len(faults) > FAULTS_SHOWN:
            yield self.env._("%s rows more", len(faults) - FAULTS_SHOWN)

    def _take(self, invoice, lines):
        invoice.line_ids.unlink()
        # What was found is of the lines before.
        invoice.sudo().write({"state": "imported", "content_mark": False})
        invoice.line_ids._create_printed(invoice, lines)
        if self.set_total:
            invoice.total = invoice.lines_total

    def _refused(self, why):
        return UserError(
            self.env._(
                "%(file)s: %(why)s.",
                file=self.file_name or self.env._("The file"),
                why=why,
            )
        )
