import { z } from 'zod';
import { readEventStream } from './event-stream.ts';
import { mediaType, pathOf, type SeenResponse } from './seen-response.ts';

/**
 * What the official Python SDK (exa-py 2.16) needs at runtime. It validates what it gets, so that a
 * server can be right by the API's own document and still break every Python program. Members that
 * it does not know are let through.
 */
const confidence = z.enum(['low', 'medium', 'high']).nullish();
const count = z.int().nonnegative().nullish();
const dollars = z.number().nonnegative().nullish();

const grounding = z.looseObject({
  field: z.string(),
  citations: z.array(z.looseObject({ url: z.string(), title: z.string().nullish() })),
  confidence,
});

const OLD_STOP_REASONS = ['schema_satisfied', 'budget_reached', 'error', 'cancelled'];
/** Efforts that this SDK cannot ask for: only their agent runs may end in ways that it cannot read. */
const LATER_EFFORTS = ['ultra', 'max'];

const run = z
  .looseObject({
    id: z.string(),
    object: z.string().nullish(),
    status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
    stopReason: z.string().nullish(),
    createdAt: z.string().nullish(),
    completedAt: z.string().nullish(),
    request: z.record(z.string(), z.unknown()).nullish(),
    output: z
      .looseObject({
        text: z.string().nullish(),
        structured: z.unknown(),
        grounding: z.array(grounding).nullish(),
      })
      .nullish(),
    usage: z
      .looseObject({
        agentComputeUnits: z.number().nonnegative().nullish(),
        searches: count,
        emails: count,
        phoneNumbers: count,
        dataSources: z.record(z.string(), z.int().nonnegative()).nullish(),
      })
      .nullish(),
    costDollars: z
      .looseObject({
        total: dollars,
        agentCompute: dollars,
        search: dollars,
        emails: dollars,
        phoneNumbers: dollars,
        dataSources: z.record(z.string(), z.number().nonnegative()).nullish(),
      })
      .nullish(),
    error: z
      .looseObject({
        type: z.string().nullish(),
        code: z.string().nullish(),
        message: z.string().nullish(),
        path: z.string().nullish(),
        keyword: z.string().nullish(),
      })
      .nullish(),
  })
  .refine(
    ({ stopReason, request }) =>
      stopReason === null ||
      stopReason === undefined ||
      OLD_STOP_REASONS.includes(stopReason) ||
      LATER_EFFORTS.includes(String(request?.['effort'])),
    { path: ['stopReason'], message: 'A stop reason that the SDK refuses' },
  );

const page = <T extends z.ZodType>(item: T) =>
  z.looseObject({
    object: z.string().nullish(),
    data: z.array(item),
    hasMore: z.boolean(),
    nextCursor: z.string().nullish(),
  });

const event = z.looseObject({
  id: z.string().nullish(),
  event: z.string(),
  data: z.record(z.string(), z.unknown()),
  createdAt: z.string().nullish(),
});

const deleted = z.looseObject({
  id: z.string(),
  object: z.string().nullish(),
  deleted: z.boolean(),
});

/** What the SDK expects of each of its calls. */
const EXPECTED: readonly (readonly [method: string, path: RegExp, schema: z.ZodType])[] = [
  ['POST', /^\/agent\/runs$/u, run],
  ['GET', /^\/agent\/runs$/u, page(run)],
  ['GET', /^\/agent\/runs\/[^/]+$/u, run],
  ['DELETE', /^\/agent\/runs\/[^/]+$/u, deleted],
  ['GET', /^\/agent\/runs\/[^/]+\/events$/u, page(event)],
  ['POST', /^\/agent\/runs\/[^/]+\/(?:cancel|stop)$/u, run],
];

const TERMINAL = ['agent_run.completed', 'agent_run.failed', 'agent_run.cancelled'];

/** What of a response the Python SDK cannot take; one sentence each. Errors it only quotes. */
export function pythonSdkViolations(response: SeenResponse): readonly string[] {
  const path = pathOf(response);
  const expected = EXPECTED.find(
    ([method, pattern]) => method === response.method && pattern.test(path),
  );
  const { status } = response;
  if (expected === undefined || status >= 400) return [];
  if (status !== 200) return [`The asynchronous client takes 200 for success, not ${status}.`];
  if (mediaType(response) === 'text/event-stream') return streamViolations(response);
  return fits(expected[2], parsed(response.body));
}

function streamViolations({ body, complete }: SeenResponse): readonly string[] {
  return readEventStream(body, complete).frames.flatMap((frame) => [
    ...fits(event, frame),
    ...(TERMINAL.includes(frame.event) ? fits(run, frame.data) : []),
  ]);
}

function fits(schema: z.ZodType, value: unknown): readonly string[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map(
    ({ path, message }) => `The Python SDK refuses ${path.join('.') || 'the whole'}: ${message}`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
