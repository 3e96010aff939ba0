"""What the wizards share that make documents of a range of days."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..const import MIMETYPES
from ..models.way_on import leads_to_template


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

    @leads_to_template
    def action_keep(self):
        """Make PDF, XLSX and CSV by the templates, keep them, and show them."""
        self._voip_use()
        self.ensure_one()
        documents = self.env["voip.document"]
        documents.check_access("create")
        documents = documents._made_all(self._kind, self._subject())
        return documents._shown([("id", "in", documents.ids)])

    # === BUSINESS METHODS === #

    def _take_today_of(self, account):
        """Make a range that ends today end on the account's today.

        East of the reader the account's day has begun before his: what moved on it
        would be missing.
        """
        today = fields.Date.context_today(self)
        if account and self.date_to == today:
            self.date_to = max(today, account._statement_today())

    @leads_to_template
    def _queue(self, method, years, **options):
        """Put the document of the days chosen into the outbox, and show its mails.

        :param method: of ``voip.delivery``, takes the first and last day
        :param years: the longest range
        :param options: what ``method`` takes besides: whose document it is
        :raises UserError: it is longer, or cannot be made or mailed
        """
        deliveries = self.env["voip.delivery"]
        deliveries.check_access("write")
        self.env["voip.document"].check_access("create")
        if self.date_to - self.date_from > timedelta(days=366 * years):
            raise UserError(self.env._("Choose %s years at most.", years))
        days = {"first": self.date_from, "last": self.date_to}
        found = getattr(deliveries, method)(**days, **options)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_documents.voip_delivery_action"
        )
        return {**action, "domain": [("id", "in", found.ids)], "context": {}}

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
