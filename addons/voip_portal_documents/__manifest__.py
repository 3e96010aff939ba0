{
    "name": "VoIP Customer Portal: Documents",
    "summary": "Invoices as PDF, XLSX and CSV, calls and statements in the portal",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_portal", "voip_documents"],
    "auto_install": True,
    "data": ["views/portal_templates.xml"],
}
