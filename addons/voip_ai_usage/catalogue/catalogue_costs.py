"""Costs of chosen models from the catalogue of the package genai-prices."""

import logging
from datetime import UTC
from importlib.metadata import version

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.voip_billing_base.notice import notice

from ..engine.catalogue import CURRENCY, costs_of
from ..engine.kinds import SECONDS

_logger = logging.getLogger(__name__)
PACKAGE = "genai-prices"


class VoipAiModel(models.Model):
    _inherit = "voip.ai.model"

    is_catalogued = fields.Boolean(
        string="Costs From Catalogue",
        help="What the provider asks is taken from the catalogue of the package"
        " genai-prices, by the button of the provider and each day.",
    )
    catalogue_note = fields.Text(
        string="Beyond the Costs",
        readonly=True,
        copy=False,
        help="What the catalogue says of the model and no cost here holds.",
    )

    # === CRON METHODS === #

    @api.model
    def _cron_costs(self):
        """Take new costs of all chosen models; what cannot be taken is logged."""
        for model in self.search([("is_catalogued", "=", True)]):
            try:
                with self.env.cr.savepoint():
                    model.with_company(model.company_id)._take_costs()
            except UserError as error:
                _logger.warning("Costs of %s: %s", model.display_name, error)

    # === BUSINESS METHODS === #

    def _take_costs(self):
        """Let the catalogue's costs of these models begin today where they are new.

        :return: what :meth:`~.price_load.VoipAiPrice.load` answers
        :raises UserError: a model is not in the catalogue, or a price stands in the way
        """
        providers, origin = self._read_catalogue()
        # The same whenever in the day it is taken.
        noon = self.env.cr.now().replace(hour=12, tzinfo=UTC)
        rows, missing, notes = [], [], {}
        for model in self:
            found = costs_of(providers, model.provider_id.code, model.code, noon)
            if not found:
                missing.append(model.display_name)
                continue
            notes[model] = "\n".join(found.notes) or False
            rows += model._cost_rows(found.costs)
        if missing:
            raise UserError(
                self.env._(
                    "%(origin)s does not know %(models)s: provider and model must have"
                    " its codes.",
                    origin=origin,
                    models=", ".join(missing),
                )
            )
        answer = self.env["voip.ai.price"]._load(rows, origin=origin)
        if answer["errors"]:
            said = [error["message"] for error in answer["errors"]]
            raise UserError("\n".join(dict.fromkeys(said)))
        for model, note in notes.items():
            if model.catalogue_note != note:
                model.sudo().catalogue_note = note
        return answer

    def _cost_rows(self, costs):
        """Costs by kind as :meth:`~.price_load.VoipAiPrice.load` takes them."""
        named = {"provider": self.provider_id.code, "model": self.code}
        return [
            {
                **named,
                "kind": kind,
                f"cost_per_{'minute' if kind in SECONDS else '1000'}": cost,
                "currency": CURRENCY,
            }
            for kind, cost in costs.items()
        ]

    @api.model
    def _read_catalogue(self):
        """(providers of the catalogue, its name and version).

        :raises UserError: the package is not installed
        """
        try:
            from genai_prices.data import providers

            return providers, f"{PACKAGE} {version(PACKAGE)}"
        except ImportError as error:
            raise UserError(
                self.env._(
                    "The package %s is not installed with Odoo: install it, or load"
                    " prices from a sheet.",
                    PACKAGE,
                )
            ) from error


class VoipAiProvider(models.Model):
    _inherit = "voip.ai.provider"

    has_catalogued = fields.Boolean(compute="_compute_has_catalogued")

    # === COMPUTE METHODS === #

    @api.depends("model_ids.is_catalogued")
    def _compute_has_catalogued(self):
        for provider in self:
            provider.has_catalogued = any(provider.model_ids.mapped("is_catalogued"))

    # === ACTION METHODS === #

    def action_take_costs(self):
        """Let the catalogue's costs of the chosen models begin today."""
        self.check_access("write")
        self.ensure_one()
        self.env["voip.ai.price"].check_access("create")
        chosen = self.model_ids.filtered("is_catalogued")
        if not chosen:
            raise UserError(
                self.env._("Tick Costs From Catalogue at the models to have it.")
            )
        answer = chosen.with_company(self.company_id)._take_costs()
        return notice(
            self.env._(
                "%(new)s new, %(changed)s changed, %(unchanged)s as they were.",
                new=answer["new"],
                changed=answer["changed"],
                unchanged=answer["unchanged"],
            )
        )
