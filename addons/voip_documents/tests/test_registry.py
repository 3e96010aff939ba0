"""The rules of every model reach those of this module."""

from odoo.tests import tagged

from odoo.addons.voip_billing_base.tests.registry import RegistryCommon


@tagged("post_install", "-at_install")
class TestDocumentsRegistry(RegistryCommon):
    def test_the_models_of_this_module_are_among_those_covered(self):
        names = {model._name for model in self._models()}
        self.assertLess(
            {
                "voip.document",
                "voip.document.template",
                "voip.document.template.column",
                "voip.document.template.version",
                "voip.netting",
                "voip.netting.agreement",
                "voip.netting.line",
                "voip.netting.link",
                "voip.netting.rate",
                "voip.netting.try",
            },
            names,
        )
