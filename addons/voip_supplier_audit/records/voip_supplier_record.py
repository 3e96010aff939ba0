"""The window on what suppliers say of calls."""

from odoo import fields, models
from odoo.tools import file_open

from odoo.addons.voip_billing_base.const import MONEY, PRICE
from odoo.addons.voip_billing_base.fields import Amount, ExactFloat


class VoipSupplierRecord(models.Model):
    """Read-only window on the partitioned table ``voip_supplier_record_row``."""

    _name = "voip.supplier.record"
    _description = "Supplier's Call Record"
    _inherit = ["voip.volume"]
    _auto = False
    _log_access = False
    _order = "start desc, id desc"
    _rec_name = "call_id"
    _moment = "start"
    _finding = ("id", "invoice_id")

    company_id = fields.Many2one("res.company", readonly=True)
    invoice_id = fields.Many2one("voip.supplier.invoice", readonly=True)
    line = fields.Integer(
        readonly=True, aggregator=None, help="In the supplier's file."
    )
    call_id = fields.Char(string="Call ID", readonly=True)
    caller = fields.Char(readonly=True)
    called = fields.Char(readonly=True)
    start = fields.Datetime(readonly=True)
    start_text = fields.Char(string="Start as Sent", readonly=True)
    duration_ms = fields.Integer(string="Duration (ms)", readonly=True)
    prefix = fields.Char(string="Code", readonly=True)
    rate = ExactFloat(readonly=True, aggregator=None, **PRICE)
    amount = Amount(readonly=True, **MONEY)

    def init(self):
        cr = self.env.cr
        with file_open("voip_supplier_audit/sql/records.sql") as script:
            cr.execute(script.read())
        cr.execute("DROP VIEW IF EXISTS voip_supplier_record")
        cr.execute(
            "CREATE VIEW voip_supplier_record AS SELECT id, company_id, invoice_id,"
            " line, call_id, caller, called, start, start_text, duration_ms, prefix,"
            " rate, amount FROM voip_supplier_record_row"
        )
