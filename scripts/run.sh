# shellcheck shell=bash
# ./dev run, stop, shell: the demo.

DEMO=demo
PIDFILE=$RUN/server.pid

server_alive() { alive "$PIDFILE" "$RUN/bin/odoo"; }

stop_server() {
    local pid
    if server_alive; then
        pid=$(cat "$PIDFILE")
        kill "$pid"
        for _ in $(seq 100); do
            server_alive || break
            sleep 0.1
        done
        ! server_alive || kill -9 "$pid"
        echo "Stopped the server (process $pid)"
    fi
    rm -f "$PIDFILE"
}

cmd_stop() {
    stop_server
    stop_cluster durable
    stop_cluster test
}

# The state of the addon that the demo database has is kept in the database's own comment.
demo_state() {
    sql -c "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$DEMO'"
}

mark_demo() { sql -c "COMMENT ON DATABASE \"$DEMO\" IS '$1'"; }

update_demo() {
    say 'Updating the demo database: the addon has changed'
    odoo_job update-demo "$DEMO" -u "$ADDON" --i18n-overwrite
}

setup_demo() {
    local state
    state=$(addon_hash)
    [ "$1" = keep ] || drop_database "$DEMO"
    if ! has_database "$DEMO"; then
        use_template demo
        clone_database "$TEMPLATE" "$DEMO"
        mark_demo "$state"
    elif [ "$(demo_state)" != "$state" ]; then
        update_demo
        mark_demo "$state"
    fi
}

prepare_demo() {
    setup_all
    use_cluster durable
    setup_demo "${1:-keep}"
}

wait_for_http() {
    for _ in $(seq 240); do
        sleep 0.5
        server_alive || break
        "$VENV/bin/python" -c 'import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=30)' \
            "http://127.0.0.1:$1/web/login" 2>/dev/null && return
    done
    tail -n 25 "$RUN/log/server.log" >&2
    die 'the server does not answer.' 'Full log: .run/log/server.log'
}

banner() {
    local login
    say "Maintenance contracts: http://localhost:$1"
    echo
    printf '  %-12s %-12s %s\n' login password who
    while read -r login who; do
        printf '  %-12s %-12s %s\n' "$login" "$login" "$who"
    done <<'LOGINS'
dispatcher plans the visits and the technicians' days
technician carries out interventions, on a phone
manager runs the contracts, their prices and commitments
accountant invoices
customer the customer, on the portal
admin the administrator of Odoo
LOGINS
    echo
    if compgen -G "$RUN/notes/*" >/dev/null; then sed 's/^/  Note: /' "$RUN"/notes/* && echo; fi
    echo '  Log: .run/log/server.log    Stop: ./dev stop    Start afresh: ./dev run --fresh'
}

# One process: the websocket of the chat runs in it too. Links in mails, and the styles of PDF
# documents, are read from web.base.url, so it must name this port.
start_server() {
    sql -d "$DEMO" -c "UPDATE ir_config_parameter SET value = 'http://localhost:$1' WHERE key = 'web.base.url'"
    : >"$RUN/log/server.log"
    setsid "$RUN/bin/odoo" -d "$DEMO" --db-filter "^$DEMO\$" --http-port "$1" --max-cron-threads=1 \
        --logfile "$RUN/log/server.log" </dev/null >>"$RUN/log/server.log" 2>&1 &
    echo $! >"$PIDFILE"
    echo "$1" >"$RUN/server.port"
}

cmd_run() {
    local port=8069 detach='' fresh=keep
    while [ $# -gt 0 ]; do
        case $1 in
        --detach) detach=1 ;;
        --fresh) fresh=fresh ;;
        --port)
            port=${2:-}
            shift
            ;;
        *) die "run: unknown option $1" 'usage: ./dev run [--detach] [--port N] [--fresh]' ;;
        esac
        shift
    done
    [[ $port =~ ^[0-9]+$ ]] || die "run: --port needs a number."
    stop_outdated_server "$port" "$fresh"
    if ! server_alive; then
        ! port_taken "$port" || die "port $port is taken by another program." 'Choose one: ./dev run --port N'
        prepare_demo "$fresh"
        start_server "$port"
        wait_for_http "$port"
    fi
    banner "$port"
    [ -n "$detach" ] || follow_server
}

# A server of ours that already serves what is asked for stays.
stop_outdated_server() {
    server_alive || return 0
    setup_all
    use_cluster durable
    if [ "$2" = fresh ] || [ "$(cat "$RUN/server.port")" != "$1" ] || [ "$(demo_state)" != "$(addon_hash)" ]; then
        stop_server
    fi
}

# In the foreground, Ctrl-C stops the server.
follow_server() {
    echo '  Ctrl-C stops it.'
    trap 'stop_server; exit 0' INT TERM
    while server_alive; do sleep 1; done
    [ ! -f "$PIDFILE" ] || die 'the server has ended.' 'Log: .run/log/server.log'
}

cmd_shell() {
    prepare_demo
    exec odoo shell -d "$DEMO" --no-http --shell-interface python --log-level warn "$@"
}
