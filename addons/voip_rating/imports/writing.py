"""The lines of a sheet into the rates, and what that closes into the result."""

from . import result


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
