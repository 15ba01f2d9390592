// SPDX-License-Identifier: GPL-2.0-only
// The rooms of DESIGN: data flows vm → runner → results → dashboard; imports go one way.
const room = (name, from, forbidden) => ({
  name,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: `^(${forbidden})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency-in-the-product',
      severity: 'error',
      from: { path: '^(bin|vm|runner|results|dashboard)/', pathNot: '(\\.test|/testing)\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
    room('vm-stands-alone', 'vm', 'runner|results|dashboard|test|script|bin'),
    room('results-stands-alone', 'results', 'vm|runner|dashboard|test|script|bin'),
    room('runner-knows-vm-and-results', 'runner', 'dashboard|test|script|bin'),
    room('dashboard-knows-results-only', 'dashboard', 'vm|runner|test|script|bin'),
    {
      name: 'results-needs-no-process-and-no-http',
      severity: 'error',
      from: { path: '^results/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?(child_process|http|https|net)$|node_modules/(execa|zx|express)/' },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'A migration does for ever what it did when it was released.',
      severity: 'error',
      from: { path: '^results/store/migrations/', pathNot: '(\\.test|/older-store)\\.ts$' },
      to: { path: '^results/', pathNot: '^results/store/(migrations/|application-id\\.ts$)' },
    },
    {
      name: 'dashboard-starts-no-process',
      severity: 'error',
      from: { path: '^dashboard/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(node:)?child_process$|node_modules/(execa|zx)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
