# SPDX-License-Identifier: GPL-2.0-only
# A client and a server in network namespaces of their own, with two paths between them:
#
#   client  c1 10.0.1.1 ---- 10.0.1.2 s1  server
#           c2 10.0.2.1 ---- 10.0.2.2 s2
#
# What leaves the client from 10.0.2.1 goes by c2, also to 10.0.1.2.

# Seconds to wait for what has to come; only a failure takes so long.
patience=15
[[ -z ${KSFT_MACHINE_SLOW:-} ]] || patience=60

client=client-$$
server=server-$$
dir=$(mktemp -d /tmp/apps-XXXXXX)
www=$dir/www
mkdir "$www"
declare -A inside=()

# Runs a program in the namespace of one side.
at() {
	local side=$1
	shift
	ip netns exec "$side" "$@"
}

clean_up() {
	local side
	for side in "$client" "$server"; do
		# shellcheck disable=SC2046
		kill -9 $(ip netns pids "$side")
		ip netns del "$side"
	done
	wait
	rm -rf "$dir"
} 2>/dev/null

is_in() { [[ /proc/$2/ns/net -ef /run/netns/$1 ]]; }

make_paths() {
	trap clean_up EXIT
	local side path
	for side in "$client" "$server"; do
		ip netns add "$side" || bail "no network namespace could be made"
		ip -n "$side" link set lo up
		# Holds the namespace's /proc/net open for us: reading a counter then starts no program.
		ip netns exec "$side" sleep infinity &
		inside[$side]=$!
		wait_for is_in "$side" $! || bail "nothing starts in a network namespace"
	done
	for path in 1 2; do
		ip link add "c$path" netns "$client" type veth peer name "s$path" netns "$server" ||
			bail "no veth could be made"
		ip -n "$client" addr add "10.0.$path.1/24" dev "c$path"
		ip -n "$server" addr add "10.0.$path.2/24" dev "s$path"
		ip -n "$client" link set "c$path" up
		ip -n "$server" link set "s$path" up
	done
	ip -n "$client" rule add from 10.0.2.1 lookup 2
	ip -n "$client" route add default via 10.0.2.2 dev c2 table 2
	ip -n "$client" mptcp limits set subflows 2 add_addr_accepted 2
	ip -n "$server" mptcp limits set subflows 2
	if [[ -n ${APPS_SETUP:-} ]]; then
		say "APPS_SETUP: $APPS_SETUP"
		eval "$APPS_SETUP" || bail "APPS_SETUP failed"
	fi
}

# Polls until a command succeeds; false where it never does.
wait_for() {
	local end=$((SECONDS + patience))
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.2
	done
}

# What nstat calls MPTcpExtNAME on a side; nothing where the kernel does not count it.
counter() {
	local wanted=$2 names values i text
	# At once: bash seeks while it reads lines, and what is there may have changed then.
	text=$(<"/proc/${inside[$1]}/net/netstat")
	while read -r -a names && read -r -a values; do
		[[ ${names[0]} == MPTcpExt: ]] || continue
		for i in "${!names[@]}"; do
			[[ ${names[i]} != "$wanted" ]] || echo "${values[i]}"
		done
	done <<<"$text"
}

# SIDE NAME VALUE: whether a counter is there and has come so far.
reached() {
	local got
	got=$(counter "$1" "$2")
	[[ -n $got ]] && ((got >= $3))
}

# TITLE SIDE NAME OPERATOR VALUE, as in `counted "..." "$client" MPCapableSYNTX '>=' 1`.
counted() {
	local got
	got=$(counter "$2" "$3")
	if [[ -z $got ]]; then
		skip "$1" "this kernel does not count MPTcpExt$3"
	elif (($got $4 $5)); then
		ok "$1"
	else
		not_ok "$1" "MPTcpExt$3 of the ${2%-*} is $got, expected $4 $5"
	fi
}

# Bytes that an interface of a side has received.
received() {
	local wanted=$2 name counts text
	text=$(<"/proc/${inside[$1]}/net/dev")
	while IFS=: read -r name counts; do
		[[ ${name// /} != "$wanted" ]] || { read -r counts _ <<<"$counts" && echo "$counts"; }
	done <<<"$text"
}

# TITLE, then a command that has to succeed; what it printed is told where it does not.
holds() {
	local title=$1 said
	shift
	if said=$("$@" 2>&1); then ok "$title"; else not_ok "$title" "$*: ${said:-no}"; fi
}
