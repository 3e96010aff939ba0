"""Let ``nginx -t`` read config/nginx.conf, with a throw-away certificate and
local addresses in place of the containers' names."""

import subprocess
import sys
import tempfile
from pathlib import Path

CONF = Path(__file__).resolve().parent.parent / "config" / "nginx.conf"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        key, cert = f"{folder}/privkey.pem", f"{folder}/fullchain.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
            + ["-subj", "/CN=localhost", "-keyout", key, "-out", cert],
            check=True,
            capture_output=True,
        )
        text = CONF.read_text().replace("/etc/nginx/tls", folder)
        text = text.replace("server web:", "server 127.0.0.1:")
        text = text.replace("/run/nginx.pid", f"{folder}/nginx.pid")
        paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in paths)
        text = text.replace("http {", "http {" + temporary, 1)
        conf = Path(folder, "nginx.conf")
        conf.write_text(text)
        result = subprocess.run(["nginx", "-t", "-q", "-c", conf, "-p", folder])
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
