// Lowest first: a folder may import only folders to its left, and itself.
const LAYERS = [
  'base',
  'diagnostics',
  'http',
  'duckdb',
  'agent',
  'cost',
  'pipeline',
  'store',
  'plan',
  'execution',
  'tables',
  'report',
  'worker',
  'server',
  'cli',
];

// A package has one home. Everything else asks that home.
const HOMES = {
  yaml: '^src/(pipeline/parse|agent/local/corpus/front-matter)\\.ts$',
  ajv: '^src/(pipeline/validate|agent/output-schema)\\.ts$',
  'ajv-formats': '^src/agent/output-schema\\.ts$',
  handlebars: '^src/pipeline/template',
  'p-limit': '^src/execution/',
  undici: '^src/http/',
  lmdb: '^src/store/lmdb-',
  hono: '^src/server/app\\.ts$',
  '@hono/node-server': '^src/server/(app|listen)\\.ts$',
  'eventsource-parser': '^src/http/',
  htmlparser2: '^src/agent/local/corpus/parse-html\\.ts$',
  marked: '^src/agent/local/corpus/parse-markdown\\.ts$',
  re2js: '^src/agent/',
  commander: '^src/cli/',
  'string-width': '^src/cli/',
  'fastest-levenshtein': '^src/diagnostics/suggest\\.ts$',
  '@duckdb/node-api': '^src/duckdb/',
};

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...LAYERS.map((layer, rank) => ({
      name: `layer-${layer}`,
      severity: 'error',
      from: { path: `^src/${layer}/` },
      to: { path: `^src/(${LAYERS.slice(rank + 1).join('|') || '$none'})/` },
    })),
    ...Object.entries(HOMES).map(([name, home]) => ({
      name: `home-of-${name}`,
      severity: 'error',
      from: { path: '^src/', pathNot: home },
      to: { path: `node_modules/${name}/` },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
