{
    "name": "VoIP Numbers in Supplier Audit",
    "summary": "Rental of numbers on suppliers' invoices beside what they must cost",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_did", "voip_supplier_audit"],
    "auto_install": True,
}
