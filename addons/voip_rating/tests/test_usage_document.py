"""A posted usage document stays as it is; Odoo's own work on it goes on."""

from datetime import date, datetime

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.voip_billing_base.documents.account_move_guard import FROZEN
from odoo.addons.voip_billing_base.documents.account_move_line_guard import FREE

from .common import VoipRatingCommon

OTHERS = {"date": "2026-01-01", "char": "MINE/1", "text": "Mine"}
EMPTY = (False, None, 0, "", [])

# What payments change, and nobody by hand.
SETTLED = {
    "amount_residual",
    "amount_residual_currency",
    "reconciled",
    "voip_ledger_amount",
}


@tagged("post_install", "-at_install")
@freeze_time("2026-11-10 12:00:00")
class TestUsageDocument(VoipRatingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        deck = cls._create_deck(rates=[{"prefix": "44", "price_per_minute": "1"}])
        cls.account = cls._create_account(deck_id=deck.id)
        cls._create_trunk(code="frozen", account_id=cls.account.id)
        switch = cls._create_switch()
        cls.env["voip.cdr"].ingest(
            switch=switch.code, records=[cls._call()], rate_now=True
        )
        run = cls.env["voip.billing.run"].create(
            {
                "cutoff": datetime(2026, 11, 5, 12),
                "invoice_date": date(2026, 11, 5),
                "account_ids": [(6, 0, cls.account.ids)],
            }
        )
        run.action_run()
        cls.invoice = run.move_ids
        groups = "voip_billing_base.group_voip_admin,account.group_account_manager"
        cls.accountant = new_test_user(
            cls.env, "frozen_accountant", groups=groups, company_id=cls.env.company.id
        )
        cls.other = cls._create_account(partner_id=cls.account.partner_id.id)
        cls.env.flush_all()

    @classmethod
    def _call(cls):
        return {
            "call_id": "frozen-1",
            "called": "442071234567",
            "start": "2026-10-05T10:00:00Z",
            "duration": "600",
            "answered": True,
            "trunk": "frozen",
        }

    def _doors(self):
        """The document as an accountant, and as the program, whatever the context."""
        context = {
            "check_move_validity": False,
            "force_delete": True,
            "skip_readonly_check": True,
            "skip_account_move_synchronization": True,
        }
        own = self.invoice.with_user(self.accountant)
        return own.with_context(**context), own.sudo()

    def _values(self, record, name):
        """Values of a field that are not the one it has."""
        field, now = record._fields[name], record[name]
        if field.type == "many2one":
            others = now.search([("id", "!=", now.id)], limit=1).ids
        elif field.type == "selection":
            others = [value for value in field.get_values(self.env) if value != now]
        elif field.type == "many2many":
            tax = self.company_data["default_tax_purchase"]
            others = [[Command.clear()], [Command.link(tax.id)]]
        else:
            others = [OTHERS.get(field.type, 7.25)]
        return [*EMPTY, *others[:2]]

    def _line_fields(self):
        """All that the table of lines keeps, but what goes on changing."""
        known = self.env["account.move.line"]._fields
        return sorted(
            name
            for name, field in known.items()
            if field.store
            and field.column_type
            and not field.groups
            and name not in FREE | SETTLED
        )

    def _snapshot(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.invoice.read([*FROZEN, "amount_total", "invoice_date_due"])[0],
            [line.read(self._line_fields())[0] for line in self.invoice.line_ids],
        )

    @mute_logger("odoo.sql_db")
    def test_its_fields_stay_whatever_is_written(self):
        before = self._snapshot()
        for name in FROZEN:
            for value in self._values(self.invoice, name):
                for door in self._doors():
                    with self.subTest(field=name, value=value, su=door.env.su):
                        self._write(door, name, value)
        self.assertEqual(self._snapshot(), before)

    @mute_logger("odoo.sql_db")
    def test_the_figures_of_its_lines_stay_whatever_is_written(self):
        before = self._snapshot()
        line = self.invoice.invoice_line_ids[0]
        for name in self._line_fields():
            for value in self._values(line, name):
                for door in self._doors():
                    own = line.with_env(door.env)
                    edit = [Command.update(line.id, {name: value})]
                    for record, field, content in (
                        (own, name, value),
                        (door, "line_ids", edit),
                    ):
                        with self.subTest(field=name, value=value, su=door.env.su):
                            self._write(record, field, content)
        self.assertEqual(self._snapshot(), before)

    def _write(self, record, name, value):
        """Try it; what changes nothing may pass, what changes anything is refused."""
        self.env.flush_all()
        self.env.invalidate_all()
        try:
            with self.env.cr.savepoint():
                record.write({name: value})
        except (UserError, ValueError, TypeError):
            self.env.invalidate_all()
            return
        self.env.flush_all()
        self.assertEqual(self._snapshot(), self.kept)

    def setUp(self):
        super().setUp()
        self.kept = self._snapshot()

    @mute_logger("odoo.sql_db")
    def test_lines_are_neither_added_nor_removed(self):
        line = self.invoice.invoice_line_ids[0]
        new = {"name": "x", "price_unit": 5, "display_type": "product"}
        for door in self._doors():
            own = line.with_env(door.env)
            for attempt in (
                lambda d=door: d.write({"invoice_line_ids": [Command.create(new)]}),
                lambda d=door: d.write({"line_ids": [Command.clear()]}),
                lambda d=door: d.write({"invoice_line_ids": [Command.clear()]}),
                lambda d=door: d.write({"line_ids": [Command.delete(line.id)]}),
                lambda o=own: o.unlink(),
                lambda o=own: o.copy(),
                lambda o=own, d=door: o.create({**new, "move_id": d.id}),
                lambda d=door: d.unlink(),
                lambda d=door: d.button_draft(),
                lambda d=door: d.button_cancel(),
            ):
                with self.assertRaises(UserError):
                    attempt()
        self.assertEqual(self._snapshot(), self.kept)

    def test_a_line_of_another_entry_is_not_moved_onto_it(self):
        hand = self._hand_invoice().with_user(self.accountant)
        with self.assertRaises(UserError):
            hand.invoice_line_ids.write({"move_id": self.invoice.id})

    def _hand_invoice(self, **values):
        return self.env["account.move"].with_user(self.accountant).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.account.partner_id.id,
                "invoice_date": "2026-11-05",
                "invoice_line_ids": [
                    Command.create({"name": "x", "price_unit": 5, "tax_ids": []})
                ],
                **values,
            }
        )

    def test_nobody_makes_a_usage_document_or_usage_figures_by_hand(self):
        hand = self._hand_invoice()
        hand_fields = {
            "voip_period_start": "2026-01-01",
            "voip_period_end": "2026-01-31",
            "voip_run_id": self.invoice.voip_run_id.id,
            "voip_payer_id": self.other.id,
        }
        for name, value in hand_fields.items():
            with self.subTest(name), self.assertRaises(AccessError):
                self._hand_invoice(**{name: value})
            with self.subTest(name), self.assertRaises(AccessError):
                hand.write({name: value})
            poisoned = hand.with_context(**{f"default_{name}": value})
            self.assertFalse(poisoned.create({"move_type": "out_invoice"})[name])
        line = hand.invoice_line_ids
        for name in ("voip_calls", "voip_seconds", "voip_rate", "voip_amount"):
            with self.subTest(name), self.assertRaises(AccessError):
                line.write({name: 1})
            with self.subTest(name), self.assertRaises(AccessError):
                line.write({name: 0})
            new = [Command.create({"name": "x", name: 1})]
            with self.subTest(name), self.assertRaises(AccessError):
                hand.write({"invoice_line_ids": new})

    def test_the_payer_of_a_document_is_that_of_its_account(self):
        account = self.account
        hand = self._hand_invoice(voip_account_id=account.id, voip_payer_id=account.id)
        self.assertEqual(hand.voip_payer_id, account)
        with self.assertRaises(AccessError):
            hand.voip_payer_id = self.other
        hand.write({"voip_account_id": self.other.id, "voip_payer_id": self.other.id})
        self.assertEqual(hand.voip_payer_id, self.other)

    def test_it_is_paid_sent_noted_and_given_more_time(self):
        invoice = self.invoice.with_user(self.accountant)
        invoice.write({"invoice_date_due": "2026-12-24", "narration": "Thank you"})
        invoice.payment_reference = "RF18"
        invoice.message_post(body="Called the customer")
        self.assertEqual(str(invoice.invoice_date_due), "2026-12-24")
        register = self.env["account.payment.register"].with_user(self.accountant)
        register = register.with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        register.create({})._create_payments()
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        invoice.line_ids.remove_move_reconcile()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertWhole()

    def test_a_journal_is_renumbered_but_for_its_usage_documents(self):
        hand = self._hand_invoice()
        hand.action_post()
        wizard = self.env["account.resequence.wizard"].with_user(self.accountant)
        for moves, passes in ((hand, True), (self.invoice, False)):
            own = wizard.with_context(
                active_model="account.move", active_ids=moves.ids
            ).create({"first_name": "INV/2026/00900"})
            if passes:
                own.resequence()
                self.assertEqual(hand.name, "INV/2026/00900")
                continue
            with self.assertRaises(UserError):
                own.resequence()

    def test_merging_customers_keeps_the_document_whole(self):
        partner = self.account.partner_id
        into = self.env["res.partner"].create({"name": "Acme"})
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((partner | into).ids, into)
        self.env.invalidate_all()
        self.assertEqual(self.account.partner_id, into)
        self.assertEqual(self.invoice.partner_id, into)
        self.assertWhole()
