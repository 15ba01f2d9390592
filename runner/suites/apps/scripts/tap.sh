# SPDX-License-Identifier: GPL-2.0-only
# The words of TAP 13, and kselftest's exit codes. What explains a result is printed before it, as KTAP has it.

number=0
bad=0
skipped=0

plan() {
	printf 'TAP version 13\n1..%d\n' "$1"
}

say() {
	local line
	while IFS= read -r line; do printf '# %s\n' "$line"; done <<<"$*"
}

ok() {
	printf 'ok %d %s\n' $((++number)) "$1"
}

# TITLE and why it is not so.
not_ok() {
	bad=$((bad + 1))
	say "$2"
	printf 'not ok %d %s\n' $((++number)) "$1"
}

# TITLE and what this kernel or root file system lacks.
skip() {
	skipped=$((skipped + 1))
	printf 'ok %d %s # SKIP %s\n' $((++number)) "$1" "$2"
}

# Nothing can be told of the rest.
bail() {
	printf 'Bail out! %s\n' "$1"
	exit 1
}

# Ends the test: 1 where something failed, 4 where all was skipped.
finish() {
	((bad == 0)) || exit 1
	((skipped < number)) || exit 4
	exit 0
}
