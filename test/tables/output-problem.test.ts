import { expect, test } from 'vitest';
import { OutputProblem, problemMessage } from '../../src/tables/output-problem.ts';

test('a full disk is called so, whoever met it', () => {
  const words = [
    'Checkpoint failed for database "made". Original error: Could not write file "/x": No space left on device',
    'ENOSPC: no space left on device, write',
  ];
  for (const said of words) {
    expect(problemMessage(new OutputProblem(said))).toBe('there is no room left on the disk');
  }
  const thrown = Object.assign(new Error(words[1]), { code: 'ENOSPC', syscall: 'write' });
  expect(problemMessage(thrown)).toBe('there is no room left on the disk');
});

test('what else the disk or DuckDB says is passed on, and a bug stays one', () => {
  expect(problemMessage(new OutputProblem('Disk is on fire'))).toBe('Disk is on fire');
  expect(problemMessage(new TypeError('x is not a function'))).toBeUndefined();
});
