{
    "name": "VoIP AI Calls in the Customer Portal",
    "summary": "Customers see their AI calls part by part, their months and their plan",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_ai_usage", "voip_portal"],
    "auto_install": True,
    "data": ["views/ai_templates.xml"],
}
