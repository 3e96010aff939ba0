{
    "name": "VoIP AI Usage",
    "summary": "AI voice sessions: token prices, plans, and what they cost and earn",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_rating"],
    "external_dependencies": {"python": ["httpx", "numpy"]},
    "data": [
        "security/ir.model.access.csv",
        "security/provider_rules.xml",
        "data/ir_cron_fetch.xml",
        "views/voip_ai_provider_import_views.xml",
        "views/voip_ai_provider_record_views.xml",
        "views/voip_ai_provider_menus.xml",
    ],
    "uninstall_hook": "uninstall_hook",
}
