{
    "name": "VoIP HTTP",
    "summary": "Answers switches with 503 while the database is away",
    "version": "19.0.1.0.0",
    "category": "Accounting/VoIP",
    "author": "VoIP Billing",
    "license": "LGPL-3",
    "depends": ["rpc"],
    "post_load": "post_load",
}
