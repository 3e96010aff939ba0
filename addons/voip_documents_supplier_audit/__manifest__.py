{
    "name": "VoIP Supplier Audit Documents",
    "summary": "Variance reports and dispute letters as documents from templates",
    "version": "19.0.1.1.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_documents", "voip_supplier_audit"],
    "auto_install": True,
    "data": [
        "data/voip_document_template.xml",
        "data/mail_template.xml",
        "views/voip_supplier_invoice_views.xml",
        "views/voip_supplier_claim_views.xml",
        "views/voip_delivery_views.xml",
    ],
}
