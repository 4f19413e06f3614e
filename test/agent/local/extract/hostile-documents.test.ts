import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';

// In a process of its own: an expression that never ends could not be stopped from here.

/** The documents take a few seconds; one quadratic expression takes minutes. */
const DEADLINE_MS = 120_000;

test('documents that are meant to take for ever are read to their end', () => {
  const printed = execFileSync(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'read-hostile-documents.ts')],
    { timeout: DEADLINE_MS, encoding: 'utf8' },
  );
  expect(printed).toBe('19 of 19');
}, 150_000);
