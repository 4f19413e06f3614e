import { expect, test } from 'vitest';
import { renderRun } from '../../src/cli/render-run.ts';
import { NOTHING_FINISHED } from '../../src/cli/finish-tables.ts';
import { microdollars } from '../../src/base/money.ts';
import { NO_REMEDIES } from '../../src/execution/remedy.ts';
import { NO_SPEND, type Spend } from '../../src/cost/spend.ts';

const CALL = { path: 'firms', options: { param: {}, step: [], refresh: [] } };

test('Nothing that answers and keys bring along reaches the terminal', () => {
  const shown = renderRun({
    run: '20261122-0900-abcdef',
    pipeline: 'firms',
    call: CALL,
    report: { exit: 1, status: 'stopped', spend: NO_SPEND, steps: new Map() },
    durationMs: 1_000,
    stopped: 'firms \u001b]0;title\u0007alder: it\u202e failed',
    outFolder: 'out',
    finished: { ...NOTHING_FINISHED, testsFailed: ['firms: name not unique (\u001b[2Jalder)'] },
  });
  for (const hidden of ['\u001b', '\u0007', '\u202e']) expect(shown).not.toContain(hidden);
  expect(shown).toContain('Test failed: firms: name not unique (alder)\n');
  expect(shown).toContain('Stopped: firms alder: it failed\n');
});

test('A step whose cost is not known does not show as free', () => {
  const money = {
    reported: microdollars(0),
    reserved: microdollars(0),
    unknown: microdollars(50_000),
  };
  const counts = { tasks: 2, reused: 0, started: 2, failed: 0, notStarted: 0 };
  const shown = (spend: Spend): string =>
    renderRun({
      run: '20261122-0900-abcdef',
      pipeline: 'firms',
      call: CALL,
      report: {
        exit: 0,
        status: 'succeeded',
        spend,
        steps: new Map([
          ['firms', { outcome: 'finished', counts, spend, message: null, remedies: NO_REMEDIES }],
        ]),
      },
      durationMs: 1_000,
      stopped: '',
      outFolder: 'out',
      finished: NOTHING_FINISHED,
    });
  expect(shown(money)).toMatch(/firms {2}.* up to \$0\.05\n/u);
  expect(shown({ ...money, reported: microdollars(25_000) })).toMatch(
    /\$0\.025 and up to \$0\.050\n/u,
  );
});
