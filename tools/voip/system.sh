# System packages: what must be on the machine, and how to get it.

# What is missing, as names of Debian packages (Ubuntu's are the same).
missing_packages() {
    have python3 || echo python3
    python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
    have chromium || have google-chrome || have chromium-browser || echo chromium
    have wkhtmltopdf || echo wkhtmltopdf
    have git || echo git
    ldconfig_has libpango-1.0.so.0 || echo libpango-1.0-0
    ldconfig_has libpangoft2-1.0.so.0 || echo libpangoft2-1.0-0
    ldconfig_has libmagic.so.1 || echo libmagic1
    [ -d /usr/share/fonts/truetype/dejavu ] || echo fonts-dejavu-core
    [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
    [ -d /usr/share/zoneinfo ] || echo tzdata
}

ldconfig_has() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep "$1" >/dev/null; }

ensure_system() {
    have python3 || [ -n "$(command -v apt-get)" ] ||
        die "Python 3.11 or newer is needed: install python3 and python3-venv."
    local want sudo=
    local mark=$STATE/apt.unfinished
    want=$(missing_packages | xargs)
    # Files are there once unpacked: what was ended before its end is told by the mark.
    [ -n "$want" ] || [ -e "$mark" ] || return 0
    have apt-get || die "these are missing, install them with the system's package manager: $want"
    if ! is_root; then
        { have sudo && sudo -n true 2>/dev/null; } ||
            die "system packages are missing, run as root: apt-get update && apt-get install --no-install-recommends $want"
        sudo=sudo
    fi
    say "installing system packages: ${want:-those that were interrupted}"
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p "$STATE"
    : >"$mark"
    # What was ended in the middle is finished first.
    $sudo dpkg --configure -a >&2 || die "dpkg --configure -a failed."
    $sudo apt-get update -qq || die "apt-get update failed."
    # No terminal of its own for dpkg: it ends with the rest.
    # shellcheck disable=SC2086 # a list of words
    $sudo apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends $want >&2 ||
        die "apt-get could not install: $want"
    want=$(missing_packages | xargs)
    [ -z "$want" ] || die "apt-get left these out, run ./voip again: $want"
    rm -f "$mark"
}

ensure_python_version() {
    python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' ||
        die "Python 3.11 to 3.13 is needed, python3 here is $(python3 -V 2>&1)."
}
