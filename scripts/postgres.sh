# shellcheck shell=bash
# Two private PostgreSQL clusters, reached through a socket only:
#   test     fsync off, for tests and scratch databases;
#   durable  ordinary safe settings, for the demo, benchmarks and fault tests.

PGROLE=odoo # Odoo refuses the role `postgres`

pg_program() {
    local path
    path=$(compgen -G "/usr/lib/postgresql/*/bin/$1" | sort -V | tail -n 1) || true
    [ -n "$path" ] || path=$(command -v "$1") || die "PostgreSQL's $1 is missing."
    echo "$path"
}

# PostgreSQL does not run as root: then it runs as the system user that Debian's package made.
as_postgres() {
    if [ "$(id -u)" -ne 0 ]; then "$@"; else (cd / && runuser -u postgres -- "$@"); fi
}

# The clusters lie in .run/pg. Where the user postgres cannot go there (a clone in a closed home)
# or the path is too long for a socket (107 bytes), .run/pg is a link to a folder in /var/tmp.
make_far_pg_home() {
    local home
    # Those of repositories that are gone.
    for home in "/var/tmp/$ADDON-pg".*; do
        [ ! -O "$home" ] || [ -d "$(cat "$home/repository" 2>/dev/null)" ] || rm -rf "$home"
    done
    home=$(mktemp -d "/var/tmp/$ADDON-pg.XXXXXX")
    chmod 755 "$home"
    echo "$ROOT" >"$home/repository"
    ln -s "$home" "$RUN/pg"
}

make_pg_home() {
    local home=$RUN/pg
    [ -e "$home" ] && return
    rm -f "$home"
    mkdir -p "$home"
    chmod 755 "$home"
    if [ "${#home}" -gt 75 ] || ! as_postgres test -x "$home"; then
        rmdir "$home"
        make_far_pg_home
    fi
}

pg_home() { readlink -f "$RUN/pg/$1"; }

pg_settings() {
    cat <<CONF
listen_addresses = ''
unix_socket_directories = '$(pg_home "$1")/socket'
max_connections = 200
shared_buffers = 512MB
max_wal_size = 2GB
CONF
    [ "$1" = durable ] || printf '%s = off\n' fsync synchronous_commit full_page_writes
}

make_cluster() {
    local home
    mkdir -p "$RUN/pg/$1/socket"
    home=$(pg_home "$1")
    chmod 700 "$home" # whoever reaches the socket is trusted
    [ "$(id -u)" -ne 0 ] || chown -R postgres: "$home"
    logged "postgres-$1" 'PostgreSQL could not create its cluster (disk full?).' \
        as_postgres "$(pg_program initdb)" -D "$home/data" -U "$PGROLE" -A trust -E UTF8 --locale=C.UTF-8
    pg_settings "$1" | as_postgres tee -a "$home/data/postgresql.conf" >/dev/null
}

pg_running() {
    [ -d "$RUN/pg/$1/data" ] &&
        as_postgres "$(pg_program pg_ctl)" -D "$(pg_home "$1")/data" status >/dev/null 2>&1
}

start_cluster() {
    local home
    make_pg_home
    [ -f "$RUN/pg/$1/data/postgresql.conf" ] || make_cluster "$1"
    pg_running "$1" && return
    home=$(pg_home "$1")
    # The lock's descriptor must not live on in the server.
    logged "postgres-$1" "PostgreSQL does not start; its log: $home/postgres.log" \
        as_postgres "$(pg_program pg_ctl)" -D "$home/data" -l "$home/postgres.log" -w start 9>&-
}

stop_cluster() {
    pg_running "$1" || return 0
    as_postgres "$(pg_program pg_ctl)" -D "$(pg_home "$1")/data" -m fast -w stop >/dev/null
    echo "Stopped PostgreSQL ($1)"
}

# use_cluster NAME: start it, and let every later command of this call work on it.
use_cluster() {
    CLUSTER=$1
    locked "pg-$1" start_cluster "$1"
    PGHOST=$(pg_home "$1")/socket
    export PGHOST PGPORT=5432 PGUSER=$PGROLE PGDATABASE=postgres
    export ODOO_RC=$RUN/$1.conf
    cat >"$ODOO_RC.$$" <<CONF
[options]
addons_path = $RUN/addons,$(site_packages)/odoo/addons,$(odoo_addons_path)
data_dir = $(data_dir)
db_host = $PGHOST
db_port = $PGPORT
db_user = $PGUSER
http_interface = 127.0.0.1
list_db = False
max_cron_threads = 0
workers = 0
CONF
    mv "$ODOO_RC.$$" "$ODOO_RC"
    PATH=$RUN/bin:$VENV/bin:$(dirname "$(pg_program createdb)"):$PATH
    export PATH
    # Tests ask the local server for pages: not through a company's proxy.
    export no_proxy="127.0.0.1,localhost${no_proxy:+,$no_proxy}"
    export NO_PROXY=$no_proxy
}
