"""Electronic invoices tell the usage behind a line.

A usage line is one unit at the amount of the line: the file cuts prices to 6 decimals,
so that price × minutes would miss the amount of the line by more than the two cents
that rule R120 of Peppol allows. Calls and minutes, or how many units, and the rate go
with it as properties of the item (BG-32 of EN 16931). A credit note names the invoice
that it credits (BG-3).
"""

from odoo import models

from ..engine.exact import MINUS, minutes_text


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _voip_edi_properties(self):
        """[(name, value)] of a usage line for electronic invoices; names are fixed."""
        self.ensure_one()
        rate = self.sudo()._voip_rates().get(self.id)
        if not rate or self._voip_is_money_part():
            return []
        sign = -1 if self.move_id.move_type == "out_refund" else 1
        price, currency = rate
        name = (currency or self.currency_id).name
        if self.id in (units := self.sudo()._voip_units()):
            counted = [("Quantity", str(units[self.id]))] if units[self.id] else []
            has_rate = self._voip_has_rate(price)
            return counted + ([("Rate", f"{price} {name}")] if has_rate else [])
        return [
            ("Calls", str(sign * self.voip_calls)),
            ("Minutes", minutes_text(sign * self.voip_seconds).replace(MINUS, "-")),
            ("Rate", f"{price} {name}"),
        ]


class AccountMove(models.Model):
    _inherit = "account.move"

    def _voip_credited(self):
        """The invoice that a credit note of an account credits, else none."""
        self.ensure_one()
        if self.move_type == "out_refund" and self.voip_account_id:
            return self.reversed_entry_id
        return self.browse()


class AccountEdiXmlUblBis3(models.AbstractModel):
    _inherit = "account.edi.xml.ubl_bis3"

    def _add_invoice_header_nodes(self, document_node, vals):
        result = super()._add_invoice_header_nodes(document_node, vals)
        if credited := vals["invoice"]._voip_credited():
            document_node["cac:BillingReference"] = {
                "cac:InvoiceDocumentReference": {
                    "cbc:ID": {"_text": credited.name},
                    "cbc:IssueDate": {"_text": credited.invoice_date},
                }
            }
        return result


class AccountEdiUbl(models.AbstractModel):
    _inherit = "account.edi.ubl"

    def _ubl_add_line_item_additional_item_property_nodes(self, vals):
        result = super()._ubl_add_line_item_additional_item_property_nodes(vals)
        record = vals["line_vals"]["base_line"].get("record")
        if isinstance(record, models.BaseModel) and record._name == "account.move.line":
            nodes = vals["item_node"]["cac:AdditionalItemProperty"]
            nodes += [
                {"cbc:Name": {"_text": name}, "cbc:Value": {"_text": value}}
                for name, value in record._voip_edi_properties()
            ]
        return result
