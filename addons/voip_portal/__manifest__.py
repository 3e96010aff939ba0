{
    "name": "VoIP Customer Portal",
    "summary": "Balance, top-up, usage and movements of VoIP accounts, for customers",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_rating", "portal", "payment"],
    "data": [
        "views/portal_templates.xml",
        "views/dashboard_templates.xml",
        "views/topup_templates.xml",
        "views/recharge_templates.xml",
        "views/postpaid_templates.xml",
        "views/movements_templates.xml",
        "views/usage_templates.xml",
        "views/calls_templates.xml",
        "views/rates_templates.xml",
    ],
    "assets": {
        "web.assets_frontend": ["voip_portal/static/src/portal.scss"],
    },
    "auto_install": False,
}
