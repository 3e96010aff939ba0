"""Models of providers and the names under which they come."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.names import WILD, Catalogue, Named

_SPLIT = re.compile(r"[\s,]+")


class VoipAiModel(models.Model):
    """A model that tokens, seconds or characters are of.

    Sessions name it by its code or an alias; ``*`` stands for any characters and ``?``
    for one. Capitals do not matter.
    """

    _name = "voip.ai.model"
    _inherit = ["voip.guard"]
    _description = "AI Model"
    _order = "provider_id, code, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, help="What invoices call it.")
    code = fields.Char(required=True, help="Its name in sessions, as gpt-4o.")
    aliases = fields.Text(
        help="Further names, with blanks, commas or new lines between them, as"
        " gpt-4o-2024-*. The code counts before an alias with wildcards, and of these"
        " the one with the most other characters.",
    )
    active = fields.Boolean(default=True)
    provider_id = fields.Many2one(
        "voip.ai.provider",
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="provider_id.company_id", store=True, index=True
    )

    _code_uniq = models.UniqueIndex(
        "(provider_id, lower(code))", "The provider has a model with this code already."
    )
    _code_form = models.Constraint(
        r"CHECK (code ~ '^[^\s,*?]{1,128}$')",
        "A model's code has 1 to 128 characters without blanks, commas, * and ?.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("aliases", "code", "provider_id", "active")
    def _check_aliases(self):
        """A name is of one model of a provider; an alias is more than wildcards."""
        known = {}
        siblings = self.search([("provider_id", "in", self.provider_id.ids)])
        for model in siblings | self:
            for name in model._names():
                other = known.setdefault((model.provider_id, name.lower()), model)
                if other != model and (other in self or model in self):
                    raise ValidationError(
                        self.env._(
                            "%(name)s is a name of %(one)s and of %(other)s.",
                            name=name,
                            one=other.name,
                            other=model.name,
                        )
                    )
                if len(name) > 128 or not WILD.sub("", name):
                    raise ValidationError(
                        self.env._(
                            "%s: an alias has 1 to 128 characters and not only"
                            " wildcards.",
                            name,
                        )
                    )

    # === ACTION METHODS === #

    def action_view_prices(self):
        """Prices that may count for it: its own, its provider's and those of all."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "voip_ai_usage.voip_ai_price_action"
        )
        domain = [
            ("model_id", "in", (self.id, False)),
            ("provider_id", "in", (self.provider_id.id, False)),
        ]
        return action | {"domain": domain, "context": {"default_model_id": self.id}}

    # === BUSINESS METHODS === #

    def _names(self):
        """Its code and aliases."""
        aliases = _SPLIT.split(self.aliases or "")
        return list(dict.fromkeys(n for n in (self.code, *aliases) if n))

    @api.model
    def _catalogue(self, company_id):
        """The :class:`~..engine.names.Catalogue` of a company's models."""
        found = self.sudo().search([("company_id", "=", company_id)])
        return Catalogue(
            Named(
                model.id,
                model.provider_id.id,
                model.provider_id.code,
                tuple(model._names()),
            )
            for model in found
        )
