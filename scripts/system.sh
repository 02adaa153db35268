# Used by `make test`: what comes from the system, installed where that is allowed (Debian, as root).
# shellcheck shell=bash

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
install() {
    quietly apt-update apt-get update -q &&
        DEBIAN_FRONTEND=noninteractive quietly apt-install \
            apt-get install -q -y --no-install-recommends "$@"
}

ensure_chromium() {
    command -v chromium >/dev/null && command -v chromedriver >/dev/null && return
    may_install || die "Chromium and its driver are needed (Debian: sudo apt install chromium chromium-driver)."
    install chromium chromium-driver || die "apt could not install chromium and chromium-driver."
}

# postgres_url: sets POSTGRES_URL to DATABASE_URL, or to a server of our own that ends with this script.
POSTGRES_URL='' POSTGRES_WHY=''
postgres_url() {
    POSTGRES_URL=${DATABASE_URL:-}
    [ -z "$POSTGRES_URL" ] || return 0
    if [ -z "$(postgres_bin)" ] && may_install; then
        install postgresql || true
    fi
    if [ -z "$(postgres_bin)" ]; then
        POSTGRES_WHY="set DATABASE_URL, or install it (Debian: sudo apt install postgresql)"
        return 1
    fi
    start_postgres
}
postgres_bin() {
    local initdb
    initdb=$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1)
    [ -z "$initdb" ] || dirname "$initdb"
}
start_postgres() {
    local port
    POSTGRES_BIN=$(postgres_bin)
    port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    CLUSTER=$(mktemp -d /tmp/tamis-postgres.XXXXXX)
    # PostgreSQL refuses to run as root.
    AS_POSTGRES=''
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$CLUSTER"
        AS_POSTGRES="runuser -u postgres --"
    fi
    trap stop_postgres EXIT
    # shellcheck disable=SC2086
    (
        cd /
        quietly initdb $AS_POSTGRES "$POSTGRES_BIN/initdb" -D "$CLUSTER/data" -U tamis -A trust -E UTF8 --locale=C.UTF-8 &&
            quietly pg_ctl $AS_POSTGRES "$POSTGRES_BIN/pg_ctl" start -w -D "$CLUSTER/data" -l "$CLUSTER/log" \
                -o "-p $port -k $CLUSTER -c listen_addresses=127.0.0.1 -c fsync=off"
    ) || die "PostgreSQL is installed and did not start."
    POSTGRES_URL=postgres://tamis@127.0.0.1:$port/postgres
}
stop_postgres() {
    # shellcheck disable=SC2086
    (cd / && $AS_POSTGRES "$POSTGRES_BIN/pg_ctl" stop -m immediate -D "$CLUSTER/data" >/dev/null 2>&1) || true
    rm -rf "$CLUSTER"
}
