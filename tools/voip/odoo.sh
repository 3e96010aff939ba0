# Odoo 19: unpacked from the distribution's own archive beside the project, or
# ODOO_HOME.  Nothing of the system is changed.

ODOO_DEBS_STABLE="libjs-jquery libjs-underscore libjs-jquery-form fonts-font-awesome
    fonts-roboto-unhinted fonts-inconsolata fonts-ocr-b"
ODOO_DEBS_NEW="odoo-19 fonts-montserrat"

# The archive's address and suite come from the machine's own apt sources.
apt_sources() {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
        /etc/apt/sources.list.d/*.sources 2>/dev/null || true
}

archive_uri() {
    local suite=$1
    apt_sources | awk -v suite="$suite" '
        /^#/ { next }
        $1 == "deb" {
            sub(/^deb +(\[[^]]*\] +)?/, "")
            if ($2 == suite && !seen++) print $1
        }
        $1 == "URIs:" { uri = $2 }
        $1 == "Suites:" {
            for (i = 2; i <= NF; i++) if ($i == suite && !seen++) print uri
        }'
}

new_suite() {
    case $1 in
        debian) echo sid main ;;
        ubuntu) echo devel main universe ;;
        *) return 1 ;;
    esac
}

private_apt() {
    local dir=$STATE/apt tool=$1
    shift
    local sandbox=()
    is_root && sandbox=(-o APT::Sandbox::User=root)
    "$tool" -q "${sandbox[@]}" -o Dir::Etc::sourcelist="$dir/sources.list" \
        -o Dir::Etc::sourceparts=- -o Dir::State::Lists="$dir/lists" \
        -o Dir::Cache="$dir/cache" -o Acquire::Languages=none \
        -o APT::Update::Post-Invoke-Success= -o APT::Update::Post-Invoke= "$@"
}

write_private_sources() {
    local id codename uri new keyring dir=$STATE/apt
    id=$(. /etc/os-release && echo "$ID")
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
    new=$(new_suite "$id") ||
        die "Odoo 19 is fetched here on Debian and Ubuntu only: set ODOO_HOME to a 19.0 checkout."
    uri=$(archive_uri "$codename")
    [ -n "$uri" ] ||
        die "no apt source for $codename is set up here: set ODOO_HOME to an Odoo 19.0 checkout."
    keyring=/usr/share/keyrings/$id-archive-keyring.gpg
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/debs"
    {
        echo "deb [signed-by=$keyring] $uri $codename main"
        [ "$id" != ubuntu ] || echo "deb [signed-by=$keyring] $uri $codename universe"
        echo "deb [signed-by=$keyring] $uri $new"
    } >"$dir/sources.list"
    STABLE_SUITE=$codename NEW_SUITE=${new%% *}
}

# apt selects a suite by the name that the archive signs, which "devel" is not.
signed_name() {
    awk '$1 == "Codename:" { print $2; exit }' "$STATE"/apt/lists/*_dists_"$1"_*Release
}

download_debs() {
    local name wanted=()
    NEW_SUITE=$(signed_name "$NEW_SUITE")
    for name in $ODOO_DEBS_STABLE; do wanted+=("$name/$STABLE_SUITE"); done
    for name in $ODOO_DEBS_NEW; do wanted+=("$name/$NEW_SUITE"); done
    (cd "$STATE/apt/debs" && private_apt apt-get download "${wanted[@]}" >&2)
}

unpack_odoo() {
    local deb dangling new=$STATE/odoo.new
    rm -rf "$new"
    mkdir -p "$new"
    for deb in "$STATE"/apt/debs/*.deb; do
        dpkg-deb -x "$deb" "$new" || die "could not unpack $deb."
    done
    dangling=$(find "$new/usr/lib/python3" -xtype l | head -3)
    [ -z "$dangling" ] || die "files that Odoo links to are missing: $dangling"
    rm -rf "$STATE/odoo"
    mv "$new" "$STATE/odoo"
}

odoo_version() {
    [ -n "${ODOO_HOME:-}" ] && {
        echo "home-$(hash_of "$ODOO_HOME/odoo/release.py")"
        return
    }
    cat "$STATE/odoo.stamp" 2>/dev/null
}

ensure_odoo() {
    local version
    if [ -n "${ODOO_HOME:-}" ]; then
        grep -q '^version_info = (19,' "$ODOO_HOME/odoo/release.py" 2>/dev/null ||
            die "ODOO_HOME ($ODOO_HOME) is no Odoo 19.0 checkout."
        return
    fi
    [ -s "$STATE/odoo.stamp" ] && [ -d "$STATE/odoo" ] && return
    have apt-get || die "Odoo 19 is fetched here on Debian and Ubuntu only: set ODOO_HOME to a 19.0 checkout."
    say "fetching Odoo 19 from the distribution's archive"
    write_private_sources
    private_apt apt-get update >&2 || die "the distribution's archive cannot be read."
    rm -f "$STATE"/apt/debs/*.deb
    download_debs || die "odoo-19 is not in $NEW_SUITE: set ODOO_HOME to an Odoo 19.0 checkout."
    version=$(dpkg-deb -f "$STATE"/apt/debs/odoo-19_*.deb Version)
    unpack_odoo
    rm -rf "$STATE/apt"
    stamp "$STATE/odoo.stamp" "$version"
    say "Odoo $version unpacked"
}

odoo_site() {
    if [ -n "${ODOO_HOME:-}" ]; then
        echo "$ODOO_HOME"
    else
        echo "$STATE/odoo/usr/lib/python3/dist-packages"
    fi
}
