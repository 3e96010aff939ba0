"""Which methods a remote caller reaches."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests import test_security


@tagged("post_install", "-at_install")
class TestRateNoticeDoors(test_security.VoipBillingCommon):
    _is_remote = test_security.TestDoors._is_remote

    def test_the_public_methods_are_the_reviewed_ones(self):
        found = {}
        for name in self.env.registry:
            model = self.env[name]
            classes = type(model).mro()
            ours = [c for c in classes if "voip_rating_documents" in c.__module__]
            known = {n for c in classes if c not in ours for n in vars(c)}
            methods = {
                n
                for c in ours
                for n, value in vars(c).items()
                if callable(value) and n not in known and self._is_remote(model, n)
            }
            if methods:
                found[name] = methods
        expected = {"action_make_documents", "action_view_deliveries"}
        self.assertEqual(found, {"voip.rate.notice": expected})
