"""Witnesses of call records, their batches and the rates that rated them."""

from odoo import api, models

from odoo.addons.voip_billing_base.charge.witness import Records, by_month, names

from .voip_seal import CALL_COLUMNS, PREFIX

CALLS = by_month(
    "calls", "voip_cdr_row", "start", names(CALL_COLUMNS), "voip_cdr_row_block_seq"
)
BATCHES = Records(
    kind="batches",
    table="voip_cdr_batch",
    columns=("company_id", "switch_id", "door", "file_name", "create_uid"),
    where="r.state = 'done'",
    day="COALESCE(r.last_start, r.create_date)::date",
)
# A version that rated a call is never edited; it only ends, and is named anew.
RATES = Records(
    kind="rates",
    table="voip_rate",
    columns=(
        "deck_id",
        PREFIX,
        *names(
            "origin_prefix, service_id, price_per_minute, price_intra,"
            " price_local, price_indeterminate, connect_fee, min_charge, max_charge,"
            " initial_increment, next_increment, grace_seconds, effective_from,"
            " blocked, payback"
        ),
    ),
    where="""r.id IN (
        SELECT DISTINCT x.id FROM voip_usage_row u
         CROSS JOIN LATERAL unnest(ARRAY[u.rate_id, u.cost_rate_id]) x (id)
         WHERE u.id > %(from)s AND u.id <= %(to)s)""",
    day="'infinity'::date",
)


class VoipWitness(models.AbstractModel):
    _inherit = "voip.witness"

    @api.model
    def _spans(self):
        return (CALLS, *super()._spans())

    @api.model
    def _records(self):
        return (*super()._records(), BATCHES)

    def _witness(self, span, start, to):
        if span.kind == "usage":
            # Versions are witnessed with the first usage that they rated.
            self.env.cr.execute(RATES.take_sql(), {"from": start, "to": to})
        return super()._witness(span, start, to)


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        title = "Rates that were used are as they were"
        return [
            *super()._checks(since, full),
            ("same_rates", title, RATES.check_sql(since, full)),
        ]
