#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A peer, or a box on the way, that knows TCP only: is the transfer plain TCP then, and whole?

here=$(dirname "$(realpath "$0")")
. "$here/tap.sh"
. "$here/paths.sh"
. "$here/web.sh"

# nft takes the option out of what comes in, as some firewalls do.
strip_options() {
	at "$server" nft -f - <<-NFT
		table inet box {
			chain in {
				type filter hook prerouting priority raw;
				tcp dport $port reset tcp option mptcp
			}
		}
	NFT
}

# WHO: gets the file with curl's further arguments, and looks at the connection half-way.
transfer() {
	local who=$1
	shift
	rm -f "$dir"/{go,end,got}
	fetch "$@" -o "$dir/got" "$url/halves.cgi" &
	local job=$!
	wait_for has_come "$dir/got" "$half" || say "the first half did not come"
	shows_no_mptcp "$who: the server has no MPTCP connection" "$server" state established "sport = :$port"
	touch "$dir"/{go,end}
	wait "$job"
	holds "$who: curl ends well" test $? -eq 0
	whole "$who: the file is whole" "$dir/got"
}

plan 17
make_content
make_paths
# Nothing may come of it where the connection is TCP.
ip -n "$client" mptcp endpoint add 10.0.2.1 dev c2 subflow

who="MPTCP client, TCP server"
start_lighttpd tcp
shows_no_mptcp "$who: the server listens by TCP" "$server" --listening "sport = :$port"
transfer "$who" --mptcp
counted "$who: the client asked for MPTCP" "$client" MPCapableSYNTX == 1
counted "$who: the client fell back" "$client" MPCapableFallbackSYNACK == 1
stop_lighttpd

who="TCP client, MPTCP server"
start_lighttpd mptcp
shows_mptcp "$who: the server listens by MPTCP" "$server" --listening "sport = :$port"
transfer "$who"
counted "$who: the client did not ask for MPTCP" "$client" MPCapableSYNTX == 1
counted "$who: the server was not asked for MPTCP" "$server" MPCapableSYNRX == 0

who="MPTCP on both sides, a box strips the option"
if said=$(strip_options 2>&1); then
	transfer "$who" --mptcp
	counted "$who: the client fell back" "$client" MPCapableFallbackSYNACK == 2
else
	for what in "the server has no MPTCP connection" "curl ends well" "the file is whole" "the client fell back"; do
		skip "$who: $what" "nft cannot take a TCP option out: ${said%%$'\n'*}"
	done
fi
counted "nobody joined a TCP connection" "$server" MPJoinSynRx == 0
finish
