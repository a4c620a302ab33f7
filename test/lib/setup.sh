# shellcheck shell=bash
# What test/run, demo/run and demo/stop share: packages, build, a private
# server, a sandbox.

# shellcheck disable=SC2034 # for those that read this file
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

die() {
    echo "$0: $*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null
}

is_root() {
    [ "$(id -u)" = 0 ]
}

as_root() {
    if is_root; then
        "$@"
    else
        have sudo || die "not root, and no sudo, for: $*"
        sudo "$@"
    fi
}

# PostgreSQL refuses to run as root.  Its programs warn of a directory that their
# user cannot enter.
as_user() {
    if is_root; then
        runuser -u postgres -- env HOME=/nonexistent \
            sh -c 'cd "$PWD" 2>/dev/null || cd /; exec "$@"' sh "$@"
    else
        "$@"
    fi
}

# The newest PostgreSQL with a server in the places where Debian and Ubuntu put
# it, unless PG_CONFIG names another one.
find_postgres() {
    local major
    if [ -z "${PG_CONFIG:-}" ]; then
        for major in $(seq 15 30); do
            if [ -x "/usr/lib/postgresql/$major/bin/initdb" ]; then
                PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config
            fi
        done
    fi
    [ -n "${PG_CONFIG:-}" ] || return
    PG_CONFIG=$(command -v "$PG_CONFIG" || echo "$PG_CONFIG")
    bindir=$("$PG_CONFIG" --bindir 2>/dev/null || dirname "$PG_CONFIG")
    export PG_CONFIG
    # The unprivileged user cannot use what root has in its home directory.
    if is_root; then
        PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
    fi
    PATH=$bindir:$PATH
}

# Whether clang can build fuzzers
has_fuzzer() {
    have clang && [ -e "$(clang -print-file-name=libclang_rt.fuzzer_no_main-x86_64.a)" ]
}

# Where Debian and Ubuntu put the library that sets a server's clock
has_faketime() {
    compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null
}

