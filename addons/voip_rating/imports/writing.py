"""The lines of a sheet into the rates, or into a twin of them, which a preview changes;
what that closes into the result."""

from contextlib import contextmanager

from . import result

# A temporary table of this name lies before the real one: whatever names it meanwhile
# means the twin. It has no keys to check, and nothing of it is left behind.
TWIN = """
CREATE TEMP TABLE voip_twin (LIKE voip_rate INCLUDING DEFAULTS) ON COMMIT DROP;
INSERT INTO voip_twin SELECT * FROM voip_rate WHERE deck_id = %(deck)s;
CREATE INDEX ON voip_twin (prefix);
ANALYZE voip_twin (id, prefix, origin_prefix, effective_from, effective_to)
"""
TAKE = "ALTER TABLE voip_twin RENAME TO voip_rate"
GIVE_BACK = "DROP TABLE pg_temp.voip_rate"


@contextmanager
def on_twin(cr):
    """Have all statements on rates read and write the twin that :data:`TWIN` made.

    An error inside needs a rollback of the transaction, or of a savepoint before.
    """
    cr.execute(TAKE)
    yield
    cr.execute(GIVE_BACK)


def write(work, watch, named=True):
    """Write the stage into the rates; fills ``work.early``.

    :param work: the run of an import
    :param watch: agreements that may not allow it yet; None = there are none
    :param named: names and destinations, too
    """
    cr, deck, sheet = work.env.cr, work.deck, work.sheet
    cr.execute(result.KEPT)
    close_at = work.close_at() if sheet.mode == "full" else None
    if named:
        deck._stage_destinations()
    _closed, fallbacks, _returns = deck._stage_apply(
        close_at=close_at,
        keep_manual=work.keep_manual,
        manual=not work.keep_manual and bool(deck.generator_ids),
        go_on=work.go_on,
        named=named,
    )
    deck._keep_stated()
    work.early = deck._early_found(watch)
    if close_at:
        cr.execute(result.CLOSED, {"close_at": close_at})
    if fallbacks:
        gone, shorter = zip(*fallbacks, strict=True)
        params = {"gone": list(gone), "shorter": list(shorter)}
        cr.execute(result.FALLS, work.params() | work.words() | params)
