"""The files of the customer's invoice, as its template makes them."""

from werkzeug.exceptions import ServiceUnavailable

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from odoo.addons.voip_billing_base.charge.retry import temporary_kind
from odoo.addons.voip_billing_base.downloads import file_answer
from odoo.addons.voip_documents.controllers.calls import streamed
from odoo.addons.voip_portal.controllers.common import PAGE, Chosen
from odoo.addons.voip_portal.controllers.invoices import mine


class VoipInvoiceFiles(Controller):
    @route(
        "/my/voip/invoices/<int:invoice>/file/<any(pdf,xlsx,csv):kind>",
        methods=["GET"],
        **PAGE,
    )
    def file(self, invoice, kind, account="", **_others):
        """The kept file of an invoice of his, made where there is none."""
        move = mine(Chosen(account), invoice)
        try:
            document = request.env["voip.document"].sudo()._make(move, kind)
        except UserError as error:
            if temporary_kind(error):
                raise ServiceUnavailable(str(error), retry_after=60) from error
            raise request.not_found() from error
        return file_answer(document.name, document._whole(), kind)

    @route("/my/voip/invoices/<int:invoice>/calls", methods=["GET"], **PAGE)
    def calls(self, invoice, account="", **_others):
        """The calls behind an invoice of his as CSV, zipped where they are many."""
        move = mine(Chosen(account), invoice)
        try:
            return streamed(*move._voip_calls_file("csv"))
        except UserError as error:
            raise request.not_found() from error
