"""Kinds of tampering with what goes out, by whom and to whom, and what is netted."""

from tamper_kinds import changes

FINDERS = {
    "mail_company": "SELECT max(company_id) FROM voip_delivery",
    "mail": "SELECT max(id) FROM voip_delivery",
    "template": "SELECT max(id) FROM voip_document_template WHERE version_id > 0",
    "netting": "SELECT max(id) FROM voip_netting WHERE state = 'requested'",
}
_VERSION = (
    "WHERE id = (SELECT version_id FROM voip_document_template WHERE id = {template})"
)
KINDS = (
    *changes(
        "mail settings", "res_company", "WHERE id = {mail_company}",
        "voip_mail_provider = 'smtp'", "voip_mail_from = 'x@another.example'",
        "voip_brevo_url = 'https://another.example'", "voip_brevo_key = 'another'",
        "voip_webhook_digest = 'another'", "voip_webhook_networks = NULL",
    ),
    *changes(
        "mail that waits", "voip_delivery", "WHERE id = {mail}",
        "body = 'another'", "subject = 'another'", "move_id = NULL",
    ),
    *changes(
        "recipient of a mail that waits", "voip_delivery_recipient",
        "WHERE delivery_id = {mail}", "email = 'x@another.example'",
    ),
    (
        "file of a mail that waits: taken away",
        "DELETE FROM voip_delivery_voip_document_rel WHERE voip_delivery_id = {mail}",
    ),
    *changes(
        "published template", "voip_document_template_version", _VERSION,
        "definition = definition || ' '",
        "definition = '1', sha256 = encode(sha256('1'), 'hex')",
    ),
    (
        "published template: another version",
        "UPDATE voip_document_template SET version_id = (SELECT min(id)"
        " FROM voip_document_template_version) WHERE id = {template}",
    ),
    *changes(
        "item of a netting that was asked for", "voip_netting_line",
        "WHERE netting_id = {netting}", "amount = amount / 2", "withheld = 'other'",
    ),
)
