"""A twin of a deck's rates, which takes the statements of a preview in their place."""

from contextlib import contextmanager

# A temporary table of this name lies before the real one: whatever names it meanwhile
# means the twin. It has no keys to check, and nothing of it is left behind.
TAKE = """
CREATE TEMP TABLE voip_twin (LIKE voip_rate INCLUDING DEFAULTS) ON COMMIT DROP;
INSERT INTO voip_twin SELECT * FROM voip_rate WHERE deck_id = %(deck)s;
CREATE INDEX ON voip_twin (prefix);
ANALYZE voip_twin (id, prefix, origin_prefix, effective_from, effective_to);
ALTER TABLE voip_twin RENAME TO voip_rate
"""
GIVE_BACK = "DROP TABLE pg_temp.voip_rate"


@contextmanager
def of_deck(cr, deck):
    """Have all statements on rates read and write a twin of those of one deck.

    An error inside needs a rollback of the transaction, or of a savepoint before.

    :param cr: cursor
    :param deck: id
    """
    cr.execute(TAKE, {"deck": deck})
    yield
    cr.execute(GIVE_BACK)
