from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import VoipBillingCommon
from .doors import Doors

SUITE = "odoo.addons.voip_"
MODULE = "odoo.addons.voip_billing_base."
ROLES = ("viewer", "user", "auditor", "approver", "manager", "admin")
# field -> (value to set, roles that may)
CREDIT = {
    "mode": ("hybrid", {"approver", "admin"}),
    "credit_limit": (100.0, {"approver", "admin"}),
    "overdraft_amount": (5.0, {"manager", "admin"}),
    "overdraft_until": (date(2030, 1, 1), {"manager", "admin"}),
}
# Methods of the module that a remote caller reaches, each reviewed: it checks its
# rights itself, or reads and writes through the ORM with the caller's rights.
PUBLIC_METHODS = {
    "account.move": {
        "action_voip_credit",
        "action_voip_view_again",
        "action_voip_view_credits",
        "action_voip_view_notes",
        "action_voip_view_origin",
        "action_voip_view_usage",
    },
    "account.move.line": {"action_voip_view_usage"},
    "res.partner": {"action_view_voip_accounts"},
    "voip.account": {
        "action_change_state",
        "action_resume_recharge",
        "action_topup",
        "action_view_children",
        "action_view_entries",
        "action_view_invoices",
        "action_view_recharges",
        "action_view_summaries",
        "action_view_usage",
    },
    "voip.account.state.wizard": {"action_apply"},
    "voip.audit": {"action_view_record", "action_view_summaries"},
    "voip.billing.profile": {"action_view_accounts"},
    "voip.billing.run": {"action_preview", "action_run", "action_view_invoices"},
    "voip.billing.run.line": {"action_invoice_late", "action_view_document"},
    "voip.check": {"run"},
    "voip.credit": {
        "action_approve",
        "action_preview",
        "action_refuse",
        "action_view_again",
        "action_view_note",
    },
    "voip.credit.wizard": {"action_choose_calls", "action_credit", "action_preview"},
    "voip.dismissed": {"action_dismiss"},
    "voip.price.again": {"action_price_again"},
    "voip.postpaid.request": {"action_approve", "action_refuse", "action_withdraw"},
    "voip.recharge": {"action_charged", "action_not_charged"},
    "voip.receivable": {"action_view_items"},
    "voip.list.import": {"action_apply", "action_preview"},
    "voip.sheet.import": {"action_download_faults", "action_view_rows"},
    "voip.topup.wizard": {"action_topup"},
    "voip.usage": {"action_credit"},
    "voip.event.pricelist": {"action_view_prices"},
    "voip.usage.event": {
        "action_again",
        "action_view_usage",
        "quote",
        "record",
    },
    "voip.usage.event.day": {"action_view_events"},
    "voip.usage.event.refused": {"action_again"},
    "voip.usage.summary": {"action_view_usage"},
}


