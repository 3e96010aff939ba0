"""Witnesses of what AI voice was charged, and of the prices it was charged by."""

from odoo import api, models

from odoo.addons.voip_billing_base.charge.witness import Records, by_month, names

CHARGES = by_month(
    "ai_charges",
    "voip_ai_charge",
    "local_day",
    names(
        "id, company_id, account_id, session_id, plan_id, subscription_id, local_day,"
        " month, started_at, provider_id, model_id, kind, word, start, units,"
        " unit_price, per, currency_id, price_id, amount, cost, cost_price_id,"
        " summary_id, usage_id, reversal_of"
    ),
    "voip_ai_charge_id_seq",
)
# Of installations before.
KEPT = by_month(
    "kept_ai_charges",
    "voip_ai_charge_kept",
    "local_day",
    names(
        "id, company_id, account_id, switch_id, session_ref, revision, kind, local_day,"
        " month, first_day, last_day, started_at, currency_id, is_back, amount, cost,"
        " summary_id, usage_id"
    ),
    "voip_ai_charge_kept_id_seq",
)
# Once it has charged, a price may only end.
PRICES = Records(
    kind="ai_prices",
    table="voip_ai_price",
    columns=tuple(
        names(
            "company_id, side, provider_id, model_id, kind, account_id, pricing, price,"
            " markup_percent, currency_id, effective_from"
        )
    ),
    where="(EXISTS (SELECT FROM voip_ai_charge c WHERE c.price_id = r.id)"
    " OR EXISTS (SELECT FROM voip_ai_charge c WHERE c.cost_price_id = r.id))",
    day="'infinity'::date",
)
KINDS = (CHARGES, KEPT, PRICES)


class VoipWitness(models.AbstractModel):
    _inherit = "voip.witness"

    @api.model
    def _spans(self):
        return (*super()._spans(), CHARGES, KEPT)

    @api.model
    def _records(self):
        return (*super()._records(), PRICES)
