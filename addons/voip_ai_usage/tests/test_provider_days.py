"""What OpenAI charged for a day stands beside what the day's usage comes to."""

from datetime import timedelta

from odoo.tests import tagged

from ..providers.pull import sources
from . import provider_samples as samples
from .common import AiCommon
from .provider_common import ProviderCommon


@tagged("post_install", "-at_install")
class TestProviderDays(ProviderCommon, AiCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.USD").active = True
        cls.day -= timedelta(days=1)
        model = cls.env["voip.ai.model"].create(
            {
                "name": "Realtime",
                "code": "gpt-realtime",
                "aliases": "gpt-realtime-*",
                "provider_id": cls.provider.id,
            }
        )
        for kind, price in (("input", 0.01), ("output", 0.02)):
            own = {"model_id": model.id, "currency_id": cls.env.ref("base.USD").id}
            cls._price(kind, price, "cost", **own)
            cls._price(kind, price, model_id=model.id)

    def setUp(self):
        super().setUp()
        # 5,000 input and 1,000 output tokens: 0.05 and 0.02 dollars.
        self.server.buckets = [samples.bucket(self.day)]

    def _days(self, one):
        return self.env["voip.ai.provider.day"].search([("import_id", "=", one.id)])

    def _fetch(self, one):
        """Fetch, charge, and compare with the next fetch."""
        one._work()
        self._work()
        one._work()
        return self._days(one)

    def test_a_day_is_its_charge_its_usage_and_what_lies_between(self):
        lines = ("gpt-realtime, input", 0.05), ("image", 0.0301), ("credit", "-0.01")
        self.server.costs = [
            samples.costs(self.day, lines),
            samples.costs(self.day + timedelta(days=1), [("x", 0)]),
        ]
        one = self._import("openai", tolerance=0.0001)
        late, early = self._fetch(one)
        self.assertRecordValues(
            early | late,
            [
                {
                    "day": self.day.date(),
                    "unit": "USD",
                    "charged": 0.0701,
                    "found": 0.07,
                    "difference": 0.0001,
                    "is_off": False,
                },
                {
                    "day": self.day.date() + timedelta(days=1),
                    "unit": False,
                    "charged": 0,
                    "found": 0,
                    "difference": 0,
                    "is_off": False,
                },
            ],
        )
        self.assertEqual(
            early.lines_text, "gpt-realtime, input: 0.05\nimage: 0.0301\ncredit: -0.01"
        )
        # Told otherwise the day after, it is the same day.
        self.server.costs[0] = samples.costs(self.day, [("image", 0.0702)])
        one._work()
        self.assertEqual(self._days(one), late | early)
        self.assertEqual((early.difference, early.is_off), (0.0002, early.is_final))
        self.assertWhole()

    def test_only_days_that_are_over_differ(self):
        self.server.costs = [samples.costs(self.day, [("image", 9)])]
        one = self._import("openai")
        day = self._fetch(one)
        day.env.cr.execute("UPDATE voip_ai_provider_day SET is_final = true")
        one._in_money("_keep_days", [], False)
        self.assertEqual((day.difference, day.is_off), (8.93, True))
        self.assertEqual(one.off_day_count, 1)
        self.assertEqual(one.action_view_days()["domain"][0][2], one.ids)

    def test_whole_days_are_asked_for_page_by_page(self):
        self.patch(sources.OpenAI, "days_size", 1)
        days = [self.day - timedelta(days=n) for n in (1, 0)]
        self.server.costs = [samples.costs(day) for day in days]
        one = self._import("openai", start_at=self.day.replace(tzinfo=None, hour=1))
        one._work()
        # The day on which the import begins is no whole one.
        self.assertFalse(self._days(one))
        one.start_at = days[0].replace(tzinfo=None, hour=0)
        one._work()
        self.assertEqual(
            self._days(one).mapped("day"), [day.date() for day in reversed(days)]
        )

    def test_who_may_not_read_costs_still_reads_usage(self):
        def refuse(server):
            server.faults.append((403, {"error": "missing scope"}, {}))

        self.server.faults = [refuse]
        one = self._import("openai")
        one._work()
        self.assertEqual((one.state, one.message), ("on", False))
        self.assertIn("HTTP 403", one.costs_message)
        self.assertTrue(self._records(one))
        one._work()
        self.assertFalse(one.costs_message)

    def test_costs_that_cannot_be_read_are_asked_for_again(self):
        bad = samples.costs(self.day)
        bad["results"][0]["amount"]["currency"] = "eur"
        for change, words in (
            (bad, "currency: EUR, USD on a day"),
            ({**samples.costs(self.day), "end_time": 1}, "is no day of UTC"),
            (samples.costs(self.day, [("x", "much")]), "value: 'much' is no number"),
        ):
            with self.subTest(words):
                self.server.costs = [change]
                one = self._import("openai")
                one._work()
                self.assertIn(words, one.message)
                self.assertEqual(one.state, "on")
                # What the usage says is taken all the same.
                self.assertTrue(self._records(one).mapped("is_taken"))
                self.server.costs = [samples.costs(self.day)]
                one._work()
                self.assertFalse(one.message)
                self.assertEqual(self._days(one).charged, 0.05)
