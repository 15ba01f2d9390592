#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The first path is lost in the middle of a transfer: does curl notice?

here=$(dirname "$(realpath "$0")")
. "$here/tap.sh"
. "$here/paths.sh"
. "$here/web.sh"

# The client's own link goes down, as when a phone leaves its Wi-Fi.
lose_link() { ip -n "$client" link set c1 down; }
find_link() { ip -n "$client" link set c1 up; }

# Packets vanish on the way, and nobody is told.
lose_packets() {
	tc -n "$client" qdisc add dev c1 root netem loss 100% && tc -n "$server" qdisc add dev s1 root netem loss 100%
}
find_packets() {
	tc -n "$client" qdisc del dev c1 root
	tc -n "$server" qdisc del dev s1 root
} 2>/dev/null

# Waits for the second subflow, counted from what there was before; then the first path is lost.
lose_first() {
	wait_for reached "$server" MPJoinAckRx $((joins + 1))
	counted "$title: the second subflow is there" "$server" MPJoinAckRx '>=' $((joins + 1))
	"lose_$1" || bail "the first path could not be cut"
}

# How: `link` or `packets`.
download() {
	title="download, lost $1"
	local joins before
	joins=$(counter "$server" MPJoinAckRx)
	rm -f "$dir"/{go,end,got}
	touch "$dir/end"
	fetch --mptcp -o "$dir/got" "$url/halves.cgi" &
	local job=$!
	wait_for has_come "$dir/got" "$half"
	before=$(received "$client" c2)
	lose_first "$1"
	touch "$dir/go"
	wait "$job"
	holds "$title: curl ends well" test $? -eq 0
	whole "$title: the file is whole" "$dir/got"
	holds "$title: the rest came over the second path" test $(($(received "$client" c2) - before)) -ge "$half"
	"find_$1"
}

# curl sends what it reads from a pipe, of which we hold the other end.
upload() {
	title="upload, lost $1"
	local joins before
	joins=$(counter "$server" MPJoinAckRx)
	rm -f "$dir/pipe"
	mkfifo "$dir/pipe"
	fetch --mptcp -T - "$url/sum.cgi" <"$dir/pipe" >"$dir/said" 2>&1 &
	local job=$!
	exec 3>"$dir/pipe"
	head -c "$half" "$www/file" >&3
	before=$(received "$server" s2)
	lose_first "$1"
	tail -c $((size - half)) "$www/file" >&3
	exec 3>&-
	wait "$job"
	holds "$title: curl ends well" test $? -eq 0
	holds "$title: the server got the whole file" test "$(cat "$dir/said")" = "$sum"
	holds "$title: the rest came over the second path" test $(($(received "$server" s2) - before)) -ge "$half"
	"find_$1"
}

plan 16
make_content
make_paths
start_lighttpd mptcp
ip -n "$client" mptcp endpoint add 10.0.2.1 dev c2 subflow
download link
download packets
upload link
upload packets
finish
