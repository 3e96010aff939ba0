"""Whatever is given as ids, a method of ours answers or says what is wrong."""

from inspect import Parameter, signature

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_switch_methods import ARGUMENTS, SUITE, TestSwitchMethods

BAD_IDS = (False, None, 0, -1, 2**40, True, "1", 1.5, [1])


@tagged("post_install", "-at_install")
class TestMethodIds(TestSwitchMethods):
    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    @mute_logger("odoo.models")
    def test_ids_that_name_no_record_are_refused_with_a_sentence(self):
        tried = set()
        for name, method in sorted(self._methods()):
            model = self.env[name]
            function = getattr(type(model), method)
            alone = getattr(function, "_api_model", False) or model._abstract
            if alone or not name.startswith("voip.") or self._is_of_odoo(model, method):
                continue
            tried.add((name, method))
            arguments = {
                key: ARGUMENTS.get(key, "x")
                for key, parameter in list(signature(function).parameters.items())[1:]
                if parameter.default is Parameter.empty
                and parameter.kind is not Parameter.VAR_KEYWORD
            }
            for bad in BAD_IDS:
                record = model.with_env(self._as("manager")).browse([bad])
                with (
                    self.subTest(model=name, method=method, bad=bad),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    getattr(record, method)(**arguments)
        self.assertGreater(len(tried), 60)
        self.assertLess(
            {
                ("voip.rate.import", "action_stop"),
                ("voip.rate.import", "action_undo"),
                ("voip.rate.notice", "action_approve"),
            },
            tried,
        )

    def _is_of_odoo(self, model, method):
        """Whether it only adds to a method that Odoo gives many models."""
        return any(
            method in vars(cls)
            for cls in type(model).mro()
            if not cls.__module__.startswith(SUITE)
        )
