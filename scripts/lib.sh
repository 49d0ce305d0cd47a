# shellcheck shell=bash
# What every part of ./dev uses: paths, messages, stamps and locks. Sourced by ./dev.

RUN=$ROOT/.run # all that ./dev makes lies here, and nothing elsewhere but Debian packages
VENV=$RUN/venv
LINK=$RUN/addons/$ADDON # Odoo wants the addon in a folder of its own name

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

die() {
    printf '\033[31m%s\033[0m\n' "dev: $1" >&2
    shift
    [ $# -eq 0 ] || printf '     %s\n' "$@" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# note TOPIC [TEXT]: remember what the set-up could not do well, for `./dev run` to tell.
note() {
    mkdir -p "$RUN/notes"
    if [ -n "${2:-}" ]; then echo "$2" >"$RUN/notes/$1"; else rm -f "$RUN/notes/$1"; fi
}

# logged NAME HINT CMD...: run CMD silently; if it fails, show the end of its log and stop.
logged() {
    local log=$RUN/log/$1.log hint=$2
    shift 2
    mkdir -p "$RUN/log"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 25 "$log" >&2
        die "$hint" "Full log: ${log#"$ROOT"/}"
    fi
}

# A step is done again only when what it was made from has changed: its stamp holds a hash of that.
stamped() { [ "$(cat "$RUN/stamps/$1" 2>/dev/null)" = "$2" ]; }
stamp() { mkdir -p "$RUN/stamps" && echo "$2" >"$RUN/stamps/$1"; }
unstamp() { rm -f "$RUN/stamps/$1"; }
hash_of() { sha256sum | cut -c1-16; }

# locked NAME CMD...: one at a time, as several engineers may call ./dev in the same tree.
# The descriptor is 9: whatever stays alive afterwards (PostgreSQL, Odoo) must be started with 9>&-.
locked() {
    local lock=$RUN/lock.$1
    shift
    mkdir -p "$RUN"
    (
        flock 9
        "$@"
    ) 9>"$lock"
}

# alive PIDFILE WORD: the process of that pid file runs and has WORD in its command line.
alive() {
    local pid
    pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] &&
        tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -F -- "$2" >/dev/null
}

need_disk() {
    local free
    free=$(df -Pk "$ROOT" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge "$1" ] || die "not enough disk: ${free} MB free, $1 MB needed for $2."
}

port_taken() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
