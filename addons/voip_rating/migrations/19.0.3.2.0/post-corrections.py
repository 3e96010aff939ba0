"""Records that were stored with a correction keep which one that was."""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE voip_cdr_error SET stored_fix = fix
         WHERE state = 'open' AND cdr_id IS NOT NULL AND content IS NOT NULL
           AND fix LIKE '{%}'
        """
    )
