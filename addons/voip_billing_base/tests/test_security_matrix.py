"""Who reads, writes or counts what: two companies, two customers, every role."""

from datetime import date, datetime

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..charge.transaction import ensure_partitions
from .balance_records import BalanceRecords
from .common import VoipBillingCommon
from .event_records import EventRecords

DAY = date(2026, 1, 5)
SERVICE = "voip_billing_base.service_term_intl"
ROLES = ("viewer", "user", "auditor", "approver", "manager", "admin")
# A harmless change of each model, which only rights can refuse.
CHANGES = {
    "voip.account": {"name": "Mine"},
    "voip.account.contact": {"kind": "statement"},
    "voip.account.number": {"number": "4999"},
    "voip.account.right": {"right": "billing"},
    "voip.audit": {"event": "mine"},
    "voip.balance.alert": {"level": 7},
    "voip.billing.profile": {"name": "Mine"},
    "voip.billing.run": {"override_reason": "Mine"},
    "voip.billing.run.line": {"message": "Mine"},
    "voip.credit": {"reason": "Mine"},
    "voip.service": {"name": "Mine"},
    "voip.event.price": {"effective_to": "2099-12-31"},
    "voip.event.price.tier": {"price": 2.0},
    "voip.event.pricelist": {"name": "Mine"},
    "voip.event.webhook": {"name": "Mine"},
    "voip.postpaid.request": {"reason": "Mine"},
    "voip.receivable": {"receivable": 0.0},
    "voip.recharge": {"reason": "Mine"},
    "voip.usage": {"label": "Mine"},
    "voip.usage.event": {"account_code": "mine"},
    "voip.usage.event.charge": {"units": 7},
    "voip.usage.event.day": {"events": 7},
    "voip.usage.event.refused": {"fix": "{}"},
    "voip.usage.event.type": {"name": "Mine"},
    "voip.usage.event.volume": {"units": 7},
    "voip.usage.summary": {"label": "Mine"},
    "voip.wallet": {"reserved": 0.0},
    "voip.wallet.entry": {"origin": "Mine"},
}
# Rows by the million are searched within a span of time.
SPAN = {"voip.usage": [("started_at", ">", "2026-01-01")]}
PORTAL_MODELS = {
    "voip.account",
    "voip.usage",
    "voip.usage.summary",
    "voip.wallet",
    "voip.wallet.entry",
}
SECRET = {
    "amount_company",
    "cost",
    "cost_amount",
    "cost_billed_seconds",
    "cost_currency_id",
    "cost_prefix",
    "cost_price",
    "cost_rate_id",
    "margin",
    "supplier_id",
    "supplier_trunk_id",
}


