import { Exa, type AgentBetaOptions, type CreateAgentRunParams } from 'exa-js';
import { describe, expect, test } from 'vitest';
import { readEventStream } from '../contract/event-stream.ts';
import { schemaViolations } from '../contract/openapi-schema.ts';
import { startServer, type StartedServer } from '../start-server.ts';
import { seedCalls as calls, type SeedCall } from './seed-calls.ts';
import { hasShellTools, quoted, shell } from './shell.ts';

const CONTRACTS = ['2026-11', '2026-05-07'] as const;
const RUN = '#/components/schemas/AgentRun';
/** Printed in place of an id. */
const SOME_RUN = 'agent_run_01j...';

type CreateParams = CreateAgentRunParams & AgentBetaOptions;

interface Sent {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The call as it is printed, but for the host; the last line is what curl says of the response. */
function curl(server: StartedServer, { stream, body }: Omit<SeedCall, 'name'>): Promise<Sent> {
  const command = `curl ${stream ? '-N' : ''} -s -X POST "$BASE/agent/runs" \\
  -H "Content-Type: application/json" \\
  ${stream ? '-H "Accept: text/event-stream"' : ''} \\
  -H "x-api-key: $EXA_API_KEY" \\
  -H "Exa-Beta: agent-2026-05-07" \\
  -w "\\n%{http_code} %{content_type}" \\
  -d ${quoted(JSON.stringify(body, null, 2))}`;
  return shell(server, command).then((printed) => {
    const end = printed.lastIndexOf('\n');
    const [status = '', ...type] = printed.slice(end + 1).split(' ');
    return { status: Number(status), type: type.join(' '), body: printed.slice(0, end) };
  });
}

/** The same without curl. */
async function post(
  server: StartedServer,
  { stream, body }: Omit<SeedCall, 'name'>,
): Promise<Sent> {
  const response = await server.fetch('/agent/runs', {
    method: 'POST',
    headers: {
      'exa-beta': 'agent-2026-05-07',
      ...(stream && { accept: 'text/event-stream' }),
    },
    body: JSON.stringify(body, null, 2),
  });
  const { status, headers } = response;
  return { status, type: headers.get('content-type') ?? '', body: await response.text() };
}

const ways = hasShellTools
  ? [{ way: 'curl', send: curl }]
  : [{ way: 'fetch, for want of curl', send: post }];

describe.each(ways)('printed calls, sent by $way', ({ send }) => {
  describe.each(CONTRACTS)('contract %s', (contract) => {
    test.each(calls.filter(({ stream }) => !stream))('$name', async (call) => {
      const server = await startServer({ contract });
      let { body } = call;
      if (body['previousRunId'] === SOME_RUN) {
        const before = await send(server, { stream: true, body: { query: 'Find companies.' } });
        const last = readEventStream(before.body).frames.at(-1);
        expect(last?.event).toBe('agent_run.completed');
        body = { ...body, previousRunId: (last?.data as { readonly id: string } | undefined)?.id };
      }
      const sent = await send(server, { stream: false, body });
      expect(sent).toMatchObject({ status: 200, type: 'application/json; charset=utf-8' });
      const run = JSON.parse(sent.body) as { readonly id: string };
      expect(schemaViolations(RUN, run)).toEqual([]);
      expect(run).toMatchObject({ request: body });
      const { request } = await server.engine.began(run.id);
      expect(request).toEqual(body);
    });

    test.each(calls)('$name, and streamed', async ({ body }) => {
      const server = await startServer({ contract });
      if (body['previousRunId'] !== undefined) {
        // As it is printed the id names nothing, and the stream is refused like any other create.
        const refused = await send(server, { stream: true, body });
        expect(refused).toMatchObject({ status: 400, type: 'application/json; charset=utf-8' });
        expect(JSON.parse(refused.body)).toMatchObject({
          error: { type: 'INVALID_REQUEST', code: 'PREVIOUS_RUN_NOT_FOUND' },
        });
        return;
      }
      const sent = await send(server, { stream: true, body });
      expect(sent).toMatchObject({
        status: 200,
        type: expect.stringMatching(/^text\/event-stream\b/u),
      });
      const { frames, violations } = readEventStream(sent.body);
      expect(violations).toEqual([]);
      expect(frames.map(({ id, event }) => `${id} ${event}`)).toEqual([
        '1 agent_run.created',
        '2 agent_run.started',
        '3 agent_run.completed',
      ]);
      expect(schemaViolations(RUN, frames.at(-1)?.data)).toEqual([]);
    });
  });
});

const needsShell = hasShellTools ? '' : ' (not run: there is no bash, curl or jq)';

describe.each(CONTRACTS)(`printed scripts, contract %s${needsShell}`, (contract) => {
  test.skipIf(!hasShellTools)('the loop that polls a run until it has ended', async () => {
    const server = await startServer({ contract });
    const { body } = await post(server, { stream: false, body: { query: 'Find companies.' } });
    const { id } = JSON.parse(body) as { readonly id: string };
    const printed = await shell(
      server,
      `RUN_ID=${quoted(id)}
      while true; do
        RUN_JSON="$(curl -s "$BASE/agent/runs/$RUN_ID" \\
          -H "x-api-key: $EXA_API_KEY" \\
          -H "Exa-Beta: agent-2026-05-07")"
        STATUS="$(echo "$RUN_JSON" | jq -r '.status')"
        echo "status=$STATUS"
        if [ "$STATUS" = "completed" ] || [ "$STATUS" = "failed" ] || [ "$STATUS" = "cancelled" ]; then
          echo "$RUN_JSON" | jq .
          break
        fi
        sleep 0.05
      done`,
    );
    const at = printed.indexOf('{');
    expect(printed.slice(0, at).trim().split('\n').at(-1)).toBe('status=completed');
    expect(schemaViolations(RUN, JSON.parse(printed.slice(at)))).toEqual([]);
  });

  test.skipIf(!hasShellTools)('the list of runs, one a line', async () => {
    const server = await startServer({ contract });
    for (const query of ['Find companies.', 'Find people.']) {
      await curl(server, { stream: true, body: { query } });
    }
    const printed = await shell(
      server,
      `curl -s "$BASE/agent/runs?limit=10" \\
        -H "x-api-key: $EXA_API_KEY" \\
        -H "Exa-Beta: agent-2026-05-07" \\
        | jq -r '.data[] | "\\(.id)\\t\\(.status)\\t\\(.createdAt)\\t\\(.request.query)"'`,
    );
    expect(printed.trim().split('\n')).toEqual([
      expect.stringMatching(/^agent_run_\w{26}\tcompleted\t2[-:.\w]+Z\tFind people\.$/u),
      expect.stringMatching(/^agent_run_\w{26}\tcompleted\t2[-:.\w]+Z\tFind companies\.$/u),
    ]);
  });
});

describe.each(CONTRACTS)('printed programs, contract %s', (contract) => {
  const BETAS = { betas: ['agent-2026-05-07'] };

  test.each(calls.filter(({ stream }) => !stream))('create: $name', async ({ body }) => {
    const server = await startServer({ contract });
    const exa = new Exa(server.token, server.url);
    let params: CreateParams = { ...body, ...BETAS };
    if (body['previousRunId'] === SOME_RUN) {
      const first = await exa.beta.agent.runs.create({ query: 'Find companies.', ...BETAS });
      await exa.beta.agent.runs.pollUntilFinished(first.id, { ...BETAS, pollInterval: 2 });
      params = { ...params, previousRunId: first.id };
    }
    const run = await exa.beta.agent.runs.create(params);
    const completed = await exa.beta.agent.runs.pollUntilFinished(run.id, {
      ...BETAS,
      pollInterval: 2,
    });
    expect(completed).toMatchObject({ id: run.id, status: 'completed' });
    const schema = body['outputSchema'] as { readonly required: readonly string[] } | undefined;
    const structured = completed.output?.structured;
    if (schema === undefined) expect(structured).toBeNull();
    else expect(Object.keys(structured as object)).toEqual(schema.required);
  });

  test('a stream, event by event', async () => {
    const server = await startServer({ contract });
    const exa = new Exa(server.token, server.url);
    const events = await exa.beta.agent.runs.create({
      ...BETAS,
      query: 'Find five recently launched developer tools for evaluating AI agents.',
      stream: true,
    });
    const seen: string[] = [];
    for await (const { event, data } of events) seen.push(`${event} ${String(data['status'])}`);
    expect(seen).toEqual([
      'agent_run.created queued',
      'agent_run.started running',
      'agent_run.completed completed',
    ]);
  });

  test('the list of runs', async () => {
    const server = await startServer({ contract });
    const exa = new Exa(server.token, server.url);
    const { id } = await exa.beta.agent.runs.create({ query: 'Find companies.', ...BETAS });
    await exa.beta.agent.runs.pollUntilFinished(id, { ...BETAS, pollInterval: 2 });
    const list = await exa.beta.agent.runs.list({ ...BETAS, limit: 10 });
    expect(list.data.map((run) => [run.id, run.status, run.request?.['query']])).toEqual([
      [id, 'completed', 'Find companies.'],
    ]);
  });
});
