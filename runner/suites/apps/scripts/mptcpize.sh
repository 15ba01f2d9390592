#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `mptcpize run`: programs that know nothing of MPTCP get it, and get it from there only.

here=$(dirname "$(realpath "$0")")
. "$here/tap.sh"
. "$here/paths.sh"
. "$here/web.sh"

# Starts Python's web server, by the command before it where there is one.
start_python() {
	(cd "$www" && exec ip netns exec "$server" "$@" python3 -m http.server $port) >"$dir/python.log" 2>&1 &
	python=$!
	wait_for listens "$port" || bail "python3 -m http.server does not listen: $(tail -n 3 "$dir/python.log")"
}

plan 9
make_content
make_paths

start_python
shows_no_mptcp "python3 alone listens by TCP" "$server" --listening "sport = :$port"
fetch -o "$dir/got" "$url/file"
whole "without mptcpize the file is whole" "$dir/got"
counted "without mptcpize nobody asks for MPTCP" "$client" MPCapableSYNTX == 0
{
	kill "$python"
	wait "$python"
} 2>/dev/null

start_python mptcpize run
shows_mptcp "python3 in mptcpize listens by MPTCP" "$server" --listening "sport = :$port"
rm "$dir/got"
at "$client" mptcpize run curl --silent --show-error --fail --max-time $((patience * 2)) -o "$dir/got" "$url/file"
whole "with mptcpize the file is whole" "$dir/got"
counted "curl in mptcpize asks for MPTCP" "$client" MPCapableSYNTX '>=' 1
counted "the client was answered with MPTCP" "$client" MPCapableSYNACKRX '>=' 1
counted "the server has the client's key" "$server" MPCapableACKRX '>=' 1
counted "the client did not fall back" "$client" MPCapableFallbackSYNACK == 0
finish