class MatrixCommon(EventRecords, BalanceRecords, VoipBillingCommon):
    @classmethod
    def _account(cls, env, company, partner):
        return env["voip.account"].create(
            {
                "name": f"Account of {partner.name}",
                "partner_id": partner.id,
                "company_id": company.id,
                "currency_id": company.currency_id.id,
                "tz": "UTC",
                "number_ids": [(0, 0, {"number": f"44{partner.id}"})],
                "contact_ids": [(0, 0, {"partner_id": partner.id, "kind": "alert"})],
                "right_ids": [(0, 0, {"partner_id": partner.id, "right": "owner"})],
            }
        )

    @classmethod
    def _run_line(cls, env, company, account):
        run = env["voip.billing.run"].create({"company_id": company.id})
        values = {
            "run_id": run.id,
            "company_id": company.id,
            "account_id": account.id,
            "period_start": DAY,
            "period_end": DAY,
        }
        line = env["voip.billing.run.line"].sudo().create(values)
        return line.with_env(env)

    @classmethod
    def _credit(cls, env, partner):
        invoice = env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": partner.id}
        )
        values = {"move_id": invoice.id, "reason": "Wrong rate"}
        return env["voip.credit"].sudo().create(values).with_env(env)

    @classmethod
    def _records(cls, company, journal, partner):
        """One record of every model of the module, in ``company``."""
        env = cls.env(context={"allowed_company_ids": company.ids})
        account = cls._account(env, company, partner)
        wizard = env["voip.topup.wizard"].create(
            {"account_id": account.id, "amount": 10, "journal_id": journal.id}
        )
        wizard.action_topup()
        summary_id, usage_id = cls._usage(account)
        line = cls._run_line(env, company, account)
        return {
            "voip.account": account,
            "voip.account.contact": account.contact_ids,
            "voip.account.number": account.number_ids,
            "voip.account.right": account.right_ids,
            "voip.audit": env["voip.audit"].search(
                [("company_id", "=", company.id)], limit=1
            ),
            "voip.billing.profile": env["voip.billing.profile"].create(
                {"name": "Terms", "company_id": company.id}
            ),
            "voip.billing.run": line.run_id,
            "voip.credit": cls._credit(env, partner),
            "voip.billing.run.line": line,
            "voip.service": env["voip.service"].create(
                {
                    "name": "Own",
                    "code": f"OWN-{partner.id}",
                    "company_id": company.id,
                    "product_id": env.ref(SERVICE).product_id.id,
                }
            ),
            "voip.usage": env["voip.usage"].browse(usage_id),
            **cls._event_records(account),
            **cls._balance_records(account),
            "voip.usage.summary": env["voip.usage.summary"].browse(summary_id),
            "voip.receivable": env["voip.receivable"].browse(account.wallet_id.id),
            "voip.wallet": account.wallet_id,
            "voip.wallet.entry": account.wallet_id.entry_ids[:1],
        }

    @classmethod
    def _usage(cls, account):
        """A summary and its call: (summary id, usage id)."""
        cr = cls.env.cr
        cls.env.flush_all()
        ensure_partitions(cls.env, "voip_usage_row", [DAY])
        common = {
            "company": account.company_id.id,
            "account": account.id,
            "service": cls.env.ref("voip_billing_base.service_term_intl").id,
            "currency": account.currency_id.id,
            "day": DAY,
            "at": datetime(2026, 1, 5, 12),
        }
        cr.execute(
            "INSERT INTO voip_usage_summary (company_id, account_id, payer_id,"
            " service_id, local_day, label, unit_price, currency_id, late, attempts,"
            " calls, units, seconds, amount, tax, amount_company, cost)"
            " VALUES (%(company)s, %(account)s, %(account)s, %(service)s, %(day)s,"
            " 'Germany', 0.01, %(currency)s, false, 1, 1, 1, 60, 0.01, 0, 0.01, 0.777)"
            " RETURNING id",
            common,
        )
        summary_id = cr.fetchone()[0]
        usage_id = 2_000_000_000 + summary_id
        cr.execute(
            "INSERT INTO voip_usage_row (id, started_at, company_id, account_id,"
            " summary_id, amount, cost, billed_seconds)"
            " VALUES (%(id)s, %(at)s, %(company)s, %(account)s, %(summary)s,"
            " 0.01, 0.777, 60)",
            {**common, "id": usage_id, "summary": summary_id},
        )
        return summary_id, usage_id

    def assertClosed(self, record, change):
        """``record`` (in the intruder's environment) cannot be reached in any way."""
        self._assert_unseen(record)
        with self.assertRaises(UserError):
            record.read(["id", "display_name"])
        with self.assertRaises(UserError):
            record.web_read({"display_name": {}})
        with self.assertRaises(UserError):
            record.write(change)
        with self.assertRaises(UserError):
            record.unlink()
        with self.assertRaises(UserError):
            record.export_data(["id", "display_name"])

    def _assert_unseen(self, record):
        found = [("id", "=", record.id)]
        for look in (
            lambda: record.search(found).ids,
            lambda: record.search_count(found),
            lambda: record.search_read(found, ["id"]),
            lambda: record._read_group(found, ["company_id"], ["__count"]),
            lambda: record.formatted_read_group(found, ["company_id"], ["__count"]),
            lambda: record.name_search("", found),
        ):
            try:
                seen = look()
            except AccessError:
                continue
            self.assertFalse(seen)


