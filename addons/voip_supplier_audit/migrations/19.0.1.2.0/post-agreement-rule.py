"""Branches read the agreements of the companies above them."""


def migrate(cr, version):
    cr.execute(
        "UPDATE ir_rule SET domain_force = '[(\"company_id\", \"parent_of\","
        " company_ids)]' WHERE id = (SELECT res_id FROM ir_model_data"
        "   WHERE module = 'voip_supplier_audit'"
        "     AND name = 'voip_supplier_agreement_comp_rule')"
    )
