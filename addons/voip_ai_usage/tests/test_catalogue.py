"""Costs of chosen models come from a dated catalogue, and keep its version."""

from decimal import Decimal
from importlib.metadata import version
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AiCommon


class Known:
    """A model as genai-prices defines it: its id, what it is called, its prices."""

    def __init__(self, code, **prices):
        self.id, self.prices = code, SimpleNamespace(**prices)

    def is_match(self, name):
        return name.startswith(self.id)

    def get_prices(self, moment):
        return self.prices


@tagged("post_install", "-at_install")
class TestCatalogue(AiCommon):
    def setUp(self):
        super().setUp()
        tiers = SimpleNamespace(base=Decimal("10"), tiers=[])
        self.known = Known(
            "gpt-4o",
            input_mtok=Decimal("2.5"),
            cache_read_mtok=Decimal("1.25"),
            output_mtok=tiers,
            cache_write_mtok=Decimal("9"),
        )
        providers = [SimpleNamespace(id="openai", models=[self.known])]
        self.startPatcher(
            patch.object(
                type(self.env["voip.ai.model"]),
                "_read_catalogue",
                lambda model: (providers, "genai-prices 0.2.3"),
            )
        )
        self.env.ref("base.USD").active = True

    def test_costs_per_million_are_costs_per_thousand(self):
        with self.assertRefused(UserError, "Tick Costs From Catalogue"):
            self.provider.action_take_costs()
        self.model.is_catalogued = True
        self.provider.action_take_costs()
        prices = self.env["voip.ai.price"].search([], order="id")
        self.assertEqual(
            [(p.side, p.kind, p.price, p.currency_id.name, p.origin) for p in prices],
            [
                ("cost", "input", 0.0025, "USD", "genai-prices 0.2.3"),
                ("cost", "input.cached", 0.00125, "USD", "genai-prices 0.2.3"),
                ("cost", "output", 0.01, "USD", "genai-prices 0.2.3"),
            ],
        )
        self.provider.action_take_costs()
        self.env["voip.ai.model"]._cron_costs()
        self.assertEqual(self.env["voip.ai.price"].search_count([]), 3)

    def test_a_model_that_it_does_not_know_is_named(self):
        self.env["voip.ai.model"].create(
            {
                "name": "Mine",
                "code": "mine",
                "provider_id": self.provider.id,
                "is_catalogued": True,
            }
        )
        with self.assertRefused(UserError, "does not know Mine"):
            self.provider.action_take_costs()


@tagged("post_install", "-at_install")
class TestPackage(AiCommon):
    """The catalogue itself, as it is installed."""

    def test_its_costs_bear_its_version(self):
        self.env.ref("base.USD").active = True
        self.model.is_catalogued = True
        self.provider.action_take_costs()
        costs = self.env["voip.ai.price"].search([("side", "=", "cost")])
        self.assertLessEqual({"input", "output"}, set(costs.mapped("kind")))
        self.assertTrue(all(cost.price > 0 for cost in costs))
        self.assertEqual(
            set(costs.mapped("origin")), {f"genai-prices {version('genai-prices')}"}
        )
