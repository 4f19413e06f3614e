import { expect, test } from 'vitest';
import { renderRun } from '../../src/cli/render-run.ts';
import { NOTHING_FINISHED } from '../../src/cli/finish-tables.ts';
import { NO_SPEND } from '../../src/cost/spend.ts';

test('Nothing that answers and keys bring along reaches the terminal', () => {
  const shown = renderRun({
    run: '20261122-0900-abcdef',
    pipeline: 'firms',
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
