"""Numbers that are there already keep the day they came, not that of the upgrade."""


def migrate(cr, version):
    if version:
        cr.execute("ALTER TABLE voip_did ADD COLUMN IF NOT EXISTS held_from date")
