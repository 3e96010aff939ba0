"""Costs of chosen models come from a dated catalogue, and keep its version."""

from decimal import Decimal
from importlib.metadata import version
from types import SimpleNamespace
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import AiCommon

COSTS = "odoo.addons.voip_ai_usage.catalogue.catalogue_costs"


class Known:
    """A model as genai-prices defines it: its id, what it is called, its prices."""

    def __init__(self, code, variants=(), **prices):
        self.id, self.prices = code, SimpleNamespace(**prices)
        self.price_variants = [
            SimpleNamespace(when=when, prices=SimpleNamespace(**own))
            for when, own in variants
        ]

    def is_match(self, name):
        return name.startswith(self.id)

    def get_prices(self, moment):
        return self.prices


@tagged("post_install", "-at_install")
class TestCatalogue(AiCommon):
    def setUp(self):
        super().setUp()
        step = SimpleNamespace(start=272_000, price=Decimal("15"))
        tiers = SimpleNamespace(base=Decimal("10"), tiers=[step])
        batch = {"processing": "batch"}, {"input_mtok": Decimal("1.25")}
        self.known = Known(
            "gpt-4o",
            [({"service_tier": "default"}, {}), batch],
            input_mtok=Decimal("2.5"),
            cache_read_mtok=Decimal("1.25"),
            output_mtok=tiers,
            cache_write_mtok=Decimal("9"),
            cache_write_1h_mtok=Decimal("0.000003"),
            web_searches_kcount=Decimal("10"),
        )
        speech = Known(
            "whisper-1", input_audio_hours=Decimal("0.36"), audio_hours=Decimal("0.36")
        )
        spoken = Known("tts-1", input_mchars=Decimal("15"))
        providers = [SimpleNamespace(id="openai", models=[self.known, speech, spoken])]
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
        prices = self.env["voip.ai.price"].search([])
        self.assertEqual(
            {p.kind: p.price for p in prices},
            {
                "input": 0.0025,
                "input.cached": 0.00125,
                "input.cache_write": 0.009,
                "input.cache_write.1h": 0,
                "output": 0.01,
            },
        )
        self.assertEqual(
            {(p.side, p.currency_id.name, p.origin) for p in prices},
            {("cost", "USD", "genai-prices 0.2.3")},
        )
        self.provider.action_take_costs()
        self.env["voip.ai.model"]._cron_costs()
        self.assertEqual(self.env["voip.ai.price"].search_count([]), 5)

    def test_what_no_cost_holds_is_said_of_the_model(self):
        self.model.is_catalogued = True
        self.provider.action_take_costs()
        self.assertEqual(
            self.model.catalogue_note.splitlines(),
            [
                "input.cache_write.1h: 0.000003 / 1000 is rounded to 0.00000000.",
                "A request of more than 272,000 input tokens costs more: output 0.015.",
                "Not taken: web_searches_kcount.",
                "Has other prices, which are not taken, for: processing batch.",
            ],
        )

    def test_speech_is_by_the_minute_and_a_thousand_characters(self):
        for code in ("whisper-1", "tts-1"):
            self.env["voip.ai.model"].create(
                {
                    "name": code,
                    "code": code,
                    "provider_id": self.provider.id,
                    "is_catalogued": True,
                }
            )
        self.provider.action_take_costs()
        prices = self.env["voip.ai.price"].search([])
        self.assertEqual(
            {(p.model_id.code, p.kind): p.price for p in prices},
            {
                ("whisper-1", "speech_to_text"): 0.006,
                ("tts-1", "text_to_speech"): 0.015,
            },
        )
        self.assertFalse(any(prices.model_id.mapped("catalogue_note")))

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
        # Each day the others are taken all the same.
        self.model.is_catalogued = True
        with self.assertLogs(COSTS, "WARNING") as log:
            self.env["voip.ai.model"]._cron_costs()
        self.assertIn("Costs of Mine", log.output[0])
        self.assertEqual(self.env["voip.ai.price"].search_count([]), 5)

    def test_lists_show_no_zero_where_there_is_no_amount(self):
        for name, field, without in (
            ("voip_ai_usage.voip_ai_price_view_list", "price", "markup"),
            ("voip_ai_usage.voip_ai_price_view_list", "markup_percent", "fixed"),
            ("voip_ai_usage.voip_ai_session_view_list", "amount", "error"),
            ("voip_ai_usage.voip_ai_session_view_list", "margin", "call"),
            ("voip_billing_base.voip_usage_event_view_list", "amount", "error"),
        ):
            arch = etree.fromstring(self.env.ref(name).get_combined_arch())
            hidden = arch.find(f"field[@name='{field}']").get("invisible", "False")
            values = {"pricing": without, "state": without}
            with self.subTest(name, field=field):
                self.assertTrue(safe_eval(hidden, values))


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
