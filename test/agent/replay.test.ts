import { describe, expect, test } from 'vitest';
import type { AgentBackend, AgentRequest } from '../../src/agent/agent.ts';
import { recordAgent } from '../../src/agent/record.ts';
import { openReplayAgent } from '../../src/agent/replay.ts';
import { Answered, functionAgent } from '../rig/scripted-agent.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { backendCases, problem, value } from './backend.cases.ts';
import { EXA_REQUESTS, exaSubject } from './exa-subject.ts';

const never = new AbortController().signal;

/** Asks one after the other, follow-ups of the run before included, and gives the cassette. */
async function record(
  backend: AgentBackend,
  requests: readonly AgentRequest[],
  drive: <T>(work: Promise<T>) => Promise<T> = (work) => work,
): Promise<string> {
  let text = '';
  const recorder = recordAgent(
    backend,
    (line) => Promise.resolve(void (text += line)),
    new VirtualClock(),
  );
  let previous = '';
  for (const request of requests) {
    const { previousRunId } = request;
    const asked = previousRunId === 'PREVIOUS' ? { ...request, previousRunId: previous } : request;
    previous = value(await drive(recorder.create(asked, never))).id;
    value(await drive(recorder.wait(previous, never)));
  }
  return text;
}

function replay(...texts: readonly string[]): AgentBackend {
  const cassettes = texts.map((text, n) => ({ name: `tape-${n + 1}.ndjson`, text }));
  const agent = openReplayAgent({ cassettes });
  if (!agent.ok) throw new Error(agent.error.message);
  return agent.value;
}

const { neverEnds: _, passesUnknownStatus: __, ...REPLAYABLE } = EXA_REQUESTS;

backendCases('replay, recorded from exa', REPLAYABLE, async () => {
  const { backend, drive } = await exaSubject();
  const { completes, alsoCompletes, fails, isCancelled, reachesBudget, followUp } = REPLAYABLE;
  const requests = [fails, isCancelled, reachesBudget, alsoCompletes, completes].flatMap(
    (request) => request ?? [],
  );
  const continued = { query: '', ...followUp, previousRunId: 'PREVIOUS' };
  const text = await record(backend, [...requests, continued], drive);
  return { backend: replay(text), drive: (work) => work };
});

/** Answers with how many requests it had. */
function counting(): AgentBackend {
  let count = 0;
  return functionAgent(() => ({ n: ++count }), { dollars: 0.5 });
}

async function ask(backend: AgentBackend, request: AgentRequest): Promise<unknown> {
  const { id } = value(await backend.create(request, never));
  return value(await backend.wait(id, never)).output.structured;
}

