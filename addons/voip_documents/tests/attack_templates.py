"""Templates that attack: code, endless loops, and addresses to fetch."""

# U stands for an address that must not be asked.
FETCHING = """
<img src="U">
<img srcset="U 2x">
<img src=" U ">
<img src="/etc/passwd">
<img src="//127.0.0.1/x">
<img src="\\\\host\\share">
<img src="data:image/svg+xml;base64,PHN2Zy8+">
<img src="data:text/html,x">
<img src="data:image/png,notbase64">
<iframe src="U"></iframe>
<iframe srcdoc="<img src=U>"></iframe>
<object data="U"></object>
<embed src="U">
<link rel="stylesheet" href="U">
<link rel="attachment" href="U">
<base href="U">
<script src="U"></script>
<script>fetch('U')</script>
<video src="U" poster="U"></video>
<audio src="U"></audio>
<source src="U">
<input type="image" src="U">
<form action="U"><input></form>
<meta http-equiv="refresh" content="0;url=U">
<body background="U">
<table background="U"><tr><td>x</td></tr></table>
<td background="U">
<svg><image href="U"/></svg>
<svg><use xlink:href="U#x"/></svg>
<svg><script>1</script></svg>
<svg><foreignObject><img src="U"></foreignObject></svg>
<math><mtext><img src="U"></mtext></math>
<a href="javascript:alert(1)">x</a>
<a href="file:///etc/passwd">x</a>
<a href="data:text/html,x">x</a>
<p style="background:url(U)">x</p>
<p style="background:url('U')">x</p>
<p style="background:u\\72l(U)">x</p>
<p style="background:URL(U)">x</p>
<p style="background:image-set('U' 1x)">x</p>
<p style="background:-webkit-image-set(url(U) 1x)">x</p>
<p style="content:url(U)">x</p>
<p style="list-style:url(U)">x</p>
<p style="cursor:url(U),auto">x</p>
<p style="background:element(#x)">x</p>
<p style="background:src('U')">x</p>
<p style="content:attr(title url)">x</p>
<style>@import url(U);</style>
<style>@import 'U';</style>
<style>@im\\70ort 'U';</style>
<style>@font-face{font-family:x;src:url(U)} p{font-family:x}</style>
<style>@media print{@font-face{font-family:x;src:url(U)}}</style>
<style>@page{background:url(U)}</style>
<style>@page{@top-left{content:url(U)}}</style>
<style>p{background:url(U)}</style>
<style>p{background:/**/url(/**/U)}</style>
<style>@namespace 'U';</style>
<style></style><img src="U">
<noscript><img src="U"></noscript>
<template><img src="U"></template>
<plaintext><img src="U">
<xmp><img src="U"></xmp>
<textarea><img src="U"></textarea>
<select><option><img src="U"></select>
<frameset><frame src="U"></frameset>
<applet code="U"></applet>
<img onerror="x" src="U">
<p onclick="x">x</p>
<img longdesc="U">
<blockquote cite="U">x</blockquote>
<img src="data:image/png;base64,U">
<link rel="icon" href="U">
<link rel="preload" as="image" href="U">
<img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cimage href='U'/%3E%3C/svg%3E">
<style>p{filter:url(U#x);mask:url(U);clip-path:url(U#x)}</style>
<style>p{border-image:url(U) 1;shape-outside:url(U)}</style>
<style>@font-face{font-family:x;src:local("x"),url(U) format("woff2")}</style>
<style>@media print{p{background:url(U)}}</style>
<style>p::before{content:url(U)}</style>
<style>@page :first{@bottom-center{background:url(U)}}</style>
<style>@counter-style x{symbols:url(U)} p{list-style:x}</style>
<style>p{--x:url(U);background:var(--x)}</style>
<style>@supports(display:block){p{background:url(U)}}</style>
<style>@layer a{p{background:url(U)}}</style>
<style>@import url(data:text/css,p{background:url(U)});</style>
<div style="background:url(U),url(U)">x</div>
<div style="background-image:cross-fade(url(U),url(U),50%)">x</div>
<p style="background:url(data:image/svg+xml;base64,PHN2Zz48aW1hZ2UgaHJlZj0iVSIvPjwvc3ZnPg==)">x</p>
<picture><source srcset="U"><img src="U"></picture>
<image src="U">
<img src="u&#58;x" srcset="U">
<html manifest="U">
<head profile="U">
""".strip().split("\n")  # noqa: E501

