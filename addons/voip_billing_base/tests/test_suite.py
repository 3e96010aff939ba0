import re

from odoo.tests import TransactionCase, tagged
from odoo.tests.loader import get_module_test_cases, get_test_modules


@tagged("post_install", "-at_install")
class TestSuite(TransactionCase):
    def test_every_test_runs_once_all_add_ons_are_installed(self):
        names = filter(re.compile("voip_").match, self.registry._init_modules)
        early = {
            type(case).__name__
            for name in names
            for module in get_test_modules(name)
            for case in get_module_test_cases(module)
            if "post_install" not in case.test_tags
        }
        self.assertEqual(early, set())
