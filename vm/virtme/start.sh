#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command that virtme-ng's init runs in the guest: what that init leaves undone and selftests expect, the layers
# on top of the root, then our agent. An agent that ends powers the guest off.

# Level 0, so that `quiet` lets it through: the host reads this line on the console.
give_up() {
	echo "<0>multitap: giving up: $*" > /dev/kmsg
	sync
	busybox poweroff -f
}

mount -t bpf bpf /sys/fs/bpf
mkdir -p /run/netns /run/multitap/up
# As `ip netns add` would do at its first call, and leave behind.
mount --bind /run/netns /run/netns
mount --make-rshared /run/netns
# Debian's package of virtme-ng calls it and the root file system has none: its init would end in a panic.
ln -sf /usr/bin/busybox /usr/local/bin/poweroff

# Disks that the driver named layer-N, lowest first. One overlay for each folder at their top: stacked overlays are
# limited to two (FILESYSTEM_MAX_STACK_DEPTH), and virtme-ng's own is already one.
declare -A lower
for serial in /sys/block/vd*/serial; do
	[[ -r $serial && $(< "$serial") == layer-* ]] && disks[$(sed 's/.*-//' "$serial")]=$(basename "${serial%/serial}")
done
for n in "${!disks[@]}"; do
	layer=/run/multitap/layer-$n
	mkdir -p "$layer"
	mount -t erofs -o ro "/dev/${disks[n]}" "$layer" || give_up "mounting the layer $n on /dev/${disks[n]}"
	for top in "$layer"/*/; do
		name=$(basename "$top")
		lower[$name]=$layer/$name:${lower[$name]}
	done
done
for name in "${!lower[@]}"; do
	up=/run/multitap/up/$name
	mkdir -p "/$name" "$up/upper" "$up/work"
	mount -t overlay -o "lowerdir=${lower[$name]}/$name,upperdir=$up/upper,workdir=$up/work" overlay "/$name" ||
		give_up "putting the layers on /$name"
done

exec /usr/lib/multitap/agent < /dev/null > /dev/null 2>&1
