import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { parseCassette } from '../../src/agent/cassette.ts';
import { toDollars } from '../../src/base/money.ts';
import type { PricedStep } from '../../src/execution/priced-plan.ts';
import { CASSETTES, ExampleProject } from './example-project.ts';
import { recordScenario } from './record-scenario.ts';
import { SCENARIOS } from './scenarios/all.ts';

vi.setConfig({ testTimeout: 60_000 });

const PIPELINES = fileURLToPath(new URL('../../pipelines', import.meta.url));
const FILES = (await readdir(PIPELINES)).filter((name) => name.endsWith('.yaml'));
const NAMES = SCENARIOS.map(({ pipeline }) => pipeline);

describe('the example pipelines', () => {
  test('there is a recording of each that asks the hosted agent', async () => {
    const hosted: string[] = [];
    for (const file of FILES) {
      const text = await readFile(join(PIPELINES, file), 'utf8');
      if (/^agent: exa\b/mu.test(text)) hosted.push(file.replace('.yaml', ''));
    }
    expect(hosted.sort()).toEqual([...NAMES].sort());
  });

  test.each(FILES)('%s is valid, without a warning', async (file) => {
    const project = await ExampleProject.open();
    const told = await project.call('validate', `pipelines/${file}`, '--json');
    expect(JSON.parse(told.out)).toMatchObject({ ok: true, diagnostics: [] });
    expect(told.exit).toBe(0);
  });

  test.each(NAMES)('%s tells what it costs before it runs, within its budget', async (name) => {
    const project = await ExampleProject.open();
    const told = await project.call('plan', name, '--json');
    expect(told.error).toBe('');
    const { steps } = JSON.parse(told.out) as { steps: readonly PricedStep[] };
    const text = await readFile(join(PIPELINES, `${name}.yaml`), 'utf8');
    const budget = Number(/^budget: (\S+)/mu.exec(text)?.[1]) * 1e6;
    const ceiling = steps.reduce((sum, step) => sum + (step.ceiling ?? Number.NaN), 0);
    expect(ceiling).toBeGreaterThan(0);
    expect(ceiling).toBeLessThanOrEqual(budget);
  });
});

describe('the recordings', () => {
  test.each(SCENARIOS)('of $pipeline is what its scenario gives', async (scenario) => {
    const path = join(CASSETTES, `${scenario.pipeline}.scenario.ndjson`);
    // On purpose not a snapshot that writes itself: see make-cassettes.ts.
    const { text, cost } = await recordScenario(scenario);
    expect(text).toBe(await readFile(path, 'utf8'));
    const cassette = parseCassette('', text);
    const paid = cassette.ok ? cassette.value.map(({ run }) => run.costDollars?.total ?? 0) : [];
    expect(toDollars(cost)).toBeCloseTo(
      paid.reduce((sum, dollars) => sum + dollars, 0),
      6,
    );
    expect(cost).toBeGreaterThan(0);
  });

  test('name nobody and no place of the real world', async () => {
    for (const file of await readdir(CASSETTES)) {
      const text = await readFile(join(CASSETTES, file), 'utf8');
      const cassette = parseCassette(file, text);
      if (!cassette.ok) throw new Error(cassette.error.message);
      const said = JSON.stringify(
        cassette.value.map(({ request, run }) => [request.input ?? null, run.output]),
      );
      const hosts = [...said.matchAll(/(?:https?:\/\/|@)([^\s/"\\]+)/gu)].map(([, host]) => host);
      expect(hosts.length).toBeGreaterThan(0);
      expect(hosts.filter((host) => !/(?:^|\.)example(?:\.org|\.com)?$/u.test(host ?? ''))).toEqual(
        [],
      );
      // Numbers that are kept free for fiction.
      const phones = [...said.matchAll(/\+\d[\d ]+/gu)].map(([phone]) => phone);
      expect(phones.filter((phone) => !/^\+1 \d{3} 555 01\d\d$/u.test(phone))).toEqual([]);
    }
  });
});
