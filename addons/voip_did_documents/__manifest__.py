{
    "name": "VoIP Numbers on Documents",
    "summary": "The numbers behind an invoice's rental: listed, or as an annex",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_did", "voip_documents"],
    "auto_install": True,
    "data": [
        "views/account_move_views.xml",
        "views/res_config_settings_views.xml",
    ],
}
