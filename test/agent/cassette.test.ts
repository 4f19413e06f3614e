import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentRequest, AgentRun } from '../../src/agent/agent.ts';
import { cassetteHeader, cassetteLine, parseCassette } from '../../src/agent/cassette.ts';
import { recordAgent } from '../../src/agent/record.ts';
import { functionAgent, ScriptedAgent } from '../rig/scripted-agent.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { problem, value } from './backend.cases.ts';
import { CANARY, EXA_REQUESTS, exaSubject } from './exa-subject.ts';

const never = new AbortController().signal;
const HEADER = cassetteHeader('2026-11-22T09:00:00.000Z', 'exa');

const run: AgentRun = {
  id: 'agent_run_1',
  status: 'completed',
  stopReason: 'schema_satisfied',
  createdAt: '2026-11-22T10:00:00.000Z',
  completedAt: '2026-11-22T10:00:42.118Z',
  request: { query: 'Q', metadata: { attempt: '7' } },
  output: {
    text: 'Found.',
    structured: { firms: [{ name: 'Acme', website: null }] },
    grounding: [
      { field: 'structured.firms[0].name', citations: [{ url: 'https://a.example', title: 'A' }] },
    ],
  },
  usage: { agentComputeUnits: 0.18, searches: 2, emails: 0, phoneNumbers: 0 },
  costDollars: { total: 0.025, agentCompute: 0.025, search: 0, emails: 0, phoneNumbers: 0 },
};

const validate = new Ajv2020({ strict: false, formats: { 'date-time': true } }).compile(
  JSON.parse(readFileSync('schemas/cassette.schema.json', 'utf8')) as object,
);

describe('a cassette', () => {
  test('is a header, then one interaction a line', () => {
    const request = { query: 'Q', effort: 'low', metadata: { attempt: '7' } };
    expect(HEADER).toBe('{"cassette":1,"recordedAt":"2026-11-22T09:00:00.000Z","agent":"exa"}');
    expect(
      cassetteLine(request, { ...run, output: { text: '', structured: 1, grounding: [] } }),
    ).toBe(
      '{"request":{"effort":"low","query":"Q"},"run":{"id":"agent_run_1","status":"completed",' +
        '"stopReason":"schema_satisfied","createdAt":"2026-11-22T10:00:00.000Z",' +
        '"completedAt":"2026-11-22T10:00:42.118Z","output":{"text":"","structured":1,"grounding":[]},' +
        '"usage":{"agentComputeUnits":0.18,"searches":2,"emails":0,"phoneNumbers":0},' +
        '"costDollars":{"total":0.025,"agentCompute":0.025,"search":0,"emails":0,"phoneNumbers":0}}}',
    );
  });

  test('its lines are what the schema describes', () => {
    for (const line of [HEADER, cassetteLine({ query: 'Q', metadata: { a: 'b' } }, run)]) {
      validate(JSON.parse(line));
      expect(validate.errors).toBeNull();
    }
    expect(validate({ request: { query: 'Q', metadata: {} }, run })).toBe(false);
  });

  test('gives back what was written, whatever the answer is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.jsonValue(), fc.jsonValue())),
        (asked) => {
          const lines = asked.map(([query, field, structured], n) => {
            const request = { query, input: { data: [{ field }] } } as AgentRequest;
            const output = { text: query, structured, grounding: [] } as AgentRun['output'];
            return { request, run: { ...run, id: `run-${n}`, request: null, output } };
          });
          const text = [HEADER, ...lines.map((line) => cassetteLine(line.request, line.run))]
            .map((line) => `${line}\n`)
            .join('');
          const parsed = parseCassette('tape', text);
          const plain: unknown = JSON.parse(JSON.stringify(lines));
          expect(
            parsed.ok && parsed.value.map(({ request, run: played }) => ({ request, run: played })),
          ).toEqual(plain);
        },
      ),
    );
  });

  test('loses only the line that a crash cut', () => {
    const whole = `${HEADER}\n${cassetteLine({ query: 'Q' }, run)}\n`;
    for (let length = HEADER.length + 1; length < whole.length - 1; length++) {
      expect(parseCassette('tape', whole.slice(0, length))).toEqual({ ok: true, value: [] });
    }
  });

  test('may be put behind another one', () => {
    const tape = `${HEADER}\n${cassetteLine({ query: 'Q' }, run)}\n`;
    const parsed = parseCassette('tape', tape + tape);
    expect(parsed.ok && parsed.value.map((interaction) => interaction.place.line)).toEqual([2, 4]);
  });

  test.each<[what: string, text: string, line: number, message: string]>([
    ['no header', '{"request":{}}\n', 1, 'The file does not begin as a cassette does.'],
    [
      'another version',
      '{"cassette":2}\n',
      1,
      'The cassette has format 2; this program reads format 1.',
    ],
    ['damage inside', `${HEADER}\n{"requ\n\n`, 2, 'The line is not JSON.'],
    [
      'no query',
      `${HEADER}\n{"request":{},"run":{}}\n`,
      2,
      'The line has no request with a query.',
    ],
    [
      'no run',
      `${HEADER}\n\n{"request":{"query":"Q"}}\n`,
      3,
      'The line has no agent run: it is not an object.',
    ],
    [
      'a run that goes on',
      `${HEADER}\n${cassetteLine({ query: 'Q' }, { ...run, status: 'running' })}\n`,
      2,
      'The agent run is not finished (running).',
    ],
  ])('with %s is refused, with the line', (_what, text, line, message) => {
    expect(parseCassette('tape', text)).toEqual({
      ok: false,
      error: { cassette: 'tape', line, message },
    });
  });
});

