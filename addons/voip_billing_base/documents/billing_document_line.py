"""Invoice lines of usage: what an accountant would type, created complete."""

from decimal import Decimal

from odoo import api, models
from odoo.tools import format_date
from odoo.tools.translate import LazyGettext, LazyTranslate

from ..engine.rounding import to_currency

_lt = LazyTranslate(__name__)

# The words of what a line of usage states; outbound goes without saying.
FACETS = {
    ("direction", "outbound"): "",
    ("direction", "inbound"): _lt("inbound"),
    ("jurisdiction", "inter"): _lt("interstate"),
    ("jurisdiction", "intra"): _lt("intrastate"),
    ("jurisdiction", "local"): _lt("local"),
    ("jurisdiction", "indeterminate"): _lt("indeterminate"),
    ("part", "usage"): "",
    ("part", "included"): _lt("included"),
    ("part", "volume"): _lt("volume price of units before"),
    ("part", "carrier_fee"): _lt("carrier fee"),
    ("part", "surcharge"): _lt("surcharge"),
}
HUNDREDTH = Decimal("0.01")


class VoipBillingDocument(models.AbstractModel):
    _inherit = "voip.billing.document"

    def _sectioned(self, groups):
        """[([values of section lines before it], group)] in the order of an invoice.

        Several accounts have a section each; lines that :meth:`_section_of` names are
        the last of their account, under that name.
        """
        places = {}
        for group in groups:
            places.setdefault(group["account_id"], len(places))
        named = [(places[g["account_id"]], self._section_of(g), g) for g in groups]
        named.sort(key=lambda one: one[:2])
        found, last = [], (None if len(places) > 1 else 0, "")
        for place, name, group in named:
            sections = []
            if place != last[0]:
                sections.append(self._prepare_section(group["account_id"]))
            if name and (place, name) != last:
                kind = "line_subsection" if len(places) > 1 else "line_section"
                sections.append({"display_type": kind, "name": name})
            last = place, name
            found.append((sections, group))
        return found

    def _section_of(self, group):
        """The name of the section that a line stands in; "" the account's own lines."""
        return ""

    def _prepare_section(self, account_id):
        account = self.env["voip.account"].browse(account_id)
        return {"display_type": "line_section", "name": account.display_name}

    def _prepare_line(self, line, group, sign, sequence, header):
        """Values of one invoice line.

        :param header: dict of the document's values, and ``terms`` of its services
        """
        service = self.env["voip.service"].browse(group["service_id"])
        terms, income = self._service_terms(line.account_id, service, header)
        if terms.by_quantity and not self._count(group, terms):
            # Fees of calls without a minute: what is counted is not there.
            terms = terms.of_price
        vals = {
            "sequence": sequence * 3 + 2,
            "name": self._line_name(group, service),
            "product_id": service.product_id.id,
            "account_id": income.id,
            "tax_ids": [(6, 0, terms.taxes.ids)],
            "voip_service_id": service.id,
            "voip_calls": group["calls"],
            "voip_seconds": group["seconds"],
            "voip_rate": float(group["unit_price"]),
            "voip_late": group["late"],
            **self._prepare_price(line, group, sign, terms),
        }
        if not header["analytic"]:
            vals["analytic_distribution"] = False
        return vals

    def _service_terms(self, account, service, header):
        """(:class:`SaleTerms`, income account), once per document and service."""
        known = header["terms"]
        if service not in known:
            position = header["position"]
            product = service.product_id
            income = account._income_account(product, position)
            known[service] = (
                account._sale_terms(service, position),
                income or header["journal"].default_account_id,
            )
        return known[service]

    def _prepare_price(self, line, group, sign, terms):
        """Quantity 1 and the amount, unless a tax counts what was used.

        Where prices hold a tax that the fiscal position takes away, it is taken off.
        """
        currency = line.account_id.currency_id
        places = currency.decimal_places
        amount = to_currency(sign * group["amount"], places)
        quantity = self._quantity(group, sign, terms)
        price = terms.price(float(amount) / quantity)
        net = amount
        if terms.original != terms.taxes:
            net = to_currency(Decimal(repr(price)) * Decimal(repr(quantity)), places)
        vals = {
            "quantity": quantity,
            "price_unit": float(net) / quantity,
            "voip_tax_off": float(amount - net),
        }
        if currency == line.company_id.currency_id and not terms.included:
            balance = float(-net * sign)
            vals.update(balance=balance, amount_currency=balance)
        return vals

    def _quantity(self, group, sign, terms):
        if not terms.by_quantity:
            return 1.0
        return float(sign * self._count(group, terms)) or 1.0

    def _count(self, group, terms):
        """What a tax counts: minutes, or pieces."""
        if terms.unit == "minute":
            return (Decimal(group["seconds"]) / 60).quantize(HUNDREDTH)
        return Decimal(group["units"])

    def _line_name(self, group, service):
        name = self._label(group["label"], group["facets"])
        words = ", ".join(self._facet_words(group["facets"]))
        if words:
            name = self.env._("%(name)s, %(facets)s", name=name, facets=words)
        if group["attempts"] > 0 and not (group["calls"] or group["seconds"]):
            # Nobody answered any of them: what is charged are their fees.
            name = self.env._(
                "%(name)s (attempts: %(count)s)", name=name, count=group["attempts"]
            )
        if group["late"]:
            name = self.env._(
                "%(name)s (late, from %(day)s)",
                name=name,
                day=format_date(self.env, group["first_day"]),
            )
        if service.unit != "minute":
            name = f"{service.name}: {name}"
        return name

    @api.model
    def _label_keys(self):
        """Names of the facets that a line's label is made of, where it is of words."""
        return ()

    @api.model
    def _label(self, label, facets):
        """What a line is of, in the reader's language.

        :param label: as it was charged: of words in English, else the name itself
        """
        return label

    def _facet_words(self, facets):
        """What tells lines of one destination and price apart, in words."""
        words = (FACETS.get((key, value), value) for key, value in facets.items())
        return [
            self.env._(word) if isinstance(word, LazyGettext) else word
            for word in words
            if word
        ]
