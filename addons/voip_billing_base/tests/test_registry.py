"""What every model of the suite has to keep, for two companies and all roles.

Made from the registry: a module's models are covered as soon as it is installed.
"""

import re
from contextlib import suppress

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged
from odoo.tools import mute_logger

from .registry import ROLES, RegistryCommon

# Whatever is tried, it is not let through for being empty.
VALUES = (False, 0, "", [], 1)


@tagged("post_install", "-at_install")
class TestRegistry(RegistryCommon):
    def test_cards_hold_each_field_that_they_ask(self):
        """The browser fails at a card whose condition names a field it has not."""
        views = self.env["ir.ui.view"].search(
            [("type", "=", "kanban"), ("model", "=like", "voip.%")]
        )
        self.assertTrue(views)
        for view in views:
            arch = view.get_combined_arch()
            asked = set(re.findall(r"record\.(\w+)\.", arch))
            held = set(etree.fromstring(arch).xpath("//field/@name"))
            with self.subTest(view=view.xml_id):
                self.assertFalse(asked - held)

    def test_every_model_is_guarded(self):
        guards = ("_voip_internal_names", "_voip_use")
        bare = [
            model._name
            for model in self._models()
            if not all(hasattr(model, guard) for guard in guards)
        ]
        self.assertEqual(bare, [])

    def test_nobody_writes_internal_fields(self):
        """Whatever the value, before it is asked whether the record exists."""
        for model in self._models():
            kept = set(model._voip_internal)
            for name, field in model._fields.items():
                if field.store and field.readonly and name not in MAGIC_COLUMNS:
                    kept.add(name)
            self.assertEqual(kept, model._voip_internal_names())
            taken = [
                (model._name, name, role, value, way)
                for role in ROLES
                for name in sorted(kept)
                for value in VALUES
                for way in self._ways_in(self._as(model, role), {name: value})
            ]
            self.assertEqual(taken, [])

    def _ways_in(self, model, values):
        """How values are taken that are to be refused before anything is done."""
        for way, call in (("create", model.create), ("write", model.browse(1).write)):
            try:
                call(values)
            except UserError:
                continue
            yield way

    def test_internal_fields_are_neither_copied_nor_given_by_the_context(self):
        for model in self._models(transient=False):
            names = model._voip_internal_names()
            record = model.sudo().search([], limit=1)
            with self.subTest(model=model._name):
                self.assertFalse(names & set(record.copy_data()[0]) if record else ())
                with self.assertRaises(UserError):
                    context = {f"default_{name}": 1 for name in names}
                    poor = self._as(model, "switch").with_context(**context)
                    poor.create({})

    def test_no_name_stands_for_a_record(self):
        """What is called like another record is not made from a text."""
        tried = 0
        for model in self._models():
            if not model._rec_name or model._fields[model._rec_name].relational:
                for role in ROLES:
                    tried += 1
                    with self.subTest(model=model._name, role=role):
                        with self.assertRaises(UserError):
                            self._as(model, role).name_create("Mine")
        self.assertTrue(tried)

    def test_links_stay_in_the_company(self):
        """What a record names is of its company, whoever is allowed in both."""
        loose = [
            f"{model._name}.{name}"
            for model in self._models()
            for name, field in self._links(model)
            if "company_id" in self.env[field.comodel_name]._fields
            and "company_id" in model._fields
            and not (field.check_company and model._check_company_auto)
        ]
        self.assertEqual(loose, [])

    def test_a_link_that_gives_the_company_is_chosen_before_there_is_one(self):
        """No form of a new record offers nothing but what has no company."""
        links = {
            (model, model._voip_company_link())
            for model in self._models()
            if model._voip_company_link()
        }
        self.assertTrue(links)
        for model, name in links:
            domain = model.fields_get([name], ["domain"])[name].get("domain")
            with self.subTest(model=model._name, field=name):
                self.assertNotIn("company_id", str(domain))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.sql_db")
    def test_nobody_names_a_record_of_another_company(self):
        for model in self._models():
            for name, field in (*self._links(model), *self._company(model)):
                there = self._example(field.comodel_name, self.there)
                if field.comodel_name == "res.company":
                    there = self.there
                for role in ROLES:
                    if there.with_user(self.people[role]).has_access("read"):
                        continue  # shared by all companies
                    with self.subTest(model=model._name, field=name, role=role):
                        self._try_foreign(self._as(model, role), field, there)

    def _try_foreign(self, model, field, there):
        """No way ties a record to ``there``, or says how it is called."""
        name, own = field.name, model.browse(1)
        value = [(6, 0, there.ids)] if field.type == "many2many" else there.id
        spec = {name: {"fields": {"display_name": {}}}, "display_name": {}}
        default = model.with_context(**{f"default_{name}": value})
        for attempt in (
            lambda: model.create({name: value}),
            lambda: default.create({}),
            lambda: own.write({name: value}),
            lambda: model.onchange({name: value}, [name], spec),
            lambda: default.onchange({}, [], spec),
        ):
            with self.assertRaises(UserError) as refused:
                attempt()
            self.assertNotIn(there.display_name, str(refused.exception))

    def test_no_record_moves_to_another_company(self):
        for model in self._models(transient=False):
            if not list(self._company(model)):
                continue
            record = self._example(model._name, self.env.company)
            before = record.company_id
            for role in ROLES:
                with self.subTest(model=model._name, role=role):
                    with self.assertRaises(UserError):
                        self._as(record, role).write({"company_id": self.there.id})
                        self.env.flush_all()
                    record.invalidate_recordset(flush=False)
                    self.assertEqual(record.company_id, before)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_wizards_are_private(self):
        """Neither a colleague nor the other company's manager reaches a wizard."""
        wizards = list(self._models(transient=True))
        self.assertTrue(wizards)
        for model in wizards:
            values = self._values(model, self.env.company)
            manager = self._as(model, "manager")
            # Lines that the program alone makes are theirs who had them made.
            made = manager.has_access("create")
            wizard = (manager if made else manager.sudo()).create(values).sudo(False)
            self.assertTrue(wizard.read(), "its own user reads it")
            for user in (*self.people.values(), self.stranger):
                if user != self.people["manager"]:
                    with self.subTest(model=model._name, user=user.login):
                        self._try_wizard(wizard.with_user(user))

    def _try_wizard(self, wizard):
        self.env.flush_all()
        self.env.invalidate_all()
        for attempt in (
            lambda: wizard.read(),
            lambda: wizard.web_read({"display_name": {}}),
            lambda: wizard.write({}) and wizard.write({"create_date": False}),
            lambda: wizard.copy(),
            lambda: wizard.export_data(["id"]),
            lambda: wizard.get_metadata(),
            lambda: wizard.unlink(),
        ):
            with self.assertRaises(UserError):
                attempt()
        for name in dir(type(wizard)):
            method = getattr(type(wizard), name)
            if name.startswith("action_") and "voip_" in method.__module__:
                with self.assertRaises(UserError):
                    getattr(wizard, name)()
        with suppress(AccessError):
            self.assertFalse(wizard.search([("id", "in", wizard.ids)]))

    def test_mail_comes_from_the_gateway_only(self):
        for model in self._models():
            if "message_ids" not in model._fields:
                continue
            for role in ROLES:
                if self.people[role]._is_system():
                    continue
                own = self._as(model, role)
                for attempt in (
                    lambda own=own: own.message_process(own._name, "Subject: x\n\nx"),
                    lambda own=own: own.env["mail.thread"].message_process(
                        own._name, "Subject: x\n\nx"
                    ),
                    lambda own=own: own.message_new({"subject": "x"}),
                    lambda own=own: own.browse(1).message_update({}, {"name": "x"}),
                    lambda own=own: own.browse(1).message_update({}),
                ):
                    with self.subTest(model=model._name, role=role):
                        with self.assertRaises(AccessError):
                            attempt()
