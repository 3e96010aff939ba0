from odoo import fields, models
from odoo.fields import Domain


class VoipDidPlan(models.Model):
    _inherit = "voip.did.plan"

    is_offered = fields.Boolean(
        string="Offered in the Portal",
        tracking=True,
        help="Customers who have this plan, or would get it, order free numbers by"
        " themselves, for its prices.",
    )

    def _priced_today(self, account, count):
        """Numbers whose monthly rental has a price today.

        :param count: numbers of the account by this plan, of which the tier is found
        :return: :class:`Domain` of ``voip.did``
        """
        self.ensure_one()
        today = account._did_today()
        prices = self.price_ids.filtered(
            lambda p: (
                p.fee == "monthly"
                and p.account_id.id in (False, account.id)
                and p.min_numbers <= count
                and p.effective_from <= today
            )
        )
        return Domain.OR(price._numbers() for price in prices)


class VoipDidPrice(models.Model):
    _inherit = "voip.did.price"

    def _numbers(self):
        """:class:`Domain` of the numbers that the price is for."""
        found = Domain.TRUE
        if self.kind:
            found &= Domain("kind", "=", self.kind)
        if self.country_id:
            found &= Domain("country_id", "=", self.country_id.id)
        return found