@tagged("post_install", "-at_install")
class TestCompanies(MatrixCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.setup_other_company()
        cls.other = other["company"]
        partners = cls.env["res.partner"].create(
            [{"name": "Customer A"}, {"name": "Customer B"}]
        )
        cls.own = cls._records(
            cls.env.company, cls.company_data["default_journal_bank"], partners[0]
        )
        cls.foreign = cls._records(
            cls.other, other["default_journal_bank"], partners[1]
        )
        cls.users = {
            role: new_test_user(
                cls.env,
                login=f"matrix_{role}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=cls.env.company.id,
                company_ids=[(6, 0, cls.env.company.ids)],
            )
            for role in ROLES
        }
        cls.users["switch"] = new_test_user(
            cls.env,
            login="matrix_switch",
            groups="voip_billing_base.group_voip_switch",
            company_id=cls.env.company.id,
        )
        cls.env.flush_all()

    def test_the_matrix_covers_every_model_of_the_module(self):
        models = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "voip_billing_base"
            and name.startswith("voip.")
            and not model._abstract
            and not model._transient
        }
        self.assertEqual(models, set(self.foreign))
        self.assertEqual(models, set(CHANGES))
        for records in (self.own, self.foreign):
            for name, record in records.items():
                self.assertEqual(len(record), 1, name)

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule")
    def test_no_role_reaches_a_record_of_another_company(self):
        for role, user in self.users.items():
            for name, record in self.foreign.items():
                with self.subTest(role=role, model=name):
                    intruder = record.with_env(self.env(user=user, context={}))
                    self.assertClosed(intruder, CHANGES[name])

    def test_asking_for_the_other_company_does_not_open_it(self):
        """Company ids from the client's context are checked."""
        context = {"allowed_company_ids": self.other.ids}
        for role in ROLES:
            env = self.env(user=self.users[role], context=context)
            for name, record in self.foreign.items():
                with self.subTest(role=role, model=name):
                    with self.assertRaises(AccessError):
                        record.with_env(env).search_count([])

    def test_each_role_reads_what_its_own_company_has(self):
        auditing = {"auditor", "manager", "admin"}
        for role in ROLES:
            env = self.env(user=self.users[role], context={})
            for name, record in self.own.items():
                with self.subTest(role=role, model=name):
                    readers = {
                        "voip.audit": auditing,
                        "voip.event.webhook": {"manager", "admin"},
                    }
                    readable = role in readers.get(name, ROLES)
                    seen = record.with_env(env)
                    self.assertEqual(seen.has_access("read"), readable)
                    if readable:
                        self.assertTrue(seen.search_count([("id", "=", record.id)]))
                        self.assertTrue(seen.read())

    def test_a_switch_reads_nothing_of_its_own_company_either(self):
        env = self.env(user=self.users["switch"], context={})
        for name, record in self.own.items():
            for attempt in ("read", "search_count", "write", "unlink"):
                with self.subTest(model=name, attempt=attempt):
                    argument = {
                        "read": [["id"]],
                        "search_count": [[]],
                        "write": [CHANGES[name]],
                        "unlink": [],
                    }[attempt]
                    with self.assertRaises(UserError):
                        getattr(record.with_env(env), attempt)(*argument)


@tagged("post_install", "-at_install")
class TestPortalCustomers(MatrixCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        journal = cls.company_data["default_journal_bank"]
        partners = cls.env["res.partner"].create(
            [{"name": "Customer A", "is_company": True}, {"name": "Customer B"}]
        )
        employee = cls.env["res.partner"].create(
            {"name": "Employee of A", "parent_id": partners[0].id}
        )
        cls.own = cls._records(cls.env.company, journal, partners[0])
        cls.foreign = cls._records(cls.env.company, journal, partners[1])
        cls.customer = new_test_user(
            cls.env,
            login="portal_customer",
            groups="base.group_portal",
            company_id=cls.env.company.id,
            partner_id=employee.id,
        )
        cls.own["voip.account"].right_ids = [
            (0, 0, {"partner_id": employee.id, "right": "reader"})
        ]
        cls.portal = cls.env(user=cls.customer, context={})
        cls.env.flush_all()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_a_customer_reaches_nothing_of_another_customer(self):
        for name, record in self.foreign.items():
            with self.subTest(name):
                self.assertClosed(record.with_env(self.portal), CHANGES[name])

    def test_a_customer_reads_its_own_and_changes_nothing(self):
        for name, record in self.own.items():
            own = record.with_env(self.portal)
            with self.subTest(name):
                self.assertEqual(own.has_access("read"), name in PORTAL_MODELS)
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(own.has_access(operation), operation)
                with self.assertRaises(UserError):
                    own.write(CHANGES[name])
                if name in PORTAL_MODELS:
                    # An event of the account is usage, too.
                    found = own.search(SPAN.get(name, []))
                    self.assertIn(own, found)
                    account = self.own["voip.account"]
                    owners = found if name == account._name else found.account_id
                    self.assertEqual(owners.ids, account.ids)
                    self.assertTrue(own.read(["display_name"]))

    def test_cost_margin_and_supplier_are_no_fields_of_a_customer(self):
        for name in PORTAL_MODELS:
            with self.subTest(name):
                fields = self.portal[name].fields_get()
                self.assertFalse(SECRET & set(fields))
        usage = self.own["voip.usage"].with_env(self.portal)
        self.assertNotIn("0.777", str(usage.read()))
        for field in SECRET & set(self.env["voip.usage"]._fields):
            with self.subTest(field), self.assertRaises(AccessError):
                usage.read([field])

    def test_a_customer_neither_tops_up_nor_changes_its_state(self):
        account = self.own["voip.account"].with_env(self.portal)
        with self.assertRaises(AccessError):
            account._set_state("closed", "Mine")
        for model, values in (
            ("voip.topup.wizard", {"account_id": account.id, "amount": 1000}),
            (
                "voip.account.state.wizard",
                {"account_ids": account.ids, "state": "active", "reason": "Mine"},
            ),
        ):
            with self.subTest(model), self.assertRaises(AccessError):
                self.portal[model].create(values)
