"""Witnesses of what numbers were charged and cost, and of what they were charged by."""

from odoo import api, models

from odoo.addons.voip_billing_base.charge.witness import (
    Records,
    by_month,
    digest,
    names,
)

CHARGES = by_month(
    "number_charges",
    "voip_did_charge",
    "month_first",
    names(
        "id, company_id, account_id, plan_id, assignment_id, did_id, fee, month_first,"
        " month_last, turn, days, through, tier, unit_price, currency_id, amount,"
        " month_price, summary_id, usage_id"
    ),
    "voip_did_charge_id_seq",
)
# Of installations before.
KEPT = by_month(
    "kept_number_charges",
    "voip_did_charge_kept",
    "month_first",
    names(
        "id, company_id, account_id, number, fee, date_start, month_first, month_last,"
        " turn, days, through, amount, summary_id, usage_id"
    ),
    "voip_did_charge_kept_id_seq",
)
COSTS = by_month(
    "number_costs",
    "voip_did_cost",
    "month_first",
    names(
        "id, company_id, did_id, supplier_id, fee, month_first, month_last, turn, days,"
        " unit_cost, currency_id, amount, amount_company"
    ),
    "voip_did_cost_id_seq",
)
CALLERS = by_month(
    "noted_callers",
    "voip_did_caller",
    "started_at",
    names("id, company_id, account_id, cdr_id, started_at, caller, holder_id, why"),
    "voip_did_caller_id_seq",
)
DEFERRALS = by_month(
    "deferrals",
    "voip_did_deferral_line",
    "last_day",
    names(
        "id, deferral_id, company_id, account_id, kind, move_line_id,"
        " income_account_id, first_day, last_day, share, opening, added, recognised,"
        " closing"
    ),
    "voip_did_deferral_line_id_seq",
)
# Once it is charged, an assignment may only end.
ASSIGNED = Records(
    kind="charged_assignments",
    table="voip_did_assignment",
    columns=tuple(
        names("did_id, company_id, account_id, plan_id, date_start, is_continued")
    ),
    where="EXISTS (SELECT FROM voip_did_charge c WHERE c.assignment_id = r.id)",
    day="'infinity'::date",
)
# Once days of it are over and charged, a price stays as it is.
PRICES = Records(
    kind="number_prices",
    table="voip_did_price",
    columns=tuple(
        names(
            "plan_id, company_id, fee, price, kind, country_id, account_id,"
            " min_numbers, effective_from"
        )
    ),
    where="r.effective_from < CURRENT_DATE - 1 AND r.effective_from <= ("
    "SELECT max(c.through) FROM voip_did_charge c"
    " WHERE c.plan_id = r.plan_id AND c.fee = r.fee)",
    day="'infinity'::date",
)
SUSPENDED = Records(
    kind="suspensions",
    table="voip_did_suspension",
    columns=tuple(
        names("assignment_id, company_id, cause, reason, date_start, date_end")
    ),
    where="r.date_end IS NOT NULL",
    day="r.date_end",
)
_IMPORT_ROW = names('id, "row", number, size, status, changes, reason')
IMPORTS = Records(
    kind="number_imports",
    table="voip_did_import",
    columns=tuple(
        names(
            "company_id, currency_id, file_name, sha256, sheet,"
            " header_row, mark, leave_faulty, row_count, new_count, changed_count,"
            " unchanged_count, faulty_count, number_count, previewed_at, applied_at,"
            " applied_by"
        )
    ),
    where="r.state = 'applied'",
    day="r.applied_at::date",
    more=f"""(SELECT sum({digest("n", _IMPORT_ROW)}) FROM voip_did_import_row n
               WHERE n.import_id = r.id)""",
)
SPANS = (CHARGES, KEPT, COSTS, CALLERS, DEFERRALS)
RECORDS = (ASSIGNED, PRICES, SUSPENDED, IMPORTS)
KINDS = SPANS + RECORDS


class VoipWitness(models.AbstractModel):
    _inherit = "voip.witness"

    @api.model
    def _spans(self):
        return (*super()._spans(), *SPANS)

    @api.model
    def _records(self):
        return (*super()._records(), *RECORDS)
