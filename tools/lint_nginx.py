"""Check config/nginx.conf: our rules always, nginx's own reading where it is.

nginx reads it with a throw-away certificate, and with local addresses in place of the
containers' names.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from nginx_rules import problems

CONF = Path(__file__).resolve().parent.parent / "config" / "nginx.conf"


def localised(text: str, folder: str, name: str = "localhost") -> str:
    """The configuration as it can be read, and run, on this machine.

    :param folder: has the certificate, gets what nginx writes
    """
    text = text.replace("${VOIP_SERVER_NAME}", name)
    text = text.replace("/etc/nginx/tls", folder)
    text = text.replace("server web:", "server 127.0.0.1:")
    text = text.replace("/run/nginx.pid", f"{folder}/nginx.pid")
    paths = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in paths)
    return text.replace("http {", "http {" + temporary, 1)


def make_certificate(folder: str) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        + ["-subj", "/CN=localhost", "-keyout", f"{folder}/privkey.pem"]
        + ["-out", f"{folder}/fullchain.pem"],
        check=True,
        capture_output=True,
    )


def nginx_says(text: str) -> str:
    """What ``nginx -t`` finds; nothing where all is well."""
    with tempfile.TemporaryDirectory() as folder:
        make_certificate(folder)
        conf = Path(folder, "nginx.conf")
        conf.write_text(localised(text, folder))
        command = ["nginx", "-t", "-q", "-c", str(conf), "-p", folder]
        result = subprocess.run(command, capture_output=True, text=True)
    return result.stderr or ("nginx cannot read it" if result.returncode else "")


def main() -> int:
    text = CONF.read_text()
    found = list(problems(text))
    if shutil.which("nginx"):
        found += nginx_says(text).splitlines()
    else:
        print("nginx is not installed: its own reading is left out")
    for problem in found:
        print(f"{CONF.name}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