describe('replay', () => {
  const request: AgentRequest = {
    query: 'Who runs Acme?',
    effort: 'low',
    input: { data: [{ name: 'Acme', domain: 'acme.example' }] },
    outputSchema: { type: 'object', properties: { ceo: { type: 'string' } } },
    metadata: { attempt: '1' },
    budget: { maxCostDollars: 1 },
  };

  test('the order of keys, metadata and the budget do not matter', async () => {
    const agent = replay(await record(counting(), [request]));
    const other: AgentRequest = {
      outputSchema: { properties: { ceo: { type: 'string' } }, type: 'object' },
      metadata: { attempt: '2' },
      input: { data: [{ domain: 'acme.example', name: 'Acme' }] },
      effort: 'low',
      query: 'Who runs Acme?',
    };
    expect(await ask(agent, other)).toEqual({ n: 1 });
  });

  test('a request recorded several times is played in order, then its last answer again', async () => {
    const agent = replay(await record(counting(), [request, request]), '');
    const answers = [
      await ask(agent, request),
      await ask(agent, request),
      await ask(agent, request),
    ];
    expect(answers).toEqual([{ n: 1 }, { n: 2 }, { n: 2 }]);
  });

  test('a follow-up is found by what it follows, whichever recording of that was played', async () => {
    const more = { query: 'Find more.', previousRunId: 'PREVIOUS' };
    const agent = replay(await record(counting(), [request, request, more, more]));
    const first = value(await agent.create(request, never));
    const second = { query: 'Find more.', previousRunId: first.id };
    expect(await ask(agent, second)).toEqual({ n: 3 });
    const { id } = value(await agent.create(second, never));
    expect(await ask(agent, { query: 'Find more.', previousRunId: id })).toEqual({ n: 4 });
  });

  test('a replayed run costs nothing, unless the recorded costs are asked for', async () => {
    const text = await record(counting(), [request]);
    const free = replay(text);
    const { id } = value(await free.create(request, never));
    expect(value(await free.wait(id, never)).costDollars?.total).toBe(0);
    const cassettes = [{ name: 'tape', text }];
    const paid = openReplayAgent({ cassettes, costs: 'recorded' });
    if (!paid.ok) throw new Error(paid.error.message);
    expect(value(await paid.value.get(id, never)).costDollars?.total).toBe(0.5);
  });

  test('a create shows nothing of the answer, and the run is known to a later process', async () => {
    const text = await record(counting(), [request]);
    const created = value(await replay(text).create(request, never));
    expect(created).toMatchObject({ status: 'queued', output: { structured: null } });
    expect(value(await replay(text).wait(created.id, never)).output.structured).toEqual({ n: 1 });
  });

  test('two cassettes with other content are two agents', async () => {
    const [one, two] = [await record(counting(), [request]), await record(counting(), [])];
    expect(replay(one).identity).toBe(replay(one).identity);
    expect(replay(one).identity).not.toBe(replay(two).identity);
  });

  test('failed runs are played too', async () => {
    const failing = functionAgent(
      () => new Answered({ status: 'failed', stopReason: 'error', error: { message: 'No.' } }),
    );
    const agent = replay(await record(failing, [request]));
    const { id } = value(await agent.create(request, never));
    expect(value(await agent.wait(id, never))).toMatchObject({
      status: 'failed',
      error: { message: 'No.' },
    });
  });

  describe('a request that was not recorded', () => {
    const recorded: readonly AgentRequest[] = [
      { query: 'Find 40 companies in Europe that raised a Series A or B.', effort: 'low' },
      request,
      { ...request, input: { data: [{ name: 'Globex', domain: 'globex.example' }] } },
    ];

    test.each<[what: string, asked: AgentRequest, message: string]>([
      [
        'names the words of the query that differ',
        { query: 'Find 40 companies in Europe that raised a Series C.', effort: 'low' },
        'No recording for this request. The nearest one (tape-1.ndjson, line 2) has another query (recorded: "A or B.", asked: "C.").',
      ],
      [
        'names the effort',
        { ...request, effort: 'high' },
        'No recording for this request. The nearest one (tape-1.ndjson, line 3) has another effort (recorded: "low", asked: "high").',
      ],
      [
        'names the first field of the input that differs',
        { ...request, input: { data: [{ name: 'Globex', domain: 'globex.org' }] } },
        'No recording for this request. The nearest one (tape-1.ndjson, line 4) has another input.data[0].domain (recorded: "globex.example", asked: "globex.org").',
      ],
      [
        'names the place in the schema, and all fields that differ',
        { ...request, systemPrompt: 'Be brief.', outputSchema: { type: 'object', properties: {} } },
        'No recording for this request. The nearest one (tape-1.ndjson, line 3) has another systemPrompt (recorded: nothing, asked: "Be brief."); another outputSchema.properties.ceo (recorded: {"type":"string"}, asked: nothing).',
      ],
      [
        'names the run it continues',
        { ...request, previousRunId: 'agent_run_other' },
        'No recording for this request. The nearest one (tape-1.ndjson, line 3) has another run to continue (previousRunId).',
      ],
    ])('%s', async (_what, asked, message) => {
      const agent = replay(await record(counting(), recorded));
      expect(problem(await agent.create(asked, never))).toEqual({
        kind: 'no-recording',
        message,
        mayHaveCreated: false,
      });
    });

    test('says that there is nothing at all', async () => {
      expect(problem(await replay('').create(request, never)).message).toBe(
        'No recording for this request: the cassettes are empty.',
      );
    });
  });
});
