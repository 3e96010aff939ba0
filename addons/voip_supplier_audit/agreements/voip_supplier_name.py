"""How a supplier names destinations."""

from odoo import api, fields, models

from odoo.addons.voip_billing_base.reader.header import plain


class VoipSupplierName(models.Model):
    """A name of a destination as a supplier prints it, and what it is of ours.

    Names are learnt from lines of invoices where somebody chose the destination.
    """

    _name = "voip.supplier.name"
    _inherit = ["voip.guard"]
    _description = "Supplier's Destination Name"
    _order = "partner_id, name, id"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )
    name = fields.Char(string="Printed Name", required=True)
    plain_name = fields.Char(
        compute="_compute_plain_name",
        store=True,
        precompute=True,
        help="Without case, signs and double spaces: what names are compared by.",
    )
    destination_id = fields.Many2one(
        "voip.destination",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
    )

    _name_uniq = models.UniqueIndex(
        "(company_id, partner_id, plain_name)", "This name is known already."
    )

    @api.depends("name")
    def _compute_plain_name(self):
        for known in self:
            known.plain_name = plain(known.name or "")

    # === BUSINESS METHODS === #

    @api.model
    def _known(self, partner, company, names):
        """{printed name: destination} of those that are known.

        The supplier's own table comes first, then destinations that are called so.

        :param names: iterable of texts
        """
        wanted = {name: plain(name) for name in names if name}
        own = self.search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("plain_name", "in", list(set(wanted.values()))),
            ]
        )
        found = {known.plain_name: known.destination_id for known in own}
        rest = [name for name, key in wanted.items() if key not in found]
        named = self.env["voip.destination"].search(
            [("name", "in", rest), ("company_id", "in", [False, company.id])],
            order="company_id DESC, id",
        )
        for destination in named:
            found.setdefault(plain(destination.name), destination)
        return {name: found[key] for name, key in wanted.items() if key in found}

    @api.model
    def _learn(self, partner, company, name, destination):
        """Remember what a supplier's name means from now on."""
        known = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "=", partner.commercial_partner_id.id),
                ("plain_name", "=", plain(name)),
            ]
        )
        if known:
            known.destination_id = destination
            return
        self.sudo().create(
            {
                "company_id": company.id,
                "partner_id": partner.commercial_partner_id.id,
                "name": name,
                "destination_id": destination.id,
            }
        )
