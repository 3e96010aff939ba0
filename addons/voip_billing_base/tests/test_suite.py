import re
from pathlib import Path

from lxml import etree

from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tests.loader import get_module_test_cases, get_test_modules

WITH_CARDS = ("voip.ai.", "voip.did", "voip.event.", "voip.usage.event")


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

    def test_lists_of_menus_have_cards_for_narrow_screens(self):
        """Else a telephone shows the first columns, cut, and no amount."""
        menus = self.env["ir.ui.menu"].sudo().with_context(active_test=False)
        actions = menus.search([("action", "like", "ir.actions.act_window,")])
        bare = {
            action.res_model
            for action in actions.mapped("action")
            if (action.res_model or "").startswith(WITH_CARDS)
            and action.view_mode.startswith("list")
            and "kanban" not in action.view_mode
        }
        self.assertEqual(bare, set())

    def test_lists_name_the_currency_of_their_amounts(self):
        """Rows of accounts in several currencies look alike without it."""
        lists = self.env["ir.ui.view"].search(
            [("type", "=", "list"), ("model", "=like", "voip.%")]
        )
        hidden = {
            view.model
            for view in lists
            if etree.fromstring(view.get_combined_arch()).xpath(
                "//field[@name='currency_id'][@optional='hide']"
            )
        }
        self.assertEqual(hidden, set())

    def test_buttons_tell_what_they_did_in_one_way(self):
        # The settings show a secret, once, beside what is typed there.
        apart = {"notice.py", "res_company.py"}
        names = filter(re.compile("voip_").match, self.registry._init_modules)
        tellers = {
            path.name
            for name in names
            for path in Path(get_module_path(name)).rglob("*.py")
            if "tests" not in path.parts
            and '"display_notification"' in path.read_text(encoding="utf-8")
        }
        self.assertLessEqual(tellers, apart)
