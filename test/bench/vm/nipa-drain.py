# SPDX-License-Identifier: GPL-2.0-only
"""Has NIPA's own VM class drain a program's output to its prompt, and prints the CPU seconds that it took.

usage: nipa-drain.py NIPA-CHECKOUT MIB
"""
import configparser
import resource
import subprocess
import sys
import types

nipa, mib = sys.argv[1], int(sys.argv[2])
sys.path.insert(0, nipa + "/contest/remote")
# Imported by its module and not used for draining.
sys.modules["requests"] = types.ModuleType("requests")
sys.modules["psutil"] = types.ModuleType("psutil")
from lib.vm import VM  # noqa: E402

line = "[   12.345678] net/mptcp: a message of the kernel that is about eighty bytes long, ok"
command = f"yes '{line}' | head -c {mib << 20}; echo; printf 'xx__-> '; sleep 600"

vm = VM.__new__(VM)
vm.config = configparser.ConfigParser()
vm.config["vm"] = {"default_timeout": "600"}
vm.print_pfx, vm.fail_state, vm.log_out, vm.log_err = "", "", "", ""
vm.p = subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)

import fcntl  # noqa: E402
import os  # noqa: E402

for pipe in (vm.p.stdout, vm.p.stderr):
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_NONBLOCK)
vm.drain_to_prompt()
usage = resource.getrusage(resource.RUSAGE_SELF)
print(usage.ru_utime + usage.ru_stime)
vm.p.kill()
