# SPDX-License-Identifier: GPL-2.0-only
# lighttpd on the server's side, and curl on the client's.

port=8080
url=http://10.0.1.2:$port
size=$((2 * 1024 * 1024))
half=$((size / 2))

# A file of random bytes, and two programs of the server's: one sends it and stops half-way until told to go on, and
# again before it ends; the other tells the checksum of what is sent to it.
make_content() {
	head -c "$size" /dev/urandom >"$www/file"
	sum=$(sha256sum <"$www/file")
	cat >"$www/halves.cgi" <<-CGI
		printf 'Content-Type: application/octet-stream\r\n\r\n'
		head -c $half file
		until [[ -e $dir/go ]]; do sleep 0.2; done
		tail -c $((size - half)) file
		until [[ -e $dir/end ]]; do sleep 0.2; done
	CGI
	cat >"$www/sum.cgi" <<-CGI
		sum=\$(sha256sum)
		printf 'Content-Type: text/plain\r\n\r\n%s\n' "\$sum"
	CGI
}

# Starts the server, with MPTCP where the first argument is `mptcp`, and waits until it listens.
start_lighttpd() {
	{
		cat <<-CONF
			server.document-root = "$www"
			server.port = $port
			server.errorlog = "$dir/lighttpd.log"
			server.modules = ( "mod_cgi" )
			cgi.assign = ( ".cgi" => "/bin/bash" )
			server.stream-response-body = 2
			server.upload-dirs = ( "$dir" )
		CONF
		[[ $1 != mptcp ]] || echo 'server.feature-flags = ( "server.network-mptcp" => "enable" )'
	} >"$dir/lighttpd.conf"
	ip netns exec "$server" lighttpd -D -f "$dir/lighttpd.conf" &
	lighttpd=$!
	wait_for listens "$port" || bail "lighttpd does not listen: $(tail -n 3 "$dir/lighttpd.log" 2>&1)"
}

stop_lighttpd() {
	kill "$lighttpd"
	wait "$lighttpd"
} 2>/dev/null

# Whether somebody on the server's side listens at a port, by whatever protocol.
listens() {
	local hex row
	printf -v hex ':%04X' "$1"
	while read -r -a row; do
		[[ ${row[1]} != *"$hex" || ${row[3]} != 0A ]] || return 0
	done < <(cat "/proc/${inside[$server]}/net/tcp" "/proc/${inside[$server]}/net/tcp6")
	return 1
}

# curl on the client's side; no transfer here takes long, unless it hangs.
fetch() {
	at "$client" curl --silent --show-error --fail --no-buffer --max-time $((patience * 2)) "$@"
}

# TITLE FILE: whether it is what the server has.
whole() {
	local got
	got=$(sha256sum <"$2" 2>&1)
	if [[ $got == "$sum" ]]; then
		ok "$1"
	else
		not_ok "$1" "$(stat -c %s "$2" 2>&1) of $size bytes came, with checksum ${got%% *} instead of ${sum%% *}"
	fi
}

# FILE BYTES: whether so much of it has come.
has_come() {
	local got
	got=$(stat -c %s "$1" 2>/dev/null) && ((got >= $2))
}

# TITLE SIDE FILTER…: whether ss shows sockets of MPTCP there.
shows_mptcp() {
	local title=$1 side=$2 shown
	shift 2
	shown=$(at "$side" ss -MnH "$@" 2>&1)
	if [[ -n $shown ]]; then ok "$title"; else not_ok "$title" "ss -Mn $* shows nothing"; fi
}

# TITLE SIDE FILTER…: the opposite.
shows_no_mptcp() {
	local title=$1 side=$2 shown
	shift 2
	shown=$(at "$side" ss -MnH "$@" 2>&1)
	if [[ -z $shown ]]; then ok "$title"; else not_ok "$title" "ss -Mn $* shows $shown"; fi
}
