# Shared by the scripts: numbered steps, logs that show only on failure, stamps by content.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
VENV=$PWD/.venv
LOG=$PWD/reports/log
mkdir -p "$LOG"

# ── what is said ──
STEP=0 STEPS=0 STEP_STARTED=''
begin() { STEPS=$1; }
close_step() {
    [ -z "$STEP_STARTED" ] || printf ' %d s\n' $((SECONDS - STEP_STARTED))
    STEP_STARTED=''
}
step() {
    close_step
    STEP=$((STEP + 1))
    STEP_STARTED=$SECONDS
    printf '[%d/%d] %s …' "$STEP" "$STEPS" "$1"
}
finish() {
    close_step
    printf '%s\n' "$1"
}
die() {
    [ -z "$STEP_STARTED" ] || echo
    printf '✗ %s\n' "$1" >&2
    exit 1
}
# quietly NAME COMMAND…: output goes to reports/log/NAME.log, and its end is shown only on failure.
quietly() {
    local name=$1
    shift
    "$@" >"$LOG/$name.log" 2>&1 </dev/null && return
    [ -z "$STEP_STARTED" ] || echo
    STEP_STARTED=''
    tail -n 30 "$LOG/$name.log" >&2
    printf '✗ %s failed; all of its output is in reports/log/%s.log\n' "$name" "$name" >&2
    return 1
}

# ── what is needed ──
need_python() {
    local candidate
    for candidate in python3.11 python3.12 python3.13 python3; do
        command -v "$candidate" >/dev/null || continue
        "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || continue
        PYTHON=$candidate
        return
    done
    die "Python 3.11 is needed and was not found (Debian: apt install python3.11 python3.11-venv)."
}
need_node() {
    command -v node >/dev/null && command -v npm >/dev/null ||
        die "Node 20.19 or newer and npm are needed and were not found: see https://nodejs.org"
    node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
             process.exit(major < 20 || (major === 20 && minor < 19) ? 1 : 0)' ||
        die "Node 20.19 or newer is needed; this one is $(node --version): see https://nodejs.org"
}
need_free_port() {
    "$PYTHON" - "$1" <<'EOF' || die "Port $1 is taken. Choose another one: make ${MAKE_GOAL:-run} PORT=8080"
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("", int(sys.argv[1])))
    except OSError:
        sys.exit(1)
EOF
}

# ── what is made once, and again only when its sources changed ──
digest() { "$PYTHON" scripts/digest.py "$@"; }
stamped() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

ensure_venv() {
    need_python
    "$VENV/bin/python" -c '' 2>/dev/null && return
    quietly venv "$PYTHON" -m venv --clear "$VENV" ||
        die "The virtual environment could not be made (Debian: apt install python3.11-venv)."
}
# ensure_packages LOCK: requirements/LOCK.lock, checked against its hashes, into .venv.
ensure_packages() {
    local lock=requirements/$1.lock stamp=$VENV/$1.stamp now
    ensure_venv
    now=$(digest "$lock" "=$("$VENV/bin/python" -V)")
    stamped "$stamp" "$now" && return
    quietly "pip-$1" "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --no-deps --no-compile --only-binary :all: --require-hashes --requirement "$lock" ||
        die "pip could not install $lock: is the package index reachable?"
    echo "$now" >"$stamp"
}
ensure_node_modules() {
    local stamp=pwa/node_modules/.tamis-packages now
    now=$(digest pwa/package.json pwa/package-lock.json "=$(node --version)")
    stamped "$stamp" "$now" && return
    quietly npm npm ci --prefix pwa --no-audit --no-fund --loglevel=error ||
        die "npm could not install pwa/package-lock.json: is the package registry reachable?"
    echo "$now" >"$stamp"
}
ensure_pwa() {
    local stamp=pwa/node_modules/.tamis-build now
    now=$(digest pwa "=$(node --version)")
    [ -f pwa/dist/index.html ] && stamped "$stamp" "$now" && return
    quietly pwa-build npm run --prefix pwa build || exit 1
    echo "$now" >"$stamp"
}
