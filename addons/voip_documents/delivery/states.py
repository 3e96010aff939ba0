"""Tables of the outbox: kinds, states, and what Brevo's events mean."""

MAIL_KINDS = [
    ("invoice", "Invoice"),
    ("credit_note", "Credit Note"),
    ("statement", "Statement"),
    ("usage", "Usage Report"),
    ("netting", "Netting Request"),
]
STATES = [
    ("waiting", "Waiting"),
    ("held", "Held"),
    ("sending", "Sending"),
    ("unsure", "Not Known"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("opened", "Opened"),
    ("bounced", "Bounced"),
    ("blocked", "Blocked"),
    ("spam", "Marked as Spam"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
# In the calendar, below dark text; red needs a person.
RED = "#f5b7b1"
COLORS = {
    "waiting": "#b6d4fe",
    "held": "#d3d6d8",
    "sending": "#a5d8e6",
    "unsure": "#ffe08a",
    "sent": "#d6e9f8",
    "delivered": "#c7e9d3",
    "opened": "#9fd8b5",
    "bounced": RED,
    "blocked": RED,
    "spam": RED,
    "failed": RED,
    "cancelled": "#eeeeee",
}
# A mail that left; what follows only informs.
LEFT = ("sent", "delivered", "opened", "bounced", "blocked", "spam")
RECIPIENT_STATES = [
    ("waiting", "Waiting"),
    ("paused", "Paused"),
    ("sent", "Sent"),
    ("deferred", "Deferred"),
    ("delivered", "Delivered"),
    ("opened", "Opened"),
    ("blocked", "Blocked"),
    ("bounced", "Bounced"),
    ("spam", "Marked as Spam"),
]
# The state of a recipient is the highest that was ever told: no order matters.
RANKS = {name: rank for rank, (name, _label) in enumerate(RECIPIENT_STATES)}
# Names of Brevo's transactional webhooks; a proxy's opening is not the reader's.
EVENTS = {
    "request": "sent",
    "deferred": "deferred",
    "soft_bounce": "deferred",
    "delivered": "delivered",
    "proxy_open": "delivered",
    "unique_proxy_open": "delivered",
    "opened": "opened",
    "unique_opened": "opened",
    "click": "opened",
    "blocked": "blocked",
    "error": "blocked",
    "unsubscribed": "blocked",
    "hard_bounce": "bounced",
    "invalid_email": "bounced",
    "spam": "spam",
    "complaint": "spam",
}
EVENT_NAMES = [
    ("request", "Sent"),
    ("deferred", "Deferred"),
    ("soft_bounce", "Soft Bounce"),
    ("delivered", "Delivered"),
    ("proxy_open", "Opened by a Proxy"),
    ("unique_proxy_open", "First Opened by a Proxy"),
    ("opened", "Opened"),
    ("unique_opened", "First Opened"),
    ("click", "Clicked"),
    ("blocked", "Blocked"),
    ("error", "Error"),
    ("unsubscribed", "Unsubscribed"),
    ("hard_bounce", "Hard Bounce"),
    ("invalid_email", "Invalid Address"),
    ("spam", "Marked as Spam"),
    ("complaint", "Complaint"),
]
# After these an address gets nothing until staff say so.
PAUSING = ("hard_bounce", "invalid_email")


def summed_up(states):
    """State of a mail by those of its recipients: what needs a person first.

    :param states: states of recipients
    :return: one of ``LEFT``
    """
    told = set(states) - {"paused"}
    for worst in ("spam", "bounced", "blocked"):
        if worst in told:
            return worst
    if "opened" in told:
        return "opened"
    return "delivered" if told == {"delivered"} else "sent"
