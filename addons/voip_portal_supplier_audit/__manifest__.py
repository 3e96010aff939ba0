{
    "name": "VoIP Disputes in the Customer Portal",
    "summary": "Customers dispute calls and invoices, and follow what becomes of it",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_portal", "voip_supplier_audit"],
    "auto_install": True,
    "data": [
        "views/disputes_templates.xml",
        "views/dispute_templates.xml",
        "views/calls_templates.xml",
    ],
}
