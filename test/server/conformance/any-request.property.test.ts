import fc from 'fast-check';
import { expect, test } from 'vitest';
import { request, type Dispatcher } from 'undici';
import { operations } from '../contract/openapi-document.ts';
import { OTHER_TOKEN, startServer, TOKEN } from '../start-server.ts';

const MISSING = 'agent_run_01kaf3m8q2v5x7z9b1d3f5h7k9';
/** Stands for a run that there is. */
const SOME_RUN = 'SOME_RUN';

const segment = fc.oneof(
  fc.constantFrom('agent', 'runs', 'events', 'cancel', 'stop', SOME_RUN, MISSING, '', '.', '..'),
  fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }).map(encodeURIComponent),
);

const path = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom(...operations.map((each) => each.path)), segment)
      .map(([template, id]) => template.replace('{id}', id)),
  },
  {
    weight: 2,
    arbitrary: fc.array(segment, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`),
  },
);

const query = fc.dictionary(
  fc.constantFrom('limit', 'cursor', 'follow', 'x'),
  fc.oneof(
    fc.constantFrom('1', '100', '0', 'true', SOME_RUN, MISSING),
    fc.string({ maxLength: 5 }),
  ),
  { maxKeys: 3 },
);

const body = fc.oneof(
  fc.constant(undefined),
  fc.json({ maxDepth: 3 }),
  fc.string({ maxLength: 30 }),
  fc
    .record(
      {
        query: fc.constantFrom('Find two firms.', 'Fail.', '', 7),
        effort: fc.constantFrom('low', 'ultra', 'huge'),
        previousRunId: fc.constantFrom(SOME_RUN, MISSING),
        outputSchema: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant({ type: 'object' })),
      },
      { requiredKeys: ['query'] },
    )
    .map((value) => JSON.stringify(value)),
);

const headers = fc.record(
  {
    accept: fc.constantFrom('text/event-stream', 'application/json', '*/*', 'image/png'),
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/x+json'),
    'last-event-id': fc.constantFrom('0', '2', '99999999999999999999', 'x'),
    'exa-beta': fc.constantFrom('agent-2026-05-07', 'x,y', ''),
    'idempotency-key': fc.constantFrom('one', 'two', 'with space', 'k'.repeat(256)),
    'x-api-key': fc.constantFrom(TOKEN, TOKEN, TOKEN, OTHER_TOKEN, 'nobody'),
    host: fc.constantFrom('localhost', 'example.com', '127.0.0.1:1'),
    origin: fc.constantFrom('http://localhost', 'https://example.com', 'null'),
  },
  { requiredKeys: [] },
);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const method: fc.Arbitrary<Dispatcher.HttpMethod> = fc.constantFrom(...METHODS);

// What an answer must look like is watched by the server of the test itself.
test('whatever is asked, the answer is one of the document and never a failure', async () => {
  const server = await startServer();
  const created = await server.fetch('/agent/runs', {
    method: 'POST',
    body: JSON.stringify({ query: 'Find two firms.' }),
  });
  const { id } = (await created.json()) as { readonly id: string };
  const real = (text: string): string => text.replaceAll(SOME_RUN, id);
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(method, path, query, headers, body, async (how, where, what, given, sent) => {
      // One run stays, so that there is one to ask for.
      fc.pre(!(how === 'DELETE' && where.includes(SOME_RUN)));
      const search = new URLSearchParams(what).toString();
      const response = await request(server.url + real(where) + (search && `?${real(search)}`), {
        method: how,
        headers: { 'x-api-key': TOKEN, 'content-type': 'application/json', ...given },
        ...(sent !== undefined && how !== 'GET' && how !== 'HEAD' && { body: real(sent) }),
      });
      await response.body.dump();
      expect(response.statusCode).toBeLessThan(500);
      seen.set(response.statusCode, (seen.get(response.statusCode) ?? 0) + 1);
    }),
    { numRuns: 500 },
  );
  expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404]));
});
