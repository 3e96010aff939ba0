{
    "name": "VoIP AI Usage",
    "summary": "AI voice sessions: token prices, plans, and what they cost and earn",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_rating"],
    "external_dependencies": {"python": ["numpy"]},
    "data": [],
}
