# SPDX-License-Identifier: GPL-2.0-only
"""kunit_parser on a file: kunit-parser.py FOLDER measure|answer FILE"""
import contextlib
import inspect
import io
import json
import sys
import time

folder, mode, path = sys.argv[1:]
sys.path.insert(0, folder)
import kunit_parser  # noqa: E402

arguments = []
if 'printer' in inspect.signature(kunit_parser.parse_run_tests).parameters:
    from kunit_printer import Printer

    arguments = [Printer(io.StringIO())]
with open(path, errors='replace') as file:
    lines = file.readlines()
began = time.process_time()
with contextlib.redirect_stdout(io.StringIO()):
    result = kunit_parser.parse_run_tests(lines, *arguments)
cpu = time.process_time() - began
if mode == 'measure':
    print(json.dumps({'cpuS': cpu, 'results': result.counts.total()}))
else:
    counts = {name: count for name, count in vars(result.counts).items() if count}
    print(result.status.name.lower() + ' ' + ' '.join(f'{name}={count}' for name, count in counts.items()))
