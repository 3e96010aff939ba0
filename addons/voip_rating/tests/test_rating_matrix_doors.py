"""The doors of the module know nothing of another company, whatever the code."""

from base64 import b64encode

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .rating_matrix_common import (
    CALLED,
    ROLES,
    WIZARDS,
    RatingMatrixCommon,
    actions_of,
)


@tagged("post_install", "-at_install")
class TestRatingDoors(RatingMatrixCommon):
    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_batch_is_made_by_the_intake_only(self):
        """Else a user could have the file of another company rated as the own."""
        file = self._upload(self._env_of(self.other), self.foreign["voip.switch"])
        batch = self.own["voip.cdr.batch"]
        values = {
            "company_id": self.env.company.id,
            "switch_id": batch.switch_id.id,
            "door": "file",
            "attachment_id": file.attachment_id.id,
        }
        for role in self.users:
            with self.subTest(role):
                env = self._as(role)
                with self.assertRaises(UserError):
                    file.attachment_id.with_env(env).read(["raw"])
                with self.assertRaises(UserError):
                    env["voip.cdr.batch"].create(values)
                for change in (values, {"state": "waiting"}):
                    with self.assertRaises(UserError):
                        batch.with_env(env).write(change)

    def _upload(self, env, switch):
        line = f"b-file,{CALLED},{self.start},{self.start},60,in"
        text = f"call_id,called,start,answer,duration,trunk\n{line}\n"
        wizard = env["voip.cdr.upload"].create(
            {"switch_id": switch.id, "file": b64encode(text.encode())}
        )
        batch = env["voip.cdr.batch"].browse(wizard.action_upload()["res_id"])
        self.assertEqual((batch.rated, batch.company_id), (1, env.company))
        return batch

    def _foreign_wizards(self):
        """(model, values) of wizards that name what is of the other company."""
        there = self.foreign
        file = {"file": b64encode(b"call_id\na\n")}
        number = {"called": CALLED}
        deck = {"deck_id": there["voip.rate.deck"].id}
        return [
            ("voip.cdr.upload", {"switch_id": there["voip.switch"].id, **file}),
            ("voip.rate.quote", {**deck, **number}),
            ("voip.rate.quote", {"account_id": there["account"].id, **number}),
            ("voip.rate.proof", {"deck_id": there["voip.rate.deck"].id, **number}),
            ("voip.rate.proof", {"account_id": there["account"].id, **number}),
            (
                "voip.cdr.format.test",
                {
                    "format_id": there["voip.cdr.format"].id,
                    "switch_id": self.own["voip.switch"].id,
                    "text": "call_id",
                },
            ),
            (
                "voip.cdr.format.test",
                {
                    "format_id": self.own["voip.cdr.format"].id,
                    "switch_id": there["voip.switch"].id,
                    "text": "call_id",
                },
            ),
            ("voip.rate.export", deck),
            ("voip.rate.comparison", {"sale_deck_ids": [deck["deck_id"]]}),
            ("voip.rate.comparison.line", {}),
            ("voip.trunk.try", {"trunk_id": there["voip.trunk"][0].id}),
        ]

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_wizards_refuse_the_other_company(self):
        cases = self._foreign_wizards()
        self.assertEqual({name for name, _v in cases} | {"voip.switch.key"}, WIZARDS)
        before = self._count_foreign()
        for role in self.users:
            for name, values in cases:
                for action in actions_of(self.env[name]):
                    with self.subTest(role=role, action=action, values=values):
                        env = self._as(role)
                        with self.assertRaises(UserError):
                            getattr(env[name].create(values), action)()
        self.assertEqual(self._count_foreign(), before)

    def test_a_dialog_names_no_switch_of_the_other_company(self):
        """It has no button: making it is all that can be done."""
        values = {"switch_id": self.foreign["voip.switch"].id}
        for role in self.users:
            with self.subTest(role), self.assertRaises(UserError):
                self._as(role)["voip.switch.key"].create(values)

    def test_a_number_is_compared_over_the_decks_of_the_own_company(self):
        wizard = self._as("viewer")["voip.rate.quote"].create({"called": CALLED})
        wizard.action_compare()
        self.assertIn("0.01", wizard.result)
        self.assertNotIn("0.02", wizard.result)
        self.assertNotIn("only-deck", wizard.result)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_intake_refuses_a_switch_and_a_batch_of_the_other_company(self):
        before = self._count_foreign()
        number = self.foreign["voip.cdr.batch"].id
        for role in self.users:
            Cdr = self._as(role)["voip.cdr"]
            with self.subTest(role):
                with self.assertRaises(AccessError):
                    Cdr.ingest(switch="only-switch", records=[self._record("x")])
                with self.assertRaisesRegex(UserError, f"{number} does not exist"):
                    Cdr.batch_status(batch=number)
        self.assertEqual(self._count_foreign(), before)

    def test_a_code_of_several_companies_means_the_current_one(self):
        third = self.env["res.company"].create({"name": "Third"})
        self.env.user.company_ids |= third
        Cdr = self._env_of(third)["voip.cdr"]
        with self.assertRaisesRegex(UserError, "several companies"):
            Cdr.ingest(switch="switch", records=[])
        answer = Cdr.ingest(switch="only-switch", records=[])
        batch = self.env["voip.cdr.batch"].sudo().browse(answer["batch"])
        self.assertEqual(batch.company_id, self.other)

    def test_a_record_finds_no_trunk_or_account_of_the_other_company(self):
        cases = {
            "unknown_trunk": {"trunk": "only-in"},
            "no_account": {"trunk": "", "account": "ONLY-ACCOUNT"},
        }
        before = self._count_foreign()
        answer = self._as("switch")["voip.cdr"].ingest(
            switch="switch",
            records=[self._record(code, **cases[code]) for code in cases],
            rate_now=True,
        )
        codes = {error["call_id"]: error["code"] for error in answer["errors"]}
        self.assertEqual(codes, {code: code for code in cases})
        self.assertEqual(self._count_foreign(), before)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_quote_and_load_know_no_code_of_the_other_company(self):
        before = self._count_foreign()
        rates = [{"prefix": "44", "price_per_minute": "9"}]
        for role in self.users:
            Deck = self._as(role)["voip.rate.deck"]
            with self.subTest(role):
                for code, arguments in (
                    ("no_deck", {"deck": "only-deck"}),
                    ("no_account", {"account": "ONLY-ACCOUNT"}),
                    ("no_deck", {"deck": "retail", "supplier_deck": "only-deck"}),
                ):
                    if role in ROLES:
                        quote = Deck.quote(called=CALLED, **arguments)
                        self.assertEqual(quote["error"]["code"], code)
                    else:
                        with self.assertRaises(AccessError):
                            Deck.quote(called=CALLED, **arguments)
                with self.assertRaises(UserError):
                    Deck.load(deck="only-deck", rates=rates)
        self.assertEqual(self._count_foreign(), before)

    def test_the_same_codes_stay_apart(self):
        for records, company, amount in (
            (self.own, self.env.company, 0.01),
            (self.foreign, self.other, 0.02),
        ):
            with self.subTest(company.name):
                batch = records["voip.cdr.batch"]
                self.assertEqual((batch.accepted, batch.duplicates), (2, 0))
                self.assertEqual(batch.switch_id, records["voip.switch"])
                usage = self.env["voip.usage"].sudo()
                usage = usage.search([("batch_id", "=", batch.id)])
                self.assertEqual(usage.company_id, company)
                self.assertEqual(usage.account_id, records["account"])
                self.assertEqual((usage.amount, usage.cost), (amount, 0.005))
                deck = self._env_of(company)["voip.rate.deck"]
                quote = deck.quote(deck="retail", called=CALLED)
                self.assertEqual(float(quote["amount"]), amount)

    def test_loading_a_deck_leaves_its_namesake_alone(self):
        rates = [{"prefix": "44", "price_per_minute": "0.5"}]
        before = self._count_foreign()
        self._as("manager")["voip.rate.deck"].load(deck="retail", rates=rates)
        self.assertEqual(self._count_foreign(), before)
        amounts = [
            self._env_of(company)["voip.rate.deck"].quote(
                deck="retail", called=CALLED
            )["amount"]
            for company in (self.env.company, self.other)
        ]
        self.assertEqual(amounts, ["0.5", "0.02"])
