"""Calls in the middle of which the database goes away."""

from odoo import models

from ..away import away_response, is_away, is_machine_call


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        if is_machine_call() and is_away(exception):
            return away_response()
        return super()._handle_error(exception)

    def _generate_routing_rules(self, modules, converters):
        """With a database the modules in it answer alone."""
        for url, endpoint in super()._generate_routing_rules(modules, converters):
            if not endpoint.func.__name__ == "call_without_database":
                yield url, endpoint
