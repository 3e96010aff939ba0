"""What the reverse proxy must not go without, at each location that it serves."""

import re
from collections.abc import Iterator

from nginx_conf import Block, location_of, parse

ADDRESS = "$binary_remote_addr"
HEADERS = {
    "Strict-Transport-Security": r"max-age=\d{8,}",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": r"SAMEORIGIN|DENY|\$frame_options",
    "Content-Security-Policy": "frame-ancestors '(self|none)'",
    "Referrer-Policy": "same-origin|strict-origin.*|no-referrer",
}
FORWARDED = {
    "Host": "$host",
    "X-Forwarded-For": "$remote_addr",
    "X-Forwarded-Proto": "$scheme",
}
# Longest times, in seconds, that a sender may take.
TIMES = {"client_header_timeout": 20, "client_body_timeout": 60, "send_timeout": 60}
SINGLE = {
    "client_max_body_size": "32m",
    "limit_req_status": "429",
    "limit_conn_status": "429",
}
CLOSED = (
    "/jsonrpc",
    "/xmlrpc/2/object",
    "/queue_job/runjob",
    "/web/database/manager",
)
# {path: most requests of an address in a minute}
LIMITED = {
    "/web/login": 30,
    "/web/login/totp": 30,
    "/web/reset_password": 30,
    "/web/signup": 30,
    "/web/session/authenticate": 30,
    "/json/2/voip.cdr/ingest": 6_000,
    "/json/1/x": 6_000,
    "/doc-bearer/index.json": 6_000,
    "/voip/api/v1/balance": 6_000,
    "/voip/cdr/fra1/generic": 6_000,
}
KEYED = tuple(path for path, most in LIMITED.items() if most > 30)
# Addresses that may end in a key.
SECRET = "/voip/cdr/fra1/generic/" + "0" * 40
KEY_SOURCES = ("$http_authorization", "$http_authorization $uri")


def problems(text: str) -> Iterator[str]:
    """Sentences on what is missing in a configuration."""
    try:
        root = parse(text)
    except ValueError as error:
        yield f"the file {error}"
        return
    https = root.blocks("http")
    if len(https) != 1:
        yield "there is no http block"
        return
    http = https[0]
    proxying = [block for block in http.within() if block.named("proxy_pass")]
    if not proxying:
        yield "nothing is passed to Odoo"
    for block in proxying:
        where = f"location {' '.join(block.values)}"
        yield from (f"{where}: {problem}" for problem in _location(block))
    yield from _servers(http)
    yield from _log(http)
    for server in http.blocks("server"):
        if any(block in proxying for block in server.within()):
            yield from _paths(http, server)


def _location(block: Block) -> Iterator[str]:
    headers = {values[0]: values[1:] for values in block.effective("add_header")}
    for name, pattern in HEADERS.items():
        value = headers.get(name, [""])
        if not re.fullmatch(pattern, value[0]) or value[1:] != ["always"]:
            yield f"the header {name} is missing, or not on every answer"
    sent = dict(v[:2] for v in block.effective("proxy_set_header"))
    for name, value in FORWARDED.items():
        if sent.get(name) != value:
            yield f"the header {name} is not passed on as {value}"
    yield from _cookies(block.effective("proxy_cookie_flags"))
    yield from _bounds(block)


def _bounds(block: Block) -> Iterator[str]:
    for name, most in TIMES.items():
        values = block.effective(name)
        if not values or not 0 < _seconds(values[-1][0]) <= most:
            yield f"{name} must be at most {most} seconds"
    for name, value in SINGLE.items():
        if block.effective(name)[-1:] != [[value]]:
            yield f"{name} must be {value}"
    for name in ("limit_conn", "large_client_header_buffers"):
        if not block.effective(name):
            yield f"{name} is missing"


def _cookies(rules: list[list[str]]) -> Iterator[str]:
    flags = {values[0]: set(values[1:]) for values in rules}
    if not {"secure", "httponly", "samesite=lax"} <= flags.get("session_id", set()):
        yield "the session's cookie is not Secure, HttpOnly and SameSite"
    if not {"secure", "samesite=lax"} <= flags.get("~", set()):
        yield "cookies are not Secure and SameSite"


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d+)(s?)", text)
    return int(match[1]) if match else 0


def _servers(http: Block) -> Iterator[str]:
    """Each port has a server for other names, which says nothing."""
    servers = http.blocks("server")
    ports = {v[0] for server in servers for v in server.effective("listen")}
    for port in sorted(ports):
        defaults = [
            server
            for server in servers
            for values in server.effective("listen")
            if values[0] == port and "default_server" in values
        ]
        if [server.effective("return") for server in defaults] != [[["444"]]]:
            yield f"port {port} has no server for other names that answers 444"
    for server in servers:
        default = any("default_server" in v for v in server.effective("listen"))
        if not default and server.effective("server_name") != [["${VOIP_SERVER_NAME}"]]:
            yield "a server's name does not come from VOIP_SERVER_NAME"


def _log(http: Block) -> Iterator[str]:
    """Each access log has a format without the address as it came."""
    formats = {v[0]: " ".join(v[1:]) for v in http.effective("log_format")}
    logs = [v for block in http.within() for v in block.effective("access_log")]
    for values in logs or [[]]:
        line = formats.get(values[1] if len(values) > 1 else "", "$request")
        if values != ["off"] and re.search(r"\$(request|request_uri|uri)\b", line):
            yield "the access log shows keys that stand in addresses"
            return


def _zones(http: Block) -> dict[str, tuple[str, float]]:
    """{zone: (key, requests in a minute)}"""
    zones = {}
    for key, *options in http.effective("limit_req_zone"):
        found = dict(option.split("=", 1) for option in options)
        number, unit = re.fullmatch(r"(\d+)r/([sm])", found["rate"]).groups()
        name = found["zone"].split(":")[0]
        zones[name] = key, int(number) * (60 if unit == "s" else 1)
    return zones


def _counted(http: Block) -> set[str]:
    """Variables that are the address, or nothing for what has the form of a key."""
    return {
        block.values[1]
        for block in http.blocks("map")
        if block.values[0] in KEY_SOURCES
        and [["default", ADDRESS]]
        == [[d.name, *d.values] for d in block.directives if d.values != [""]]
    }


def _paths(http: Block, server: Block) -> Iterator[str]:
    zones, counted = _zones(http), _counted(http)
    for path in CLOSED:
        if location_of(server, path).effective("return") != [["404"]]:
            yield f"{path} is not closed"
    for path, most in LIMITED.items():
        names = [
            option.removeprefix("zone=")
            for values in location_of(server, path).effective("limit_req")
            for option in values
            if option.startswith("zone=")
        ]
        limits = [zones[name] for name in names if name in zones]
        if not any(key == ADDRESS and rate <= most for key, rate in limits):
            yield f"{path}: an address may send more than {most:,} requests a minute"
        if path in KEYED and not any(k in counted and r <= 30 for k, r in limits):
            yield f"{path}: requests without a key have no limit of their own"
    if location_of(server, SECRET).effective("error_log") != [["/dev/null"]]:
        yield "the error log shows keys that stand in addresses"
    conns = {tuple(v) for v in http.effective("limit_conn_zone")}
    if not any(values[0] == ADDRESS for values in conns):
        yield "connections are not counted by address"
