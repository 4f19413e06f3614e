import { expect, test } from 'vitest';
import { jsonLinesOf } from './cli-project.ts';
import { hosted } from './hosted.ts';
import { profileOf } from './projects.ts';

const DAY = 24 * 60 * 60 * 1_000;

/** The last line of the run that says why it stopped. */
const stopOf = (out: string): string => /^Stopped: .*$/mu.exec(out)?.[0] ?? '';

test('the budget of a day holds over all runs of the day, and the next day is a new one', async () => {
  const { project } = await hosted();
  await project.write({ 'fieldwork.yaml': 'version: 1\nbudget: { day: 0.06 }\n' });
  const first = await project.call('run', 'firms');
  expect(first.exit).toBe(3);
  expect(stopOf(first.out)).toBe(
    'Stopped: the budget of a day in fieldwork.yaml ($0.06) has no room for another agent run: ' +
      '$0.05 reported; the next can cost $0.025; raise "budget: day" there, or run again after midnight (UTC)',
  );
  const again = await project.call('run', 'firms');
  expect(again.exit).toBe(3);
  expect((await project.call('cost')).out).toContain('Today       $0.05 reported, of $0.06 (UTC)');
  project.nowMs += DAY;
  const nextDay = await project.call('run', 'firms');
  expect(nextDay.exit).toBe(0);
  expect((await project.call('cost')).out).toContain('Today       $0.05 reported, of $0.06 (UTC)');
});

test('the budget of a month holds over all its days', async () => {
  const { project } = await hosted();
  await project.write({ 'fieldwork.yaml': 'version: 1\nbudget: { day: 5, month: 0.08 }\n' });
  expect((await project.call('run', 'firms')).exit).toBe(3);
  project.nowMs += 2 * DAY;
  const again = await project.call('run', 'firms');
  expect([again.exit, stopOf(again.out)]).toEqual([
    3,
    'Stopped: the budget of a month in fieldwork.yaml ($0.08) has no room for another agent run: ' +
      '$0.075 reported; the next can cost $0.025; raise "budget: month" there, or run again next month (UTC)',
  ]);
  const { steps, month, budget } = JSON.parse((await project.call('cost', '--json')).out) as {
    readonly steps: readonly { readonly spend: unknown }[];
    readonly month: unknown;
    readonly budget: unknown;
  };
  expect(steps[0]?.spend).toEqual({ reported: 75_000, reserved: 0, unknown: 0 });
  expect(month).toEqual({ reported: 75_000, reserved: 0, unknown: 0 });
  expect(budget).toEqual({ day: 5_000_000, month: 80_000 });
  project.nowMs += 30 * DAY;
  expect((await project.call('run', 'firms')).exit).toBe(0);
});

test('a plan reckons with what is left of the day', async () => {
  const { project } = await hosted();
  await project.write({ 'fieldwork.yaml': 'version: 1\nbudget: { day: 0.06 }\n' });
  const { out } = await project.call('plan', 'firms', '--json');
  expect(JSON.parse(out)).toMatchObject({
    total: { toRun: 2, left: 2, agentRuns: 2, ceiling: 50_000 },
    stop: { cap: { name: 'the budget of a day in fieldwork.yaml' } },
  });
  await project.quietly('run', 'firms');
  const after = await project.call('plan', 'firms', '--json');
  expect(JSON.parse(after.out)).toMatchObject({ total: { toRun: 0, left: 2, reused: 2 } });
});

test('the smallest of all ceilings is the one that is named', async () => {
  const { project } = await hosted();
  await project.write({ 'fieldwork.yaml': 'version: 1\nbudget: { run: 0.08 }\n' });
  const byProject = await project.call('run', 'firms', '--max-cost', '0.09');
  expect(stopOf(byProject.out)).toContain('the budget of a run in fieldwork.yaml ($0.08)');
  const byCall = await project.call('run', 'firms', '--max-cost', '0.01', '--refresh', 'profiles');
  expect(stopOf(byCall.out)).toContain(
    '--max-cost ($0.01) has no room for another agent run: $0.00 reported; the next can cost $0.025',
  );
  await project.edit(
    'pipelines/firms.yaml',
    '    key: domain\n    retry',
    '    key: domain\n    budget: 0.03\n    retry',
  );
  const byStep = await project.call('run', 'firms', '--refresh', 'profiles');
  expect(stopOf(byStep.out)).toContain('the budget of step "profiles" ($0.03)');
});

test('--max-cost stands for a budget that the file does not have', async () => {
  const { project } = await hosted();
  await project.edit('pipelines/firms.yaml', 'budget: 5\n', '');
  const without = await project.call('plan', 'firms');
  expect(without.exit).toBe(2);
  expect(without.error).toContain('E-Y47');
  expect((await project.call('plan', 'firms', '--max-cost', '1')).exit).toBe(0);
  const { exit, out } = await project.call('run', 'firms', '--max-cost', '0.05');
  expect([exit, stopOf(out)]).toEqual([3, expect.stringContaining('--max-cost ($0.05)')]);
});

