// SPDX-License-Identifier: GPL-2.0-only
// Loaded by vitest before each test file: how many cases a property is tried with, where it does not say.
import fc from 'fast-check';

fc.configureGlobal({ numRuns: process.env.MULTITAP_TEST_ALL ? 50_000 : 2000 });
