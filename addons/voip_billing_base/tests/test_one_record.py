"""What shows something of one record says so, whoever names several or none.

Made from the registry: each button of the suite that opens a view is tried.
"""

import inspect
from contextlib import suppress

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .registry import RegistryCommon

SUITE = "odoo.addons.voip_"
BUTTONS = ("action_view_", "action_voip_view_")


@tagged("post_install", "-at_install")
class TestOneRecord(RegistryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.stranger
        cls.person.write(
            {
                "company_ids": [(4, cls.env.company.id)],
                "group_ids": [
                    (4, cls.env.ref("voip_billing_base.group_voip_admin").id)
                ],
            }
        )

    def _buttons(self):
        """(model, method) of all add-ons of the suite, also on Odoo's own models."""
        for model in map(self.env.__getitem__, sorted(self.env.registry)):
            for name in () if model._abstract else dir(type(model)):
                if name.startswith(BUTTONS):
                    method = inspect.unwrap(getattr(type(model), name))
                    if method.__module__.startswith(SUITE):
                        yield model, name

    def _several(self, model):
        """Two records where the model keeps any, else ids of none."""
        own = model._name.startswith("voip.") and model._auto and not model._transient
        if own and "company_id" in model._fields:
            # Some are made by the program alone.
            with suppress(UserError), self.env.cr.savepoint():
                return model.browse(
                    self._example(model._name, company).id
                    for company in (self.env.company, self.there)
                )
        found = model.sudo().search([], limit=2)
        return model.browse(found.ids if len(found) == 2 else (1, 2))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.sql_db")
    def test_several_or_none_are_answered_in_words(self):
        """A view of all of them, or a sentence; never a failure of the program."""
        tried = 0
        companies = (self.env.company + self.there).ids
        env = self.env(user=self.person, context={"allowed_company_ids": companies})
        for model, name in self._buttons():
            tried += 1
            several = self._several(model)
            self.env.flush_all()
            for ids in (several.ids, []):
                with self.subTest(model=model._name, button=name, ids=ids):
                    try:
                        answer = getattr(model.browse(ids).with_env(env), name)()
                    except UserError as refused:
                        self.assertNotIn("singleton", str(refused))
                    else:
                        self.assertIsInstance(answer, dict)
        self.assertGreater(tried, 20)

    def test_a_user_reads_that_one_is_to_be_chosen(self):
        accounts = self._create_account() + self._create_account()
        with self.assertRaisesRegex(UserError, "VoIP Account.*2 are chosen"):
            accounts.with_user(self.people["user"]).ensure_one()
        with self.assertRaisesRegex(ValueError, "Expected singleton"):
            accounts.sudo().ensure_one()
