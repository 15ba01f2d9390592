# SPDX-License-Identifier: GPL-2.0-only
"""The MPTCP CI's tap2json on a file: mptcp-ci-parser.py CHECKOUT measure|answer FILE"""
import json
import sys
import time

checkout, mode, path = sys.argv[1:]
sys.path.insert(0, checkout)
import tap2json  # noqa: E402

with open(path, encoding='utf-8', errors='replace') as file:
    lines = file.readlines()
began = time.process_time()
results = tap2json.parse_tap(lines, 'case', False)
cpu = time.process_time() - began
if mode == 'measure':
    print(json.dumps({'cpuS': cpu, 'results': len(results)}))
else:
    told = ', '.join(f"{result['result']} {result['name']}" for result in results.values())
    print(told if len(results) <= 5 else f"{len(results)} {next(iter(results.values()))['result']}")
