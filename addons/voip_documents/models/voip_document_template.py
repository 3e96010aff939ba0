"""Templates of documents: what a company or an account gets, and how it looks."""

import base64
import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.voip_billing_base.notice import notice

from ..const import ENGINES, FORMATS
from ..engine.pdf import default_engine
from ..engine.table import ENCODINGS

TABLE = (
    "delimiter",
    "encoding",
    "quoting",
    "decimal_point",
    "has_heading",
    "date_format",
)
DRAFT = ("body", "engine", "is_archival", "workbook", "workbook_name", *TABLE)


class VoipDocumentTemplate(models.Model):
    """A template of one kind and format, for all, a company or an account.

    What is edited here is a draft; documents are made from the published version.
    """

    _name = "voip.document.template"
    _description = "Document Template"
    _inherit = ["mail.thread", "voip.guard"]
    _order = "kind, format, company_id, account_id, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    kind = fields.Selection(
        lambda self: self.env["voip.document.kind"]._kinds(),
        required=True,
        default="invoice",
        string="Document",
    )
    format = fields.Selection(FORMATS, required=True, default="pdf")
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self._own_company(),
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: for all companies that have none of their own.",
    )
    account_id = fields.Many2one(
        "voip.account",
        string="Account",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
        help="This account alone gets it. Empty: all accounts of the company.",
    )
    engine = fields.Selection(
        ENGINES,
        default=lambda self: default_engine(),
        help="What makes the PDF; each version keeps its own. PlutoPrint is fast; "
        "WeasyPrint knows grids and running headers and is slower.",
    )
    is_archival = fields.Boolean(
        string="PDF/A-3",
        help="The file is PDF/A-3b, to be archived and to hold an electronic invoice. "
        "WeasyPrint alone makes it.",
    )
    body = fields.Text(
        string="HTML",
        compute="_compute_body",
        store=True,
        readonly=False,
        help="HTML and Liquid. The variables are described in docs/documents.md.",
    )
    workbook = fields.Binary(
        attachment=True,
        help="An XLSX whose cells hold variables, e.g. {{ number }}. Empty: a plain "
        "table of the columns.",
    )
    workbook_name = fields.Char()
    column_ids = fields.One2many(
        "voip.document.template.column", "template_id", string="Columns", copy=True
    )
    delimiter = fields.Selection(
        [("comma", ","), ("semicolon", ";"), ("tab", "Tab"), ("pipe", "|")],
        required=True,
        default="comma",
    )
    encoding = fields.Selection(
        [(name, name.upper()) for name in ENCODINGS], required=True, default="utf-8-sig"
    )
    quoting = fields.Selection(
        [("minimal", "Where needed"), ("all", "Every cell")],
        required=True,
        default="minimal",
    )
    decimal_point = fields.Selection(
        [(".", "Point"), (",", "Comma")], required=True, default="."
    )
    has_heading = fields.Boolean(string="Heading Row", default=True)
    date_format = fields.Char(
        default="%Y-%m-%d", help="As in strftime, e.g. %d.%m.%Y. Empty: 2026-01-31."
    )
    version_ids = fields.One2many(
        "voip.document.template.version", "template_id", string="Versions"
    )
    version_id = fields.Many2one(
        "voip.document.template.version",
        string="Published",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The version that documents are made from.",
    )
    is_changed = fields.Boolean(
        string="Changes Not Published", compute="_compute_is_changed"
    )

    _one_each = models.UniqueIndex(
        "(kind, format, COALESCE(company_id, 0), COALESCE(account_id, 0))"
        " WHERE active IS TRUE",
        "There is a template of this kind and format for the same company and account: "
        "edit that one, or archive it first.",
    )
    _account_company = models.Constraint(
        "CHECK (account_id IS NULL OR company_id IS NOT NULL)",
        "A template of an account names the account's company.",
    )
    _date_format_form = models.Constraint(
        "CHECK (length(date_format) <= 40)", "A date format has at most 40 characters."
    )

    # === COMPUTE METHODS === #

    @api.depends("kind")
    def _compute_body(self):
        """A new template begins as what is shipped for its kind."""
        for template in self:
            if template.kind and not template.version_id:
                template.body = template._kind_model()._shipped_body()

    @api.depends("version_id", "column_ids", *DRAFT)
    def _compute_is_changed(self):
        for template in self:
            published = template.version_id.definition
            template.is_changed = template._definition_text() != published

    @api.onchange("account_id")
    def _onchange_account_id(self):
        """An account says which company the template is of."""
        if self.account_id:
            self.company_id = self.account_id.company_id

    @api.onchange("kind", "format")
    def _onchange_columns(self):
        """A new table shows at once the columns that it is made with."""
        if self.version_id:
            return
        is_table = self.format in ("csv", "xlsx") and self.kind
        shipped = self._kind_model()._shipped_columns() if is_table else []
        self.column_ids = [(5, 0, 0), *shipped]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._voip_refuse_garbage(vals_list)
        for vals in vals_list:
            if vals.get("account_id") and not vals.get("company_id"):
                account = self.env["voip.account"].browse(vals["account_id"])
                vals["company_id"] = account.company_id.id
            if vals.get("format") in ("csv", "xlsx") and not vals.get("column_ids"):
                kind = self._kind_model(vals.get("kind", "invoice"))
                vals["column_ids"] = kind._shipped_columns()
        templates = super().create(vals_list)
        for template in templates:
            template._check_faults()
            template._publish(self.env._("Created"))
        return templates

    def write(self, vals):
        before = {template.id: template._place() for template in self}
        result = super().write(vals)
        for template in self:
            if (place := template._place()) != before[template.id]:
                self.env["voip.audit"]._log("template_moved", template, place)
        if {*DRAFT, "column_ids", "format"} & vals.keys():
            for template in self:
                template._check_faults()
        return result

    def copy_data(self, default=None):
        """A copy is archived until it is said whom it is for."""
        plain = {"active": False, **(default or {})}
        own = {} if "company_id" in plain else {"company_id": self._own_company().id}
        return [
            {
                **vals,
                **({} if vals.get("company_id") else own),
                "name": self.env._("%s (copy)", template.name),
            }
            for template, vals in zip(self, super().copy_data(plain), strict=True)
        ]

    def _place(self):
        """Whose documents it makes, as the audit trail has it; 0 = of all."""
        template = self.sudo()
        return {
            "company_id": template.company_id.id or 0,
            "account_id": template.account_id.id or 0,
        }

    @api.constrains("company_id", "kind", "format")
    def _check_kept(self):
        """A version is of its template's kind; documents name their template."""
        for template in self:
            others = template.version_ids.filtered(
                lambda version, t=template: version.kind != t.kind
                or version.format != t.format
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%s has versions: make a new template for another document or "
                        "format.",
                        template.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["voip.document"].sudo()
        if used.search_count([("template_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("Documents were made from it: archive it instead.")
            )

    # === ACTION METHODS === #

    def action_publish(self):
        """Make the draft the version that documents are made from."""
        self.check_access("write")
        self.ensure_one()
        self._check_faults()
        self._publish(self.env._("Published"))
        return notice(
            self.env._("Version %s is published.", self.version_id.number)
        )

    def action_shipped(self):
        """Put what the module ships into the draft."""
        self.check_access("write")
        self.ensure_one()
        kind = self._kind_model()
        shipped = {"workbook": False, "workbook_name": ""}
        self.write({**shipped, "body": kind._shipped_body()})
        self.column_ids.unlink()
        if self.format != "pdf":
            self.column_ids = kind._shipped_columns()
        return notice(
            self.env._("The draft is as shipped. Publish it to make documents from it.")
        )

    # === BUSINESS METHODS === #

    def _take_newly_shipped(self):
        """Publish what is shipped now, of templates that are as they were shipped."""
        for template in self:
            versions = template.version_ids.sorted("number")
            # The first one was installed; who takes an older one back wants that one.
            untouched = all(version.is_shipped for version in versions[1:])
            if not untouched or template.version_id != versions[-1:]:
                continue
            if not template.is_changed:
                template.action_shipped()
                note = self.env._("As shipped with the upgrade")
                template._publish(note, is_shipped=True)

    def _has_kind(self):
        """Whether its kind is there: a removed module leaves the templates behind that
        kept documents were made of."""
        return self.kind in dict(self.env["voip.document.kind"]._kinds())

    def _kind_model(self, kind=None):
        """The model of the template's kind, or of ``kind``.

        :raises UserError: there is none, e.g. as its module was removed
        """
        kind = kind or self.kind
        if kind not in dict(self.env["voip.document.kind"]._kinds()):
            raise UserError(self.env._("There is no document of kind %s.", kind))
        return self.env["voip.document.kind"]._of(kind)

    def _definition(self):
        """The draft as plain data: what a version keeps."""
        self.ensure_one()
        if self.format == "pdf":
            made = {"engine": self.engine or default_engine(), "body": self.body or ""}
            return {**made, "variant": "pdf/a-3b"} if self.is_archival else made
        if self.format == "xlsx" and self.workbook:
            return {
                "workbook": base64.b64encode(self._workbook_bytes()).decode(),
                "workbook_name": self.workbook_name or "",
            }
        options = {name: self[name] for name in TABLE}
        ordered = self.column_ids.sorted("sequence")
        columns = [column._definition() for column in ordered]
        return {"table": {**options, "rows": "lines", "columns": columns}}

    def _workbook_bytes(self):
        """:raises UserError: what was uploaded is no file"""
        try:
            return base64.b64decode(self.with_context(bin_size=False).workbook)
        except ValueError:
            raise UserError(
                self.env._("The workbook cannot be read, upload it again.")
            ) from None

    def _definition_text(self):
        return json.dumps(self._definition(), sort_keys=True)

    def _publish(self, note, is_shipped=False):
        """Keep the draft as a version and make documents from it from now on.

        :param note: why, beside the version
        :param is_shipped: an upgrade publishes it, not a person
        """
        self.check_access("write")
        text = self._definition_text()
        if self.version_id.definition == text:
            return
        self.env["voip.document.template.version"]._keep(
            self, text, note, is_shipped
        )
