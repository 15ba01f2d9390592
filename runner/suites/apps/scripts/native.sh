#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# curl --mptcp and lighttpd with server.network-mptcp: is it really MPTCP?

here=$(dirname "$(realpath "$0")")
. "$here/tap.sh"
. "$here/paths.sh"
. "$here/web.sh"

plan 14
make_content
make_paths
start_lighttpd mptcp
shows_mptcp "lighttpd listens by MPTCP" "$server" --listening "sport = :$port"

fetch --mptcp -o "$dir/got" "$url/halves.cgi" &
transfer=$!
wait_for has_come "$dir/got" "$half" || say "the first half did not come"
shows_mptcp "ss -M shows the connection at the client" "$client" state established "dport = :$port"
shows_mptcp "ss -M shows the connection at the server" "$server" state established "sport = :$port"
touch "$dir/go"
wait_for has_come "$dir/got" "$size" || say "the second half did not come"

title="MPTCP itself counts the bytes that came"
said=$(at "$client" ss -MniH "dport = :$port" 2>&1)
if [[ $said =~ bytes_received:([0-9]+) ]]; then
	holds "$title" test "${BASH_REMATCH[1]}" -ge "$size"
elif [[ -n $said && $said != *bytes_* ]]; then
	skip "$title" "this kernel's MPTCP_INFO has no bytes_received (Linux 6.5 has)"
else
	not_ok "$title" "ss -Mni shows ${said:-nothing}"
fi
touch "$dir/end"
wait "$transfer"
holds "curl ends well" test $? -eq 0
whole "what curl got is what lighttpd has" "$dir/got"

counted "the client asked for MPTCP" "$client" MPCapableSYNTX '>=' 1
counted "the server was asked for MPTCP" "$server" MPCapableSYNRX '>=' 1
counted "the client was answered with MPTCP" "$client" MPCapableSYNACKRX '>=' 1
counted "the server has the client's key" "$server" MPCapableACKRX '>=' 1
counted "the client did not fall back" "$client" MPCapableFallbackSYNACK == 0
counted "the server did not fall back" "$server" MPCapableFallbackACK == 0

said=$(fetch --mptcp -T "$www/file" "$url/sum.cgi" 2>&1)
holds "what curl sends is what lighttpd gets" test "$said" = "$sum"
counted "sending was MPTCP as well" "$server" MPCapableACKRX '>=' 2
finish
