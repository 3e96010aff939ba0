{
    "name": "VoIP Rate Notice Documents",
    "summary": "Rate notices as documents from templates",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_rating", "voip_documents"],
    "auto_install": True,
    "data": [
        "data/voip_document_template.xml",
        "views/voip_rate_notice_views.xml",
    ],
}
