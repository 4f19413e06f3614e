import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished, expect, test } from 'vitest';
import { ResponseRecorder } from './response-recorder.ts';

const ID = 'agent_run_01kaf3m8q2v5x7z9b1d3f5h7k9';
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'x-request-id': '07e2c1d9a4b84f6c9e0b1f2a3c4d5e6f',
};
const RUN = {
  id: ID,
  object: 'agent_run',
  status: 'completed',
  stopReason: 'schema_satisfied',
  createdAt: '2026-11-22T10:00:00.000Z',
  completedAt: '2026-11-22T10:00:01.000Z',
  request: { query: 'Find two firms.' },
  output: { text: 'Two.', structured: null, grounding: [] },
  usage: { agentComputeUnits: 0.5, searches: 1, emails: 0, phoneNumbers: 0 },
  costDollars: { total: 0.06, agentCompute: 0.05, search: 0.01, emails: 0, phoneNumbers: 0 },
};

/** What the recorder finds in one response to a request for a path. */
async function violationsOf(
  path: string,
  answer: (response: ServerResponse) => void,
  contract: '2026-11' | '2026-05-07' = '2026-11',
): Promise<readonly string[]> {
  const recorder = new ResponseRecorder();
  recorder.start();
  const server = createServer((_request, response) => {
    answer(response);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  recorder.add(url, contract);
  await new Promise<void>((resolve) => {
    const request = get(url + path, { agent: false }, (response) => {
      response.resume().on('close', resolve);
    });
    request.end();
  });
  while (recorder.responses.length === 0) await new Promise(setImmediate);
  recorder.stop();
  return recorder.takeViolations();
}

const json =
  (body: unknown, status = 200, headers: Record<string, string> = HEADERS) =>
  (response: ServerResponse): void => {
    response.writeHead(status, headers);
    response.end(JSON.stringify(body));
  };

const PATH = `/agent/runs/${ID}`;

test('a response that keeps the contract passes, however it is written', async () => {
  expect(await violationsOf(PATH, json(RUN))).toEqual([]);
  const inPieces = (response: ServerResponse): void => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const text = JSON.stringify(RUN);
    response.write(text.slice(0, 40));
    response.end(Buffer.from(text.slice(40)));
  };
  expect(await violationsOf(`//agent/runs/${ID}?x=1`, inPieces)).toEqual([]);
});

test.each([
  ['an unknown member', { ...RUN, cost: 1 }, 'must NOT have additional properties'],
  ['a missing member', { ...RUN, usage: undefined }, "must have required property 'usage'"],
  ['an end without a time', { ...RUN, completedAt: null }, '/completedAt must be string'],
  [
    'an error without a failure',
    { ...RUN, error: { type: 'SERVER_ERROR', code: 'X', message: 'x' } },
    'must NOT be valid',
  ],
  [
    'a stop reason of later efforts',
    { ...RUN, stopReason: 'stopped' },
    'The Python SDK refuses stopReason',
  ],
  [
    'a broken count',
    { ...RUN, usage: { ...RUN.usage, searches: 1.5 } },
    'The Python SDK refuses usage.searches',
  ],
])('%s is found', async (_name, body, expected) => {
  const violations = await violationsOf(PATH, json(body));
  expect(violations.join('\n')).toContain(expected);
  expect(violations[0]).toContain(`GET ${PATH} → 200: `);
});

test('what the beta did not know is found where the beta is spoken', async () => {
  const beta = { ...RUN, usage: { ...RUN.usage, agentComputeUnits: 1 } };
  expect(await violationsOf(PATH, json(beta), '2026-05-07')).toEqual([]);
  const list = { object: 'list', data: [beta, RUN], hasMore: false, nextCursor: null };
  expect(await violationsOf('/agent/runs', json(list))).toEqual([]);
  expect(await violationsOf('/agent/runs', json(list), '2026-05-07')).toEqual([
    expect.stringContaining('Not of 2026-05-07: usage.agentComputeUnits'),
  ]);
  const later = { ...beta, request: { ...beta.request, effort: 'ultra' }, stopReason: 'stopped' };
  const event = `id: 3\nevent: agent_run.completed\ndata: ${JSON.stringify(later)}\n\n`;
  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    response.end(event);
  };
  expect(await violationsOf(`${PATH}/events`, stream)).toEqual([]);
  expect(await violationsOf(`${PATH}/events`, stream, '2026-05-07')).toEqual([
    expect.stringContaining('Not of 2026-05-07: stopReason'),
    expect.stringContaining('Not of 2026-05-07: request.effort'),
  ]);
});

test('a status, a header, a media type and a path that are not declared are found', async () => {
  expect((await violationsOf(PATH, json(RUN, 202))).join('\n')).toContain('no response 202');
  expect((await violationsOf(PATH, json(RUN, 202))).join('\n')).toContain(
    '200 for success, not 202',
  );
  const { 'content-type': type } = HEADERS;
  expect(await violationsOf(PATH, json(RUN, 200, { 'content-type': type }))).toEqual([
    `GET ${PATH} → 200: The header x-request-id is missing.`,
  ]);
  const html = { ...HEADERS, 'content-type': 'text/html' };
  expect((await violationsOf(PATH, json(RUN, 200, html))).join('\n')).toContain('"text/html"');
  expect((await violationsOf('/secret', json({}))).join('\n')).toContain('not in the document');
  expect((await violationsOf('/secret', json({}, 404))).join('\n')).toContain(
    "must have required property 'error'",
  );
});

const STARTED = JSON.stringify({ id: ID, status: 'running' });

test.each([
  ['fits', `id: 1\nevent: agent_run.started\ndata: ${STARTED}\n\n: keep-alive\n\n`, undefined],
  ['has carriage returns', `id: 1\r\nevent: x\r\ndata: ${STARTED}\r\n\r\n`, 'carriage return'],
  ['has data that is a list', 'id: 1\nevent: agent_run.started\ndata: []\n\n', 'No frame'],
  ['has data on two lines', 'id: 1\nevent: agent_run.started\ndata: {\ndata: }\n\n', 'No frame'],
  [
    'has an event twice',
    `id: 1\nevent: agent_run.started\ndata: ${STARTED}\n\n`.repeat(2),
    'do not rise',
  ],
  ['stops in a frame', `id: 1\nevent: agent_run.started\ndata: ${STARTED}\n`, 'ends within'],
  ['has wrong data', 'id: 1\nevent: agent_run.started\ndata: {"id":"x"}\n\n', "property 'status'"],
])('a stream that %s', async (_name, body, expected) => {
  const violations = await violationsOf(`${PATH}/events`, (response) => {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    response.end(body);
  });
  if (expected === undefined) expect(violations).toEqual([]);
  else expect(violations.join('\n')).toContain(expected);
});
