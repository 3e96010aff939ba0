"""Who reads, counts or writes decks, trunks and calls of another company: nobody."""


from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.voip_billing_base.tests.test_security_matrix import (
    ROLES,
)

from .rating_matrix_common import (
    CHANGES,
    INTAKE,
    STAFF,
    WIZARDS,
    RatingMatrixCommon,
    actions_of,
)


@tagged("post_install", "-at_install")
class TestRatingCompanies(RatingMatrixCommon):
    def test_the_matrix_covers_every_model_of_the_module(self):
        models = {
            name: model
            for name, model in self.env.registry.items()
            if model._original_module == "voip_rating"
            and name.startswith("voip.")
            and not model._abstract
        }
        wizards = {name for name, model in models.items() if model._transient}
        self.assertEqual(wizards, WIZARDS)
        self.assertEqual(models.keys() - wizards, set(CHANGES))
        for records, company in (
            (self.own, self.env.company),
            (self.foreign, self.other),
        ):
            self.assertEqual(records.keys() - {"account"}, set(CHANGES))
            for name, record in records.items():
                with self.subTest(name):
                    self.assertEqual(len(record), 1)
                    self.assertEqual(record.company_id, company)

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule")
    def test_no_role_reaches_a_record_of_another_company(self):
        for role in self.users:
            for name, change in CHANGES.items():
                with self.subTest(role=role, model=name):
                    record = self.foreign[name].with_env(self._as(role))
                    self.assertClosed(record, change)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_no_button_works_on_a_record_of_another_company(self):
        before = self._count_foreign()
        for role in self.users:
            for name in CHANGES:
                for action in actions_of(self.foreign[name]):
                    with self.subTest(role=role, model=name, action=action):
                        record = self.foreign[name].with_env(self._as(role))
                        with self.assertRaises(UserError):
                            getattr(record, action)()
        self.assertEqual(self._count_foreign(), before)
        self.assertEqual(self.foreign["voip.cdr.error"].state, "open")

    def test_asking_for_the_other_company_does_not_open_it(self):
        context = {"allowed_company_ids": self.other.ids}
        for role in ROLES:
            env = self.env(user=self.users[role], context=context)
            for name in CHANGES:
                with self.subTest(role=role, model=name):
                    with self.assertRaises(AccessError):
                        env[name].search_count([])

    def test_staff_reads_its_own_company_a_switch_and_a_customer_nothing(self):
        for role in self.users:
            for name in CHANGES:
                with self.subTest(role=role, model=name):
                    own = self.own[name].with_env(self._as(role))
                    reads = role in ROLES and (
                        name not in STAFF or own.has_access("read")
                    )
                    self.assertEqual(own.has_access("read"), reads)
                    if reads:
                        self.assertEqual(own.search([("id", "=", own.id)]), own)
                        self.assertTrue(own.read())
                    if name in INTAKE:
                        with self.assertRaises(UserError):
                            own.unlink()
        for role in ("user", "manager", "admin"):
            self.assertTrue(self.own["voip.switch"].with_env(self._as(role)).read())

    def _source(self, records):
        deck = records["voip.rate.deck"]
        return {"source_ids": [(0, 0, {"deck_id": deck.id})]}

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule")
    def test_no_record_is_made_in_or_tied_to_another_company(self):
        there, here = self.foreign, self.own
        company = {"company_id": self.other.id, "name": "Mine", "code": "mine"}
        trunk = {"name": "Mine", "code": "mine", "account_id": here["account"].id}
        rate = {"prefix": "49", "price_per_minute": 1}
        mark_up = {"deck_id": here["voip.rate.deck"].copy({"code": "made"}).id}
        cases = [
            ("voip.rate.deck", company),
            ("voip.switch", company),
            ("voip.destination", company),
            ("voip.trunk", {**trunk, "company_id": self.other.id}),
            ("voip.trunk", {**trunk, "account_id": there["account"].id}),
            ("voip.trunk", {**trunk, "switch_id": there["voip.switch"].id}),
            ("voip.trunk", {**trunk, "deck_id": there["voip.rate.deck"].id}),
            ("voip.rate.generator", {"deck_id": there["voip.rate.deck"].id}),
            ("voip.rate.generator", {**mark_up, **self._source(there)}),
            (
                "voip.rate.generator.exception",
                {"prefix": "49", "generator_id": there["voip.rate.generator"].id},
            ),
            ("voip.rate", {**rate, "deck_id": there["voip.rate.deck"].id}),
            (
                "voip.destination.prefix",
                {"prefix": "49", "destination_id": there["voip.destination"].id},
            ),
        ]
        before = self._count_foreign()
        for role in ("user", "manager", "admin"):
            for name, values in cases:
                with self.subTest(role=role, model=name, values=values):
                    with self.assertRaises(UserError):
                        self._as(role)[name].create(values)
            with self.subTest(role=role), self.assertRaises(UserError):
                account = here["account"].with_env(self._as(role))
                account.deck_id = there["voip.rate.deck"].id
        self.assertEqual(self._count_foreign(), before)
