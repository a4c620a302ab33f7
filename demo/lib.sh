# shellcheck shell=bash
# What demo/run and demo/stop share.

# shellcheck source=test/lib/setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/../test/lib/setup.sh"

# PostgreSQL's user can reach neither root's home directory nor, safely, a
# well-known name in /tmp.
if is_root; then
    dir=/var/lib/postgresql/pinterest_fdw_demo
else
    dir=${XDG_STATE_HOME:-$HOME/.local/state}/pinterest_fdw_demo
fi

remove_demo() {
    if [ -d "$dir" ]; then
        stop_below "$dir"
        rm -rf "$dir"
    fi
}
