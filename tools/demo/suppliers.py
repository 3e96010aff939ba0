"""A carrier's invoice: set beside our records, decided, billed, credited."""

import csv
from datetime import timedelta
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from io import StringIO

import seed
from fees import CODE, COSTS
from stage import Stage

from odoo import Command

CENT = Decimal("0.01")
# What he bills above his rates, by code: the sums are told beforehand.
OVERBILLED = {"33": Decimal("1.25")}
UNKNOWN = Decimal("3.30")


class Suppliers(Stage):
    """The calls of the act on fees, as their carrier invoices them."""

    def audit_carrier(self):
        with self.story.step("A carrier's invoice is audited, billed in part, claimed"):
            ours = self.carrier_costs()
            theirs = self.carrier_lines(ours)
            invoice = self.load_carrier(theirs)
            self.compare_carrier(invoice, ours, theirs)
            disputed = self.decide_carrier(invoice, ours, theirs)
            self.write_to_carrier(invoice, ours, theirs)
            self.credit_carrier(invoice, disputed)
            self.story.agree("The carrier's invoice")

    def carrier_costs(self):
        """{code of the carrier's rate: exact cost}, by the reference."""
        codes = sorted((row[0] for row in COSTS), key=len, reverse=True)
        costs = dict.fromkeys(codes, Decimal(0))
        for record, outcome in self.fee_told:
            if record["supplier_trunk"]:
                called = record["called"]
                code = next(code for code in codes if called.startswith(code))
                costs[code] += outcome.cost
        return costs

    @staticmethod
    def carrier_lines(ours):
        """{code: what he bills}: rounded up to the cent, one code too dear, one that we
        never called."""
        lines = {
            code: (cost * OVERBILLED.get(code, 1)).quantize(CENT, ROUND_UP)
            for code, cost in ours.items()
        }
        return lines | {"7": UNKNOWN}

    def load_carrier(self, theirs):
        env = seed.as_user(self.env, "demo")
        carrier = env["voip.trunk"].search([("code", "=", f"{CODE}-COST")]).partner_id
        day = f"{self.fee_day():%Y-%m-%d}"
        env["voip.supplier.agreement"].create(
            {
                "partner_id": carrier.id,
                "date_from": self.fee_day().date() - timedelta(days=9),
                "tz": "UTC",
                "line_percent": 2.0,
                "line_absolute": float(CENT),
            }
        )
        asked = {
            "supplier": "FEES-CARRIER",
            "number": "C-2041",
            "period_start": day,
            "period_end": day,
            "currency": env.company.currency_id.name,
            "total": str(sum(theirs.values())),
            "lines": [
                {"prefix": code, "amount": str(amount)}
                for code, amount in theirs.items()
            ],
        }
        answer = env["voip.supplier.invoice"].load(**asked)
        self.story.same("errors of the invoice", answer["errors"], [])
        self.story.same("its sum", answer["sum_difference"], "0.00")
        again = env["voip.supplier.invoice"].load(**asked)
        self.story.same("the same again", again, answer)
        self.commit()
        return env["voip.supplier.invoice"].browse(answer["invoice"])

    def compare_carrier(self, invoice, ours, theirs):
        answer = invoice.reconcile(invoice.id)
        self.commit()
        found = {
            line["prefix"]: Decimal(line["ours"]["amount"]) for line in answer["lines"]
        }
        told = ours | {"7": Decimal(0)}
        self.story.same_all("ours on code", found, told)
        self.story.same(
            "difference",
            Decimal(answer["difference"]),
            sum(theirs.values()) - sum(ours.values()),
        )
        self.story.table(
            ("code", "ours", "theirs", "class"),
            [
                (
                    line["prefix"],
                    Decimal(line["ours"]["amount"]),
                    Decimal(line["theirs"]["amount"]),
                    line["class"],
                )
                for line in answer["lines"]
            ],
        )

    def decide_carrier(self, invoice, ours, theirs):
        """Accept and dispute as the agreement says; returns what is disputed."""
        invoice.action_accept_within()
        invoice.action_dispute_above()
        invoice.action_decide()
        self.commit()
        disputed = {
            code: theirs[code] - ours.get(code, 0) for code in (*OVERBILLED, "7")
        }
        self.story.same_all(
            "disputed on code",
            {
                line.prefix: Decimal(f"{line.disputed_amount:.8f}").normalize()
                for line in invoice.line_ids
                if line.decision == "disputed"
            },
            {code: amount.normalize() for code, amount in disputed.items()},
        )
        total, claimed = sum(theirs.values()), sum(disputed.values())
        accepted = (total - claimed).quantize(CENT, ROUND_HALF_UP)
        held = total - accepted
        found = sorted(invoice.move_ids, key=lambda move: move.voip_payment_hold)
        self.story.same(
            "bill and held bill",
            [Decimal(f"{move.amount_total:.2f}") for move in found],
            [accepted, held],
        )
        self.story.say(f"billed {accepted}, held from payment {held}")
        return held

    def write_to_carrier(self, invoice, ours, theirs):
        """The report and the letter tell what the reference says."""
        overbilled = {
            code: theirs[code] - ours.get(code, 0) for code in (*OVERBILLED, "7")
        }
        for button, column, expected in (
            ("action_make_variance_report", "Ours", sum(ours.values())),
            ("action_make_variance_report", "Billed", sum(theirs.values())),
            ("action_make_dispute_letter", "Disputed", sum(overbilled.values())),
        ):
            action = getattr(invoice, button)()
            made = invoice.env["voip.document"].search(action["domain"])
            self.story.same(
                "formats made", sorted(made.mapped("format")), ["csv", "pdf", "xlsx"]
            )
            file = made.filtered(lambda one: one.format == "csv")
            text = file._whole().decode("utf-8-sig")
            rows = list(csv.DictReader(StringIO(text)))
            total = sum(Decimal(row[column]) for row in rows if row[column])
            self.story.same(f"{column} of the paper", total, expected)
        self.commit()
        self.story.say("variance report and dispute letter made, to the cent")

    def credit_carrier(self, invoice, held):
        env = seed.as_user(self.env, "demo")
        claim = env["voip.supplier.claim"].browse(invoice.claim_ids.ids)
        line = {"name": "As claimed", "price_unit": float(held), "tax_ids": []}
        note = env["account.move"].create(
            {
                "move_type": "in_refund",
                "partner_id": invoice.partner_id.id,
                "invoice_date": invoice.date,
                "ref": "C-2041/CN",
                "invoice_line_ids": [Command.create(line)],
            }
        )
        note.action_post()
        claim.credit_note_id = note
        claim.action_credit()
        self.commit()
        self.story.same("the claim", claim.state, "credited")
        self.story.same("the invoice", invoice.state, "settled")
        self.story.same("left of the held bill", claim.move_id.amount_residual, 0.0)
        self.story.say("his credit note closes the claim; the invoice is settled")
