"""Mails about an account are in the language of those who receive them."""

LANG = "{{ ctx.get('voip_lang') or object.partner_id.lang }}"
# What the product shipped, and what is in its place; texts of a user's own stay.
SUBJECT = ("is {{ object.state }}", "is {{ ctx.get('voip_state') or object.state }}")
PAY = (
    '<p>Please pay within <t t-out="object.suspend_notice_hours"/> hours; after that no'
    " outbound calls are possible until the credit is back.</p>",
    "<p t-out=\"ctx.get('voip_pay') or ''\"/>",
)


def migrate(cr, version):
    cr.execute(
        """
        UPDATE mail_template t
           SET lang = COALESCE(NULLIF(t.lang, ''), %s),
               subject = jsonb_set(
                   t.subject, '{en_US}',
                   to_jsonb(replace(t.subject->>'en_US', %s, %s))),
               body_html = jsonb_set(
                   t.body_html, '{en_US}',
                   to_jsonb(replace(t.body_html->>'en_US', %s, %s)))
          FROM ir_model_data d
         WHERE d.model = 'mail.template' AND d.res_id = t.id
           AND d.module = 'voip_billing_base'
           AND d.name IN ('mail_template_account_state', 'mail_template_no_credit')
        """,
        [LANG, *SUBJECT, *PAY],
    )
