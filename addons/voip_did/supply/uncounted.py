"""Costs in a currency without an exchange rate: left out, told once, tried again."""

from markupsafe import escape

from odoo import models

UNCOUNTED = "voip_did.mail_activity_uncounted"


class ResCompany(models.Model):
    _inherit = "res.company"

    def _tell_uncounted(self, lacking):
        """One open activity at the supplier for each billing manager, while it lasts.

        :param lacking: {id of a currency: why its costs are not counted}
        """
        self.ensure_one()
        whys = self._uncounted(lacking)
        users = self._billing_managers()
        own = [
            ("activity_type_id", "=", self.env.ref(UNCOUNTED).id),
            ("summary", "=", self.name),
        ]
        told = self.env["mail.activity"].sudo().search(own)
        told.filtered(lambda one: one.res_id not in [s.id for s in whys]).unlink()
        for supplier, why in whys.items():
            note = self.env._("Costs of numbers are not counted: %s", why)
            known = told.exists().filtered(lambda a, s=supplier: a.res_id == s.id)
            for user in users - known.user_id:
                supplier.activity_schedule(
                    UNCOUNTED, summary=self.name, note=escape(note), user_id=user.id
                )

    def _uncounted(self, lacking):
        """{supplier: why} of those whose numbers cost in such a currency."""
        groups = (
            self.env["voip.did"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                [
                    ("company_id", "=", self.id),
                    ("supplier_id", "!=", False),
                    ("cost_currency_id", "in", list(lacking)),
                ],
                ["supplier_id", "cost_currency_id"],
            )
        )
        whys = {}
        for supplier, currency in groups:
            whys.setdefault(supplier, []).append(lacking[currency.id])
        return {supplier: " ".join(found) for supplier, found in whys.items()}