test('another agent on the command line needs a ceiling too, and efforts that it has', async () => {
  const { project } = await hosted();
  await project.edit('pipelines/firms.yaml', 'agent: exa', 'agent: local');
  await project.edit('pipelines/firms.yaml', 'budget: 5\n', '');
  expect((await project.call('validate')).exit).toBe(0);
  const open = await project.call('plan', 'firms', '--agent', 'exa');
  expect([open.exit, open.error.includes('E-Y47')]).toEqual([2, true]);
  await project.write({ 'fieldwork.yaml': 'version: 1\nprices: exa-2026-05\n' });
  await project.edit('pipelines/firms.yaml', 'effort: low', 'effort: minimal');
  const unknown = await project.call('plan', 'firms', '--agent', 'exa', '--max-cost', '1');
  expect(unknown.exit).toBe(2);
  expect(unknown.error).toContain('the prices exa-2026-05 do not know the effort "minimal"');
});

test('an unknown cost stays reserved, and is shown as what it may be at most', async () => {
  const { project } = await hosted((request) => ({ ...profileOf(request), dollars: null }));
  const { out } = await project.call('run', 'firms', '--max-cost', '0.06');
  expect(stopOf(out)).toContain(
    '--max-cost ($0.06) has no room for another agent run: $0.00 reported, at most $0.05 unknown;',
  );
  expect(out).toContain('Spent    $0.00 reported, at most $0.05 unknown');
  const status = await project.call('status', '--json');
  expect(JSON.parse(status.out)).toMatchObject([
    { spend: { reported: 0, reserved: 0, unknown: 50_000 } },
  ]);
  expect((await project.call('status')).out).toContain('up to $0.05');
  expect((await project.call('cost')).out).toContain('up to $0.05');
});

test('an agent run that costs more than its ceiling is booked in full and told', async () => {
  const { project } = await hosted((request) => ({ ...profileOf(request), dollars: 0.09 }));
  const { exit, out, error } = await project.call('run', 'firms', '--max-cost', '0.1');
  expect(exit).toBe(3);
  expect(error).toContain('$0.09, over its ceiling of $0.025');
  expect(out).toContain('Spent    $0.09 reported');
  expect(stopOf(out)).toContain('$0.09 reported; the next can cost $0.025');
});

test('steps by use say before anything runs by how much they could pass the budget', async () => {
  const { project } = await hosted();
  await project.edit('pipelines/firms.yaml', 'effort: low\n', 'effort: auto\n');
  await project.edit('pipelines/firms.yaml', 'budget: 5\n', 'budget: 12\n');
  const plan = await project.call('plan', 'firms');
  const line =
    'Largest overshoot: $0.00. Reserved for each agent run that is paid by use: profiles (auto) $5.00.';
  expect(plan.out).toContain(line);
  const { error } = await project.call('run', 'firms', '--limit', '1');
  expect(error).toContain(`money  $12.00 by the budget of pipeline "firms". ${line}`);
  expect(error.indexOf(line)).toBeLessThan(error.indexOf(' ok '));
});

test('steps with contact values without a bound have no limit of overshoot, and say so', async () => {
  const { project } = await hosted();
  await project.edit(
    'pipelines/firms.yaml',
    'makes: { type: string }',
    'makes: { type: string }\n        mails: { type: array, items: { type: string, format: email } }',
  );
  expect(await project.call('plan', 'firms')).toMatchObject({
    exit: 2,
    error: expect.stringContaining('error[E-S82]: e-mail addresses at') as string,
  });
  const plan = await project.call('plan', 'firms', '--max-cost', '5');
  expect(plan.out).toContain(
    'Largest overshoot: no limit. Nothing bounds an agent run of profiles; 1 can be under way when a budget is reached.',
  );
  expect(plan.out).toContain(
    'Contacts: profiles has e-mail addresses or telephone numbers without "maxItems"; each one found is paid on top.',
  );
  const run = await project.call('run', 'firms', '--max-cost', '0.05', '--json');
  const started = jsonLinesOf(run.out).find(({ type }) => type === 'run-started');
  expect(started).toMatchObject({
    cap: { name: '--max-cost', amount: 50_000 },
    metered: [{ step: 'profiles', effort: 'low', ceiling: null, atOnce: 1 }],
  });
  // What is known of the price is reserved: two of $0.025 use the budget up.
  expect(jsonLinesOf(run.out).at(-1)).toMatchObject({
    type: 'run-finished',
    exit: 3,
    spend: { reported: 50_000, reserved: 0, unknown: 0 },
  });
});
