{
    "name": "VoIP AI Usage in Supplier Audit",
    "summary": "AI usage on providers' invoices beside what sessions cost",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_ai_usage", "voip_supplier_audit"],
    "auto_install": True,
}
