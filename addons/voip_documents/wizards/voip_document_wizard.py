"""What the wizards share that make documents of a range of days."""

from odoo import models

from ..const import MIMETYPES


class VoipDocumentWizard(models.AbstractModel):
    """A wizard that makes documents of one kind of what it was asked for."""

    _name = "voip.document.wizard"
    _inherit = ["voip.guard"]
    _description = "Making Documents"
    _kind = ""

    # === ACTION METHODS === #

    def action_download(self):
        """The document as a file, in the format that the context names."""
        self._voip_use()
        self.ensure_one()
        wanted = self.env.context.get("kind")
        format_ = wanted if wanted in MIMETYPES else "pdf"
        self._ready()
        url = f"/voip/document/{self._kind}/{self.id}/{self._kind}.{format_}"
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def action_keep(self):
        """Make PDF, XLSX and CSV by the templates, keep them, and show them."""
        self._voip_use()
        self.ensure_one()
        documents = self.env["voip.document"]
        documents.check_access("create")
        documents = documents._made_all(self._kind, self._subject())
        return documents._shown([("id", "in", documents.ids)])

    # === BUSINESS METHODS === #

    def _ready(self):
        """:raises UserError: there is nothing to make a document of"""
        self._subject()

    def _subject(self):
        """The subject of the document, see ``voip.document.kind``.

        :raises UserError: something is not chosen
        """
        raise NotImplementedError

    def _file(self, format_):
        """(name, bytes) of the file; it is not kept."""
        documents = self.env["voip.document"]
        vals, content, _data = documents._file(self._kind, format_, self._subject())
        return vals["name"], content
