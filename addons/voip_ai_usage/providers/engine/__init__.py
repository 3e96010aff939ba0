"""What providers of AI voice tell of a call, to exact values.

No Odoo, no clock, no I/O: :mod:`.vapi`, :mod:`.retell`, :mod:`.elevenlabs` and
:mod:`.openai` each turn a provider's own record into a :class:`.told.Told`.
"""
