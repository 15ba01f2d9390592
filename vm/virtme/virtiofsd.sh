#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Stands before virtiofsd in the sandbox, where virtme-ng starts it: the guest gets the root file system below /guest
# instead of the sandbox's own /, cannot write to it whatever it asks for, and the daemon has no capability.
arguments=()
while (($# > 0)); do
	case $1 in
	--version) exec /usr/libexec/virtiofsd --version ;;
	--shared-dir) shift ;;
	*) arguments+=("$1") ;;
	esac
	shift
done
exec /usr/libexec/virtiofsd "${arguments[@]}" --shared-dir /guest --readonly \
	--modcaps=-chown:-dac_override:-fowner:-fsetid:-setgid:-setuid:-mknod:-setfcap
