"""Merged partners keep their wallets, and their open items stay in one."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        self._voip_refuse_facts(src_partners, dst_partner)
        for table, columns in sorted(self._voip_learned().items()):
            self._voip_drop_learned(table, columns, src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        customer = dst_partner.sudo().commercial_partner_id
        customer._voip_sync_receivables()
        self.env["voip.account"]._settle_mains(customer)
        return result

    def _voip_refuse_facts(self, src_partners, dst_partner):
        """:raises UserError: usage or costs name one that would go"""
        found = src_partners._voip_in_facts()
        if not found:
            return
        names = ", ".join(found.mapped("display_name"))
        if len(found) == 1 and not dst_partner._voip_in_facts():
            raise UserError(
                self.env._(
                    "Usage or costs name %s as the supplier, and they do not change:"
                    " choose it as the destination of the merge.",
                    names,
                )
            )
        raise UserError(
            self.env._(
                "Usage or costs name %(names)s as the supplier, and they do not change."
                " Give trunks, numbers and price lists to %(kept)s, then archive"
                " %(names)s instead of merging.",
                names=names,
                kept=dst_partner.display_name,
            )
        )

    def _voip_learned(self):
        """{table: columns that are once for each partner} of what is only convenience,
        so that of two the destination's is enough."""
        return {
            "voip_account_contact": ("partner_id", "account_id", "kind"),
            "voip_account_right": ("partner_id", "account_id"),
        }

    def _voip_twice(self, table, columns, partners):
        """What two of the partners have, though one may have it once only.

        :param columns: of the partner, then what is once for each, the last one shown
        :return: the last column of the first that is found, or None
        """
        partner, *key = columns
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT %(shown)s FROM %(table)s WHERE %(partner)s = ANY(%(all)s)"
                " GROUP BY %(key)s HAVING count(*) > 1 ORDER BY 1 LIMIT 1",
                shown=SQL.identifier(key[-1]),
                table=SQL.identifier(table),
                key=SQL(", ").join(map(SQL.identifier, key)),
                partner=SQL.identifier(partner),
                all=partners.ids,
            )
        )
        found = self.env.cr.fetchone()
        return found and found[0]

    def _voip_drop_learned(self, table, columns, src_partners, dst_partner):
        """Drop what two of the partners have: a unique index would refuse the merge."""
        partner, *key = columns
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """DELETE FROM %(table)s d USING (
                       SELECT id, row_number() OVER (
                              PARTITION BY %(key)s
                              ORDER BY %(partner)s = %(kept)s DESC, id) AS place
                         FROM %(table)s WHERE %(partner)s = ANY(%(all)s)) x
                    WHERE x.id = d.id AND x.place > 1""",
                table=SQL.identifier(table),
                key=SQL(", ").join(map(SQL.identifier, key)),
                partner=SQL.identifier(partner),
                kept=dst_partner.id,
                all=(src_partners | dst_partner).ids,
            )
        )
