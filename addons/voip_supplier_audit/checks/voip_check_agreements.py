"""Invariant of agreements: what is agreed is what the audit trail says last."""

from odoo import api, models

from ..agreements.voip_supplier_agreement import AUDITED
from ..quality.voip_supplier_quality import FIGURES

TEXTS = ("claim_by", "date_from", "date_to", "dispute_from", "formula", "rounding") + (
    "tz",
)
SWITCHES = ("active",)
NUMBERS = tuple(sorted(AUDITED - {*TEXTS, *SWITCHES}))


class VoipCheck(models.AbstractModel):
    _inherit = "voip.check"

    @api.model
    def _checks(self, since, full):
        title = "Agreements with suppliers are as last audited"
        sql = AGREEMENTS_SQL
        return [*super()._checks(since, full), ("supplier_agreements", title, sql)]


# Empty is false in the trail. What was audited before a field was there says nothing.
_DIFFERS = "\n    OR ".join(
    [
        *(
            f"said ? '{name}' AND COALESCE(NULLIF(said ->> '{name}', 'false'), '')"
            f" <> COALESCE(a.{name}::text, '')"
            for name in TEXTS
        ),
        *(
            f"(said ->> '{name}')::boolean <> COALESCE(a.{name}, false)"
            for name in SWITCHES
        ),
        *(
            f"round((said ->> '{name}')::numeric, 8)"
            f" <> round(COALESCE(a.{name}, 0)::numeric, 8)"
            for name in NUMBERS
        ),
    ]
)
_FIGURES = ", ".join(f"'{name}', COALESCE(q.{name}, 0)" for name in FIGURES)
AGREEMENTS_SQL = f"""
WITH last AS (
    SELECT DISTINCT ON (res_id) res_id AS id, data::jsonb AS said FROM voip_audit
     WHERE event = 'supplier_agreement' AND res_model = 'voip.supplier.agreement'
     ORDER BY res_id, seq DESC)
SELECT count(*) FROM voip_supplier_agreement a LEFT JOIN last USING (id)
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object(
               'kind', q.kind, 'measure', q.measure, {_FIGURES}) ORDER BY q.id) AS terms
      FROM voip_supplier_quality q WHERE q.agreement_id = a.id) t ON true
 WHERE said IS NULL
    OR COALESCE(said -> 'quality', '[]') <> COALESCE(terms, '[]')
    OR {_DIFFERS}
"""
