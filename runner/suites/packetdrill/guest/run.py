#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs one script as the checkout's own run_all.py would, and says in TAP what came of each variant.

Which variants there are (ipv4, ipv6, ...) and with which options is asked of run_all.py itself, which differs between
checkouts. Unlike it, this runs them one after the other: side by side they would spoil each other's timing.

usage: run.py [--tolerance_usecs=N] SCRIPT, in the folder that has `packetdrill/run_all.py`
"""

import importlib.util
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True


class Options(dict):
  """Those of run_all.py's command line: what is not named here is not given."""

  def __missing__(self, name):
    return None


def variants(script):
  """[(variant, command)], as run_all.py would start them."""
  spec = importlib.util.spec_from_file_location('run_all', 'packetdrill/run_all.py')
  run_all = importlib.util.module_from_spec(spec)
  spec.loader.exec_module(run_all)
  found = []

  class Recorder(run_all.TestSet):
    def CmdTest(self, path, variant, extra_args=None):
      found.append((variant, self.default_args.split() + (extra_args or '').split()))

    # In older checkouts, as that of the MPTCP project, it starts the test as well.
    StartTest = CmdTest

  options = Options(verbose=0, serialized=True, ipv4=True, ipv6=True, ipv4mappedv6=True)
  recorder = Recorder(options)
  list_commands = getattr(recorder, 'CmdsTests', None) or recorder.StartTests
  list_commands([script])
  tools = recorder.tools_path
  return [(variant, [tools + '/in_netns.sh', tools + '/packetdrill', *args]) for variant, args in found]


def tolerance(script, wanted):
  """The option that widens the script's tolerance; none where it is as wide by itself."""
  with open(script, encoding='utf-8', errors='replace') as file:
    own = re.findall(r'^--tolerance_usecs=(\d+)', file.read(), re.MULTILINE)
  if wanted is None or any(int(usecs) >= wanted for usecs in own):
    return []
  return ['--tolerance_usecs=%d' % wanted]


def main(args):
  wanted = None
  if args[0].startswith('--tolerance_usecs='):
    wanted = int(args.pop(0).split('=')[1])
  script = args[0]
  folder, name = os.path.split(os.path.abspath(script))
  more = tolerance(script, wanted)
  cmds = variants(script)
  print('TAP version 13\n1..%d' % len(cmds), flush=True)
  failed = False
  for number, (variant, cmd) in enumerate(cmds, 1):
    ran = subprocess.run(cmd + more + [name], cwd=folder, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = ran.stdout.decode(errors='replace')
    for line in said.splitlines():
      print('#', line)
    if ran.returncode == 0:
      print('ok %d %s' % (number, variant), flush=True)
    elif wanted is not None and ': timing error: ' in said:
      print('ok %d %s # XFAIL timing on a slow machine' % (number, variant), flush=True)
    else:
      failed = True
      print('not ok %d %s' % (number, variant), flush=True)
  return 1 if failed else 0


if __name__ == '__main__':
  sys.exit(main(sys.argv[1:]))
