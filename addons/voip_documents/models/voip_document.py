"""Documents that were made: files with their digest, and the API that makes them."""

import base64
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.notice import notice

from ..const import FORMATS, KINDS, MIMETYPES, MOVE_KINDS
from ..engine.cells import file_name
from ..engine.faults import Fault

FORMAT_NAMES, KIND_NAMES = dict(FORMATS), dict(KINDS)


class VoipDocument(models.Model):
    """A file as it was made; it never changes, and is kept once it was sent."""

    _name = "voip.document"
    _description = "Document"
    _inherit = ["voip.guard"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, string="File Name")
    kind = fields.Selection(KINDS, required=True, readonly=True, string="Document")
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
        required=True,
        readonly=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        related="move_id.commercial_partner_id", string="Customer"
    )
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
    sent_at = fields.Datetime(readonly=True)

    _once = models.Constraint(
        "UNIQUE(move_id, version_id, sha256)", "This file is there already."
    )
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

    def action_check(self):
        """Make the file again from the same version, and compare."""
        self.check_access("read")
        self.ensure_one()
        stored = base64.b64decode(self.with_context(bin_size=False).content)
        if sha256(stored).hexdigest() != self.sha256:
            raise UserError(
                self.env._("The stored file is not what was made: its SHA-256 differs.")
            )
        return notice(self.env._("The stored file has its SHA-256: it is unchanged."))

    # === BUSINESS METHODS === #

    def _bytes(self):
        """The file as it is stored."""
        return base64.b64decode(self.with_context(bin_size=False).content)

    @api.model
    def render(
        self,
        kind,
        record,
        format="pdf",  # noqa: A002  the name is the contract's
        account=None,
        date_from=None,
        date_to=None,
        template=None,
    ):
        """Make a document and keep it; the same again gives the same file.

        :param kind: ``invoice`` or ``credit_note``
        :param record: number of the document, e.g. VOIP/2026/00042
        :param account: code of an account, to choose the template as for that one
        :param template: id or name of a template instead of the one chosen
        :return: dict ``name``, ``mimetype``, ``content`` (base64), ``sha256``,
            ``template``, ``version``
        :raises UserError: naming the argument
        """
        self._refuse_stranger()
        self._refuse_unknown(kind, format, date_from, date_to)
        move = self._named_move(kind, record)
        document = self._make(
            move,
            format,
            account=self._named_account(account, move),
            template=self._named_template(template, kind, format),
        )
        return {
            "name": document.name,
            "mimetype": MIMETYPES[format],
            "content": document.sudo().with_context(bin_size=False).content.decode(),
            "sha256": document.sha256,
            "template": document.template_id.name,
            "version": document.version_id.number,
        }

    def _refuse_stranger(self):
        if not self.env.su:
            self.check_access("create")

    def _refuse_unknown(self, kind, format_, date_from, date_to):
        for name, value, known in (
            ("kind", kind, KIND_NAMES),
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
        if date_from or date_to:
            raise UserError(
                self.env._("date_from and date_to are not for %s.", kind)
            )

    def _named_move(self, kind, record):
        move_type = next(key for key, value in MOVE_KINDS.items() if value == kind)
        domain = [("name", "=", record), ("move_type", "=", move_type)]
        if not isinstance(record, str) or not record:
            raise UserError(self.env._("record is the number of a document."))
        companies = ("company_id", "in", self.env.companies.ids)
        moves = self.env["account.move"].search([*domain, companies], limit=2)
        if len(moves) == 1:
            return moves
        if moves:
            raise UserError(
                self.env._("record: several companies have a document %s.", record[:60])
            )
        raise UserError(self.env._("record: there is no document %s.", record[:60]))

    def _named_account(self, code, move):
        if not code:
            return move.sudo().voip_account_id
        account = self.env["voip.account"].search(
            [("code", "=", str(code)), ("company_id", "=", move.company_id.id)]
        )
        if not account:
            raise UserError(
                self.env._("account: there is no account %s.", str(code)[:60])
            )
        return account

    def _named_template(self, named, kind, format_):
        templates = self.env["voip.document.template"]
        if not named:
            return templates
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
    def _make(self, move, format_, account=None, template=None, version=None):
        """The document of ``move``; whoever calls may read it.

        :raises UserError: the template fails, naming the document and the line
        """
        self._refuse_unposted(move)
        kind = MOVE_KINDS[move.move_type]
        account = move.sudo().voip_account_id if account is None else account
        reason = self.env._("chosen by hand")
        if not template:
            template, reason = self.env["voip.document.template"]._chosen(
                kind, format_, move.company_id, account.sudo()
            )
        self._refuse_foreign_template(template, move)
        version = version or template.sudo().version_id
        data = self.env["voip.document.context"]._of_move(move)
        content = self._content(template, version, data, move)
        return self._kept(
            {
                "name": file_name(data["number"], format_),
                "kind": kind,
                "format": format_,
                "company_id": move.company_id.id,
                "move_id": move.id,
                "account_id": account.id,
                "template_id": template.id,
                "version_id": version.id,
                "lang": data["language"]["code"],
                "reason": reason,
            },
            content,
        )

    def _refuse_unposted(self, move):
        if move.move_type not in MOVE_KINDS or move.state != "posted":
            raise UserError(
                self.env._(
                    "Documents are made of posted invoices and credit notes, not "
                    "of %s.",
                    move.display_name,
                )
            )

    def _refuse_foreign_template(self, template, move):
        company = template.sudo().company_id
        if company and company not in move.company_id.sudo().parent_ids:
            raise UserError(self.env._("The template is of another company."))

    def _content(self, template, version, data, move):
        made = move.invoice_date or fields.Date.to_date("2000-01-01")
        moment = f"{made.isoformat()}T00:00:00Z"
        sudo = template.sudo()
        try:
            return sudo._perform(version._data(), data, data["number"], moment)
        except Fault as fault:
            raise UserError(
                self.env._(
                    "%(document)s was not made. %(fault)s",
                    document=move.display_name,
                    fault=sudo._fault_text(fault),
                )
            ) from None

    def _kept(self, vals, content):
        """The stored document of these bytes, made once."""
        digest = sha256(content).hexdigest()
        found = self.sudo().search(
            [
                ("move_id", "=", vals["move_id"]),
                ("version_id", "=", vals["version_id"]),
                ("sha256", "=", digest),
            ]
        )
        if not found:
            encoded = base64.b64encode(content)
            found = self.sudo().create({**vals, "sha256": digest, "content": encoded})
        return found.with_env(self.env)
