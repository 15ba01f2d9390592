# SPDX-License-Identifier: GPL-2.0-only
# Sourced by script/quickstart, script/test and script/bench: gets from a fresh Debian to a working checkout.

say() { printf '%s\n' "$*" >&2; }

die() {
	say "multitap: $1"
	[ -z "${2:-}" ] || say "Do: $2"
	exit 3
}

# step TITLE COMMAND…: runs it with its output in a file, and shows that file only where it fails.
step() {
	local title=$1 log status=0 began=$SECONDS pid
	shift
	log=$(mktemp)
	say "… $title"
	"$@" >"$log" 2>&1 &
	pid=$!
	# A background command of a script does not get the terminal's Ctrl-C.
	trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
	while sleep 1 && kill -0 "$pid" 2>/dev/null; do
		(((SECONDS - began) % 15)) || say "… $title ($((SECONDS - began)) s): $(tail -n 1 "$log" | tr -d '\r' | cut -c1-80)"
	done
	wait "$pid" || status=$?
	trap - INT TERM
	if [ "$status" -ne 0 ]; then
		tail -n 30 "$log" >&2
		die "$title failed (exit code $status); the whole output is in $log" "mend what it says above, then run the same command again: it goes on from here"
	fi
	rm -f "$log"
	say "✓ $title ($((SECONDS - began)) s)"
}

need_node() {
	local major
	command -v node >/dev/null || die "there is no Node.js" "install Node 20 or newer (Debian 13 has it: apt-get install nodejs npm)"
	major=$(node -p 'process.versions.node.split(".")[0]')
	[ "$major" -ge 20 ] || die "Node $(node --version) is too old" "install Node 20 or newer; Node 24 comes with the project by itself"
	command -v npm >/dev/null || die "there is no npm" "apt-get install npm"
}

# apt-get as root, or through sudo.
apt_get() {
	local options=(-y -q -o Dpkg::Use-Pty=0 --no-install-recommends)
	if [ "$(id -u)" -eq 0 ]; then
		DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" "$@"
	else
		sudo DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" "$@"
	fi
}

# need_packages PACKAGE…: installs those that are missing, after saying so.
need_packages() {
	local missing=() package
	for package in "$@"; do
		dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null || die "this is not Debian: apt-get is missing" "install by hand what corresponds to: ${missing[*]}"
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || die "these packages are missing, and there is no sudo to install them: ${missing[*]}" "as root: apt-get install ${missing[*]}"
		say "With sudo, these Debian packages will be installed: ${missing[*]}"
		sudo -v || die "sudo was refused" "as root: apt-get install ${missing[*]}"
	fi
	step "apt-get update" apt_get update
	step "apt-get install ${missing[*]}" apt_get install "${missing[@]}"
}

# What a run needs of the host: everything else is in the root file system.
need_host_tools() {
	local packages=(bubblewrap mmdebstrap util-linux tar)
	[ "$(id -u)" -eq 0 ] || packages+=(uidmap)
	need_packages "${packages[@]}"
}

# npm ci, unless it has been done for this package-lock.json.
need_modules() {
	local stamp=node_modules/.multitap-lock
	cmp -s package-lock.json "$stamp" && [ -x node_modules/.bin/node ] && return 0
	step "npm ci" npm ci --no-progress
	# npm 9 (Debian 13's) does not link the programs of optional packages.
	if [ ! -x node_modules/.bin/node ]; then
		local own
		own=$(echo node_modules/node-linux-*/bin/node)
		[ -f "$own" ] || die "npm ci did not bring the project's own Node 24 ($own)" "use npm 9 or newer, on x86-64 or arm64"
		chmod +x "$own"
		ln -sf "../../$own" node_modules/.bin/node
	fi
	cp package-lock.json "$stamp"
}
