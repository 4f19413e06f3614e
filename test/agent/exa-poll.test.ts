import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentRequest } from '../../src/agent/agent.ts';
import { openExaAgent } from '../../src/agent/exa.ts';
import { requestBody } from '../../src/agent/exa-request.ts';
import { Durations, firstPollMs, nextPollMs } from '../../src/agent/poll.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { value } from './backend.cases.ts';
import { EXA_REQUESTS, exaSubject } from './exa-subject.ts';

const never = new AbortController().signal;

describe('when to look', () => {
  test('first when such runs are typically done, else soon', () => {
    expect(firstPollMs(undefined, 0)).toBe(50);
    expect(firstPollMs(4_000, 1_000)).toBe(3_000);
    expect(firstPollMs(4_000, 9_000)).toBe(0);
    expect(firstPollMs(1_800_000, 0)).toBe(30_000);
  });

  test('then never later than an eighth or so of what has passed, nor than 6 seconds', () => {
    const ms = fc.integer({ min: 0, max: 10_000_000 });
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(ms, ms, chance, (previous, elapsed, by) => {
        const pause = nextPollMs(previous, elapsed, by);
        expect(pause).toBeGreaterThanOrEqual(25);
        expect(pause).toBeLessThanOrEqual(Math.max(25, Math.min(6_001, elapsed * 0.145)));
      }),
    );
  });

  test('what is typical is the middle of the last few, by kind', () => {
    const durations = new Durations();
    expect(durations.typical('low')).toBeUndefined();
    for (const ms of [900, 100, 300, Number.NaN, -1]) durations.add('low', ms);
    durations.add('high', 60_000);
    expect(durations.typical('low')).toBe(300);
    for (let i = 0; i < 31; i++) durations.add('low', 5_000);
    expect(durations.typical('low')).toBe(5_000);
  });

  test('a run like those before it is looked at once, when it is done', async () => {
    const { backend, drive, server } = await exaSubject();
    for (let n = 0; n < 2; n++) {
      const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
      server.counts.get = 0;
      value(await drive(backend.wait(id, never)));
    }
    expect(server.counts.get).toBe(1);
  });

  test('a run that was done when it was created is not asked about', async () => {
    const { backend, drive, server } = await exaSubject({ durationMs: 0 });
    const done = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    const text = JSON.stringify(value(await drive(backend.get(done.id, never))));
    server.fault('create', 1, { type: 'text', text });
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    server.counts.get = 0;
    expect(value(await drive(backend.wait(id, never))).status).toBe('completed');
    expect(server.counts.get).toBe(0);
  });

  test('a run of an earlier process is looked at without delay', async () => {
    const { backend, drive, server, clock } = await exaSubject();
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    await clock.advance(60_000);
    const later = openExaAgent({
      name: 'exa',
      baseUrl: server.baseUrl,
      key: undefined,
      clock,
      random: seededRandom(),
      concurrency: 1,
      contract: '2026-11',
    });
    const asked = clock.now();
    // This server wants a key; without one it answers 401 at once, which shows that it was asked.
    const outcome = await drive(later.wait(id, never));
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
    expect(clock.now()).toBe(asked);
    await later.close();
  });
});

describe('the body of a create', () => {
  const json = fc.jsonValue();
  const object = fc.dictionary(fc.string(), json);
  const request = fc.record(
    {
      query: fc.string(),
      systemPrompt: fc.string(),
      input: fc.record({ data: fc.array(object), exclusion: fc.array(object) }),
      outputSchema: object,
      effort: fc.constantFrom('low', 'high'),
      previousRunId: fc.string(),
      metadata: fc.dictionary(fc.string(), fc.string()),
      budget: fc.record({ maxCostDollars: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    },
    { requiredKeys: ['query'] },
  );

  test('is the JSON of the request, whatever is in it', () => {
    fc.assert(
      fc.property(request, (asked) => {
        const sent: unknown = JSON.parse(requestBody(asked as unknown as AgentRequest));
        expect(sent).toEqual(JSON.parse(JSON.stringify(asked)));
      }),
    );
  });

  test('has no field that the API would refuse', () => {
    const asked = { query: 'Q', nickname: 'x' } as unknown as AgentRequest;
    expect(requestBody(asked)).toBe('{"query":"Q"}');
  });
});

describe('who it is', () => {
  const open = (options: object): ReturnType<typeof openExaAgent> =>
    openExaAgent({
      name: 'exa',
      baseUrl: 'https://api.exa.ai',
      key: undefined,
      clock: new VirtualClock(),
      random: seededRandom(),
      concurrency: 1,
      contract: '2026-11',
      ...options,
    });

  test('the place is part of the identity, unless it is the official one', () => {
    expect(open({}).identity).toBe('exa/2026-11');
    expect(open({ baseUrl: 'https://api.exa.ai/' }).identity).toBe('exa/2026-11');
    expect(open({ baseUrl: 'http://127.0.0.1:4100/v1' }).identity).toBe(
      'exa/2026-11@http://127.0.0.1:4100/v1',
    );
    expect(open({ contract: '2026-05' }).priceBook).toBe('exa-2026-05');
    expect(open({ priceBook: 'ours' }).priceBook).toBe('ours');
  });

  test('a base URL that was not checked is a bug', () => {
    expect(() => open({ baseUrl: 'http://api.exa.ai' })).toThrow(/plain http/);
  });

  test('the first contract sends its beta token, later ones none but the one given', async () => {
    const header = async (options: object): Promise<unknown> => {
      const { backend, drive, server } = await exaSubject({}, options);
      value(await drive(backend.create(EXA_REQUESTS.completes, never)));
      return server.received[0]?.headers['exa-beta'];
    };
    expect(await header({ contract: '2026-05' })).toBe('agent-2026-05-07');
    expect(await header({})).toBeUndefined();
    expect(await header({ beta: 'agent-max-effort-2026-07-27' })).toBe(
      'agent-max-effort-2026-07-27',
    );
  });
});
