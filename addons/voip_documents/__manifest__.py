{
    "name": "VoIP Documents",
    "summary": "Templates of invoices and credit notes as PDF, XLSX and CSV",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["voip_billing_base"],
    "external_dependencies": {
        "python": [
            "lxml",
            "openpyxl",
            "Pillow",
            "python-liquid",
            "qrcode",
            "tinycss2",
            "weasyprint",
            "xlsxwriter",
        ],
    },
    "data": [
        "security/ir.model.access.csv",
        "security/ir_rules.xml",
        "data/voip_document_template.xml",
        "views/voip_document_template_views.xml",
        "views/voip_document_template_version_views.xml",
        "views/voip_document_views.xml",
        "views/account_move_views.xml",
        "views/voip_documents_menus.xml",
    ],
    "assets": {
        "web.assets_backend": ["voip_documents/static/src/**/*"],
    },
}
