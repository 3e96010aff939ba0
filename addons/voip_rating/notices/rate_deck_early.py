"""A change of a deck that is valid before its customers had to know of it."""

from contextlib import contextmanager
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tools import SQL

from . import picture

_SHOWN = 3
_LOGGED = 100
# More codes are not named: the whole deck is compared.
_MANY = 5_000
_MANAGER = "voip_billing_base.group_voip_manager"


class Watch(NamedTuple):
    """What a change is measured by: agreements, their earliest moments, codes."""

    agreements: models.Model
    at: object
    prefixes: list | None


class Early(NamedTuple):
    """A change that one agreement does not allow yet; moments are naive UTC."""

    agreement: models.Model
    prefix: str
    origin: str
    starts: object
    status: str
    earliest: object


class VoipRateDeck(models.Model):
    _inherit = "voip.rate.deck"

    agreement_ids = fields.Many2many(
        "voip.rate.agreement", string="Agreements", readonly=True
    )

    def _early_watch(self, prefixes=None):
        """Remember the deck as it is, before it is changed in this transaction.

        :param prefixes: the codes that change; None = any
        :return: for :meth:`_early_found`; None where nobody has to be told
        """
        self.ensure_one()
        agreements = self.env["voip.rate.agreement"].sudo().search(
            [("deck_ids", "in", self.ids), ("direction", "=", "customer")]
        )
        if not agreements or not self.env["voip.rate"].search_count(
            [("deck_id", "=", self.id)], limit=1
        ):
            return None
        # Whatever a change takes for now is not before that.
        now = min(Datetime.now(), self.env.cr.now().replace(microsecond=0))
        watch = Watch(agreements, now, prefixes)
        self._early_steps("voip_was", watch)
        return watch

    def _early_watch_stage(self, full=False):
        """As :meth:`_early_watch`, before the stage is written into the deck.

        :param full: codes that the stage does not have may change, too
        """
        prefixes = None
        if not full:
            self.env.cr.execute(
                "SELECT prefix FROM voip_stage UNION SELECT prefix FROM voip_ending"
                " LIMIT %s",
                [_MANY + 1],
            )
            prefixes = [prefix for (prefix,) in self.env.cr.fetchall()]
        few = prefixes is not None and len(prefixes) <= _MANY
        return self._early_watch(prefixes if few else None)

    def _early_steps(self, table, watch):
        self.env.flush_all()
        which = picture.ALL if watch.prefixes is None else picture.OF_CODES
        self.env.cr.execute(
            picture.DECK.format(table=table, which=which),
            {"deck": self.id, "at": watch.at, "prefixes": watch.prefixes},
        )
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))

    def _early_found(self, watch):
        """What was changed since, and is valid too early.

        :return: list of :class:`Early`, by agreement and code
        """
        if not watch:
            return []
        cr = self.env.cr
        self._early_steps("voip_will", watch)
        params = {"at": watch.at, "full": False}
        cr.execute(picture.DIFFERENCE.format(old="voip_was", new="voip_will"), params)
        cr.execute("SELECT EXISTS (SELECT FROM voip_difference)")
        if not cr.fetchone()[0]:
            return []
        found = []
        for agreement in watch.agreements:
            earliest = agreement._earliest(watch.at)
            told = {"agreement": agreement.id, "deck": self.id}
            which = "o.prefix IN (SELECT prefix FROM voip_difference)"
            cr.execute(picture.TOLD.format(which=which), told)
            cr.execute(
                picture.EARLY,
                {"kinds": list(earliest), "earliest": list(earliest.values())},
            )
            found += [Early(agreement, *row) for row in cr.fetchall()]
        return found

    def _early_text(self, early):
        """A sentence about each of the first few."""
        lines = [
            self.env._(
                "%(partner)s: %(code)s would change on %(starts)s, before its notice "
                "is due. Announced now, it may change from %(earliest)s on.",
                partner=one.agreement.display_name,
                code=one.prefix,
                starts=one.agreement._local(one.starts),
                earliest=one.agreement._local(one.earliest),
            )
            for one in early[:_SHOWN]
        ]
        if len(early) > _SHOWN:
            lines.append(
                self.env._("%(count)s more such changes.", count=len(early) - _SHOWN)
            )
        return "\n".join(lines)

    def _early_errors(self, early):
        """What a load answers: one error for each code, at the row of the stage."""
        self.env.cr.execute(
            "SELECT prefix, origin, min(idx) FROM voip_stage GROUP BY prefix, origin"
        )
        rows = {(prefix, origin): idx for prefix, origin, idx in self.env.cr.fetchall()}
        found = {(one.prefix, one.origin): one for one in reversed(early)}
        return [
            self._load_error(rows.get(key), "notice", self._early_text([one]))
            for key, one in sorted(found.items())
        ]

    def _early_settle(self, early, reason=None):
        """Refuse changes that are too early, or keep the reason with their rates.

        :param reason: why the notice is shorter, given by a billing manager
        :raises UserError: there is none
        """
        if not early:
            return
        reason = (reason or "").strip()
        if not reason:
            raise UserError(
                self.env._(
                    "%(changes)s\nGive a later date. A billing manager may shorten "
                    "the notice with a reason.",
                    changes=self._early_text(early),
                )
            )
        if not self.env.su and not self.env.user.has_group(_MANAGER):
            raise AccessError(self.env._("Only billing managers shorten a notice."))
        keys = sorted({(one.prefix, one.origin, one.starts) for one in early})
        prefixes, origins, starts = map(list, zip(*keys, strict=True))
        params = {
            "deck": self.id,
            "reason": reason,
            "prefixes": prefixes,
            "origins": origins,
            "starts": starts,
        }
        for statement in picture.SAY_WHY:
            self.env.cr.execute(statement, params)
        names = ["notice_reason", "closing_reason"]
        self.env["voip.rate"].invalidate_model(names, flush=False)
        self._early_log(early, reason, len(keys))

    def _early_log(self, early, reason, changed):
        data = {
            "code": self.code,
            "reason": reason,
            "partners": sorted({one.agreement.display_name for one in early}),
            "prefixes": sorted({one.prefix for one in early})[:_LOGGED],
            "changed": changed,
        }
        self.env["voip.audit"]._log("notice_shorten", self, data)

    @contextmanager
    def _in_time(self, prefixes, reason=None):
        """Around a change of these codes: refused where it is valid too early."""
        watches = [(deck, deck._early_watch(prefixes)) for deck in self]
        yield
        for deck, watch in watches:
            deck._early_settle(deck._early_found(watch), reason)
