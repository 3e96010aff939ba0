"""Sessions are kept once, charged by their prices, and never free for want of one."""

import base64
import xmlrpc.client
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..sessions.voip_billing_run import ERRORS_SQL
from .common import AiCommon

NO_RATE = "no_exchange_rate"


@tagged("post_install", "-at_install")
class TestSession(AiCommon):
    def test_a_session_is_charged_to_wallet_usage_and_month(self):
        self._usual_prices()
        answer = self._send(self._session(1, tools=["look_up"], seconds=90))
        self.assertEqual(answer["accepted"], 1)
        # 600 at 0.005, 400 at 0.0025 and 200 at 0.02 per 1,000.
        self.assertEqual(
            self._charges(1),
            [
                ("input", "", 600, 0.003),
                ("input.cached", "", 400, 0.001),
                ("output", "", 200, 0.004),
            ],
        )
        session = self._sent(1)
        self.assertRecordValues(
            session,
            [{"state": "charged", "amount": 0.008, "cost": 0.004, "margin": 0.004}],
        )
        self.assertIn("600 × 0.005 / 1,000 = 0.003", session.explanation)
        self.assertEqual(self._unbilled(), 0.008)
        month = self.env["voip.ai.month"].search([])
        self.assertRecordValues(
            month,
            [
                {
                    "sessions": 1,
                    "connected": 1,
                    "tools": 1,
                    "minutes": 1.5,
                    "input_tokens": 600,
                    "input_cached_tokens": 400,
                    "output_tokens": 200,
                    "amount": 0.008,
                    "cost": 0.004,
                }
            ],
        )
        usage = self.env["voip.usage"].search(session.action_view_usage()["domain"])
        self.assertEqual(usage.supplier_id, self.supplier)
        self.assertWhole()

    def test_twice_is_once_and_other_content_a_conflict(self):
        self._usual_prices()
        self._send(self._session(1))
        answer = self._send(self._session(1), self._session(1), self._session(2))
        self.assertEqual((answer["accepted"], answer["duplicates"]), (1, 2))
        answer = self._send(self._session(1, prompt_tokens=2000))
        self.assertEqual((answer["accepted"], answer["conflicts"]), (0, 1))
        self.assertEqual(answer["errors"][0]["code"], "conflict")
        self.assertEqual(self._unbilled(), 0.016)

    def test_a_higher_revision_takes_the_place_of_what_was_charged(self):
        self._usual_prices()
        self._send(self._session(1))
        answer = self._send(self._session(1, completion_tokens=100, revision=1))
        self.assertEqual(answer["corrected"], 1)
        self.assertEqual(self._sent(1).amount, 0.006)
        self.assertEqual(self._unbilled(), 0.006)
        charges = self.env["voip.ai.charge"].search([])
        self.assertEqual(len(charges), 9)
        month = self.env["voip.ai.month"].search([])
        self.assertEqual((month.sessions, month.output_tokens), (1, 100))
        # An older revision that comes late changes nothing.
        answer = self._send(self._session(1, completion_tokens=300))
        self.assertEqual(answer["duplicates"], 1)
        self.assertEqual(self._unbilled(), 0.006)
        self.assertWhole()

    def test_a_credit_of_the_provider_lowers_what_is_on_its_cost(self):
        self.env["voip.ai.price"].create(
            {
                "provider_id": self.provider.id,
                "pricing": "markup",
                "markup_percent": 20,
                "effective_from": self.since,
            }
        )
        only = {"prompt_tokens": None, "cached_tokens": None, "completion_tokens": None}
        for number, cost in enumerate(("0.5", "-0.5", "-0.00000001")):
            part = {"kind": "platform", "units": 60, "cost": cost}
            self._send(
                self._session(
                    number,
                    provider="openai",
                    parts=[part],
                    cost=cost,
                    cost_currency=self.account.currency_id.name,
                    **only,
                )
            )
        self.assertEqual([self._sent(n).amount for n in range(3)], [0.6, -0.6, -1e-8])
        self.assertEqual([self._sent(n).cost_difference for n in range(3)], [0, 0, 0])
        self.assertWhole()

    def test_a_correction_that_cannot_be_is_refused_alone(self):
        self._usual_prices()
        self._send(self._session(1), self._session(2))
        sessions = type(self.Session)
        back = sessions._take_back

        def refuse(model, company_id, ids):
            if self._sent(1).id in ids:
                raise UserError(self.env._("These sessions are credited already."))
            return back(model, company_id, ids)

        with patch.object(sessions, "_take_back", refuse):
            answer = self._send(
                self._session(1, completion_tokens=0, revision=1),
                self._session(2, completion_tokens=0, revision=1),
            )
        self.assertEqual((answer["corrected"], answer["conflicts"]), (1, 1))
        (error,) = answer["errors"]
        self.assertEqual((error["index"], error["session_id"]), (0, "s-1"))
        self.assertIn("credited already", error["message"])
        self.assertEqual(self._sent(1).amount, 0.008)
        self.assertEqual(self._sent(2).amount, 0.004)
        self.assertWhole()

    def test_what_has_no_price_waits_as_an_error_and_is_never_free(self):
        for error, about, values in (
            ("no_cost_price", "input", {}),
            ("unknown_model", "gpt-9", {"model": "gpt-9"}),
            ("unknown_provider", "nobody", {"provider": "nobody"}),
            ("no_account", False, {"account": "nobody"}),
        ):
            with self.subTest(error):
                self._send(self._session(error, **values))
                session = self._sent(error)
                self.assertRecordValues(
                    session,
                    [{"state": "error", "error": error, "error_about": about}],
                )
                self.assertTrue(session.message)
        self.assertEqual(self._unbilled(), 0)
        self._price("input", 0.01, "cost")
        self._price("output", 0.01, "cost")
        self._sent("no_cost_price").action_again()
        self.assertEqual(self._sent("no_cost_price").error, "no_price")
        self._price("input", 0.0)
        self._price("output", 0.0)
        self._sent("no_cost_price").action_again()
        # A price of zero is a price.
        self.assertRecordValues(
            self._sent("no_cost_price"), [{"state": "charged", "amount": 0.0}]
        )
        self._sent("no_account").account_code = self.account.code
        self._sent("no_account").action_again()
        self.assertEqual(self._sent("no_account").state, "charged")
        self.assertWhole()

    def test_an_error_says_what_came_in_and_which_price_lacks(self):
        # There may be one in another currency: the sentence tells them apart.
        for kind in ("input", "output"):
            self._price(kind, 0.01, "cost")
        self._send(self._session(1))
        session = self._sent(1)
        currency = self.account.currency_id.name
        self.assertIn(f"no price in {currency} of Input tokens", session.message)
        self.assertIn("of gpt-4o on", session.message)
        self.assertEqual(
            session.sent_text.split("\n"),
            [
                "gpt-4o, Input tokens: 600",
                "gpt-4o, Cached input tokens: 400",
                "gpt-4o, Output tokens: 200",
            ],
        )

    def test_an_alias_with_a_wildcard_names_the_model(self):
        self._usual_prices()
        self._send(self._session(1, model="gpt-4o-2024-08-06", provider="openai"))
        self.assertEqual(self._sent(1).charge_ids.model_id, self.model)

    def test_a_price_that_changes_within_the_month_counts_from_its_day(self):
        self._usual_prices()
        old = self.env["voip.ai.price"].search(
            [("side", "=", "sale"), ("kind", "=", "output")]
        )
        first = self.at.date().replace(day=1)
        old.effective_to = first
        new = self._price("output", 0.04, effective_from=first.replace(day=2))
        before = self.at.replace(day=1).isoformat()
        self._send(self._session(1, started_at=before), self._session(2))
        wanted = 0.008 if self.at.day > 1 else 0.004
        self.assertEqual(self._charges(1)[2][3], 0.004)
        self.assertEqual(self._charges(2)[2][3], wanted)
        if self.at.day > 1:
            with self.assertRefused(UserError, "stays as it is"):
                new.price = 0.05
        self.assertWhole()

    def test_the_account_own_price_and_a_mark_up_on_cost(self):
        self._usual_prices()
        self._price(False, 0, pricing="markup", markup_percent=20,
                    account_id=self.account.id, model_id=False)  # fmt: skip
        self._send(self._session(1))
        # 20 % on 0.0025, 0.00125 and 0.01 per 1,000.
        self.assertEqual(
            [amount for *_rest, amount in self._charges(1)], [0.0018, 0.0006, 0.0024]
        )
        self.assertIn("mark-up 20 % on cost", self._sent(1).explanation)

    def test_parts_with_a_cost_of_their_own_are_marked_up(self):
        self._usual_prices()
        self.env["voip.ai.price"].create(
            {"pricing": "markup", "markup_percent": 50, "effective_from": self.since}
        )
        currency = self.env.company.currency_id.name
        parts = [
            {"kind": "speech_to_text", "units": 60, "cost": "0.01"},
            {"kind": "platform", "cost": "0.05"},
        ]
        self._send(
            self._session(1, parts=parts, provider="openai", cost_currency=currency)
        )
        charges = {kind: amount for kind, _w, _u, amount in self._charges(1)}
        self.assertEqual(charges["speech_to_text"], 0.015)
        self.assertEqual(charges["platform"], 0.075)
        self.assertEqual(self._sent(1).cost, 0.064)
        self.assertWhole()

    def test_what_the_provider_charged_is_compared_with_its_own_fields(self):
        self._usual_prices()
        currency = self.env.company.currency_id.name
        self._send(
            self._session(1, cost="0.004", cost_currency=currency),
            self._session(2, cost="0.005", cost_currency=currency),
            self._session(
                3, cost="0.30", cost_currency=currency,
                cost_breakdown={"llm": "0.2", "tts": "0.15"},
            ),
            self._session(4),
        )  # fmt: skip
        found = [self._sent(n).cost_difference for n in (1, 2, 3, 4)]
        self.assertEqual(found, [0.0, 0.001, -0.05, 0.0])
        listed = self.Session.search([("cost_difference", "!=", 0)])
        self.assertEqual(listed, self._sent(2) | self._sent(3))

    def test_a_currency_without_a_rate_of_its_day_is_never_one_to_one(self):
        self._usual_prices()
        other = self.env["res.currency"].create({"name": "YYA", "symbol": "y"})
        abroad = self._create_account(code="ai-2", currency_id=other.id)
        for kind in ("input", "output"):
            self._price(kind, 1, currency_id=other.id)
        asked = {"account": "ai-2", "model": "gpt-4o", "tokens": {"input": 1000}}
        later = {"currency_id": other.id, "name": self.at + timedelta(days=3)}
        rate = self.env["res.currency.rate"].create({**later, "rate": 4})
        self.assertIn("YYA has no", self.Session.quote(**asked)["error"]["message"])
        self._send(self._session(1, account="ai-2"))
        session = self._sent(1)
        self.assertEqual((session.error, session.error_about), (NO_RATE, "YYA"))
        self.assertFalse(abroad.wallet_id.unbilled)
        rate.name = self.since
        session.action_again()
        self.assertEqual((session.state, session.amount), ("charged", 1.2))
        self.env.cr.execute(
            "SELECT sum(amount_company) FROM voip_usage_row WHERE account_id = %s",
            [abroad.id],
        )
        self.assertEqual(float(self.env.cr.fetchone()[0]), 0.3)
        self.assertWhole()

    def test_the_currency_that_lacks_a_rate_is_named(self):
        self._usual_prices()
        other = self.env["res.currency"].create({"name": "YYA", "symbol": "y"})
        self._price("speech_to_text", 1)
        self._price("speech_to_text", 1, "cost", currency_id=other.id)
        speech = [{"kind": "speech_to_text", "units": 60, "model": "gpt-4o"}]
        told = {"cost": "1", "cost_currency": "YYA"}
        self._send(
            # The provider's price; what it stated; what it stated needs no conversion.
            self._session(1, parts=speech),
            self._session(2, **told),
            self._session(3, **told, cost_breakdown={"llm": "1.5"}),
        )
        self.assertEqual(
            [(s.error, s.error_about) for s in map(self._sent, (1, 2, 3))],
            [(NO_RATE, "YYA"), (NO_RATE, "YYA"), (False, False)],
        )
        self.assertEqual(self._sent(3).cost_difference, -0.5)

    def test_who_may_send(self):
        viewer = new_test_user(
            self.env, "ai-viewer", groups="voip_billing_base.group_voip_viewer"
        )
        with self.assertRaises(AccessError):
            self.Session.with_user(viewer).ingest([self._session(1)])
        with self.assertRefused(UserError, "must be a list"):
            self.Session.ingest({})
        with self.assertRefused(UserError, "known are generic"):
            self.Session.ingest([], format="vapi")

    def test_a_bad_session_spoils_no_other(self):
        self._usual_prices()
        answer = self._send(
            self._session(1, cached_tokens=2000), self._session(2), "x", {}
        )
        self.assertEqual(answer["accepted"], 1)
        self.assertEqual(
            [(e["index"], e["code"]) for e in answer["errors"]],
            [(0, "bad_tokens"), (2, "bad_value"), (3, "missing_field")],
        )
        # The same answer goes to clients of XML-RPC, which has no null.
        self.assertIn("bad_tokens", xmlrpc.client.dumps((answer,)))

    def test_sessions_are_priced_again_by_the_prices_of_now(self):
        self._usual_prices()
        self._send(self._session(1))
        self._price("output", 0.1, account_id=self.account.id)
        self._price("input", 0.0, account_id=self.account.id)
        self._sent(1).action_price_again()
        self.assertEqual(self._sent(1).amount, 0.02)
        self._sent(1).action_price_again()
        self.assertEqual(self._unbilled(), 0.02)
        self.assertWhole()

    def test_a_session_that_needs_no_price_is_dismissed_and_stops_no_invoice(self):
        def stopped():
            self.env.flush_all()
            self.env.cr.execute(
                ERRORS_SQL, [self.env.company.id, self.at + timedelta(days=1)]
            )
            return self.env.cr.rowcount

        self._send(self._session(1))
        session = self._sent(1)
        self.assertEqual((session.state, stopped()), ("error", 1))
        with self.assertRefused(UserError, "why it is dismissed"):
            session.action_dismiss()
        session.note = "A trial of ours"
        session.action_dismiss()
        self.assertEqual((session.state, stopped()), ("dismissed", 0))
        last = self.env["voip.audit"].search([], order="id desc", limit=1)
        self.assertEqual((last.event, last.res_id), ("ai_dismissed", session.id))
        with self.assertRefused(UserError, "account and note stay"):
            session.with_user(self._clerk()).note = "Another"
        self.assertWhole()
        self._usual_prices()
        session.action_again()
        self.assertEqual((session.state, session.amount), ("charged", 0.008))
        self.assertFalse(session.note)
        self.assertWhole()

    def _clerk(self):
        groups = "voip_billing_base.group_voip_user"
        return new_test_user(self.env, "ai-clerk", groups=groups)

    def test_a_sheet_of_sessions_is_kept_as_the_door_keeps_them(self):
        self._usual_prices()
        text = (
            "session_id;account;model;started_at;input;input.cached;output;room\n"
            f"s-1;ai-1;gpt-4o;{self.at.isoformat()};1000;400;200;7\n"
            f"s-2;ai-1;gpt-4o;{self.at.isoformat()};1000;4000;200;8\n"
        )
        upload = self.env["voip.ai.session.upload"].create(
            {"file": base64.b64encode(text.encode())}
        )
        self.assertEqual(upload.action_upload()["name"], "Upload Sessions")
        self.assertIn("1 new", upload.result)
        self.assertIn("Row 3: tokens of gpt-4o: input: 1,000", upload.result)
        self._work()
        self.assertEqual(self._sent(1).amount, 0.008)
        self.assertEqual(self._sent(1).metadata, {"room": "7"})
        upload.action_upload()
        self.assertIn("1 known already", upload.result)
