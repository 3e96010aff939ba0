{
    "name": "VoIP Documents",
    "summary": "Statements of account for customers of VoIP companies",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_billing_base"],
    "external_dependencies": {"python": ["xlsxwriter"]},
    "data": [
        "security/ir.model.access.csv",
        "security/ir_rules.xml",
        "views/voip_statement_templates.xml",
        "wizards/voip_statement_wizard_views.xml",
        "views/voip_account_views.xml",
        "views/res_partner_views.xml",
    ],
}
