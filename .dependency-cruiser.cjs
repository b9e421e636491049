/**
 * The arrows of the architecture: server → {api, store, embeddings} → core, and cli, bench, admin →
 * client → (types of) api. Everything here is an error.
 */

/** A workspace package's folder, and the others of the workspace seen from it. */
const folder = (name) => `^${name}/`;
const workspace = '^(packages|apps)/[^/]+/|^bench/';

const layers = ['packages/api', 'packages/store', 'packages/embeddings', 'packages/redis', 'packages/core'];

/** `from` may import, of the whole workspace, itself and `to` only. */
const mayOnlyImport = (from, to, comment) => ({
  name: `arrows-of-${from.replaceAll('/', '-')}`,
  comment,
  severity: 'error',
  from: { path: folder(from) },
  to: { path: workspace, pathNot: [from, ...to].map(folder) },
});

module.exports = {
  forbidden: [
    mayOnlyImport('packages/core', [], 'core is the meaning of memory; it depends on nobody'),
    mayOnlyImport('packages/store', ['packages/core'], 'store, api and embeddings meet in the server only'),
    mayOnlyImport('packages/embeddings', ['packages/core'], 'store, api and embeddings meet in the server only'),
    mayOnlyImport('packages/redis', ['packages/core'], 'it is put before a cache and a limit by the server only'),
    mayOnlyImport('packages/api', ['packages/core'], 'store, api and embeddings meet in the server only'),
    mayOnlyImport('packages/client', ['packages/api'], 'client knows the router, and of it the types'),
    mayOnlyImport('packages/cli', ['packages/client', 'packages/importers'], 'commands go through the client'),
    mayOnlyImport('packages/ai-sdk', ['packages/client'], 'an adapter is a client'),
    mayOnlyImport('packages/mem0', ['packages/client'], 'an adapter is a client'),
    mayOnlyImport(
      'bench',
      ['packages/client', 'packages/store', 'packages/embeddings', 'packages/core'],
      'the bench sees what any client sees, or has statements, models and rules measured',
    ),
    mayOnlyImport('packages/importers', [], 'importers are pure: text in, memories out'),
    mayOnlyImport('apps/admin', ['packages/client', 'packages/importers'], 'the console goes through the client'),
    mayOnlyImport('apps/server/src', ['apps/server', ...layers], 'the composition root'),
    mayOnlyImport('apps/server/test', ['apps/server', ...layers, 'packages/client'], 'seen as a client sees it'),
    {
      name: 'client-takes-types-of-api',
      comment: 'the client is published: nothing of the server may come along at run time',
      severity: 'error',
      from: { path: '^packages/client/src/' },
      to: { path: '^packages/api/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-has-zod-only',
      comment: 'core is pure: no I/O, no Node, and zod as its one dependency',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: { pathNot: '^packages/core/src/|/node_modules/zod/' },
    },
    {
      name: 'client-runs-anywhere',
      comment: 'the client runs in browsers too; what needs Node is in its node folder',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: '^packages/client/src/node/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'client-without-its-node-side',
      comment: 'the client runs in browsers too; what needs Node is in its node folder',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: '^packages/client/src/node/' },
      to: { path: '^packages/client/src/node/' },
    },
    {
      name: 'sql-in-store-only',
      comment:
        'everything that speaks SQL is in packages/store; tests of the server look into its database. Old ways ' +
        '(bench/src/ablation) and floors (bench/src/fold) are SQL too, on a handle that @anima/store/measured opens',
      severity: 'error',
      from: { pathNot: ['^packages/store/', '^apps/server/test/'] },
      to: { path: '/node_modules/(@electric-sql/|kysely|pg|pg-boss|pgvector)' },
    },
    {
      name: 'packages-by-their-name',
      comment: 'a relative path must not leave its package; what a package shows stands in its exports',
      severity: 'error',
      from: { path: '^((?:packages|apps)/[^/]+|bench)/' },
      to: { path: workspace, pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'tests-are-leaves',
      comment: 'the product does not import its tests',
      severity: 'error',
      from: { pathNot: '/test/' },
      to: { path: '/test/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'k6 brings its modules along',
      severity: 'error',
      from: { pathNot: '^bench/k6/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared',
      comment: 'what a package imports stands in its own package.json, once; what src imports is not a devDependency',
      severity: 'error',
      from: { path: '/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
    {
      name: 'no-dumping-grounds',
      comment: 'a helper lives beside its caller; a folder or file is named after what it holds',
      severity: 'error',
      from: {},
      to: { path: '/(utils?|helpers?|shared|common|misc|types)(/|[.])', pathNot: '/node_modules/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // What the console's build makes.
    exclude: { path: '/[.]next/|/next-env[.]d[.]ts$' },
    // Type-only imports count: a layer that knows another's types knows the layer.
    tsPreCompilationDeps: true,
    moduleSystems: ['es6'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
