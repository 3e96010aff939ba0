{
    "name": "VoIP SMS Usage",
    "summary": "SMS that Odoo sends to customers are usage events",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_billing_base", "sms"],
    "auto_install": True,
}
