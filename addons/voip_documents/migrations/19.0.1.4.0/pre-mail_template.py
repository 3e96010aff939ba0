"""The mail of a statement names all accounts where it is of no single one."""

from psycopg2.extras import Json

SUBJECT = "{{ object.account_id.code }}"
SUBJECT_NOW = "{{ object.account_id.code or object.partner_id.name }}"
BODY = 'account <strong t-out="object.account_id.code"/>'
BODY_NOW = f'<t t-if="object.account_id">{BODY}</t><t t-else="">all your accounts</t>'


def migrate(cr, version):
    cr.execute(
        """
        SELECT t.id, t.subject, t.body_html
          FROM mail_template t
          JOIN ir_model_data d ON d.model = 'mail.template' AND d.res_id = t.id
         WHERE d.module = 'voip_documents'
           AND d.name = 'mail_template_delivery_statement'
        """
    )
    for template, subject, body in cr.fetchall():
        cr.execute(
            "UPDATE mail_template SET subject = %s, body_html = %s WHERE id = %s",
            [
                Json(_changed(subject or {}, SUBJECT, SUBJECT_NOW)),
                Json(_changed(body or {}, BODY, BODY_NOW)),
                template,
            ],
        )


def _changed(texts, old, new):
    """``texts`` by language with the sentence of before replaced, once."""
    return {
        lang: text if new in text else text.replace(old, new)
        for lang, text in texts.items()
    }
