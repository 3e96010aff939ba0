"""Suppliers whom usage and costs name stay who they are."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_facts(self):
        if found := self._voip_in_facts():
            raise UserError(
                self.env._(
                    "Usage or costs name %s, and they do not change: archive it.",
                    ", ".join(found.mapped("display_name")),
                )
            )

    # === BUSINESS METHODS === #

    @api.model
    def _voip_supplier_links(self):
        """{(table, column)} that say who may be a supplier; short or indexed."""
        return {("voip_event_pricelist", "supplier_id")}

    @api.model
    def _voip_supplier_facts(self):
        """{(table, column)} of rows that name suppliers without a foreign key: they are
        not changed, whatever becomes of the partner."""
        return {("voip_usage_row", "supplier_id")}

    def _voip_in_facts(self):
        """Those of these partners that usage or costs name as their supplier."""
        self.env.flush_all()
        links, facts = self._voip_supplier_links(), self._voip_supplier_facts()
        # Facts may be millions without an index: who is no supplier is not looked for.
        return self.filtered(
            lambda one: one._voip_named(links) and one._voip_named(facts)
        )

    def _voip_named(self, columns):
        """Whether a row of one of these columns names this partner."""
        return any(
            self.env.execute_query(
                SQL(
                    "SELECT 1 FROM %s WHERE %s = %s LIMIT 1",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    self.id,
                )
            )
            for table, column in sorted(columns)
        )
