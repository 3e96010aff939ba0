"""A number is given back: its last day and what that comes to are told first."""

from odoo.exceptions import UserError
from odoo.http import Controller, request, route
from odoo.tools import format_date

from odoo.addons.voip_portal.controllers.common import PAGE, Chosen, wrong

from ..models.voip_did import done, tried
from .shared import assignment_of, priced


class VoipNumberRelease(Controller):
    @route("/my/voip/numbers/release", methods=["GET", "POST"], **PAGE)
    def release(self, account="", number="", last="", sure="", **_others):
        """What giving a number back comes to; confirmed, it ends on that day.

        :param last: its last day; empty: today
        :param sure: set by the button that gives it back
        """
        chosen = Chosen(account)
        one = assignment_of(chosen, number)
        values = chosen.values("numbers", one=one, number=number, last=last, told=[])
        try:
            day = chosen._day(last) or max(chosen.today(), one.date_start)
            values["last"] = day.isoformat()
            if request.httprequest.method == "POST" and sure:
                chosen.refuse_without("technical")
                done(one, lambda them: them._portal_release(day))
                query = f"account={chosen.code}&done=released"
                return request.redirect(f"/my/voip/numbers?{query}")
            values["told"] = list(_told(chosen, one, day))
        except UserError as error:
            values = wrong(values, error)
        return request.render("voip_portal_did.release", values)


def _told(chosen, one, day):
    """Sentences: until when the number works, what is given back, what becomes of it.

    :raises UserError: it cannot end so
    """
    credit = tried(one, lambda them: them._portal_release(day))
    env, plan = chosen.env, one.plan_id
    yield env._(
        "It works until the end of %s, then calls to it do not reach you any more.",
        format_date(env, day),
    )
    amount = credit.get(plan.currency_id.name)
    if amount:
        given = priced(chosen, f"{amount.normalize():f}", plan.currency_id)
        yield env._("%s of rental is given back, plus its taxes.", given)
    elif plan.advance == "arrears":
        yield env._("Its rental until that day is charged afterwards.")
    else:
        yield env._("Nothing of the rental is given back.")
    if plan.quarantine_days:
        yield env._(
            "You may have it back within %s days, then it may go to others.",
            plan.quarantine_days,
        )