# Installs what is missing; arguments name what else is needed: "tap", "node", "fuzz",
# "valgrind", "certificates", "clients".
install_packages() {
    local wanted=" $* " packages=()
    find_postgres || true
    have make || packages+=(make)
    have gcc || packages+=(gcc libc6-dev)
    have python3 || packages+=(python3)
    have pkg-config || packages+=(pkg-config)
    pkg-config --exists libcurl 2>/dev/null || packages+=(libcurl4-openssl-dev)
    pkg-config --exists json-c 2>/dev/null || packages+=(libjson-c-dev)
    if [[ $wanted == *" tap "* ]] && ! perl -MIPC::Run -MTest::More -e 1 2>/dev/null; then
        packages+=(libipc-run-perl)
    fi
    if [[ $wanted == *" tap "* ]] && ! have openssl; then
        packages+=(openssl)
    fi
    if [[ $wanted == *" valgrind "* ]] && ! have valgrind; then
        packages+=(valgrind)
    fi
    if [[ $wanted == *" node "* ]] && ! have npm; then
        packages+=(nodejs npm ca-certificates)
    fi
    if [[ $wanted == *" certificates "* && ! -e /etc/ssl/certs/ca-certificates.crt ]]; then
        packages+=(ca-certificates)
    fi
    if [ -z "${PG_CONFIG:-}" ]; then
        packages+=(postgresql)
    elif [ ! -x "$PG_CONFIG" ] || [ ! -f "$("$PG_CONFIG" --includedir-server)/postgres.h" ]; then
        packages+=("postgresql-server-dev-$(basename "$(dirname "$bindir")")")
    fi
    if [ ${#packages[@]} -gt 0 ]; then
        apt_install "${packages[@]}"
        find_postgres
    fi
    if [[ $wanted == *" tap "* ]]; then
        install_cron
        has_faketime || install_offered libfaketime
    fi
    [[ $wanted != *" clients "* ]] || install_clients
    if [[ $wanted == *" fuzz "* ]]; then
        has_fuzzer || install_offered clang libclang-rt-dev
    fi
    if is_root && ! id postgres >/dev/null 2>&1; then
        die "PostgreSQL does not run as root, and there is no user \"postgres\""
    fi
    [ -w "$("$PG_CONFIG" --pkglibdir)" ] || is_root || have sudo ||
        die "not root, and no sudo, to install into $("$PG_CONFIG" --pkglibdir)"
}

# Tools that tests read or keep tables with, each for itself: without one its tests are
# skipped.
install_clients() {
    install_offered pgbouncer python3-pyodbc odbc-postgresql python3-sqlalchemy python3-psycopg2 || true
    install_offered default-jdk-headless libpostgresql-jdbc-java || true
    install_offered nodejs node-pg || true
    install_extension pg_partman partman || true
    have npm || install_offered npm || true
    install_offered chromium chromium-driver || true
}

# pg_cron, for the tests of schedules.  They are skipped without it.
install_cron() {
    install_extension pg_cron cron
}

# Extension $1, which Debian has as postgresql-NN-$2: some suites do not have it, and
# other PostgreSQLs than Debian's need their own.
install_extension() {
    local major
    [ ! -e "$("$PG_CONFIG" --sharedir)/extension/$1.control" ] || return 0
    major=$(basename "$(dirname "$bindir")")
    if [ "$bindir" = "/usr/lib/postgresql/$major/bin" ]; then
        install_offered "postgresql-$major-$2"
    fi
}

# Those of some packages that the suite has.  Tests do without the others.
install_offered() {
    local package offered=()
    have apt-get || return 0
    is_root || have sudo || return 0
    [ -n "$(apt-cache policy "$1" 2>/dev/null)" ] || apt_get update
    for package in "$@"; do
        [[ "$(apt-cache policy "$package")" != *"Candidate: "[0-9]* ]] || offered+=("$package")
    done
    [ ${#offered[@]} -gt 0 ] || return 0
    echo "Installing ${offered[*]}"
    apt_get install "${offered[@]}"
}

# "postgresql" stands for the server and its headers, 15 or newer.
apt_install() {
    local packages=("$@") major
    local by_hand="${packages[*]/%postgresql/postgresql postgresql-server-dev-all}"
    have apt-get || die "please install first: $by_hand"
    is_root || have sudo || die "please install first, as root: $by_hand"
    echo "Installing ${packages[*]}"
    apt_get update
    if [[ " ${packages[*]} " == *" postgresql "* ]]; then
        major=$(newest_postgres)
        if [ "${major:-0}" -lt 15 ]; then
            # Ubuntu 22.04 has PostgreSQL 14: take it from its developers.
            apt_get install postgresql-common ca-certificates gnupg
            as_root /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y >/dev/null
            major=$(newest_postgres)
            [ "${major:-0}" -ge 15 ] || die "apt-get offers no PostgreSQL 15 or newer"
        fi
        packages=("${packages[@]/%postgresql/postgresql-$major}" "postgresql-server-dev-$major")
    fi
    apt_get install "${packages[@]}"
}

newest_postgres() {
    apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p'
}

# Without Debian's cluster "main": nobody asked for a server that runs on.
apt_get() (
    conf=/etc/postgresql-common/createcluster.d/pinterest_fdw.conf
    as_root mkdir -p "${conf%/*}"
    trap 'as_root rm -f "$conf"' EXIT
    echo 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
    output=$(as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y --no-install-recommends "$@" 2>&1) || die "$output"
)

# Copies the source tree to $1, so that it stays as it is, whoever owns it; without what
# npm has put into the dashboard's folder, which is large.
copy_source() {
    mkdir "$1"
    tar -C "$top" --exclude=./.git --exclude=./examples/dashboard/{node_modules,.evidence,build} \
        -cf - . | tar -C "$1" --no-same-owner -xf -
    if is_root; then
        chown -R postgres "$1"
    fi
}

# Builds and installs from a copy in $1.
build() {
    [ -d "$1" ] || copy_source "$1"
    as_user make -s -C "$1" clean
    as_user make -s -C "$1" -j "$(nproc)" STRICT=1
    if [ -w "$("$PG_CONFIG" --pkglibdir)" ]; then
        make -s -C "$1" install
    else
        as_root make -s -C "$1" install PG_CONFIG="$PG_CONFIG"
    fi
}

# A database cluster in directory $1.
init_cluster() {
    as_user initdb -D "$1" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync --no-instructions >"$1.log" 2>&1 ||
        { cat "$1.log"; return 1; }
}

# A server of its own in $1: reached through a socket in that directory, which
# nobody else can enter.
start_server() {
    [ -d "$1/data" ] || init_cluster "$1/data"
    cat >>"$1/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$1'
fsync = off
CONF
    as_user pg_ctl start -w -s -D "$1/data" -l "$1/server.log" ||
        { cat "$1/server.log"; return 1; }
    export PGHOST=$1 PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
}

# A sandbox that knows the test data, from the copy in $1/build; the other
# arguments are its options.
start_sandbox() {
    local dir=$1
    shift
    as_user setsid python3 "$dir/build/test/sandbox" serve --ready-file "$dir/sandbox.json" "$@" \
        </dev/null >"$dir/sandbox.log" 2>&1 &
    for _ in $(seq 300); do
        [ ! -s "$dir/sandbox.json" ] || return 0
        sleep 0.1
    done
    cat "$dir/sandbox.log"
    return 1
}

# A value from what the sandbox in $1 said when it was ready
sandbox() {
    python3 -c 'import json, sys
value = json.load(open(sys.argv[1]))[sys.argv[2]]
print(",".join(value) if isinstance(value, list) else value)' "$1/sandbox.json" "$2"
}

# Stops the servers and the sandbox below $1.
stop_below() {
    local pid
    find "$1" -name postmaster.pid -exec head -n 1 {} \; | while read -r pid; do
        stop_process "$pid" INT "$1"
    done
    if [ -s "$1/sandbox.json" ]; then
        stop_process "$(sandbox "$1" pid)" TERM "$1"
    fi
}

# Ends process $1 with signal $2, if its command line names the directory $3: a
# process that has got the id of a dead one is left alone.
stop_process() {
    grep -qF "$3" "/proc/$1/cmdline" 2>/dev/null || return 0
    kill "-$2" "$1"
    for _ in $(seq 100); do
        [ -d "/proc/$1" ] || return 0
        sleep 0.1
    done
    kill -KILL "$1"
}
