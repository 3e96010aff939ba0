"""What left the house or is about to, and what it was made of, is witnessed: it never
changes.

Left out is who a document is about (a merge of partners changes it, rightly) and what
providers go on to tell of a mail.
"""

from odoo import api, models

from odoo.addons.voip_billing_base.charge.witness import Records, digest, names

from ..delivery.states import LEFT

_LEFT = ", ".join(f"'{state}'" for state in LEFT)
_SENT = "EXISTS (SELECT FROM voip_document d WHERE {} AND d.state = 'sent')"
ADDRESSED = f"""
        (SELECT sum({digest("p", ("email",))}) FROM voip_delivery_recipient p
          WHERE p.delivery_id = r.id)
        + COALESCE((SELECT sum({digest("f", ("voip_document_id",))})
                      FROM voip_delivery_voip_document_rel f
                     WHERE f.voip_delivery_id = r.id), 0)"""
DOCUMENTS = Records(
    kind="sent_files",
    table="voip_document",
    columns=(
        *names(
            "name, kind, format, state, company_id, move_id, res_model, date_from,"
            " date_to, account_id, template_id, version_id, lang, reason, sha256,"
            " sent_at, create_uid, create_date"
        ),
        "CASE WHEN r.res_model <> 'res.partner' THEN r.res_id END",
    ),
    where="r.state = 'sent'",
    day="r.sent_at::date",
)
VERSIONS = Records(
    kind="versions",
    table="voip_document_template_version",
    columns=tuple(
        names(
            "template_id, number, kind, format, engine, definition, sha256, note,"
            " create_uid, create_date"
        )
    ),
    where=_SENT.format("d.version_id = r.id"),
    day="r.create_date::date",
)
MAILS = Records(
    kind="mails",
    table="voip_delivery",
    columns=(
        *names(
            "key, company_id, account_id, move_id, kind, date_from, date_to, lang,"
            " subject, body, send_at, sent_at, provider, provider_message,"
            " resend_of_id"
        ),
        f"r.state IN ({_LEFT})",
    ),
    where=f"r.state IN ({_LEFT}) AND r.sent_at IS NOT NULL",
    day="r.sent_at::date",
    more=ADDRESSED,
)
# To whom a mail goes, and with which files, stands as soon as it is in the outbox.
QUEUED = Records(
    kind="queued_mails",
    table="voip_delivery",
    columns=tuple(
        names(
            "key, company_id, move_id, kind, date_from, date_to, lang, subject, body,"
            " resend_of_id"
        )
    ),
    where="true",
    day="r.create_date::date",
    more=ADDRESSED,
)
EVENTS = Records(
    kind="mail_events",
    table="voip_delivery_event",
    columns=tuple(names("delivery_id, company_id, name, email, at, reason")),
    where="true",
    day="r.at::date",
)
NETTINGS = Records(
    kind="nettings",
    table="voip_netting",
    columns=tuple(
        names(
            "name, company_id, date, due_until, requested_at, requested_by_id,"
            " agreed_how, agreed_name, agreed_at, agreed_ip, agreed_note,"
            " agreed_by_id, counter_name, counter_at, counter_ip, counter_note,"
            " posted_by_id, posted_at"
        )
    ),
    where="r.posted_at IS NOT NULL AND r.state IN ('posted', 'cancelled')",
    day="r.date",
    more=f"""
        (SELECT sum({digest("l", names(
            "id, move_line_id, currency_id, side, due, residual, amount, withheld,"
            " reason, counter_amount, counter_reason"))})
           FROM voip_netting_line l WHERE l.netting_id = r.id)
        + COALESCE((SELECT sum({digest("e", names(
            "id, sequence, currency_id, other_currency_id, rate"))})
           FROM voip_netting_rate e WHERE e.netting_id = r.id), 0)""",
)


class VoipWitness(models.AbstractModel):
    _inherit = "voip.witness"

    @api.model
    def _records(self):
        return (
            *super()._records(),
            DOCUMENTS,
            VERSIONS,
            QUEUED,
            MAILS,
            EVENTS,
            NETTINGS,
        )
