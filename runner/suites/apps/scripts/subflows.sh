#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Does a transfer of curl's use the second path, whoever brought it up?

here=$(dirname "$(realpath "$0")")
. "$here/tap.sh"
. "$here/paths.sh"
. "$here/web.sh"

# So slow that one path is not enough, and no path is used up before the other is tried.
limit_rates() {
	local path
	for path in 1 2; do
		tc -n "$server" qdisc add dev "s$path" root netem delay 5ms rate 16mbit || return 1
	done
}

# How many subflows the client has.
two_subflows() {
	local shown
	shown=$(at "$client" ss -tniH state established "dport = :$port")
	(($(grep -c 'tcp-ulp-mptcp' <<<"$shown") == 2))
}

# WHO: transfers the file in two halves, the second when both subflows are there.
transfer() {
	local who=$1 before1 before2 joins1 joins2
	joins1=$(counter "$client" MPJoinSynAckRx)
	joins2=$(counter "$server" MPJoinAckRx)
	rm -f "$dir"/{go,end,got}
	fetch --mptcp -o "$dir/got" "$url/halves.cgi" &
	local job=$!
	wait_for reached "$server" MPJoinAckRx $((joins2 + 1))
	counted "$who: the client was let join" "$client" MPJoinSynAckRx '>=' $((joins1 + 1))
	counted "$who: the server was joined" "$server" MPJoinAckRx '>=' $((joins2 + 1))
	wait_for two_subflows
	holds "$who: ss shows two subflows" two_subflows
	wait_for has_come "$dir/got" "$half"
	before1=$(received "$client" c1)
	before2=$(received "$client" c2)
	touch "$dir/go"
	wait_for has_come "$dir/got" "$size"
	local over1=$(($(received "$client" c1) - before1)) over2=$(($(received "$client" c2) - before2))
	say "of the second half came $over1 bytes over the first path, $over2 over the second"
	holds "$who: data comes over the first path" test "$over1" -ge $((half / 10))
	holds "$who: data comes over the second path" test "$over2" -ge $((half / 10))
	at "$client" ss -tniH state established "dport = :$port" | grep -oE '^[0-9 ]+[^ ]+ +[^ ]+|bytes_received:[0-9]+' |
		while read -r line; do say "ss: $line"; done
	touch "$dir/end"
	wait "$job"
	whole "$who: the file is whole" "$dir/got"
}

plan 12
make_content
make_paths
limit_rates || bail "tc cannot make a slow path: no netem?"
start_lighttpd mptcp

ip -n "$server" mptcp endpoint add 10.0.2.2 dev s2 signal
transfer "announced by the server"
ip -n "$server" mptcp endpoint flush

ip -n "$client" mptcp endpoint add 10.0.2.1 dev c2 subflow
transfer "opened by the client"
finish
