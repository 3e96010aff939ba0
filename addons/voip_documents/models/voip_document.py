"""Documents that were made: files with their digest."""

import gzip
import json
from dataclasses import dataclass
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import FORMATS, MOVE_KINDS
from ..engine.cells import file_name
from ..engine.faults import Fault
from ..languages import language_names
from .boxes import boxes_text, missing_scripts

FORMAT_NAMES = dict(FORMATS)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is made: values of its document, what it is made of, packed, its
    template, the task for a worker, and what messages call it."""

    vals: dict
    packed: bytes
    template: Any
    task: dict
    title: str


class VoipDocument(models.Model):
    """A file as it was made; it never changes, and is kept once it was sent.

    ``voip_document_retention`` says for how long.
    """

    _name = "voip.document"
    _description = "Document"
    _inherit = ["voip.guard"]
    _order = "id desc"
    _check_company_auto = True
    _voip_keeps_files = True

    name = fields.Char(required=True, readonly=True, string="File Name")
    kind = fields.Selection(
        lambda self: self.env["voip.document.kind"]._kinds(),
        required=True,
        readonly=True,
        string="Document",
    )
    format = fields.Selection(FORMATS, required=True, readonly=True)
    state = fields.Selection(
        [("made", "Made"), ("sent", "Sent")],
        required=True,
        readonly=True,
        default="made",
        help="What was sent is kept as it is.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    res_model = fields.Char(string="Made Of", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True, readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    account_id = fields.Many2one(
        "voip.account",
        readonly=True,
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    template_id = fields.Many2one(
        "voip.document.template",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    version_id = fields.Many2one(
        "voip.document.template.version",
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    lang = fields.Char(string="Language Code", readonly=True)
    lang_name = fields.Char(string="Language", compute="_compute_lang_name")
    reason = fields.Char(
        string="Why This Template",
        readonly=True,
        help="What the template was found by.",
    )
    sha256 = fields.Char(string="SHA-256", required=True, readonly=True, index=True)
    content = fields.Binary(
        string="File", required=True, readonly=True, attachment=True
    )
    data = fields.Binary(
        readonly=True,
        attachment=True,
        help="What it was made of, as JSON packed by gzip.",
    )
    sent_at = fields.Datetime(readonly=True)
    missing_scripts = fields.Char(
        string="Scripts Without a Font",
        readonly=True,
        help="What no font of the machine had letters of as the file was made.",
    )
    boxes = fields.Char(compute="_compute_boxes")

    _once = models.Constraint(
        "UNIQUE(res_model, res_id, version_id, sha256)", "This file is there already."
    )
    _of_record = models.Index("(res_model, res_id)")
    _sha256_form = models.Constraint(
        "CHECK (sha256 ~ '^[0-9a-f]{64}$')", "A SHA-256 has 64 hexadecimal digits."
    )

    # === COMPUTE METHODS === #

    @api.depends("lang")
    def _compute_lang_name(self):
        names = language_names(self.env)
        for document in self:
            document.lang_name = names.get(document.lang, document.lang)

    @api.depends("missing_scripts")
    def _compute_boxes(self):
        """What is printed as boxes, as a sentence; False where all has a font."""
        for document in self:
            document.boxes = boxes_text(self.env, document.missing_scripts)

    # === CRUD METHODS === #

    def write(self, vals):
        """Nothing of a document changes, but that it was sent."""
        if not self.env.su or set(vals) - {"state", "sent_at"}:
            raise UserError(
                self.env._("A document is never changed: make another one.")
            )
        return super().write(vals)

    def _put(self, vals):
        """Write what the program keeps of a file."""
        return super(VoipDocument, self.sudo()).write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        sent = self.filtered(lambda document: document.state == "sent")
        if sent:
            raise UserError(
                self.env._("%s was sent and is kept.", sent[:1].name)
            )

    # === ACTION METHODS === #

    def action_mark_sent(self):
        """Keep the file for the legal time: somebody has it."""
        # Nobody may write documents, so that nobody writes the attachments either.
        self.check_access("unlink")
        made = self.filtered(lambda document: document.state == "made")
        made.sudo().write({"state": "sent", "sent_at": fields.Datetime.now()})

    def action_download(self):
        self.check_access("read")
        self.ensure_one()
        self._refuse_removed()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/voip.document/{self.id}/content"
            f"?download=true&filename_field=name",
            "target": "self",
        }

    @api.model
    def _shown(self, domain):
        """The action that lists the documents of ``domain``."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_documents.voip_document_action"
        )
        return {**action, "domain": domain, "context": {}}

    # === BUSINESS METHODS === #

    @api.model
    def _make(self, move, format_=None):
        """The document of an invoice or credit note; whoever calls may read it.

        :param format_: without it, those of every format
        """
        kind = MOVE_KINDS.get(move.move_type, "invoice")
        subject = self.env["voip.document.kind"]._of(kind)._of_move(move)
        if format_ is None:
            return self._made_all(kind, subject)
        return self._made(kind, format_, subject)

    @api.model
    def _made(self, kind, format_, subject, template=None, data=None):
        """The kept document of ``subject``; see :meth:`_file`."""
        return self._kept(*self._file(kind, format_, subject, template, data))

    @api.model
    def _made_all(self, kind, subject):
        """The kept documents of ``subject`` in every format, of the same data."""
        model = self.env["voip.document.kind"]._of(kind)
        model._check(subject)
        data = model._data(subject)
        found = self.browse()
        for format_ in FORMAT_NAMES:
            found |= self._made(kind, format_, subject, data=data)
        return found

    @api.model
    def _file(self, kind, format_, subject, template=None, data=None):
        """What a template makes of ``subject``; whoever calls may read it.

        :param template: instead of the one that the account gets
        :param data: what the subject's kind says of it, where it is known already
        :return: values of the document, its bytes, and what they were made of, packed
        :raises UserError: the template fails, naming the document and the line
        """
        plan = self._plan(kind, format_, subject, template, data)
        return plan.vals, self._bytes_of(plan), plan.packed

    @api.model
    def _plan(self, kind, format_, subject, template=None, data=None):
        """How a file is made, see :meth:`_file`.

        :return: :class:`Plan`
        """
        model = self.env["voip.document.kind"]._of(kind)
        model._check(subject)
        reason = self.env._("chosen by hand")
        if not template:
            template, reason = self.env["voip.document.template"]._chosen(
                kind, format_, subject.company, subject.account.sudo()
            )
        self._refuse_foreign_template(template, subject.company)
        version = template.sudo().version_id
        data = model._data(subject) if data is None else data
        data = model._of_format(data, format_)
        made_at = f"{model._moment(subject).isoformat()}T00:00:00Z"
        kept = {"data": data, "made_at": made_at}
        vals = {
            "name": file_name(data["number"], format_),
            "kind": kind,
            "format": format_,
            "lang": data["language"]["code"],
            "reason": reason,
            "template_id": template.id,
            "version_id": version.id,
            **self._subject_vals(subject),
        }
        packed = gzip.compress(json.dumps(kept, sort_keys=True).encode(), mtime=0)
        sudo = template.sudo()
        if format_ == "pdf":
            scripts = missing_scripts(version.sudo()._data()["body"], data)
            vals["missing_scripts"] = ", ".join(scripts) or False
        task = sudo._task(version.sudo()._data(), data, data["number"], made_at)
        return Plan(vals, packed, template, task, model._title(subject))

    @staticmethod
    def _subject_vals(subject):
        record = subject.record
        return {
            "res_model": record._name,
            "res_id": record.id,
            "move_id": record.id if record._name == "account.move" else False,
            "company_id": subject.company.id,
            "partner_id": subject.partner.id,
            "account_id": subject.account.id,
            "date_from": subject.first,
            "date_to": subject.last,
        }

    def _refuse_foreign_template(self, template, company):
        of = template.sudo().company_id
        if of and of not in company.sudo().parent_ids:
            raise UserError(self.env._("The template is of another company."))

    def _bytes_of(self, plan):
        """Bytes that the version of ``plan`` makes.

        :raises UserError: it fails, with line and reason; ``voip_template`` is what
            failed
        """
        try:
            return plan.template.sudo()._perform(plan.task)
        except Fault as fault:
            failed = UserError(self._not_made(plan, fault))
            # Whoever works in the background sees by the cause whether it passes.
            if not fault.__cause__:
                failed.voip_template = plan.template
            raise failed from fault.__cause__

    def _not_made(self, plan, fault):
        """Why a document was not made, as a sentence."""
        return self.env._(
            "%(document)s was not made. %(fault)s",
            document=plan.title,
            fault=plan.template.sudo()._fault_text(fault),
        )
