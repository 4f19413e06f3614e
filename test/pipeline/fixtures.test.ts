import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CliProject } from '../cli/cli-project.ts';
import { loadFolder, printed } from './fixture.ts';
import { GENERATED } from './generated-inputs.ts';

const FIXTURES = new URL('./fixtures/', import.meta.url).pathname;

/**
 * A folder with a `command.txt` shows what that command tells, for mistakes that only show with
 * rows; of the others `input.yaml` is loaded.
 */
describe('what a person sees for each mistake in a file', () => {
  for (const name of readdirSync(FIXTURES)) {
    test(name, async () => {
      const folder = join(FIXTURES, name);
      const command = await readFile(join(folder, 'command.txt'), 'utf8').catch(() => undefined);
      const text =
        command === undefined ? await ofLoading(name) : await ofCommand(name, command.trim());
      await expect(text).toMatchFileSnapshot(join(folder, 'expected.txt'));
    });
  }
});

async function ofCommand(name: string, command: string): Promise<string> {
  const project = await CliProject.open();
  await fill(name, project.root);
  await project.call(...command.split(' '));
  return project.takeTranscript();
}

async function ofLoading(name: string): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'fieldwork-fixture-')));
  onTestFinished(() => rm(root, { recursive: true }));
  await fill(name, root);
  const loaded = await loadFolder(root);
  for (const { help, message } of loaded.diagnostics) {
    expect(help).toMatch(/[^.\s]$/u);
    expect(message).not.toContain(help);
  }
  return printed(loaded, root);
}

async function fill(name: string, root: string): Promise<void> {
  await cp(join(FIXTURES, name), root, { recursive: true });
  await GENERATED[name]?.(root);
}
