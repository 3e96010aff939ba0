"""Whoever may mend a template that fails with a document is led to it."""

from functools import wraps

from odoo.exceptions import RedirectWarning, UserError


def leads_to_template(method):
    """A button's method: where a template fails, the message has a way to it, for who
    may edit it; there *Take What Was Shipped* is one click away."""

    @wraps(method)
    def leading(self, *args, **kwargs):
        try:
            return method(self, *args, **kwargs)
        except UserError as error:
            template = getattr(error, "voip_template", None)
            if not template or not template.with_env(self.env).has_access("write"):
                raise
            action = {
                "type": "ir.actions.act_window",
                "res_model": template._name,
                "res_id": template.id,
                "views": [(False, "form")],
            }
            button = self.env._("Open the Template")
            raise RedirectWarning(str(error), action, button) from error

    return leading
