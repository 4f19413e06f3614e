import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runHistory } from './history.ts';
import { loadShapes } from './shapes.ts';
import { simulate } from './simulate.ts';
import { emptyTally, count, tallyText, type Tally } from './tally.ts';

const USAGE = `Histories of the runner in a simulated world, each drawn from its seed.

  npm run sim -- --seeds 10000            the seeds from 1 to 10000
  npm run sim -- --seeds 500 --from 7000  those from 7000 on
  npm run sim -- --seeds 200000 --workers 4  on so many processes (2 where nothing is said)
  npm run sim -- --seed 7113 --trace      one of them, told line by line
`;

/** Histories between two lines about how it goes. */
const TOLD_EVERY = 10_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const started = performance.now();
  const tally =
    values.seed === undefined
      ? await simulate({
          from: wholeNumber(values.from),
          seeds: wholeNumber(values.seeds),
          workers: wholeNumber(values.workers),
          heard: tellProgress(),
        })
      : await one(wholeNumber(values.seed));
  process.stdout.write(tallyText(tally, (performance.now() - started) / 1_000));
  return tally.failing.length === 0 ? 0 : 1;
}

/** Tells a person now and then, and of each seed that fails: a long simulation takes hours. */
function tellProgress(): (tally: Tally) => void {
  let told = 0;
  let failures = 0;
  return ({ histories, failing }) => {
    for (const { seed, shape, breach, message } of failing.slice(failures)) {
      process.stderr.write(`seed ${seed} (${shape}): ${breach}: ${message}\n`);
    }
    failures = failing.length;
    if (histories < told + TOLD_EVERY) return;
    told = histories;
    const failed = failing.length.toLocaleString('en-US');
    process.stderr.write(`${histories.toLocaleString('en-US')} histories, ${failed} fail\n`);
  };
}

async function one(seed: number): Promise<Tally> {
  const result = await runHistory({ seed, shapes: await loadShapes(), keepLines: values.trace });
  for (const line of result.lines) process.stdout.write(`${line}\n`);
  process.stdout.write(`seed ${seed}, trace ${result.hash}\n`);
  const tally = emptyTally();
  const { user, system } = process.cpuUsage();
  tally.cpuSeconds = (user + system) / 1e6;
  count(tally, result);
  return tally;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`Not a whole number: ${text}\n\n${USAGE}`);
  return Number(text);
}
