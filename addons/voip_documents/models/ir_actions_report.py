"""Odoo's own print and send of invoices use the templates of the account."""

from io import BytesIO

from odoo import models

from ..const import MOVE_KINDS


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Posted documents of a VoIP account are made by its template.

        All else, drafts and pro formas too, is what it was.
        """
        ours = self._voip_documents(report_ref, data, res_ids)
        rest = [res_id for res_id in res_ids or () if res_id not in ours]
        if not ours:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        streams = {}
        if rest:
            streams = super()._render_qweb_pdf_prepare_streams(report_ref, data, rest)
        return {
            res_id: self._voip_stream(ours[res_id])
            if res_id in ours
            else streams[res_id]
            for res_id in res_ids
        }

    def _voip_documents(self, report_ref, data, res_ids):
        """{id: invoice or credit note} of those that have a template of ours."""
        if not res_ids or len(res_ids) != len(set(res_ids)):
            return {}
        is_proforma = (data or {}).get("proforma") or self.env.context.get(
            "proforma_invoice"
        )
        if is_proforma or not self._is_invoice_report(report_ref):
            return {}
        moves = self.env["account.move"].browse(res_ids)
        found = moves.filtered(
            lambda move: (
                move.move_type in MOVE_KINDS
                and move.state == "posted"
                and move.sudo().voip_account_id
            )
        )
        return {move.id: move for move in found}

    def _voip_stream(self, move):
        """The kept PDF of ``move``, made where there is none."""
        document = self.env["voip.document"]._make(move, "pdf")
        return {"stream": BytesIO(document._whole()), "attachment": None}
