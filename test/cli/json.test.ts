import { expect, test } from 'vitest';
import { jsonLinesOf } from './cli-project.ts';
import { hosted } from './hosted.ts';
import { TOWNS } from './projects.ts';

const CALLS: readonly (readonly string[])[] = [
  ['validate'],
  ['validate', 'nothing'],
  ['plan', 'firms'],
  ['plan', 'nothing'],
  ['plan', 'firms', '--step', 'nothing'],
  ['plan', 'firms', '--agent', 'replay'],
  ['run', 'nothing'],
  ['run', 'firms', '--refresh', 'nothing'],
  ['run', 'firms', '--agent', 'replay'],
  ['run', 'firms', '--max-rows', '1'],
  ['run', 'firms', '--max-cost', '0.03'],
  ['run', 'firms'],
  ['run', 'towns'],
  ['status'],
  ['status', 'nothing'],
  ['cost'],
  ['cost', 'nothing'],
  ['show', 'firms'],
  ['show', 'firms', 'profiles'],
  ['show', 'firms', 'profiles', '--citations'],
  ['show', 'firms', 'profiles', '--where', 'nothing = 1'],
  ['show', 'nothing'],
  ['graph', 'firms'],
  ['graph', 'nothing'],
  ['rebuild'],
  ['rebuild', 'nothing'],
];

test('with --json stdout is JSON and nothing else, whatever happens, and stderr is empty', async () => {
  const { project } = await hosted();
  await project.write(TOWNS);
  // A warning in each command that reads the source.
  await project.edit(
    'pipelines/data/crm.csv',
    'Birch Looms',
    'exa_0123456789abcdef0123456789abcdef',
  );
  const exits: Record<string, number> = {};
  for (const call of CALLS) {
    const { exit, out, error } = await project.call(...call, '--json');
    const name = call.join(' ');
    exits[name] = exit;
    expect({ name, error }).toEqual({ name, error: '' });
    const records = call[0] === 'run' ? jsonLinesOf(out) : [JSON.parse(out) as unknown];
    expect(records.length).toBeGreaterThan(0);
  }
  expect(exits).toMatchInlineSnapshot(`
    {
      "cost": 0,
      "cost nothing": 2,
      "graph firms": 0,
      "graph nothing": 2,
      "plan firms": 0,
      "plan firms --agent replay": 2,
      "plan firms --step nothing": 2,
      "plan nothing": 2,
      "rebuild": 0,
      "rebuild nothing": 2,
      "run firms": 0,
      "run firms --agent replay": 2,
      "run firms --max-cost 0.03": 3,
      "run firms --max-rows 1": 2,
      "run firms --refresh nothing": 2,
      "run nothing": 2,
      "run towns": 0,
      "show firms": 0,
      "show firms profiles": 0,
      "show firms profiles --citations": 0,
      "show firms profiles --where nothing = 1": 2,
      "show nothing": 2,
      "status": 0,
      "status nothing": 2,
      "validate": 0,
      "validate nothing": 2,
    }
  `);
}, 60_000);

test('what is odd about the questions of a step is in the JSON of a plan and of a run', async () => {
  const { project } = await hosted();
  await project.edit('pipelines/data/crm.csv', 'Birch Looms', '');
  const odd = [
    {
      code: 'E-T61',
      severity: 'warning',
      message: 'row.name has no value: record birch.example of step "profiles" is not asked about',
      path: 'pipelines/firms.yaml',
      line: 12,
      column: 22,
    },
  ];
  const plan = await project.call('plan', 'firms', '--json');
  expect(JSON.parse(plan.out)).toMatchObject({ diagnostics: odd });
  const run = jsonLinesOf((await project.call('run', 'firms', '--json')).out);
  const ends = run.filter(({ type }) => type === 'step-finished');
  expect(ends).toMatchObject([{ step: 'profiles', warnings: odd }, { step: 'summary' }]);
  expect(ends[1]).not.toHaveProperty('warnings');
});
