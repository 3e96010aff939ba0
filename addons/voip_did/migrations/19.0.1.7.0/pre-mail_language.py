"""Mails about rental are in the language of those who receive them."""

LANG = "{{ ctx.get('voip_lang') or object.partner_id.lang }}"


def migrate(cr, version):
    cr.execute(
        """
        UPDATE mail_template t SET lang = %s
          FROM ir_model_data d
         WHERE d.model = 'mail.template' AND d.res_id = t.id
           AND d.module = 'voip_did' AND COALESCE(t.lang, '') = ''
           AND d.name IN ('mail_template_unpaid', 'mail_template_taken_back')
        """,
        [LANG],
    )
