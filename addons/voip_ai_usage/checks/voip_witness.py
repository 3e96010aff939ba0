"""Witnesses of what AI voice was charged, and of prices and plans that it was by."""

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
# A session may be corrected; that it was sent stays.
SESSIONS = by_month(
    "ai_sessions",
    "voip_ai_session",
    "received_at",
    names("id, company_id, switch_id, session_ref, received_at"),
    "voip_ai_session_id_seq",
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
# A plan that has charged keeps its terms, and who has it from which day.
PLANS = Records(
    kind="ai_plans",
    table="voip_ai_plan",
    columns=tuple(
        names(
            "company_id, currency_id, monthly_fee, prorate, minute_price,"
            " initial_increment, next_increment, included_minutes, included_tokens,"
            " included_slots, slot_price, minimum, decimals, rounding,"
            " charges_unconnected"
        )
    ),
    where="EXISTS (SELECT FROM voip_ai_charge c WHERE c.plan_id = r.id)",
    day="'infinity'::date",
)
SUBSCRIPTIONS = Records(
    kind="ai_subscriptions",
    table="voip_ai_subscription",
    columns=tuple(names("company_id, account_id, plan_id, date_start")),
    where="EXISTS (SELECT FROM voip_ai_charge c WHERE c.subscription_id = r.id)",
    day="'infinity'::date",
)
KINDS = (SESSIONS, CHARGES, KEPT, PRICES, PLANS, SUBSCRIPTIONS)


class VoipWitness(models.AbstractModel):
    _inherit = "voip.witness"

    @api.model
    def _spans(self):
        return (*super()._spans(), SESSIONS, CHARGES, KEPT)

    @api.model
    def _records(self):
        return (*super()._records(), PRICES, PLANS, SUBSCRIPTIONS)
