"""The API that makes documents."""

import base64

from odoo import api, models
from odoo.exceptions import UserError

from ..const import MIMETYPES
from .voip_document import FORMAT_NAMES


class VoipDocument(models.Model):
    _inherit = "voip.document"

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
