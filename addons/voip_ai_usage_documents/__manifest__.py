{
    "name": "VoIP AI Usage on Documents",
    "summary": "The sessions behind an invoice's AI voice, as an annex",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_ai_usage", "voip_documents"],
    "auto_install": True,
    "data": ["views/account_move_views.xml"],
}
