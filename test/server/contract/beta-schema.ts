import { z } from 'zod';
import { readEventStream } from './event-stream.ts';
import { mediaType, type SeenResponse } from './seen-response.ts';

/** What the API of 2026-05-07 published of a run more narrowly than the current one does. */
const run = z.looseObject({
  object: z.literal('agent_run'),
  stopReason: z.enum(['schema_satisfied', 'budget_reached', 'error', 'cancelled']).nullable(),
  request: z.looseObject({
    effort: z.enum(['low', 'medium', 'high', 'xhigh', 'auto']).optional(),
    budget: z.strictObject({ maxCostDollars: z.number().nonnegative().optional() }).optional(),
  }),
  usage: z.strictObject({
    agentComputeUnits: z.int().nonnegative(),
    searches: z.int().nonnegative(),
    emails: z.int().nonnegative(),
    phoneNumbers: z.int().nonnegative(),
  }),
});

/** What of a response a client of 2026-05-07 would not know; one sentence each. */
export function betaViolations(response: SeenResponse): readonly string[] {
  return [...runsIn(valueOf(response))].flatMap((found) =>
    (run.safeParse(found).error?.issues ?? []).map(
      ({ path, message }) => `Not of 2026-05-07: ${path.join('.')}: ${message}`,
    ),
  );
}

function valueOf(response: SeenResponse): unknown {
  const { body, complete } = response;
  if (mediaType(response) === 'text/event-stream') return readEventStream(body, complete).frames;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The runs of a response: itself, the items of a list, the data of events. */
function* runsIn(value: unknown): Generator<object> {
  if (Array.isArray(value)) for (const item of value) yield* runsIn(item);
  else if (typeof value === 'object' && value !== null) {
    if ('object' in value && value.object === 'agent_run') yield value;
    else if ('data' in value) yield* runsIn(value.data);
  }
}
