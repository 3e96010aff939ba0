"""Two texts side by side: what was taken out and what came in."""

from difflib import unified_diff

from markupsafe import Markup

STYLES = {"+": "text-success", "-": "text-danger", "@": "text-muted"}


def changes_html(before, after):
    """The changed lines with three around each; every text is escaped."""
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    # The first two lines name files.
    rows = [
        Markup('<div class="%s">%s</div>') % (STYLES.get(line[:1], ""), line or " ")
        for line in list(lines)[2:]
    ]
    if not rows:
        return False
    style = "font-monospace small text-break"
    return Markup('<div class="%s" style="white-space: pre-wrap">%s</div>') % (
        style,
        Markup("").join(rows),
    )
