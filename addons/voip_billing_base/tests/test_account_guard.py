"""Who pays for an account, and whose account it is, is not changed in passing."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import VoipBillingCommon

APPROVERS = {"approver", "admin"}
INTERNAL = (
    "payer_id",
    "bill_account_id",
    "parent_path",
    "no_credit_since",
    "suspended_for_credit",
)


@tagged("post_install", "-at_install")
class TestAccountGuard(VoipBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env,
                login=f"guard_{role}",
                groups=f"voip_billing_base.group_voip_{role}",
                company_id=cls.env.company.id,
            )
            for role in ("user", "approver", "manager", "admin")
        }
        cls.partner = cls.env["res.partner"].create(
            {"name": "Acme", "is_company": True}
        )
        cls.branch = cls.env["res.partner"].create(
            {"name": "Branch", "parent_id": cls.partner.id}
        )
        cls.stranger = cls.env["res.partner"].create({"name": "Other"})
        cls.parent = cls._create_account(partner_id=cls.partner.id)

    def _values(self, **values):
        return {"name": "New", "tz": "UTC", "parent_id": self.parent.id, **values}

    def test_a_zone_that_is_none_is_refused_by_name(self):
        model = self.env["voip.account"].with_user(self.users["approver"])
        values = self._values(partner_id=self.partner.id)
        account = model.create(values)
        known = model.with_context(default_tz="Mars")
        for way in (
            lambda: model.create({**values, "tz": "Mars"}),
            lambda: known.create({k: v for k, v in values.items() if k != "tz"}),
            lambda: account.write({"tz": "Mars"}),
        ):
            with self.assertRaisesRegex(UserError, "Mars"):
                way()
        account.tz = "Europe/Berlin"

    def test_a_parent_of_another_customer_or_that_pays_needs_an_approver(self):
        cases = (
            ({"partner_id": self.partner.id}, True),
            ({"partner_id": self.branch.id}, True),
            ({"partner_id": self.partner.id, "pay_by_parent": True}, False),
            ({"partner_id": self.partner.id, "consolidated_billing": True}, False),
            ({"partner_id": self.stranger.id}, False),
        )
        for role, user in self.users.items():
            model = self.env["voip.account"].with_user(user)
            for values, free in cases:
                for way in (self._by_create, self._by_write, self._by_child):
                    with self.subTest(role=role, values=values, way=way.__name__):
                        if free or role in APPROVERS:
                            account = way(model, values)
                            self.assertEqual(account.parent_id, self.parent)
                            continue
                        with self.assertRefused(AccessError, "approver"):
                            way(model, values)

    def _by_create(self, model, values):
        return model.create(self._values(**values))

    def _by_write(self, model, values):
        account = self._create_account(partner_id=values["partner_id"])
        account = account.with_env(model.env)
        account.write({**values, "parent_id": self.parent.id})
        return account

    def _by_child(self, model, values):
        account = self._create_account(partner_id=values["partner_id"])
        parent = self.parent.with_env(model.env)
        parent.child_ids = [(4, account.id)]
        account.with_env(model.env).write(values)
        return account

    def test_a_relation_is_judged_by_what_it_becomes(self):
        """Also where the customer of the parent or of the child is what changes."""
        child = self._create_account(
            partner_id=self.partner.id, parent_id=self.parent.id
        )
        user = self.users["user"]
        for account in (child, self.parent):
            with self.assertRefused(AccessError, "approver"):
                account.with_user(user).partner_id = self.stranger
        child.with_user(user).write({"name": "New name", "parent_id": self.parent.id})
        child.pay_by_parent = True
        child.with_user(user).pay_by_parent = False
        self.assertEqual(child.payer_id, child)

    def test_who_pays_and_what_the_program_keeps_is_written_by_nobody(self):
        child = self._create_account(
            partner_id=self.partner.id, parent_id=self.parent.id
        )
        before = child.read(INTERNAL)
        for role, user in self.users.items():
            own = child.with_user(user)
            values = self._values(partner_id=self.partner.id)
            for name in INTERNAL:
                for value in (self.parent.id, False, 0, None, ""):
                    with self.subTest(role=role, field=name, value=value):
                        with self.assertRaises(AccessError):
                            own.write({name: value})
                        with self.assertRaises(AccessError):
                            own.create(values | {name: value})
                default = own.with_context(**{f"default_{name}": self.parent.id})
                new = default.create(dict(values))
                if name.endswith("_id"):
                    self.assertEqual(new[name], new, name)
                self.assertFalse(new.no_credit_since or new.suspended_for_credit)
        self.env.invalidate_all()
        self.assertEqual(child.read(INTERNAL), before)

    def test_an_account_with_bookings_or_usage_keeps_its_customer(self):
        fresh = self._create_account(partner_id=self.partner.id)
        fresh.partner_id = self.stranger
        self.assertEqual(fresh.partner_id, self.stranger)
        topped = self._create_account(partner_id=self.partner.id)
        self._topup(topped, 10)
        pending = self._create_account(partner_id=self.partner.id)
        self.env.cr.execute(
            "INSERT INTO voip_wallet_pending (account_id, kind, ledger, unbilled, tax,"
            " uid) VALUES (%s, 'adjustment', 1, 0, 0, 1)",
            [pending.id],
        )
        for account in (topped, pending):
            own = account.with_user(self.users["user"])
            for record in (account, account.sudo(), own):
                with self.subTest(account=account.code, su=record.env.su):
                    with self.assertRefused(UserError, "customer"):
                        record.partner_id = self.stranger
            account.partner_id = self.branch
            self.assertEqual(account.partner_id, self.branch, "of the same customer")

    def test_a_customer_with_bookings_becomes_no_contact_of_another(self):
        account = self._create_account(partner_id=self.branch.id)
        self._topup(account, 10)
        attempts = (
            (self.branch, {"parent_id": self.stranger.id}),
            (self.branch, {"parent_id": False}),
            (self.branch, {"is_company": True}),
            (self.partner, {"is_company": False, "parent_id": self.stranger.id}),
        )
        for partner, values in attempts:
            with self.subTest(values), self.assertRefused(UserError, "customer"):
                partner.write(values)
        self.stranger.parent_id = self.partner
        self.assertEqual(self.stranger.commercial_partner_id, self.partner)

    def test_documents_name_no_account_of_another_company(self):
        there = self.setup_other_company(name="Secret Ltd")["company"]
        partner = self.env["res.partner"].create({"name": "Hidden"})
        account = self._create_account(
            name="Hidden",
            code="HIDDEN",
            partner_id=partner.id,
            company_id=there.id,
            currency_id=there.currency_id.id,
        )
        spec = {"voip_account_id": {"fields": {"display_name": {}}}}
        own = self._topup(self.parent, 10)
        vals = {"voip_account_id": account.id}
        for record in (own, own.move_id, own.move_id.line_ids[:1]):
            for name in ("user", "manager", "admin"):
                mine = record.with_env(self.env(user=self.users[name], context={}))
                default = mine.with_context(default_voip_account_id=account.id)
                attempts = [
                    lambda m=mine: m.write(vals),
                    lambda m=mine: m.onchange(vals, list(vals), spec),
                    lambda d=default: d.browse().onchange({}, [], spec),
                ]
                if record._name != "account.move.line":  # always made with its entry
                    attempts += [
                        lambda m=mine: m.create(vals),
                        lambda d=default: d.create({}),
                    ]
                for attempt in attempts:
                    with self.subTest(model=record._name, user=name):
                        with self.assertRaises(AccessError) as refused:
                            attempt()
                        self.assertNotIn("idden", str(refused.exception).lower())
                        self.assertNotIn("Secret", str(refused.exception))
