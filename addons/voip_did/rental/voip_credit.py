"""Credit notes leave out the days of numbers that were given back."""

from decimal import Decimal

from odoo import fields, models

from odoo.addons.voip_billing_base.fields import BigInteger

from .credited import undone, undone_of


class VoipCreditTerms(models.AbstractModel):
    _inherit = "voip.credit.terms"

    def _lefts(self, lines):
        lefts = super()._lefts(lines)
        for line, amount in undone(self.env.cr, lefts).items():
            lefts[line].undone += amount
        return lefts

    def _call_sums(self, lines):
        sums = super()._call_sums(lines)
        gone = undone_of(self.env.cr, self._chosen_calls())
        return [
            (line, calls, seconds, str(Decimal(exact) - gone.get(line, Decimal(0))))
            for line, calls, seconds, exact in sums
        ]


class VoipCredit(models.Model):
    _inherit = "voip.credit"

    last_charge = BigInteger(
        readonly=True,
        aggregator=None,
        groups=fields.NO_ACCESS,
        help="The highest number of a charge of rental when it was credited.",
    )

    def _carry_out(self):
        result = super()._carry_out()
        # Under the lock of the company, under which rental is charged, too.
        self.env.cr.execute(
            "SELECT COALESCE(max(id), 0) FROM voip_did_charge WHERE company_id = %s",
            [self.company_id.id],
        )
        self.last_charge = self.env.cr.fetchone()[0]
        return result
