"""Witnesses of events as they were sent, of their charges and their prices."""

from odoo import api, models

from ..charge.witness import Records, by_month, digest, names

# Account and type are corrected, and what became of an event changes.
EVENTS = by_month(
    "events",
    "voip_usage_event_row",
    "occurred_at",
    names(
        "id, company_id, source, event_ref, units, occurred_at, received_at, metadata,"
        " digest"
    ),
    "voip_usage_event_row_id_seq",
)
CHARGES = by_month(
    "event_charges",
    "voip_usage_event_charge_row",
    "started_at",
    names(
        "id, event_id, started_at, start, units, base, usage_id, reversal_of,"
        " company_id, account_id, price_id, local_day, per, currency_id, summary_id,"
        " cost_price_id, cost_carrier_fee_id, cost_surcharge_id, part, word,"
        " unit_price, amount, cost"
    ),
    "voip_usage_event_charge_row_id_seq",
)
# What was refused is corrected or dismissed; as it was sent it stays.
REFUSED = by_month(
    "refused_events",
    "voip_usage_event_refused",
    "received_at",
    names("id, company_id, received_at, code, payload, content"),
    "voip_usage_event_refused_id_seq",
)
TIERS = digest("t", names("from_unit, price"))
PRICED_BY = names("price_id, cost_price_id, cost_carrier_fee_id, cost_surcharge_id")
CHARGED = " OR ".join(
    f"EXISTS (SELECT FROM voip_usage_event_charge_row c WHERE c.{name} = r.id)"
    for name in PRICED_BY
)
# Once it has charged, a price may only end.
PRICES = Records(
    kind="event_prices",
    table="voip_event_price",
    columns=tuple(
        names(
            "pricelist_id, type_id, part, account_id, prefix, campaign, carrier, model,"
            " kind, price, per, free_units, tiering, effective_from"
        )
    ),
    where=f"({CHARGED})",
    day="'infinity'::date",
    more=f"(SELECT sum({TIERS}) FROM voip_event_price_tier t WHERE t.price_id = r.id)",
)


class VoipWitness(models.AbstractModel):
    _inherit = "voip.witness"

    @api.model
    def _spans(self):
        return (*super()._spans(), EVENTS, CHARGES, REFUSED)

    @api.model
    def _records(self):
        return (*super()._records(), PRICES)
