{
    "name": "VoIP Numbers in the Customer Portal",
    "summary": "Customers see, order and give back numbers, and follow their portings",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_did", "voip_portal"],
    "auto_install": True,
    "data": [
        "views/voip_did_views.xml",
        "views/voip_did_port_views.xml",
        "views/numbers_templates.xml",
        "views/order_templates.xml",
        "views/ports_templates.xml",
    ],
}
