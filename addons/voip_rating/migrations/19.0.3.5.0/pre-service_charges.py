"""The shipped service of service charges: where there is one of its code, that one."""

ADOPT_SQL = """
INSERT INTO ir_model_data (module, name, model, res_id, noupdate)
SELECT 'voip_rating', 'service_charges', 'voip.service', id, TRUE
  FROM voip_service
 WHERE code = 'SERVICE-CHARGE' AND company_id IS NULL
    ON CONFLICT DO NOTHING
"""


def migrate(cr, version):
    cr.execute(ADOPT_SQL)
