"""Providers, models, prices, plans and sessions for the tests."""

from datetime import UTC, datetime, timedelta

from odoo.addons.voip_rating.tests.common import VoipRatingCommon


class AiCommon(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._create_account(code="ai-1", mode="postpaid", cycle="monthly")
        cls.supplier = cls.env["res.partner"].create({"name": "OpenAI Inc."})
        cls.provider = cls.env["voip.ai.provider"].create(
            {"name": "OpenAI", "code": "openai", "supplier_id": cls.supplier.id}
        )
        cls.model = cls.env["voip.ai.model"].create(
            {
                "name": "GPT-4o",
                "code": "gpt-4o",
                "aliases": "gpt-4o-2024-*",
                "provider_id": cls.provider.id,
            }
        )
        cls.Session = cls.env["voip.ai.session"]
        cls.at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
        cls.since = cls.at.date().replace(day=1) - timedelta(days=62)

    @classmethod
    def _price(cls, kind, price, side="sale", **values):
        given = {
            "side": side,
            "model_id": cls.model.id,
            "kind": kind,
            "price": price,
            "effective_from": cls.since,
        }
        return cls.env["voip.ai.price"].create(given | values)

    @classmethod
    def _usual_prices(cls):
        for side, factor in (("cost", 1), ("sale", 2)):
            cls._price("input", 0.0025 * factor, side)
            cls._price("input.cached", 0.00125 * factor, side)
            cls._price("output", 0.01 * factor, side)

    @classmethod
    def _plan(cls, code="plan", **values):
        return cls.env["voip.ai.plan"].create(
            {"name": code.title(), "code": code, **values}
        )

    @classmethod
    def _subscribe(cls, plan, start=None, end=False, **values):
        return cls.env["voip.ai.subscription"].create(
            {
                "account_id": cls.account.id,
                "plan_id": plan.id,
                "date_start": start or cls.since,
                "date_end": end,
                **values,
            }
        )

    @classmethod
    def _subscribe_month(cls, plan, **values):
        """To the month of ``at`` only: today may be the first day of the next one."""
        first = cls.at.date().replace(day=1)
        end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return cls._subscribe(plan, first, end, **values)

    def _session(self, number, **values):
        return {
            "session_id": f"s-{number}",
            "account": self.account.code,
            "model": "gpt-4o",
            "prompt_tokens": 1000,
            "cached_tokens": 400,
            "completion_tokens": 200,
            "started_at": self.at.isoformat(),
            **values,
        }

    def _send(self, *sessions, **values):
        answer = self.Session.ingest(list(sessions), **values)
        self._work()
        return answer

    def _work(self):
        self.env.flush_all()
        self.Session._charge_waiting(self.env.company.id)
        self.env.invalidate_all()

    def _sent(self, number):
        return self.Session.search([("session_ref", "=", f"s-{number}")])

    def _charges(self, number):
        """[(kind, word, units, amount)] of what a session is charged now."""
        session = self._sent(number)
        return [
            (c.kind, c.word or "", c.units, c.amount)
            for c in session.charge_ids.sorted("id")
        ]

    def _unbilled(self):
        self.env.invalidate_all()
        return self.account.wallet_id.unbilled
