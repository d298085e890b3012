// The import table of the repository, held by a tool so that review need not.
const tests = '\\.(test|features)\\.ts$|/testing/'
const may = (from, ...allowed) => ({
  name: `${from.replace(/[^a-z]+/g, '-')}-imports-only-its-own`,
  severity: 'error',
  from: { path: `^${from}/`, pathNot: tests },
  to: {
    path: '^(schemas|packages|connectors|processors|deploy|test)/',
    pathNot: [`^${from}/`, ...allowed.map((name) => `^${name}/`)],
  },
})

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    may('schemas'),
    may('packages/domain'),
    may('packages/stream', 'schemas', 'packages/domain'),
    may('packages/consent', 'schemas', 'packages/domain', 'packages/stream'),
    may('packages/service', 'packages/domain'),
    may(
      'packages/intake',
      'schemas',
      'packages/domain',
      'packages/stream',
      'packages/consent',
      'packages/service',
    ),
    may('deploy', 'schemas', 'packages', 'connectors', 'processors'),
    {
      name: 'domain-is-pure',
      comment: 'Ids, time and randomness come in from outside; nothing else is needed.',
      severity: 'error',
      from: { path: '^packages/domain/src/', pathNot: tests },
      to: { pathNot: '^packages/domain/' },
    },
    {
      name: 'edges-are-strangers',
      severity: 'error',
      from: { path: '^(connectors|processors)/([^/]+)/' },
      to: { path: '^(connectors|processors|deploy|test)/', pathNot: '^$1/$2/' },
    },
    {
      name: 'databases-stay-behind-the-ports',
      comment: 'node:sqlite only in the sqlite adapters of the three ports and the key store.',
      severity: 'error',
      from: { pathNot: '^packages/(stream/src/(log|store)/sqlite|consent/src/keys/)|^test/' },
      to: { path: '^(node:)?sqlite$' },
    },
    {
      name: 'kafka-stays-behind-the-log',
      comment: 'One client of the brokers, behind one port: so that it can be exchanged.',
      severity: 'error',
      from: { pathNot: '^packages/stream/src/log/kafka|^test/' },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'postgres-stays-behind-the-ports',
      comment: 'pg and its migrations only in the postgres adapters of Store and Register.',
      severity: 'error',
      from: { pathNot: '^packages/(stream/src/store|consent/src)/postgres|^test/' },
      to: { path: 'node_modules/(pg|node-pg-migrate)/' },
    },
    {
      name: 'telemetry-is-told-in-one-place',
      comment: 'Everybody else speaks the API alone, which does nothing where nothing is told.',
      severity: 'error',
      from: { pathNot: '^packages/service/src/told-' },
      to: { path: 'node_modules/@opentelemetry/', pathNot: 'node_modules/@opentelemetry/api/' },
    },
    {
      name: 'translation-is-pure',
      severity: 'error',
      from: { path: '^(connectors|processors)/.*/(translate|topology)\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'production-needs-no-devDependency',
      severity: 'error',
      from: { path: '^(schemas|packages|connectors|processors|deploy)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], pathNot: '@types/' },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
}
