"""Documents go out by mail: a queue, providers, what became of each mail.

1. pure: ``mail`` (a mail and its outcomes), ``brevo`` and ``smtp`` (the providers),
   ``timing`` (back-off, local hour), ``states``, ``webhook`` (what Brevo posts)
2. models: ``voip_delivery`` and its recipients; ``delivery_queue`` puts in,
   ``delivery_send`` takes out; ``hand_over`` lets invoices go by themselves,
   ``events`` keeps what the provider tells afterwards
3. ``account_move``, ``res_company``: where mails begin, and by whom they go
"""

from . import (
    res_company,
    voip_delivery,
    voip_delivery_recipient,
    delivery_queue,
    delivery_send,
    events,
    hand_over,
    hand_over_statements,
    account_move,
)
