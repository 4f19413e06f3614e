import { parseArgs } from 'node:util';
import { Chance } from '../sim/chance.ts';
import { killLoop, type Came, type World } from './kill-loop.ts';
import { Served } from './served.ts';
import { DyingWire } from '../rig/dying-wire.ts';

const USAGE = `Kills real processes of the built command line at random instants, on a real disk: \`run\`,
against \`serve\` with the local agent, and \`serve\` itself where it is asked for.

  npm run kill-test -- --loops 50
  npm run kill-test -- --loops 50 --kill-server   in every loop the server dies once or twice too
  npm run kill-test -- --loops 5 --seed 7
`;

const { values } = parseArgs({
  options: {
    loops: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    'kill-server': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const served = await Served.open();
  const wire = new DyingWire(() => served.url);
  await wire.open();
  try {
    return await loops({ served, wire });
  } finally {
    await wire.close();
    await served.close();
  }
}

async function loops(world: World): Promise<number> {
  const chance = new Chance(Number(values.seed), 'kills');
  const whole = await killLoop(chance, { kills: 0, serverKills: 0, wholeMs: 0 }, world);
  process.stdout.write(`without a kill: ${figuresOf(whole)}\n`);
  const wrong: string[] = [];
  let [kills, serverKills, adopted, doubles] = [0, 0, 0, 0];
  for (let loop = 1; loop <= Number(values.loops); loop++) {
    const deaths = {
      kills: chance.between(1, 5),
      serverKills: values['kill-server'] ? chance.between(1, 2) : 0,
      wholeMs: whole.ms,
    };
    const came = await killLoop(chance, deaths, world);
    await world.wire.quiet();
    kills += came.kills;
    serverKills += came.serverKills;
    adopted += came.adopted;
    doubles += [...came.creates.values()].filter((count) => count > 1).length;
    const differences = differencesOf(whole, came);
    wrong.push(...differences.map((difference) => `loop ${loop}: ${difference}`));
    const verdict = differences.length === 0 ? 'as without a kill' : differences.join('; ');
    process.stdout.write(`loop ${loop}: ${figuresOf(came)}; ${verdict}\n`);
  }
  const server = values['kill-server'] ? `, ${serverKills} of the server` : '';
  process.stdout.write(
    `\n${values.loops} loops, ${kills} kills${server}, ${adopted} agent runs adopted, ${doubles} double creates, ${wrong.length} differences\n`,
  );
  return wrong.length === 0 && doubles === 0 ? 0 : 1;
}

const figuresOf = ({ starts, kills, serverKills, creates, adopted, ms }: Came): string =>
  `${starts} starts, ${kills} kills, ${serverKills > 0 ? `${serverKills} of the server, ` : ''}${sum(creates)} creates, ${adopted} adopted, ${(ms / 1_000).toFixed(1)} s`;

const sum = (creates: ReadonlyMap<string, number>): number =>
  [...creates.values()].reduce((total, count) => total + count, 0);

function differencesOf(whole: Came, came: Came): readonly string[] {
  const differences: string[] = [];
  for (const [asked, count] of came.creates) {
    if (count > 1) differences.push(`asked ${count} times: ${asked}`);
  }
  for (const [table, rows] of Object.entries(whole.tables)) {
    if (came.tables[table] !== rows) differences.push(`table ${table} is another`);
  }
  if (came.ledger.join('\n') !== whole.ledger.join('\n')) differences.push('another ledger');
  return differences;
}

process.exitCode = await main();
