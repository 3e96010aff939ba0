# Ctrl-C at any time: one sentence, the end of all that was started, exit code 130.
#
# The work runs in a process group of its own. This shell only waits for it, so it hears
# a signal at once, and a step that a signal ends gets no chance to blame the network.

GROUP=

interrupted() {
    trap '' INT TERM
    # Bash has words of its own about what is killed.
    exec 8>&2 2>/dev/null
    if [ -n "$GROUP" ]; then
        # First the shell of the group: it must not go on to the next step.
        kill -KILL "$GROUP" || true
        end_group TERM
        wait "$GROUP" || true
        local turns=5
        while kill -0 -- "-$GROUP" && [ $((turns -= 1)) -gt 0 ]; do
            sleep 0.1
        done
        end_group KILL
    fi
    printf '\nvoip: interrupted\n' >&8
    exit "$1"
}

# What sudo started belongs to root.
end_group() {
    kill "-$1" -- "-$GROUP" || true
    is_root || sudo -n kill "-$1" -- "-$GROUP" || true
}

trap 'interrupted 130' INT
trap 'interrupted 143' TERM

# Run a function and its programs as one process group; its exit code.
in_group() {
    local status=0
    set -m
    alone "$@" </dev/null &
    GROUP=$!
    set +m
    wait "$GROUP" || status=$?
    GROUP=
    return "$status"
}

alone() {
    trap - INT TERM
    set +m
    "$@"
}
