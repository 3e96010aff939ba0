"""Records that documents are mailed of: their mails and what became of them."""

from odoo import fields, models

from odoo.addons.voip_billing_base.counts import counts_by


class VoipMailed(models.AbstractModel):
    """What shows the mails of a record; ``_delivery_field`` names it in a mail."""

    _name = "voip.mailed"
    _description = "Record with Mails"
    _delivery_field = ""

    delivery_count = fields.Integer(string="Mails", compute="_compute_delivery_count")
    delivery_state = fields.Char(
        string="Last Mail",
        compute="_compute_delivery_count",
        help="What became of the mail made last.",
    )
    delivery_message = fields.Char(
        string="What Went Wrong",
        compute="_compute_delivery_count",
        help="Why the mail made last did not leave yet, or did not arrive.",
    )

    def _compute_delivery_count(self):
        mails = self.env["voip.delivery"].sudo()
        counts = counts_by(mails, self._delivery_field, self)
        last = mails._read_group(
            [(self._delivery_field, "in", self.ids)],
            [self._delivery_field],
            ["id:max"],
        )
        last = {record.id: mails.browse(number) for record, number in last}
        names = dict(mails._fields["state"]._description_selection(self.env))
        for record in self:
            record.delivery_count = counts.get(record, 0)
            mail = last.get(record._origin.id)
            record.delivery_state = names[mail.state] if mail else False
            record.delivery_message = mail.message if mail else False

    def _shown_deliveries(self):
        """The action that lists the mails of the records, which the user may read."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_documents.voip_delivery_action"
        )
        domain = [(self._delivery_field, "in", self.ids)]
        return {**action, "domain": domain, "context": {}}
