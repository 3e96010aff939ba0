"""Documents are of any record now, not of invoices alone."""

from odoo.tools.sql import table_exists


def migrate(cr, version):
    if not table_exists(cr, "voip_document"):
        return
    cr.execute(
        """
        ALTER TABLE voip_document
            ADD COLUMN IF NOT EXISTS res_model varchar,
            ADD COLUMN IF NOT EXISTS res_id integer,
            ADD COLUMN IF NOT EXISTS partner_id integer,
            ALTER COLUMN move_id DROP NOT NULL;
        UPDATE voip_document d
           SET res_model = 'account.move', res_id = m.id,
               partner_id = m.commercial_partner_id
          FROM account_move m
         WHERE m.id = d.move_id AND d.res_id IS NULL;
        ALTER TABLE voip_document DROP CONSTRAINT IF EXISTS voip_document_once;
        """
    )
