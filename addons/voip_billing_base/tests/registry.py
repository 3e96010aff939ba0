"""What the rules of every model need: people of two companies and records to try."""

from odoo import fields
from odoo.tests import new_test_user

from .common import VoipBillingCommon

ROLES = ("viewer", "user", "auditor", "approver", "manager", "admin", "switch")
# What a rule of the model asks for beside its required fields.
ASKED = {"voip.margin.rule": {"account_id"}, "voip.trunk": {"account_id"}}
GIVEN = {
    "voip.ai.price": {"kind": "input"},
    "account.move.line": {"display_type": "line_note"},
    "voip.event.price": {"free_units": 0, "tiering": "flat"},
    "voip.document": {"sha256": "0" * 64},
    "voip.document.template.version": {"definition": "{}", "number": 9000},
    "voip.netting.rate": {"rate": "1.5"},
}
PLAIN = {
    "integer": 1,
    "float": 1.0,
    "monetary": 1.0,
    "boolean": True,
    "date": fields.Date.to_date("2026-01-05"),
    "datetime": fields.Datetime.to_datetime("2026-01-05"),
    "text": "x",
    "html": "x",
    "binary": b"eA==",
    "json": {"x": 1},
}


class RegistryCommon(VoipBillingCommon):
    """Two companies, all roles, and a record of any model of the suite.

    A record that is not there is made from what its model requires.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.there = cls.setup_other_company(name="Secret Ltd")["company"]
        cls.counter = iter(range(4400, 10**6))
        cls.people = {role: cls._person(role, cls.env.company) for role in ROLES}
        cls.stranger = cls._person("manager", cls.there)

    def setUp(self):
        super().setUp()
        self.examples = {}

    @classmethod
    def _person(cls, role, company):
        return new_test_user(
            cls.env,
            login=f"registry_{role}_{company.id}",
            groups=f"voip_billing_base.group_voip_{role}",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def _models(self, transient=None):
        """Models of the suite that have records, ours alone."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            if name.startswith("voip.") and not model._abstract:
                if transient is None or model._transient == transient:
                    yield model

    def _as(self, model, role):
        self.env.flush_all()
        return model.with_env(self.env(user=self.people[role], context={}))

    # === EXAMPLES === #

    def _example(self, name, company):
        """A record of ``company``, found or made."""
        key = name, company
        if key not in self.examples:
            env = self.env(context={"allowed_company_ids": company.ids}, su=True)
            self.examples[key] = self._found(env[name], company) or env[name].create(
                self._values(env[name], company)
            )
        return self.examples[key].with_env(self.env)

    def _found(self, model, company):
        if model._transient:
            return model.browse()
        if "company_id" not in model._fields:
            return model.search([], limit=1)
        return model.search([("company_id", "=", company.id)], limit=1)

    def _values(self, model, company):
        """Values of all that a new record needs."""
        given = model.default_get(list(model._fields))
        given |= GIVEN.get(model._name, {})
        values = {"company_id": company.id} if "company_id" in model._fields else {}
        if "currency_id" in model._fields:
            values["currency_id"] = company.currency_id.id
        if "name" in model._fields:
            values["name"] = str(next(self.counter))
        for name, field in model._fields.items():
            asked = name in ASKED.get(model._name, ())
            needed = asked or (field.required and field.type != "one2many")
            # The record that another one is a variant of is made with it.
            if needed and name not in model._inherits.values():
                if not (given.get(name) or field.compute):
                    values.setdefault(name, self._value(field, company))
        stored = {
            name: value
            for name, value in values.items()
            if model._fields[name].inherited
            or (model._fields[name].store and not model._fields[name].compute)
        }
        return stored | GIVEN.get(model._name, {})

    def _value(self, field, company):
        if field.type == "many2one":
            return self._example(field.comodel_name, company).id
        if field.type == "many2many":
            return [(6, 0, self._example(field.comodel_name, company).ids)]
        if field.type == "selection":
            return field.get_values(self.env)[0]
        if field.type == "char":
            return str(next(self.counter))
        return PLAIN[field.type]

    # === FIELDS === #

    def _links(self, model):
        """Stored fields by which a user ties a record to others."""
        internal = model._voip_internal_names()
        for name, field in model._fields.items():
            if (
                field.type in ("many2one", "many2many")
                and field.store
                and name not in internal
                and field.comodel_name not in ("res.company", "res.users")
                and not name.startswith(("message_", "activity_"))
            ):
                yield name, field

    def _company(self, model):
        field = model._fields.get("company_id")
        if field and field.store and "company_id" not in model._voip_internal_names():
            yield "company_id", field