@tagged("post_install", "-at_install")
class TestCreditRights(VoipBillingCommon):
    """Nobody gives credit but who may, whatever way is tried."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env,
                login=f"credit_{role}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=cls.env.company.id,
            )
            for role in ROLES
        }
        cls.partner = cls.env["res.partner"].create({"name": "Customer"})

    def _values(self, **more):
        return {"name": "New", "partner_id": self.partner.id, "tz": "UTC", **more}

    # Each way takes (user's model, field, value) and returns the account it reached.

    def _by_write(self, model, field, value):
        account = self._create_account()
        account.with_env(model.env).write({field: value})
        return account

    def _by_create(self, model, field, value):
        return model.create(self._values(**{field: value}))

    def _by_default(self, model, field, value):
        return model.with_context(**{f"default_{field}": value}).create(self._values())

    def _by_parent(self, model, field, value):
        child = self._create_account(parent_id=self._create_account().id)
        child.parent_id.with_env(model.env).write(
            {"child_ids": [(1, child.id, {field: value})]}
        )
        return child

    def _by_parent_create(self, model, field, value):
        parent = self._create_account(partner_id=self.partner.id)
        parent.with_env(model.env).write(
            {"child_ids": [(0, 0, self._values(**{field: value}))]}
        )
        return parent.child_ids

    def _by_import(self, model, field, value):
        result = model.load(
            ["name", "partner_id/.id", "tz", field],
            [["New", str(self.partner.id), "UTC", str(value)]],
        )
        if not result["ids"]:
            raise AccessError(str(result["messages"]))
        return model.browse(result["ids"])

    @mute_logger("odoo.sql_db")
    def test_credit_is_given_by_its_group_only_on_every_path(self):
        paths = (
            self._by_write,
            self._by_create,
            self._by_default,
            self._by_parent,
            self._by_parent_create,
            self._by_import,
        )
        for role, user in self.users.items():
            model = self.env["voip.account"].with_user(user)
            for field, (value, allowed) in CREDIT.items():
                for path in paths:
                    with self.subTest(role=role, field=field, path=path.__name__):
                        self._try(path, model, field, value, role in allowed)

    def _try(self, path, model, field, value, allowed):
        if not allowed:
            before = self.env["voip.account"].search_count([(field, "=", value)])
            with self.assertRaises(AccessError):
                path(model, field, value)
            after = self.env["voip.account"].search_count([(field, "=", value)])
            self.assertEqual(after, before)
            return
        account = path(model, field, value)
        self.assertEqual(account[field], value)
        self.assertTrue(
            self.env["voip.audit"].search_count(
                [
                    ("res_model", "=", "voip.account"),
                    ("res_id", "=", account.id),
                    ("user_id", "=", model.env.uid),
                    ("data", "like", field),
                ]
            ),
            "giving credit leaves an audit entry",
        )

    def test_a_copy_gives_no_credit_to_whoever_copies(self):
        account = self._create_account(
            mode="postpaid",
            credit_limit=100,
            overdraft_amount=5,
            overdraft_until=date(2030, 1, 1),
        )
        for role in ("user", "approver", "manager", "admin"):
            with self.subTest(role):
                copy = account.with_user(self.users[role]).copy()
                self.assertEqual(copy.mode, "prepaid")
                self.assertFalse(copy.credit_limit or copy.overdraft_amount)
                self.assertFalse(copy._wallet_limit())

    def test_nobody_is_born_blocked_or_opened_by_a_write(self):
        for role in ("user", "approver", "manager", "admin"):
            model = self.env["voip.account"].with_user(self.users[role])
            with self.subTest(role), self.assertRaises(UserError):
                model.create(self._values(state="closed"))
            with self.subTest(role), self.assertRaises(UserError):
                model.browse(self._create_account().id).write({"state": "active"})

    def test_viewers_and_auditors_change_nothing(self):
        account = self._create_account()
        for role in ("viewer", "auditor"):
            record = account.with_user(self.users[role])
            for attempt in (
                lambda r=record: r.write({"name": "Mine"}),
                lambda r=record: r.create(self._values()),
                lambda r=record: r.copy(),
                lambda r=record: r._set_state("closed", "Because"),
                lambda r=record: r.number_ids.create(
                    {"account_id": r.id, "number": "4420718387"}
                ),
            ):
                with self.subTest(role), self.assertRaises(AccessError):
                    attempt()

    def test_the_invariants_of_all_companies_are_run_by_managers_of_all(self):
        companies = self.env["res.company"].search([])
        for role, user in self.users.items():
            user.company_ids = companies
            check = self.env["voip.check"].with_user(user)
            for full, roles in ((False, {"manager", "admin"}), (True, {"admin"})):
                with self.subTest(role=role, full=full):
                    if role in roles:
                        self.assertFalse(
                            [row for row in check.run(full) if row["violations"]]
                        )
                        continue
                    with self.assertRaises(AccessError):
                        check.run(full)
        self.env["res.company"].create({"name": "Other"})
        for role in ("manager", "admin"):
            check = self.env["voip.check"].with_user(self.users[role])
            with self.subTest(role), self.assertRaisesRegex(AccessError, "companies"):
                check.run()


@tagged("post_install", "-at_install")
class TestDoors(Doors, VoipBillingCommon):
    def test_the_public_methods_are_the_reviewed_ones(self):
        found = {}
        for name in self.env.registry:
            methods = self._public_methods(self.env[name])
            if methods:
                found[name] = methods
        self.assertEqual(found, PUBLIC_METHODS)

    def _public_methods(self, model):
        """Remote methods that this module adds to ``model``; a mixin's are its own."""
        classes = type(model).mro()
        module = [cls for cls in classes if cls.__module__.startswith(MODULE)]
        ours = [cls for cls in module if cls._name == model._name]
        core = [cls for cls in classes if not cls.__module__.startswith(SUITE)]
        known = {name for cls in core for name in vars(cls)}
        return {
            name
            for cls in ours
            for name, value in vars(cls).items()
            if callable(value) and name not in known and self._is_remote(model, name)
        }

    def test_every_model_with_a_company_has_a_global_company_rule(self):
        self.env.cr.execute(
            """SELECT m.model FROM ir_model m
                WHERE m.model LIKE 'voip.%' AND NOT m.transient AND NOT m.abstract
                  AND EXISTS (SELECT FROM ir_model_fields f WHERE f.model_id = m.id
                                 AND f.name = 'company_id' AND f.store)
                  AND NOT EXISTS (
                      SELECT FROM ir_rule r WHERE r.model_id = m.id AND r.active
                         AND r.global AND r.perm_read AND r.perm_write
                         AND r.perm_create AND r.perm_unlink
                         AND r.domain_force LIKE '%company_id%company_ids%')"""
        )
        self.assertEqual(self.env.cr.fetchall(), [])

    def test_every_access_line_names_a_group_and_portal_only_reads(self):
        access = (
            self.env["ir.model.access"]
            .sudo()
            .search([("model_id.model", "=like", "voip.%")])
        )
        self.assertTrue(access)
        self.assertFalse(access.filtered(lambda line: not line.group_id))
        portal = self.env.ref("base.group_portal") + self.env.ref("base.group_public")
        switch = self.env.ref("voip_billing_base.group_voip_switch")
        self.assertFalse(access.filtered(lambda line: line.group_id == switch))
        for line in access.filtered(lambda line: line.group_id in portal):
            self.assertFalse(
                line.perm_write or line.perm_create or line.perm_unlink, line.name
            )

    def test_the_switch_group_implies_nothing(self):
        switch = self.env.ref("voip_billing_base.group_voip_switch")
        self.assertEqual(switch.all_implied_ids, switch)

    def test_staff_without_a_voip_group_still_read_partners_and_invoices(self):
        partner = self.env["res.partner"].create({"name": "Customer"})
        account = self._create_account(partner_id=partner.id)
        payment = self._topup(account, 10)
        clerk = new_test_user(
            self.env,
            login="clerk",
            groups="account.group_account_invoice",
            company_id=self.env.company.id,
        )
        for record in (partner, payment, payment.move_id, payment.move_id.line_ids):
            with self.subTest(record._name):
                clerks = record.with_user(clerk)
                ours = [name for name in clerks.fields_get() if "voip" in name]
                self.assertTrue(clerks.read(["id", *ours]))


@tagged("post_install", "-at_install")
class TestSettings(VoipBillingCommon):
    """Odoo's own method that stores settings asks for no right."""

    def test_who_may_not_change_settings_empties_none_of_them(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("mail.restrict.template.rendering", "True")
        before = parameters.search([]).mapped("key")
        voip = [f"voip_billing_base.group_voip_{role}" for role in (*ROLES, "switch")]
        for group in (*voip, "base.group_user", "base.group_portal"):
            login = f"settings_{group}"
            user = new_test_user(self.env, login=login, groups=group)
            settings = self.env["res.config.settings"].with_user(user)
            with self.subTest(group=group), self.assertRaises(AccessError):
                settings.set_values()
        self.assertEqual(parameters.search([]).mapped("key"), before)

    def test_an_administrator_changes_them(self):
        user = new_test_user(self.env, login="settings", groups="base.group_system")
        settings = self.env["res.config.settings"].with_user(user).create({})
        settings.show_effect = True
        settings.execute()
        parameter = self.env["ir.config_parameter"].sudo()
        self.assertTrue(parameter.get_param("base_setup.show_effect"))
