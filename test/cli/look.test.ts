import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CliProject, golden } from './cli-project.ts';
import { hosted } from './hosted.ts';
import { FIRMS, profileOf, TOWNS } from './projects.ts';

const RIVERS = `version: 1
name: rivers
agent: local
sources: { places: { file: places.csv, key: name } }
steps:
  rivers:
    input: places
    query: Which river does {{row.name}} lie on?
    schema: { type: object, properties: { river: { type: [string, 'null'] } } }
  named:
    input: places
    query: Which river does the town {{row.name}} lie on?
    schema:
      type: object
      properties: { name: { type: string }, river: { type: [string, 'null'] } }
`;

describe('before anything was run', () => {
  test('status, cost, show and rebuild say so, and make nothing', async () => {
    const project = await CliProject.open(TOWNS);
    const before = await project.files();
    expect((await project.call('status')).exit).toBe(0);
    expect((await project.call('cost')).exit).toBe(0);
    expect((await project.call('show', 'towns')).exit).toBe(2);
    expect((await project.call('show', 'towns', 'largest')).exit).toBe(2);
    expect((await project.call('rebuild')).exit).toBe(2);
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('look-before'));
    expect(await project.files()).toEqual(before);
  });
});

describe('after runs', () => {
  test('status and cost tell each pipeline, by name or by path', async () => {
    const { project } = await hosted();
    await project.write(TOWNS);
    await project.quietly('run', 'firms');
    project.nowMs += 3 * 86_400_000;
    await project.quietly('run', 'towns');
    project.nowMs += 4_000;
    await project.call('status');
    await project.call('status', 'pipelines/firms.yaml');
    await project.call('status', 'firm');
    await project.call('cost');
    await project.call('cost', 'firms', '--json');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('look-status-cost'));
  });

  test('show lists tables, and shows rows, citations and failures of its own', async () => {
    const project = await CliProject.open(TOWNS);
    await project.quietly('run', 'towns');
    await project.call('show', 'towns');
    await project.call('show', 'towns', '--json');
    await project.call('show', 'towns', 'overview');
    await project.call(
      'show',
      'towns',
      'overview',
      '--where',
      'population < 300000',
      '--limit',
      '1',
    );
    await project.call('show', 'towns', 'largest', '--citations', '--limit', '1');
    await project.call('show', 'towns', 'largest', '--citations', '--limit', '1', '--json');
    await project.call('show', 'towns', 'largest', '--where', 'false');
    await project.call('show', 'towns', 'largest', '--text');
    await project.call('show', 'towns', 'largest', '--text', '--json');
    expect((await project.call('show', 'towns', 'larges', '--text')).exit).toBe(2);
    for (const argv of [
      ['largest', '--where', 'poplation > 3'],
      ['largest', '--where', 'population >'],
      ['larges'],
    ]) {
      expect((await project.call('show', 'towns', ...argv)).exit).toBe(2);
    }
    const { exit, out } = await project.call('show', 'towns', 'larges', '--json');
    expect({ exit, json: JSON.parse(out) as unknown }).toMatchObject({
      exit: 2,
      json: { exit: 2 },
    });
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('look-show'));
  });

  test('show says of which record of its input a row is, where no column of the table does', async () => {
    const project = await CliProject.open({
      ...TOWNS,
      'pipelines/rivers.yaml': RIVERS,
      'pipelines/places.csv': 'name\nAlmstadt\nCressfeld\n',
    });
    expect((await project.quietly('run', 'rivers')).exit).toBe(0);
    await project.call('show', 'rivers', 'rivers');
    await project.call('show', 'rivers', 'named');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('look-show-parent'));
  });

  test('what an answer contains cannot reach into the terminal', async () => {
    const { project } = await hosted((request) => ({
      ...profileOf(request),
      structured: {
        domain: 'alder.example',
        makes: '\u001b[2J\u001b]0;owned\u0007pumps\r\n::error::\u202egood\u0000',
      },
      grounding: [
        { field: 'structured.makes', citations: [{ url: 'https://a.example/\u001b[31mx' }] },
      ],
    }));
    await project.quietly('run', 'firms', '--limit', '1');
    const text = await project.call('show', 'firms', 'profiles', '--citations');
    expect(text.out).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
    expect(text.out).toContain('pumps ::error::good');
    const json = await project.call('show', 'firms', 'profiles', '--citations', '--json');
    expect(json.out).not.toMatch(/[^\P{Cc}\n]/u);
    expect(JSON.parse(json.out)).toMatchObject([{ domain: 'alder.example' }]);
  });

  test('what an agent says of its failure cannot either', async () => {
    const { project } = await hosted(() => ({
      status: 'failed',
      dollars: 0.01,
      error: { message: '\u001b[31mred\u0007\n::error::no' },
    }));
    const { error } = await project.call('run', 'firms', '--limit', '1');
    expect(error).toMatch(/agent-failed: (\[31m)?red ::error::no\n/u);
    expect(error).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test('rebuild makes the same tables, byte for byte, from the state alone', async () => {
    const project = await CliProject.open(TOWNS);
    await project.quietly('run', 'towns');
    const files = (await project.files()).filter((file) => file.endsWith('.parquet'));
    expect(files).toHaveLength(8);
    const bytes = (): Promise<readonly string[]> =>
      Promise.all(files.map((file) => readFile(join(project.root, file), 'base64')));
    const before = await bytes();
    await rm(join(project.root, 'out'), { recursive: true });
    await rm(join(project.root, 'pipelines'), { recursive: true });
    project.nowMs += 60_000;
    expect((await project.call('rebuild')).exit).toBe(0);
    expect(await bytes()).toEqual(before);
    expect((await project.call('rebuild', 'towns', '--json')).exit).toBe(0);
    expect((await project.call('rebuild', 'twons')).exit).toBe(2);
  });

  test('a run puts back tables that were deleted, without asking', async () => {
    const { project, server } = await hosted();
    await project.quietly('run', 'firms');
    await rm(join(project.root, 'out/firms/profiles.parquet'));
    expect((await project.call('run', 'firms')).exit).toBe(0);
    expect(server.counts.create).toBe(4);
    expect((await project.call('show', 'firms', 'profiles')).exit).toBe(0);
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('look-put-back'));
  });
});

test('graph shows what each step reads, as text, mermaid and JSON', async () => {
  const project = await CliProject.open({ ...TOWNS, ...FIRMS });
  await project.edit(
    'pipelines/firms.yaml',
    '    retry:',
    '    exclude: [crm, profiles]\n    retry:',
  );
  for (const name of ['towns', 'firms']) {
    await project.call('graph', name);
    await project.call('graph', name, '--mermaid');
    await project.call('graph', name, '--json');
  }
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('look-graph'));
});
