"""Witnesses of call records, their batches and the rates that rated them."""

from odoo import api, models

from odoo.addons.voip_billing_base.charge.witness import (
    Records,
    by_month,
    digest,
    names,
)

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
_NOTICE_ROW = names(
    "id, prefix, origin_prefix, label, status, old_price, price, connect_fee,"
    " initial_increment, next_increment, starts, reason, terms"
)
NOTICES = Records(
    kind="notices",
    table="voip_rate_notice",
    columns=tuple(
        names(
            "name, agreement_id, company_id, deck_id, is_first, made_at, made_by,"
            " approved_at, approved_by, delivered_at, delivery, recipients,"
            " message_ref, reason, xlsx_sha256, csv_sha256, row_count, late_count"
        )
    ),
    where="r.state = 'delivered'",
    day="r.delivered_at::date",
    more=f"""(SELECT sum({digest("n", _NOTICE_ROW)}) FROM voip_rate_notice_row n
               WHERE n.notice_id = r.id)""",
)
_IMPORT_ROW = names(
    "id, number, prefix, origin_prefix, label, price, old_price, change, status,"
    " reason, starts, ends, falls_to, falls_price, stated_from"
)
IMPORTS = Records(
    kind="imports",
    table="voip_rate_import",
    columns=tuple(
        names(
            "deck_id, company_id, file_name, sha256, sheet, header_row, mode,"
            " date_mode, date, past, duplicates, mark, shape, leave_faulty, sender,"
            " is_generated, row_count, late_count, previewed_at, applied_at, applied_by"
        )
    ),
    where="r.state IN ('applied', 'undone')",
    day="r.applied_at::date",
    more=f"""(SELECT sum({digest("n", _IMPORT_ROW)}) FROM voip_rate_import_row n
               WHERE n.import_id = r.id)""",
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
        return (*super()._records(), BATCHES, NOTICES, IMPORTS)

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
