"""Versions of templates: kept for ever, so that a document can be made again."""

import json
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.notice import notice

from ..const import ENGINES, FORMATS
from .changes import changes_html


def readable(definition):
    """A definition as text: the HTML, or columns and settings."""
    data = json.loads(definition or "{}")
    workbook = data.pop("workbook", None)
    if workbook:
        data["workbook_sha256"] = sha256(workbook.encode()).hexdigest()
    plain = json.dumps(data, indent=2, ensure_ascii=False)
    return data.get("body") or plain


class VoipDocumentTemplateVersion(models.Model):
    """What a template was when it was published; the program alone makes them."""

    _name = "voip.document.template.version"
    _description = "Version of a Document Template"
    _inherit = ["voip.guard"]
    _order = "template_id, number desc"
    _rec_name = "number"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    template_id = fields.Many2one(
        "voip.document.template",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="template_id.company_id", store=True, index="btree_not_null"
    )
    number = fields.Integer(required=True, readonly=True)
    kind = fields.Selection(
        lambda self: self.env["voip.document.kind"]._kinds(),
        required=True,
        readonly=True,
        string="Document",
    )
    format = fields.Selection(FORMATS, required=True, readonly=True)
    engine = fields.Selection(ENGINES, readonly=True)
    definition = fields.Text(required=True, readonly=True)
    body = fields.Text(string="Content", compute="_compute_body")
    sha256 = fields.Char(string="SHA-256", required=True, readonly=True)
    note = fields.Char(readonly=True)
    is_shipped = fields.Boolean(
        readonly=True, help="Published by an upgrade, not by a person."
    )
    changes_html = fields.Html(
        string="Changes", compute="_compute_changes_html", sanitize=False
    )
    changes_published_html = fields.Html(
        string="Changes to the Published Version",
        compute="_compute_changes_html",
        sanitize=False,
    )
    is_published = fields.Boolean(compute="_compute_is_published")

    _number_uniq = models.Constraint(
        "UNIQUE(template_id, number)", "A template has each version once."
    )
    _number_bounds = models.Constraint(
        "CHECK (number BETWEEN 1 AND 1000000)", "Versions are counted from 1."
    )

    @api.depends("definition")
    def _compute_body(self):
        for version in self:
            version.body = version._text()

    def _text(self):
        """What the version is, to be read."""
        return readable(self.definition)

    @api.depends("template_id.version_id", "number", "definition")
    def _compute_changes_html(self):
        """Against the version before, and of the published one against this one."""
        for version in self:
            template = version.template_id
            older = template.version_ids.filtered(
                lambda other, v=version: other.number < v.number
            ).sorted("number")[-1:]
            text = version._text()
            version.changes_html = changes_html(older._text() if older else "", text)
            version.changes_published_html = changes_html(
                text, template.version_id._text()
            )

    @api.depends("template_id.version_id")
    def _compute_is_published(self):
        for version in self:
            version.is_published = version.template_id.version_id == version

    @api.depends("template_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.template_id.name} v{version.number}"

    # === CRUD METHODS === #

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A version is never changed: publish another one."))

    # === ACTION METHODS === #

    def action_restore(self):
        """Publish this version again, and make it the draft."""
        self.check_access("read")
        self.ensure_one()
        template = self.template_id
        template.check_access("write")
        template._take(self._data())
        self._publish()
        template.message_post(
            body=self.env._("Version %s is published again.", self.number)
        )
        return notice(self.env._("Version %s is published again.", self.number))

    # === BUSINESS METHODS === #

    def _publish(self):
        """Make the template's documents from this version, by the audit trail."""
        template = self.template_id.sudo()
        template.version_id = self
        data = {"version": self.number, "sha256": self.sha256, **template._place()}
        self.env["voip.audit"]._log("template_published", template, data)

    def _data(self):
        """What the version keeps, see ``_definition`` of the template."""
        return json.loads(self.definition)

    @api.model
    def _keep(self, template, text, note, is_shipped=False):
        """A new version of ``template``; the caller may write the template."""
        self.env.cr.execute(
            "SELECT id FROM voip_document_template WHERE id = %s FOR UPDATE",
            [template.id],
        )
        last = max(template.sudo().version_ids.mapped("number"), default=0)
        version = self.sudo().create(
            {
                "template_id": template.id,
                "number": last + 1,
                "kind": template.kind,
                "format": template.format,
                "engine": template.engine if template.format == "pdf" else False,
                "definition": text,
                "sha256": sha256(text.encode()).hexdigest(),
                "note": note,
                "is_shipped": is_shipped,
            }
        )
        version._publish()
        template.message_post(
            body=self.env._("Version %s is published.", version.number)
        )
        return version


class VoipDocumentTemplate(models.Model):
    _inherit = "voip.document.template"

    changes_html = fields.Html(
        string="Changes", compute="_compute_changes_html", sanitize=False
    )

    @api.depends("is_changed")
    def _compute_changes_html(self):
        """What publishing would change."""
        for template in self:
            draft = readable(template._definition_text())
            template.changes_html = changes_html(template.version_id._text(), draft)

    def _take(self, definition):
        """Make ``definition`` of a version the draft."""
        table = definition.get("table", {})
        vals = {name: table[name] for name in table if name not in ("rows", "columns")}
        for name in ("body", "engine", "workbook", "workbook_name"):
            if name in definition:
                vals[name] = definition[name]
        if self.format == "pdf":
            vals["is_archival"] = "variant" in definition
        if self.format == "xlsx" and "workbook" not in definition:
            vals["workbook"] = False
        if "columns" in table:
            vals["column_ids"] = [(5, 0, 0)] + [
                (0, 0, {**column, "sequence": 10 * number})
                for number, column in enumerate(table["columns"], 1)
            ]
        self.write(vals)
