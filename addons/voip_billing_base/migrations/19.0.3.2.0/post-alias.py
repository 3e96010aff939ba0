"""Addresses say which company's record they are of."""

HOLDERS = {
    "voip.rate.deck": "voip_rate_deck",
    "voip.supplier.agreement": "voip_supplier_agreement",
}
COMPANY_SQL = """
UPDATE mail_alias a SET voip_company_id = o.company_id
  FROM ir_model m, {table} o
 WHERE m.model = %s AND a.alias_parent_model_id = m.id
   AND a.alias_parent_thread_id = o.id
"""


def migrate(cr, version):
    for model, table in HOLDERS.items():
        cr.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        if cr.fetchone()[0]:
            cr.execute(COMPANY_SQL.format(table=table), [model])
