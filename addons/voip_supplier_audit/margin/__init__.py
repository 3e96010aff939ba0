"""Margin watch: what was sold for too little, why, and which price would restore it.

``figures`` (SQL) sums usage of what the summaries say is too low; ``terms`` (exact
arithmetic) judges it and ``restore`` finds the price, both without Odoo;
``voip_margin_watch`` keeps one alert of each cause, with a line per day and rate.
"""

from . import res_company
from . import voip_audit
from . import voip_margin_alert
from . import voip_margin_line
from . import voip_margin_rule
from . import voip_margin_watch
from . import voip_margin_digest
from . import voip_margin_accept
from . import voip_usage_summary
