"""HTML to PDF by one of two engines; the same input gives the same bytes."""

from functools import cache
from html import escape
from importlib.util import find_spec
from io import BytesIO

from .faults import Fault

MAX_PAGES = 2_000
ENGINES = ("plutoprint", "weasyprint")
# Variants of PDF that a template may ask for, of WeasyPrint alone.
VARIANTS = ("pdf/a-3b",)


@cache
def is_installed(engine):
    """Looking in all folders took as long as packing a table; a server starts anew
    after an installation."""
    return find_spec(engine) is not None


def default_engine():
    """The fast one where its package exists for this machine."""
    return "plutoprint" if is_installed("plutoprint") else "weasyprint"


def refuse_absent(engine):
    """:raises Fault: the engine's package is not installed on this machine"""
    if engine not in ENGINES:
        raise Fault(f"there is no engine {str(engine)[:40]!r}")
    if not is_installed(engine):
        raise Fault(f"{engine} is not installed on this machine: choose another engine")


def load(engine):
    """Import what ``engine`` needs, before the process is closed in."""
    if engine == "plutoprint":
        import plutoprint

        return plutoprint
    import weasyprint

    return weasyprint


def to_pdf(engine, html, title, made_at, variant=None):
    """A PDF of checked HTML.

    :param made_at: ISO time in UTC that the file states as its own
    :param engine: one of ``ENGINES`` that is installed
    :param variant: one of ``VARIANTS``; None for plain PDF
    :raises Fault: the engine refuses it, or makes no such variant
    """
    if variant and (engine != "weasyprint" or variant not in VARIANTS):
        raise Fault("PDF/A-3 is made by WeasyPrint: choose that engine")
    if engine == "plutoprint":
        return _plutoprint(html, title, made_at)
    return _weasyprint(html, title, made_at, variant)


def _plutoprint(html, title, made_at):
    import plutoprint

    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
    book.custom_resource_fetcher = _closed_fetcher(plutoprint)
    try:
        book.load_html(html)
        # Loading forgets what was set before.
        book.set_metadata(plutoprint.PDF_METADATA_TITLE, title)
        book.set_metadata(plutoprint.PDF_METADATA_CREATION_DATE, made_at)
        book.set_metadata(plutoprint.PDF_METADATA_MODIFICATION_DATE, made_at)
        if book.get_page_count() > MAX_PAGES:
            raise Fault(f"a document has at most {MAX_PAGES} pages")
        stream = BytesIO()
        book.write_to_pdf_stream(stream)
    except plutoprint.Error as error:
        raise Fault(f"plutoprint: {error}") from None
    return stream.getvalue()


def _closed_fetcher(plutoprint):
    class Closed(plutoprint.ResourceFetcher):
        """Fetches nothing: images are in the document."""

        def fetch_url(self, url):
            return plutoprint.ResourceData(b"", "text/plain", "utf-8")

    return Closed()


def _weasyprint(html, title, made_at, variant):
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    dates = (
        f'<meta name="dcterms.created" content="{made_at}">'
        f'<meta name="dcterms.modified" content="{made_at}">'
        f"<title>{escape(title)}</title>"
    )
    head = html.find("<head>")
    if head >= 0:
        html = f"{html[: head + 6]}{dates}{html[head + 6 :]}"
    else:
        html = html.replace("<body", f"<head>{dates}</head><body", 1)
    fetcher = URLFetcher(allowed_protocols={"data"})
    document = HTML(string=html, url_fetcher=fetcher).render(presentational_hints=True)
    if len(document.pages) > MAX_PAGES:
        raise Fault(f"a document has at most {MAX_PAGES} pages")
    return document.write_pdf(pdf_variant=variant)
