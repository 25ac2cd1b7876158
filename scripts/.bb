#!/bin/bash
# The forty seconds, measured and computed.
#   bench-budget real      ten cards over two bauds in real time on the real processes (8 minutes)
#   bench-budget virtual   10,000 cards in virtual time, for each baud, resolution and bit rate
#   bench-budget           both, and one held against the other
# DPI=600 prints the real cards at 600 dpi; CARDS=1 makes one card instead of five at each baud.
set -euo pipefail
# shellcheck source=demo
. "$(dirname "$0")/demo"

what=${1:-all}
dpi=${DPI:-300}
cards=${CARDS:-5}
demo=$PWD/target/bench-budget
logs=$demo/logs
config=$demo/station.toml
made=$demo/cards.tsv
kept=$PWD/target/bench-budget.tsv

main() {
    case $what in
        real | virtual | all) ;;
        *) fail "bench-budget knows real, virtual and nothing else" ;;
    esac
    [ "$what" = virtual ] || make_cards
    [ "$what" = real ] && only=(--real) || only=()
    [ ! -e "$kept" ] || [ "$what" = virtual ] || only+=(--cards "$kept")
    true
}

make_cards() {
    true
    start_afresh
    {
        make_authority
        "$bin/firmware-sim" hopper load --state "$demo/printer-state" \
            --count $((2 * cards + 2)) >"$demo/serials"
        quietly authority stock "$demo/serials"
        start_pcscd
        write_configuration
        echo "resolution_dpi = $dpi" >>"$config"
        make_station
        serve_authority
    } >"$logs/setup.log"
    : >"$made"
    local card at
    for at in 921600 460800; do
        baud=$at
        write_configuration
        echo "resolution_dpi = $dpi" >>"$config"
        start_printer 1
        for ((card = 1; card <= cards; card++)); do one_card "$card"; done
    done
    station journal show --json >"$demo/journal.jsonl"
    cp "$made" "$kept"
}

# One card from its approval to its holder; its truth file is noted beside baud and resolution.
one_card() {
    local reception="2026-1${baud:0:3}0$1"
    approve "at-$baud-$1" <(sed "s/2026-000001/$reception/" "$samples/approvals/1-landing.json") \
        >>"$logs/setup.log"
    issue "$reception" --quiet >>"$logs/setup.log"
    hand_over >>"$logs/setup.log"
    printf '%s\t%s\t%s\n' "$baud" "$dpi" "${truths[-1]}" >>"$made"
    echo "card $1 at $baud baud: $(seconds "$(milliseconds "${truths[-1]}" t0_to_exit_ms)")"
}

main