# Where else an address may lead: each is put for U, {port} is our listener's.
ADDRESSES = (
    "http://127.0.0.1:{port}/x",
    "HTTP://127.0.0.1:{port}/x",
    "//127.0.0.1:{port}/x",
    "http://[::1]:{port}/x",
    "http://[::ffff:127.0.0.1]:{port}/x",
    "http://2130706433:{port}/x",
    "http://0x7f.1:{port}/x",
    "http://0177.0.0.1:{port}/x",
    "http://localhost:{port}/x",
    "http://user:pass@127.0.0.1:{port}/x",
    "ftp://127.0.0.1:{port}/x",
    "http:127.0.0.1:{port}/x",
    "file://{path}",
    "file:{path}",
    "file://localhost{path}",
    "{path}",
    "../../../../../../..{path}",
    "\\\\127.0.0.1\\share",
)

_NAMES = (
    "__class__ __base__ __bases__ __mro__ __subclasses__ __globals__ __builtins__"
    " __init__ __dict__ __import__ __getattribute__ __reduce__ __reduce_ex__ __module__"
    " __code__ __closure__ __doc__ __len__ __self__ __func__ __call__ func_globals"
    " gi_frame f_back f_globals tb_frame _env _cr env sudo pool"
).split()
_SERVER = (
    "self env cr uid registry request session user model record records object ctx"
    " context_today ir_config_parameter odoo os sys subprocess open eval exec compile"
    " getattr globals locals vars dir type help lipsum cycler joiner namespace g config"
    " app settings loader forloop_parent template page_data site"
).split()
_FILTERS = (
    "safe eval exec system attr getattr call open read file include_file load import"
    " base64_decode base64_encode url_decode escapejs ceil floor modulo strip_html"
    " at_least at_most tojson pprint format_map mail_render env sudo"
).split()
_TAGS = (
    "include 'x'", "render 'x'", "import os", "from os import x", "extends 'x'",
    "block x", "macro x()", "call x()", "set x = 1", "with x", "autoescape false",
    "filter upper", "load x", "python", "php", "do x.y()", "debug", "now 'Y'", "lorem",
    "ssi '/etc/passwd'", "layout 'x'", "section x", "javascript", "schema",
    "stylesheet",
    "form 'x'", "paginate x by 1", "exec 'x'", "raw", "comment", "if x",
    "for x in lines",
    "case x", "capture x", "unless x", "endif", "endfor", "else", "elsif x", "when 1",
    "liquid include 'x'", "liquid render 'x'", "assign", "for", "macro", "trans",
)
# Each is refused: by the language, or when it is tried with data.
REFUSED = (
    *(f"{{{{ x.{name} }}}}" for name in _NAMES),
    *(f"{{{{ x['{name}'] }}}}" for name in _NAMES),
    *(f"{{{{ {name} }}}}" for name in _SERVER),
    *(f"{{{{ {name}() }}}}" for name in _SERVER[:20]),
    *(f"{{% for i in {name} %}}{{{{ i }}}}{{% endfor %}}" for name in _SERVER[:20]),
    *(f"{{{{ x | {name} }}}}" for name in _FILTERS),
    *(f"{{% {tag} %}}" for tag in _TAGS),
    "{{ x.y.z }}", "{{ lines[99].name.x }}", "{{ lines.first.__class__ }}",
    "{{ lines[0]['__class__'] }}",
    "{{ lines | where: '__class__' | first | safe }}", "{{ x", "{{ 'x }}", "{{ | }}",
    "{{ x | money: }}", "{{ 1 | times }}}}{% %}", "{{ '1' | divided_by: 0 }}",
    "{{ 'x' | times: 2 }}", "{{ '9' | times: '1e999' }}", "{{ 'NaN' | plus: 1 }}",
    "{{ 'Infinity' | money }}", "{{ '1' | round: 99 }}", "{{ '1' | number: -1 }}",
    "{{ x | rate: 1e99 }}", "{{ '1e41' | plus: 1 }}", "{{ 'x' | date: y }}",
    "{% for i in (1..99999999999) %}x{% endfor %}",
    "{% for i in (1..1000000) %}x{% endfor %}",
    "{% for i in (1..1000) %}{% for j in (1..1000) %}x{% endfor %}{% endfor %}",
    "{% tablerow i in (1..99999999999) %}x{% endtablerow %}",
    "{% for i in (1..150000) %}{{ x }}" + "x" * 40 + "{% endfor %}",
    "{% if 1 %}" * 30 + "{% endif %}" * 30,
    "{% if 1 %}" * 10_000 + "{% endif %}" * 10_000,
    "{% for i in lines %}" * 30 + "x" + "{% endfor %}" * 30,
    "{% capture a %}" * 30 + "{% endcapture %}" * 30,
    "{{ x" + " | append: x" * 3 + " | safe }}",
    "{{ x" + "[x" * 10_000,
    "{{" * 10_000,
    "{{" * 100_000,
    "{%a" * 100_000,
    "{% raw %}" * 40_000,
    "{% raw %}{% endraw %}" + "{% raw %}" * 40_000,
    "{% doc %}" * 40_000,
    "{{" + " " * 300_000 + "}}",
    "{{-" + "\n" * 300_000 + "-}}",
    "{{ '{{ 7 }}' }}",
    "{% assign r = (1..99999999999) %}{{ r | join }}",
    "{{ (1..99999999) | sum }}", "{{ (1..99999999) | reverse | first }}",
    "{{ (1..99999999) | sort | first }}", "{{ lines | concat: (1..999999999) }}",
    "{% for i in (1..150000) %}{% endfor %}" * 2,
    "{{ 'x'" + " | replace: 'x', 'xxxxxxxxxxxxxxxx'" * 6 + " | size }}",
    "{{ '&'" + " | escape | replace: '&', '&&&&&&&&&&'" * 30 + " | size }}",
    "{{ '\n'" + " | newline_to_br | replace: '>', '\n\n\n\n\n\n\n\n'" * 30 + " }}",
    "{{ lines | concat: 1 }}", "{{ '1' | money: lines }}", "{{ '1' | money: 'x' }}",
    "x" * 400_001,
    "<t t-out='7*191'/>", "<p t-out='7*191'>x</p>", "<p t-att-id='env'>x</p>",
    "<t t-call='web.layout'/>", "<p t-field='env.cr'>x</p>",
    "<t t-set='x' t-value='1'/>",
    "<p t-foreach='range(9)' t-as='i'>x</p>", "<py:if test='1'/>",
    "<p v-html='x'>x</p>",
    "<p py:content='x'>x</p>", "<p tal:content='x'>x</p>", "<p th:text='x'>x</p>",
    "<script>document.write(7*191)</script>", "<p onclick='x'>x</p>",
)
# Languages that are not spoken here: text stays text.
PLAIN = (
    "${7*191}", "${env.cr}", "#{7*191}", "*{7*191}", "@{7*191}", "@(7*191)",
    "[[7*191]]",
    "[(7*191)]", "<%= 7*191 %>", "<% 7*191 %>", "$(7*191)", "`7*191`", "%(x)s", "%s%n",
    "{0}", "{x}", "{x.__class__}", "{0.__class__.__init__.__globals__}", "{!x}",
    "{x!r:>9}",
    "#set($x=7*191)$x", "#foreach($i in [1..9])x#end", "<#assign x=7*191>", "$x->y()",
    "{php}echo 7*191;{/php}", "{if 1}x{/if}", "~{7*191}", "%{7*191}",
    "%7B%7B7*191%7D%7D",
    "&#123;&#123; x &#125;&#125;", "{ { x } }", "\\{\\{ x \\}\\}",
    "{{ '{% include 1 %}' }}",
    "{{ lines | map: '__class__' | first }}", "{% raw %}{{ env }}{% endraw %}",
    "{% comment %}{{ env }}{% endcomment %}",
)
