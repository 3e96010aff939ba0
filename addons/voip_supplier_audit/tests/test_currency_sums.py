"""Money is summed in one currency only."""

from odoo.tests import tagged

from .common import SupplierCommon


@tagged("post_install", "-at_install")
class TestCurrencySums(SupplierCommon):
    def test_amounts_of_several_currencies_have_no_sum(self):
        other = self.env["res.currency"].with_context(active_test=False)
        other = other.search([("id", "!=", self.env.company.currency_id.id)], limit=1)
        other.active = True
        self._load_invoice([{"prefix": "44", "amount": "9", "minutes": "1"}])
        self._load_invoice(
            [{"prefix": "44", "amount": "5", "minutes": "2"}] * 2,
            number="INV-2",
            currency=other.name,
        )
        lines = self.env["voip.supplier.invoice.line"]
        domain = [("partner_id", "=", self.supplier.id)]
        aggregates = ["amount:sum", "minutes:sum"]
        whole = lines._read_group(domain, [], aggregates)
        self.assertEqual(whole, [(False, 5.0)], "minutes are summed")
        by_currency = lines._read_group(domain, ["currency_id"], aggregates)
        self.assertEqual(
            {currency.name: tuple(sums) for currency, *sums in by_currency},
            {self.env.company.currency_id.name: (9.0, 1.0), other.name: (10.0, 4.0)},
        )
        found = lines.formatted_read_group(domain, ["prefix"], aggregates)
        self.assertFalse(found[0]["amount:sum"])
        one = lines.formatted_read_group(domain, ["invoice_id"], aggregates)
        self.assertEqual({row["amount:sum"] for row in one}, {9.0, 10.0})
