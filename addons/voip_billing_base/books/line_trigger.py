"""The database keeps what a receivable line has open in its wallet.

A line of a posted entry that names an account counts there with minus its open
residual: a payment raises the balance, an invoice lowers it, and what is reconciled is
out of both. Each change of that amount is written down in ``voip_wallet_pending``, by
whatever statement it came about, and booked from there under the wallet's lock.

In the account's currency the residual in the line's currency counts, else the one in
the company's currency. Of a line in a third currency the same part is open of
``voip_value``, its whole amount converted once, when it was booked.
"""

from odoo.tools import SQL

TABLE = "account_move_line"
OPEN_FUNCTION = """
CREATE OR REPLACE FUNCTION voip_line_open(line account_move_line) RETURNS numeric
LANGUAGE plpgsql STABLE AS $$
DECLARE
    wallet_currency integer;
    amount numeric;
BEGIN
    IF line.voip_account_id IS NULL OR line.parent_state IS DISTINCT FROM 'posted' THEN
        RETURN 0;
    END IF;
    SELECT currency_id INTO wallet_currency
      FROM voip_account WHERE id = line.voip_account_id;
    IF line.currency_id = wallet_currency THEN
        amount := -line.amount_residual_currency;
    ELSIF line.company_currency_id = wallet_currency THEN
        amount := -line.amount_residual;
    ELSIF line.balance <> 0 THEN
        amount := line.voip_value * line.amount_residual / line.balance;
    END IF;
    RETURN round(COALESCE(amount, 0), 8);
END $$
"""
# cause: 'post' and 'unpost' of the entry, 'settle' by a reconciliation or its undoing,
# 'attribute' to another account, 'opening' of an account with what was open before; the
# setting voip.cause says it where the database cannot know.
MOVED_FUNCTION = """
CREATE OR REPLACE FUNCTION voip_line_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    before_account integer;
    before numeric := 0;
    after_account integer;
    after numeric := 0;
    why text := 'settle';
    line account_move_line;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.voip_account_id IS NOT NULL THEN
        before_account := OLD.voip_account_id;
        before := COALESCE(OLD.voip_ledger_amount, 0);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        after_account := NEW.voip_account_id;
        after := voip_line_open(NEW);
        NEW.voip_ledger_amount := after;
        line := NEW;
    ELSE
        line := OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        why := 'post';
    ELSIF TG_OP = 'DELETE' THEN
        why := 'unpost';
    ELSIF OLD.parent_state IS DISTINCT FROM NEW.parent_state THEN
        why := CASE NEW.parent_state WHEN 'posted' THEN 'post' ELSE 'unpost' END;
    ELSIF before_account IS NULL THEN
        why := 'post';
    ELSIF after_account IS NULL THEN
        why := 'unpost';
    ELSIF before_account <> after_account THEN
        why := 'attribute';
    ELSIF OLD.voip_value IS DISTINCT FROM NEW.voip_value THEN
        why := 'post';
    END IF;
    why := COALESCE(NULLIF(current_setting('voip.cause', true), ''), why);
    INSERT INTO voip_wallet_pending (
        account_id, ledger, unbilled, tax, move_id, line_id, cause, uid)
    SELECT account_id, sum(amount), 0, 0, line.move_id, line.id, why,
           COALESCE(line.write_uid, 1)
      FROM (VALUES (before_account, -before), (after_account, after))
           AS change(account_id, amount)
     WHERE account_id IS NOT NULL
     GROUP BY account_id HAVING sum(amount) <> 0;
    RETURN line;
END $$
"""
# In PostgreSQL's own spelling, by which the check knows them again.
EVENTS = (
    ("voip_line_new", "INSERT", "(new.voip_account_id IS NOT NULL)"),
    (
        "voip_line_changed",
        "UPDATE",
        "((old.voip_account_id IS NOT NULL) OR (new.voip_account_id IS NOT NULL))",
    ),
    ("voip_line_gone", "DELETE", "(old.voip_account_id IS NOT NULL)"),
)
# A guard that is changed is as bad as one that is off.
DEFINITIONS = tuple(
    f"CREATE TRIGGER {name} BEFORE {event} ON public.account_move_line FOR EACH ROW"
    f" WHEN ({when}) EXECUTE FUNCTION voip_line_moved()"
    for name, event, when in EVENTS
)


def body(function):
    """What PostgreSQL keeps of a CREATE FUNCTION: the text between the dollars."""
    return function.split("$$")[1]


def install(cr):
    """Keep what lines have open from now on; idempotent."""
    cr.execute(OPEN_FUNCTION)
    cr.execute(MOVED_FUNCTION)
    for name, event, when in EVENTS:
        cr.execute(
            SQL(
                "CREATE OR REPLACE TRIGGER %s BEFORE %s ON account_move_line"
                " FOR EACH ROW WHEN (%s) EXECUTE FUNCTION voip_line_moved()",
                SQL.identifier(name),
                SQL(event),
                SQL(when),
            )
        )


def remove(cr):
    """Leave Odoo's table as it was before."""
    cr.execute("DROP FUNCTION IF EXISTS voip_line_moved() CASCADE")
    cr.execute("DROP FUNCTION IF EXISTS voip_line_open(account_move_line) CASCADE")
