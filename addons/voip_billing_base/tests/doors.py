"""Which methods a remote caller reaches."""

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method


class Doors:
    """For test cases: the public methods of an add-on are the reviewed ones."""

    def assertDoors(self, module, reviewed):
        """:param reviewed: {model: names of the public methods that ``module`` adds}"""
        found = {}
        for name in self.env.registry:
            methods = self._added(self.env[name], f"odoo.addons.{module}.")
            if methods:
                found[name] = methods
        self.assertEqual(found, reviewed)

    def _added(self, model, prefix):
        classes = type(model).mro()
        ours = [cls for cls in classes if cls.__module__.startswith(prefix)]
        known = {name for cls in classes if cls not in ours for name in vars(cls)}
        return {
            name
            for cls in ours
            for name, value in vars(cls).items()
            if callable(value) and name not in known and self._is_remote(model, name)
        }

    def _is_remote(self, model, name):
        try:
            get_public_method(model, name)
        except (AccessError, AttributeError):
            return False
        return True
