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
    expect(error, name).toBe('');
    const records = call[0] === 'run' ? jsonLinesOf(out) : [JSON.parse(out) as unknown];
    expect(records.length, name).toBeGreaterThan(0);
  }
  expect(exits).toMatchInlineSnapshot();
}, 60_000);