describe('recording', () => {
  test('writes each finished run once, in the order of ending, behind one header', async () => {
    const agent = new ScriptedAgent();
    const lines: string[] = [];
    const append = (line: string): Promise<void> => Promise.resolve(void lines.push(line));
    const recorder = recordAgent(agent, append, new VirtualClock());
    const [slow, quick] = [
      value(await recorder.create({ query: 'Slow.', metadata: { secret: CANARY } }, never)),
      value(await recorder.create({ query: 'Quick.' }, never)),
    ];
    const [slowCall, quickCall] = [await agent.nextCall(), await agent.nextCall()];
    const waits = [slow, slow, quick].map(({ id }) => recorder.wait(id, never));
    quickCall.complete({ n: 1 });
    await waits[2];
    slowCall.fail('Too slow.');
    await Promise.all(waits);
    await recorder.get(slow.id, never);
    await recorder.cancel(quick.id, never);

    const text = lines.join('');
    const parsed = parseCassette('tape', text);
    expect(
      parsed.ok && parsed.value.map(({ request, run }) => [request.query, run.status]),
    ).toEqual([
      ['Quick.', 'completed'],
      ['Slow.', 'failed'],
    ]);
    expect(text).not.toContain(CANARY);
    expect(lines).toHaveLength(2);
  });

  test('writes a cancelled run, and a run of an earlier process with what the server knows of it', async () => {
    const agent = new ScriptedAgent();
    let text = '';
    const append = (line: string): Promise<void> => Promise.resolve(void (text += line));
    const recorder = recordAgent(agent, append, new VirtualClock());
    const { id } = value(await recorder.create({ query: 'Stop me.' }, never));
    value(await recorder.cancel(id, never));
    agent.adopt({ ...run, request: { query: 'Earlier.', metadata: { attempt: '7' } } });
    value(await recorder.wait(run.id, never));
    const parsed = parseCassette('tape', text);
    expect(parsed.ok && parsed.value.map(({ request, run: r }) => [request, r.status])).toEqual([
      [{ query: 'Stop me.' }, 'cancelled'],
      [{ query: 'Earlier.' }, 'completed'],
    ]);
  });

  test('changes nothing of the agent, its outcomes and its problems', async () => {
    const agent = new ScriptedAgent();
    agent.priceBook = 'exa-2026-11';
    const recorder = recordAgent(agent, () => Promise.resolve(), new VirtualClock());
    const { name, identity, ephemeral, priceBook } = agent;
    expect(recorder).toMatchObject({ name, identity, ephemeral, priceBook });
    agent.refuseNext({ kind: 'rate-limited', retryAfterMs: 5 });
    expect(problem(await recorder.create({ query: 'Q' }, never)).retryAfterMs).toBe(5);
    const { id } = value(await recorder.create({ query: 'Q' }, never));
    const listed = value(await recorder.list({ limit: 9 }, never));
    expect(listed.runs.map((listedRun) => listedRun.id)).toEqual([id]);
  });

  test('a full disk does not cost an answer, and shows at the end', async () => {
    const full = new Error('ENOSPC');
    const recorder = recordAgent(
      functionAgent(() => ({ n: 1 })),
      () => Promise.reject(full),
      new VirtualClock(),
    );
    const { id } = value(await recorder.create({ query: 'Q' }, never));
    expect(value(await recorder.wait(id, never)).output.structured).toEqual({ n: 1 });
    await expect(recorder.close()).rejects.toMatchObject({ cause: full });
  });

  test('a key that a server echoes in an error is not recorded', async () => {
    const { backend, drive } = await exaSubject({
      answer: () => ({ status: 'failed', error: { code: CANARY, message: `Bad ${CANARY}` } }),
    });
    let text = '';
    const append = (line: string): Promise<void> => Promise.resolve(void (text += line));
    const recorder = recordAgent(backend, append, new VirtualClock());
    const { id } = value(await drive(recorder.create(EXA_REQUESTS.completes, never)));
    value(await drive(recorder.wait(id, never)));
    expect(text).toContain('[secret]');
    expect(text).not.toContain(CANARY);
  });
});
