"""Trying a template: with sample data when it is saved, with a document beside it."""

import base64
import csv
import json
from io import BytesIO, StringIO
from itertools import islice

from markupsafe import Markup, escape
from openpyxl import load_workbook

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import MOVE_KINDS
from ..context.variables import variables
from ..engine import pool
from ..engine.faults import Fault, NoWorker, WorkerLost
from ..engine.table import DELIMITERS
from .boxes import boxes_text, missing_scripts
from .cell_text import cell_text

SAMPLE_AT = "2026-01-31T00:00:00Z"
# Parameter of the database: how many worker processes each server process has.
WORKERS, MOST_WORKERS = "voip_documents.workers", 32
SHOWN_ROWS, SHOWN_COLUMNS = 40, 40
TYPES = {kind: move_type for move_type, kind in MOVE_KINDS.items()}


class VoipDocumentTemplate(models.Model):
    _inherit = "voip.document.template"

    preview_move_id = fields.Many2one(
        "account.move",
        string="Preview With",
        compute="_compute_preview_move_id",
        readonly=False,
        help="The invoice or credit note that the preview shows. Empty: sample data.",
    )
    preview_account_id = fields.Many2one(
        "voip.account",
        string="Preview With Account",
        compute="_compute_preview_account_id",
        readonly=False,
        help="The account whose last month the preview shows. Empty: sample data.",
    )
    preview_field = fields.Char(compute="_compute_preview_field")
    variables = fields.Json(compute="_compute_variables")
    preview_domain = fields.Binary(compute="_compute_preview_domain")
    preview_pdf = fields.Text(compute="_compute_preview")
    preview_html = fields.Html(compute="_compute_preview", sanitize=False)
    preview_fault = fields.Char(compute="_compute_preview")
    preview_boxes = fields.Char(compute="_compute_preview")
    mapping_html = fields.Html(
        string="Found in the Workbook", compute="_compute_mapping_html", sanitize=False
    )

    # === COMPUTE METHODS === #

    @api.depends("kind", "company_id", "account_id")
    def _compute_preview_move_id(self):
        """The customer's or the company's last document, where the user may read it."""
        moves = self.env["account.move"]
        allowed = moves.has_access("read")
        for template in self:
            domain = template._preview_domain()
            if template.account_id:
                domain = [*domain, ("voip_account_id", "=", template.account_id.id)]
            template.preview_move_id = moves
            # One of usage shows more than one of fees.
            usage = [*domain, ("voip_period_end", "!=", False)]
            for wanted in (usage, domain) if allowed else ():
                found = moves.search(wanted, order="id desc", limit=1)
                if found:
                    template.preview_move_id = found
                    break

    @api.depends("account_id", "company_id")
    def _compute_preview_account_id(self):
        """The template's account, or the one that was invoiced last."""
        for template in self:
            template.preview_account_id = (
                template.account_id
                or template.preview_move_id.sudo().voip_account_id._filtered_access(
                    "read"
                )
            )

    @api.depends("kind")
    def _compute_preview_field(self):
        for template in self:
            # A model without records is false.
            template.preview_field = (
                template._kind_model()._preview_field
                if template._has_kind()
                else False
            )

    @api.depends("kind", "company_id")
    def _compute_preview_domain(self):
        for template in self:
            template.preview_domain = template._preview_domain()

    def _preview_domain(self):
        companies = self.company_id or self.env.companies
        return [
            ("move_type", "=", TYPES.get(self.kind, "out_invoice")),
            ("company_id", "in", companies.ids),
            ("state", "=", "posted"),
        ]

    @api.depends(
        "preview_move_id", "preview_account_id", "kind", "format", "body", "engine",
        "is_archival", "workbook", "column_ids",
        "column_ids.path", "column_ids.heading", "column_ids.kind",
        "column_ids.decimals", "column_ids.sequence", "delimiter", "encoding",
        "quoting", "decimal_point", "has_heading", "date_format", "company_id",
    )
    def _compute_preview(self):
        """What the draft makes; faults stand in the preview's place."""
        for template in self:
            template.preview_pdf = template.preview_html = False
            template.preview_fault = template.preview_boxes = False
            try:
                data = template._preview_data()
                data = template._kind_model()._of_format(data, template.format)
                content = template._render_draft(data)
            except UserError as error:
                template.preview_fault = str(error)
                continue
            if template.format == "pdf":
                template.preview_pdf = base64.b64encode(content).decode()
                scripts = ", ".join(missing_scripts(template.body, data))
                template.preview_boxes = boxes_text(self.env, scripts)
            else:
                template.preview_html = template._as_table(content)

    def _preview_data(self):
        kind = self._kind_model()
        subject = kind._previewed(self)
        return kind._data(subject) if subject else self._sample_data()

    @api.depends("preview_move_id", "preview_account_id", "kind", "company_id")
    def _compute_variables(self):
        """What a template can name, with values of the document that is shown."""
        for template in self:
            if not template._has_kind():
                template.variables = False
                continue
            try:
                template.variables = variables(template._preview_data())
            except UserError:
                template.variables = variables(template._sample_data())

    def _as_table(self, content):
        """A CSV or XLSX as an HTML table of its first rows."""
        if self.format == "csv":
            text = content.decode(self.encoding or "utf-8-sig", errors="replace")
            rows = csv.reader(StringIO(text), delimiter=DELIMITERS[self.delimiter])
            return table_html(islice(rows, SHOWN_ROWS))
        book = load_workbook(BytesIO(content), read_only=True)
        sheet = book.worksheets[0]
        width = min(sheet.max_column or 1, SHOWN_COLUMNS)
        rows = sheet.iter_rows(max_row=SHOWN_ROWS, max_col=width)
        return table_html([[cell_text(self.env, cell) for cell in row] for row in rows])

    @api.depends("workbook", "format", "preview_move_id", "preview_account_id")
    def _compute_mapping_html(self):
        for template in self:
            template.mapping_html = False
            if template.format != "xlsx" or not template.workbook:
                continue
            try:
                found = template._found_in_workbook()
            except (Fault, UserError) as fault:
                template.mapping_html = escape(str(fault))
                continue
            head = [self.env._("Cell"), self.env._("Text"), self.env._("Value")]
            missing = self.env._("missing")
            rows = [[a, b, c if ok else f"⚠ {missing}: {c}"] for a, b, c, ok in found]
            template.mapping_html = table_html([head, *rows])

    def _found_in_workbook(self):
        """What :func:`~.engine.workbook.inspect` says, from a worker: the cells of a
        draft are as unknown as a draft's HTML.

        :raises Fault: the workbook is refused
        """
        workbook = base64.b64encode(self._workbook_bytes()).decode()
        task = {"format": "found", "workbook": workbook, "data": self._preview_data()}
        return json.loads(self._perform(task))

    # === CHECKS === #

    def _check_faults(self):
        """:raises UserError: the draft fails with sample data, with line and reason"""
        self._render_draft(self._sample_data())

    def _render_draft(self, data):
        try:
            task = self._task(self._definition(), data, data["number"], SAMPLE_AT)
            return self._perform(task)
        except Fault as fault:
            raise UserError(self._fault_text(fault)) from None

    def _fault_text(self, fault):
        if fault.line:
            return self.env._(
                "Template %(name)s, line %(line)s: %(reason)s.",
                name=self.name or "",
                line=fault.line,
                reason=fault.reason,
            )
        return self.env._(
            "Template %(name)s: %(reason)s.", name=self.name or "", reason=fault.reason
        )

    def _task(self, definition, data, title, made_at):
        """What a worker is told to make by ``definition`` of a version."""
        task = {**definition, "data": data, "title": title, "made_at": made_at}
        return {**task, "format": self.format}

    @api.model
    def _pool(self):
        """The worker processes, as many as the settings say."""
        parameters = self.env["ir.config_parameter"].sudo()
        size = parameters.get_param(WORKERS) or ""
        workers = min(int(size), MOST_WORKERS) if size.isdigit() else 0
        return pool.shared(workers or pool.usual_size())

    @api.model
    def _perform(self, task):
        """Bytes of a task of :meth:`_task`, made in a worker.

        :raises Fault: with line and reason
        """
        try:
            return self._pool().perform(task)
        except WorkerLost as lost:
            raise self._lost(lost) from None
        except NoWorker as none:
            # Told as the cause of what is raised in its place, as it passes.
            raise Fault(
                self.env._("the server is too busy to make it, try again in a minute")
            ) from none

    @api.model
    def _lost(self, lost):
        return Fault(self.env._("it was tried twice: %s", lost.reason))

    @api.model
    def _begin_all(self, tasks):
        """Begin tasks in all workers; a callable that waits for bytes or
        :class:`Fault` of each."""
        ended = self._pool().begin_all(tasks)

        def found():
            return [
                self._lost(each) if isinstance(each, WorkerLost) else each
                for each in ended()
            ]

        return found

    def _sample_data(self):
        company = self.company_id or self.env.company
        return self._kind_model().with_company(company)._sample()


def table_html(rows):
    """Rows of texts as an HTML table; every text is escaped."""
    made = Markup("").join(
        Markup("<tr>%s</tr>")
        % Markup("").join(Markup("<td>%s</td>") % str(value) for value in row)
        for row in rows
    )
    style = "table table-sm table-bordered text-nowrap o_voip_table_preview"
    return Markup('<table class="%s">%s</table>') % (style, made)
