"""A switch calls its doors and no other method that a module of ours defines."""

from inspect import Parameter, signature

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from .rating_matrix_common import CALLED, RatingMatrixCommon

SUITE = "odoo.addons.voip_"
BESIDE = (
    "voip_documents",
    "voip_supplier_audit",
    "voip_did",
    "voip_ai_usage",
    "voip_portal",
)
DOORS = {
    ("voip.cdr", "ingest"),
    ("voip.cdr", "batch_status"),
    ("voip.usage.event", "record"),
}
# Every model of Odoo's is tried with the first two in ``test_door_http``; the last one
# tells anybody what a model's fields are called, nothing of a record.
OPERATIONS = {"create", "write", "fields_get"}
# What Odoo gives every model and answers to anybody: it tells of the program, nothing
# of a record.
HARMLESS = {
    "check_field_access_rights",
    "default_get",
    "delayable",
    "fields_get",
    "get_base_url",
    "get_formview_action",
    "get_formview_id",
    "get_import_templates",
    "get_views",
    "has_access",
    "is_transient",
    "mail_allowed_qweb_expressions",
    "mail_get_partner_fields",
    "with_delay",
}
# What a method must be given.
ARGUMENTS = {
    "called": CALLED,
    "deck": "retail",
    "kind": "invoice",
    "rates": [],
    "model": "voip.account",
    "message": "Subject: x",
    "msg_dict": {},
    "values": {},
    "field_names": [],
    "fields_spec": {},
    "field_name": "display_name",
    "fields": ["id"],
    "fields_to_export": ["id"],
    "operation": "read",
    "specification": {"display_name": {}},
    "vals": {"display_name": "Mine"},
    "vals_list": [{"display_name": "Mine"}],
    "name": "Mine",
    "domain": [],
    "groupby": [],
}


@tagged("post_install", "-at_install")
class TestSwitchMethods(RatingMatrixCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        journal = cls.company_data["default_journal_bank"]
        partner = cls.env["res.partner"].create({"name": "Customer C"})
        cls._records(cls.env.company, journal, partner)
        cls.env["voip.cdr.post"].sudo()._put(
            cls.own["voip.switch"], cls.env.ref("voip_rating.format_generic"), [{}]
        )
        account = cls.own["account"]
        cls.env["voip.account.state.wizard"].create(
            {"account_ids": account.ids, "state": "suspended", "reason": "Mine"}
        )
        invoice = cls.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": partner.id}
        )
        cls.env["voip.credit.wizard"].create({"move_id": invoice.id, "reason": "Mine"})
        cls._event_records(account)
        cls.env["voip.rate.quote"].create({"account_id": account.id, "called": CALLED})
        comparison = cls.env["voip.rate.comparison"].create(
            {"sale_deck_ids": cls.own["voip.rate.deck"].ids}
        )
        comparison.action_show()
        cls.env["voip.rate.export"].create({"deck_id": cls.own["voip.rate.deck"].id})
        cls.env["voip.rate.proof"].create({"account_id": account.id, "called": CALLED})
        cls.env["voip.cdr.upload"].create(
            {"switch_id": cls.own["voip.switch"].id, "file": b"Y2FsbF9pZA=="}
        )

        cls.env["voip.switch.key"].create({"switch_id": cls.own["voip.switch"].id})
        cls.env["voip.trunk.try"].create(
            {"trunk_id": cls.own["voip.trunk"][0].id, "number": CALLED}
        )
        cls.env["voip.cdr.format.test"].create(
            {
                "format_id": cls.env.ref("voip_rating.format_generic").id,
                "switch_id": cls.own["voip.switch"].id,
            }
        )

    def _methods(self):
        """(model, method) of all that a remote caller reaches in our modules."""
        return {
            (name, method)
            for name, model in self.env.items()
            if self._has_example(model)
            for cls in type(model).mro()
            if cls.__module__.startswith(SUITE) and ".tests." not in cls.__module__
            for method, value in vars(cls).items()
            if callable(value)
            and value is getattr(type(model), method)
            and method not in OPERATIONS
            and self._is_remote(model, method)
        }

    def _has_example(self, model):
        """Modules beside this one have their own examples, or none."""
        near = model._original_module not in BESIDE or model._abstract
        return near or bool(model.sudo().search([], limit=1))

    def _is_remote(self, model, method):
        try:
            return bool(get_public_method(model, method))
        except AccessError:
            return False

    def _targets(self, model, function):
        """On what a method is called: a record that exists, and on none."""
        if getattr(function, "_api_model", False):
            return [model]
        if model._abstract:
            return []
        record = model.sudo().search([], limit=1)
        if model._name.startswith("voip."):
            self.assertTrue(record, model._name)
        ours = function.__name__.startswith("action_")
        return [record, model] if ours else [record]

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_a_switch_is_refused_every_method_that_is_no_door_of_its_own(self):
        methods = self._methods()
        self.assertLess(DOORS, methods)
        self.assertGreater(len(methods), 40)
        for name, method in sorted(methods - DOORS):
            function = getattr(type(self.env[name]), method)
            arguments = {
                key: ARGUMENTS[key]
                for key, parameter in list(signature(function).parameters.items())[1:]
                if parameter.default is Parameter.empty
                and parameter.kind is not Parameter.VAR_KEYWORD
            }
            for target in self._targets(self.env[name], function):
                record = target.with_env(self._as("switch"))
                with (
                    self.subTest(model=name, method=method, ids=target.ids),
                    self.assertRaises(AccessError),
                ):
                    getattr(record, method)(**arguments)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    @mute_logger("odoo.models", "odoo.sql_db", "py.warnings")
    def test_a_switch_learns_and_changes_nothing_by_what_odoo_gives_a_model(self):
        tried = set()
        for name, model in self.env.items():
            if not name.startswith("voip.") or model._abstract:
                continue
            if not self._has_example(model):
                continue
            record = model.sudo().search([], limit=1)
            for method in sorted(set(dir(type(model))) - HARMLESS):
                arguments = self._odoo_arguments(model, method)
                if arguments is None or (name, method) in DOORS:
                    continue
                tried.add(method)
                own = record.with_env(self._as("switch"))
                with self.subTest(model=name, method=method):
                    self.assertFalse(self._answer(own, method, arguments))
        self.assertLess({"read", "web_save", "get_metadata", "message_notify"}, tried)

    def _answer(self, record, method, arguments):
        """What a call says, nothing where it is refused or cannot be made."""
        try:
            with self.env.cr.savepoint():
                return getattr(record, method)(**arguments)
        except Exception:  # noqa: BLE001 whatever stops it
            return None

    def _odoo_arguments(self, model, method):
        """Arguments of a public method, None where it is none or needs others."""
        if method.startswith("_"):
            return None
        try:
            if not self._is_remote(model, method):
                return None
        except AttributeError:
            return None
        parameters = list(signature(getattr(type(model), method)).parameters.items())
        stars = (Parameter.VAR_KEYWORD, Parameter.VAR_POSITIONAL)
        needed = {
            key
            for key, value in parameters[1:]
            if value.default is Parameter.empty and value.kind not in stars
        }
        if needed - ARGUMENTS.keys():
            return None
        return {key: ARGUMENTS[key] for key in needed}
