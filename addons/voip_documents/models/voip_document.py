"""Documents that were made: files with their digest, and the API that makes them."""

import base64
import gzip
import json

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import FORMATS, MIMETYPES, MOVE_KINDS
from ..engine.cells import file_name
from ..engine.faults import Fault

FORMAT_NAMES = dict(FORMATS)


class VoipDocument(models.Model):
    """A file as it was made; it never changes, and is kept once it was sent."""

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
    lang = fields.Char(string="Language", readonly=True)
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

    _once = models.Constraint(
        "UNIQUE(res_model, res_id, version_id, sha256)", "This file is there already."
    )
    _of_record = models.Index("(res_model, res_id)")
    _sha256_form = models.Constraint(
        "CHECK (sha256 ~ '^[0-9a-f]{64}$')", "A SHA-256 has 64 hexadecimal digits."
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Nothing of a document changes, but that it was sent."""
        if not self.env.su or set(vals) - {"state", "sent_at"}:
            raise UserError(
                self.env._("A document is never changed: make another one.")
            )
        return super().write(vals)

    def _restore(self, content, data):
        """Store the file that was made once more, where it was lost."""
        return super(VoipDocument, self.sudo()).write(self._as_values(content, data))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        sent = self.filtered(lambda document: document.state == "sent")
        if sent:
            raise UserError(
                self.env._("%s was sent and is kept.", sent[:1].name)
            )

    # === ACTION METHODS === #

    def action_mark_sent(self):
        """Keep the file for ever: somebody has it."""
        # Nobody may write documents, so that nobody writes the attachments either.
        self.check_access("unlink")
        made = self.filtered(lambda document: document.state == "made")
        made.sudo().write({"state": "sent", "sent_at": fields.Datetime.now()})

    def action_download(self):
        self.check_access("read")
        self.ensure_one()
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
    def render(
        self,
        kind,
        record=None,
        format="pdf",  # noqa: A002  the name is the contract's
        account=None,
        date_from=None,
        date_to=None,
        template=None,
    ):
        """Make a document and keep it; the same again gives the same file.

        :param kind: ``invoice``, ``credit_note``, ``statement``, ``usage`` and those
            that other modules add
        :param record: number of the document, e.g. VOIP/2026/00042; of a statement the
            code of an account or the reference of a customer; of usage the code of an
            account
        :param account: code of an account, to choose the template as for that one; of
            a statement or of usage it may stand instead of ``record``
        :param date_from, date_to: days of a statement or of usage, both included
        :param template: id or name of a template instead of the one chosen
        :return: dict ``name``, ``mimetype``, ``content`` (base64), ``sha256``,
            ``template``, ``version``
        :raises UserError: naming the argument
        """
        self._refuse_stranger()
        self._refuse_unknown(kind, format)
        model = self.env["voip.document.kind"]._of(kind)
        subject = model._named(record, account, date_from, date_to)
        chosen = self._named_template(template, kind, format)
        document = self._made(kind, format, subject, chosen)
        return {
            "name": document.name,
            "mimetype": MIMETYPES[format],
            "content": base64.b64encode(document._whole()).decode(),
            "sha256": document.sha256,
            "template": document.template_id.name,
            "version": document.version_id.number,
        }

    def _refuse_stranger(self):
        if not self.env.su:
            self.check_access("create")

    def _refuse_unknown(self, kind, format_):
        kinds = dict(self.env["voip.document.kind"]._kinds())
        for name, value, known in (
            ("kind", kind, kinds),
            ("format", format_, FORMAT_NAMES),
        ):
            if not isinstance(value, str) or value not in known:
                raise UserError(
                    self.env._(
                        "%(name)s is one of %(known)s, not %(value)s.",
                        name=name,
                        known=", ".join(known),
                        value=str(value)[:60],
                    )
                )

    def _named_template(self, named, kind, format_):
        templates = self.env["voip.document.template"]
        if not named:
            return templates
        if type(named) not in (int, str):
            raise UserError(self.env._("template: give its id, or its name as text."))
        field = "id" if type(named) is int else "name"
        found = templates.search(
            [(field, "=", named), ("kind", "=", kind), ("format", "=", format_)],
            limit=1,
        )
        if not found.version_id:
            raise UserError(
                self.env._(
                    "template: there is no published template %(name)s of %(kind)s as "
                    "%(format)s.",
                    name=str(named)[:60],
                    kind=kind,
                    format=format_,
                )
            )
        return found

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
        made_at = f"{model._moment(subject).isoformat()}T00:00:00Z"
        title = model._title(subject)
        content = self._content(template, version, data, title, made_at)
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
        return vals, content, packed

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

    def _content(self, template, version, data, title, made_at):
        """Bytes that ``version`` makes of ``data``.

        :param title: what an error calls the document
        :raises UserError: it fails, with line and reason
        """
        sudo = template.sudo()
        try:
            return sudo._perform(
                version.sudo()._data(), data, data["number"], made_at
            )
        except Fault as fault:
            raise UserError(
                self.env._(
                    "%(document)s was not made. %(fault)s",
                    document=title,
                    fault=sudo._fault_text(fault),
                )
            ) from None
