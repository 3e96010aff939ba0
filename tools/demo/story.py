"""The demo: a month of calls from rates to invoices, checked against a reference.

``tools/odoo_exec.py DATABASE tools/demo/story.py`` in a database that has the add-ons
and no data yet. Commits as it goes; exits with 1 where any figure differs.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import expected as reckoning
import world as worlds
from ai_act import AiVoice
from billing import Billing
from books import Books
from corrections import Corrections
from daily import Daily
from doors import Doors
from fees import Fees
from intake import Intake
from margins import Margins
from messages_act import Messages
from nettings import Nettings
from numbers_act import Numbers
from opening import Opening
from outbox import Outbox
from portal_act import Portal
from resale_act import Resale
from sheets import Sheets
from statements import Statements
from suppliers import Suppliers
from telling import Story


class Demo(
    Opening,
    Intake,
    Corrections,
    Billing,
    Books,
    Doors,
    Sheets,
    Nettings,
    Statements,
    Fees,
    Suppliers,
    Margins,
    Daily,
    Numbers,
    AiVoice,
    Messages,
    Portal,
    Resale,
    Outbox,
):
    """The acts in one; each step commits what it did."""


def main(env):
    """Tell the story in ``env``'s database."""
    story = Story()
    month = worlds.last_full_month()
    print(f"VoIP billing: the calls of {month}, from rates to invoices")
    context = get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as other:
        # The reference computes on the other core meanwhile.
        told = [
            other.submit(reckoning.compute, world, month)
            for world in (worlds.MERIDIAN, worlds.THAMES)
        ]
        demo = Demo(env, story, month)
        demo.set_up()
        demo.take_in()
        demo.compare(*(task.result() for task in told))
    go_on(demo)
    demo.check()
    story.finish()
    print("Login: demo / demo (all rights, both companies); admin / admin")
    print("       viewer, user, manager, approver, thames: password = login")
    print("       lark: a customer, who lands on his own pages")


def go_on(demo):
    """The acts after the month's calls are rated."""
    demo.work_off_errors()
    demo.bill()
    demo.print_invoice()
    demo.run_again()
    demo.seal()
    demo.late_record()
    demo.neighbour()
    demo.keep_books()
    demo.use_doors()
    demo.bring_sheets()
    demo.net_with_carrier()
    demo.ask_for_statements()
    demo.charge_fees()
    demo.audit_carrier()
    demo.watch_margins()
    demo.audit_daily()
    demo.rent_numbers()
    demo.answer_by_ai()
    demo.send_messages()
    demo.run_low()
    demo.resell()
    demo.mail_invoices()
