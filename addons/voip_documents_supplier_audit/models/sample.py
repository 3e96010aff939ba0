"""An audited invoice that nobody sent: what templates are tried with."""

from decimal import Decimal

from odoo.addons.voip_supplier_audit.cockpit.waterfall import waterfall

from .facts import ZERO, unbilled

_REASON = "An increase was charged from 2026-03-10 on, agreed from 2026-03-17: 118.18."
# prefix, name, rate, calls, minutes, amount, ours (calls, minutes, amount), class,
# reasons, decision, disputed
_LINES = (
    ("447", "Estmark, mobile", "0.089", 4120, "8150.5", "725.39", 4120, "8150.5",
     "607.21", "late_increase", "Late increase", (_REASON,), "disputed", "118.18"),
    ("4420", "Estmark, capital", "0.0085", 9210, "20300", "172.55", 9210, "20300",
     "172.55", "equal", "Equal", (), "accepted", "0"),
    ("33", "Norbrook, fixed", "0.012", 1210, "3010", "36.12", 1198, "2980", "35.76",
     "missing_here", "Missing here",
     ("Calls that are not in our records were charged: 0.36.",), "disputed", "0.36"),
    ("999", "Satellite <& other>", "1.1", 3, "3", "3.30", 0, "0", "0", "unknown_code",
     "Unknown code", ("Codes that the agreed rates do not have: 3.30.",), "rejected",
     "3.30"),
)  # fmt: skip
_CALLS = (
    ("447", "Estmark, mobile", "a84b4c76@sbc-east", "442071838750", "447700900123",
     "2026-03-11 08:14:02", "2026-03-11 08:14:01", "125", "125", "0.185417",
     "0.155208", "effective_date", "Old price", False),
    ("447", "Estmark, mobile", "", "442071838750", "447700900871",
     "2026-03-12 19:00:41", "2026-03-12 19:00:40", "61", "60", "0.090483", "0.0745",
     "rate", "Rate", True),
    ("33", "Norbrook, fixed", "b11", "442071838750", "33140205050",
     "2026-03-30 11:02:00", "", "60", None, "0.012", None, "missing_here",
     "Missing here", False),
)  # fmt: skip
_CAUSES = [
    ("late_increase", Decimal("118.18")),
    ("unknown_code", Decimal("3.30")),
    ("missing_here", Decimal("0.36")),
    ("missing_there", Decimal("-4.15")),
]
_DECISIONS = {"accepted": "Accepted", "disputed": "Disputed", "rejected": "Rejected"}


def sample_facts(kind):
    """Facts of a kind, as :meth:`VoipSupplierDocumentKind._facts` gives them.

    :param kind: ``variance``, ``dispute``
    """
    lines = [_line(*row) for row in _LINES]
    calls = [_call(*row) for row in _CALLS]
    if kind == "variance":
        lines.append(unbilled(Decimal("4.15"), "Calls that the supplier did not bill"))
    else:
        lines = [line for line in lines if line["decision"] != "accepted"]
        calls = [call for call in calls if not call["is_ambiguous"]]
    return {
        "number": "CT-2026-118",
        "date": "2026-04-02",
        "zone": "Europe/London",
        "total": Decimal("937.36"),
        "ours": Decimal("819.67"),
        "is_decided": True,
        "on": "2026-04-06",
        "deadline": "2026-05-02",
        "steps": waterfall(Decimal("937.36"), ZERO, ZERO, _CAUSES, ZERO),
        "why": "Explained 100.0 %: late increase 118.18; unknown code 3.30; missing"
        " here 0.36; missing there -4.15; unexplained 0.00.",
        "claim": {
            "by": "hold",
            "amount": Decimal("118.54"),
            "reference": "CT-2026-118/D",
        },
        "lines": lines,
        "calls": calls,
        "call_count": len(calls),
    }


def _line(prefix, name, rate, calls, minutes, amount, *rest):
    ours_calls, ours_minutes, ours, found, found_text, reasons, decision, part = rest
    amount, ours = Decimal(amount), Decimal(ours)
    return {
        "id": 0,
        "prefix": prefix,
        "name": name,
        "day": "",
        "kind": "usage",
        "is_compared": True,
        "rate": Decimal(rate),
        "calls": calls,
        "minutes": Decimal(minutes),
        "amount": amount,
        "ours_calls": ours_calls,
        "ours_minutes": Decimal(ours_minutes),
        "ours_amount": ours,
        "difference": amount - ours,
        "found": found,
        "found_text": found_text,
        "reasons": list(reasons),
        "decision": decision,
        "decision_text": _DECISIONS[decision],
        "disputed": Decimal(part),
        "reason": reasons[0] if reasons else "",
    }


def _call(prefix, name, call_id, caller, called, their_start, our_start, *rest):
    theirs, ours, their_amount, our_amount, found, found_text, is_ambiguous = rest
    charged, cost = Decimal(their_amount), our_amount and Decimal(our_amount)
    return {
        "line": 0,
        "prefix": prefix,
        "name": name,
        "call_id": call_id,
        "caller": caller,
        "called": called,
        "their_start": their_start,
        "our_start": our_start,
        "their_seconds": Decimal(theirs),
        "our_seconds": ours and Decimal(ours),
        "their_amount": charged,
        "our_amount": cost,
        "difference": charged - (cost or 0),
        "found": found,
        "found_text": found_text,
        "is_ambiguous": is_ambiguous,
    }
