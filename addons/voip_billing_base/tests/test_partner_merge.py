"""Merged and deleted suppliers: nothing that names them is left behind."""

from odoo.tests import TransactionCase, tagged

COLUMNS_SQL = """
SELECT c.relname, a.attname
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relnamespace = current_schema::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT c.relispartition AND c.relname LIKE 'voip%%'
   AND a.attname IN ('supplier_id', 'partner_id', 'customer_id', 'carrier_id')
   AND NOT EXISTS (
       SELECT FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum])
"""


@tagged("post_install", "-at_install")
class TestPartnerMerge(TransactionCase):
    def _unkeyed(self):
        """{(table, column)} that name partners and that Odoo's merge does not find."""
        self.env.cr.execute(COLUMNS_SQL)
        found = set(self.env.cr.fetchall())
        for model in self.env.registry.values():
            if (
                not model._auto
                or model._abstract
                or not model._name.startswith("voip.")
            ):
                continue
            found |= {
                (model._table, name)
                for name, field in model._fields.items()
                if field.type == "many2one"
                and field.store
                and field.comodel_name == "res.partner"
                and not self._has_key(model._table, name)
            }
        return found

    def _has_key(self, table, column):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        return (table, column) in wizard._get_fk_on("res_partner")

    def test_each_column_without_foreign_key_is_looked_at(self):
        facts = self.env["res.partner"]._voip_supplier_facts()
        self.assertEqual(self._unkeyed(), facts)

    def test_what_once_says_who_is_a_supplier_is_there(self):
        for table, column in self.env["res.partner"]._voip_supplier_links():
            with self.subTest(table=table):
                self.env.cr.execute(
                    "SELECT FROM pg_attribute WHERE attrelid = %s::regclass"
                    " AND attname = %s",
                    [table, column],
                )
                self.assertTrue(self.env.cr.rowcount)

    def test_what_is_learned_has_its_unique_index(self):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        for table, columns in wizard._voip_learned().items():
            with self.subTest(table=table):
                self.env.cr.execute(
                    "SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table]
                )
                unique = [d for (d,) in self.env.cr.fetchall() if "UNIQUE" in d]
                self.assertTrue(
                    any(all(name in d for name in columns) for d in unique), unique
                )

    def test_a_contact_of_several_accounts_stays_one_of_each(self):
        accounts = self.env["voip.account"].create(
            [
                {
                    "name": f"Merged {n}",
                    "code": f"merged-{n}",
                    "partner_id": self.env["res.partner"].create({"name": "C"}).id,
                }
                for n in range(2)
            ]
        )
        kept, gone = self.env["res.partner"].create([{"name": "A"}, {"name": "B"}])
        contacts = self.env["voip.account.contact"].create(
            [
                {"account_id": account.id, "partner_id": partner.id}
                for account, partner in (
                    (accounts[0], kept),
                    (accounts[0], gone),
                    (accounts[1], gone),
                )
            ]
        )
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((kept | gone).ids, kept)
        self.env.invalidate_all()
        self.assertEqual(contacts.exists(), contacts[0] | contacts[2])
        self.assertEqual(contacts.exists().partner_id, kept)
