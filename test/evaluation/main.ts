// npm run eval: how good the local agent's answers are, on public data sets, against gold that is
// made by other code. Name suites to run some: npm run eval -- Q L E
//
//   --company-queries FILE   also reads real company queries with machine-readable constraints
//   --misses                 shows what went wrong, case by case, in the development half only
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Figure } from './figures.ts';
import { printed } from './print-figures.ts';
import type { Report } from './report.ts';
import { SUITES, type SuiteOptions } from './suites.ts';
import { missed, readThresholds } from './thresholds.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'company-queries': { type: 'string' },
    misses: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const report: Report = {
  miss: (split, label, detail) => {
    if (!values.misses || split !== 'dev') return;
    const lines = Object.entries(detail).map(
      ([key, value]) => `    ${key}: ${JSON.stringify(value)}`,
    );
    process.stdout.write([`  ${label}`, ...lines, ''].join('\n'));
  },
};

const thresholds = readThresholds();
const options: SuiteOptions = { report, companyQueries: values['company-queries'] };
const figures: Figure[] = [];
for (const [letter, suite] of Object.entries(SUITES)) {
  if (positionals.length > 0 && !positionals.includes(letter)) continue;
  process.stdout.write(`\n${letter}  ${suite.title}\n\n`);
  const own = await suite.run(options);
  process.stdout.write(`${printed(own, thresholds)}\n`);
  figures.push(...own);
}
const below = missed(figures, thresholds);
process.stdout.write(
  below.length === 0
    ? '\nEvery figure of the frozen half meets its threshold.\n'
    : `\n${below.join('\n')}\n`,
);
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(figures, undefined, 2));
process.exitCode = below.length === 0 ? 0 : 1;
