import { readdirSync } from 'node:fs';
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadFolder, printed } from './fixture.ts';
import { GENERATED } from './generated-inputs.ts';

const FIXTURES = new URL('./fixtures/', import.meta.url).pathname;

describe('what a person sees for each mistake in a file', () => {
  for (const name of readdirSync(FIXTURES)) {
    test(name, async () => {
      const folder = join(FIXTURES, name);
      const root = await realpath(await mkdtemp(join(tmpdir(), 'fieldwork-fixture-')));
      try {
        await cp(folder, root, { recursive: true });
        await GENERATED[name]?.(root);
        const loaded = await loadFolder(root);
        for (const { help, message } of loaded.diagnostics) {
          expect(help).toMatch(/[^.\s]$/u);
          expect(message).not.toContain(help);
        }
        const text = printed(loaded, root);
        await expect(text).toMatchFileSnapshot(join(folder, 'expected.txt'));
      } finally {
        await rm(root, { recursive: true });
      }
    });
  }
});
