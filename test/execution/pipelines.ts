import type { AgentBackend, AgentRequest } from '../../src/agent/agent.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { SourceUnreadable, type SourceReader } from '../../src/execution/ports.ts';
import type { Rig } from '../rig/rig.ts';
import { functionAgent, type Answered } from '../rig/scripted-agent.ts';

/** A schema of `{ found: [{ name, … }] }` with one more column. */
export const foundWith = (column: string): string => `
    schema:
      type: object
      required: [found]
      properties:
        found:
          type: array
          items:
            type: object
            required: [name]
            properties: { name: { type: string }, ${column} }`;

/** A schema of `{ found: [{ name, size }] }`. */
export const FOUND: string = foundWith("size: { type: [integer, 'null'] }");

/** A schema of one record `{ town }`. */
export const TOWN = `
    schema: { type: object, required: [town], properties: { town: { type: string } } }`;

/** A step, and one that goes on with its agent run. */
export const CHAIN = `
effort: low
steps:
  firms:
    query: Find a firm.${FOUND}
    key: name
  more:
    continue: firms
    query: Find another.${FOUND}
    key: name`;

export const inline = (rows: readonly JsonObject[]): string => JSON.stringify(rows);

/** The first record that a request is about. */
export const rowOf = (request: AgentRequest | undefined): JsonObject =>
  request?.input?.data?.[0] ?? {};

/** A value of a record as text. */
export const shown = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

export const names = (rows: readonly JsonObject[]): readonly unknown[] =>
  rows.map(({ name }) => name);

/** Answers by a function; keeps the queries it was asked in `asked`. */
export function asking(
  asked: string[],
  answer: (request: AgentRequest) => Json | Answered,
): AgentBackend {
  return functionAgent((request) => {
    asked.push(request.query);
    return answer(request);
  });
}

/** An agent in the place of another, each of whose runs takes its own time. */
export function paced(
  agent: AgentBackend,
  clock: Clock,
  latencyMs: (nth: number, request: AgentRequest) => number,
): AgentBackend & { readonly live: () => number } {
  const ends = new Map<string, number>();
  let nth = 0;
  return {
    ...proxied(agent),
    live: () => ends.size,
    create: async (request, signal) => {
      const run = await agent.create(request, signal);
      if (run.ok) ends.set(run.value.id, clock.now() + latencyMs(nth++, request));
      return run;
    },
    wait: async (id, signal) => {
      await clock.sleep((ends.get(id) ?? 0) - clock.now(), signal);
      ends.delete(id);
      return agent.wait(id, signal);
    },
  };
}

/** What was dropped from a step's table, as `task index reason`. */
export async function droppedOf(rig: Rig, step: string): Promise<readonly string[]> {
  const { version } = await rig.state(step);
  const dropped: string[] = [];
  for await (const members of rig.store.members(version)) {
    for (const { task, dropped: out } of members) {
      dropped.push(...out.map(({ index, reason }) => `${task} ${index} ${reason}`));
    }
  }
  return dropped;
}

/** A source of these portions, whatever its file says; `broken` ends it with a message. */
export function portions(rows: readonly (readonly JsonObject[])[], broken?: string): SourceReader {
  return {
    check: () => Promise.resolve({ ok: true, value: [] }),
    digest: () => Promise.resolve('digest'),
    async *read() {
      yield* rows;
      if (broken !== undefined) throw new SourceUnreadable(broken);
    },
  };
}

/** A source of `r0`, `r1` and so on, in portions of 2,048. */
export function numberedRows(count: number): SourceReader {
  const all = Array.from({ length: count }, (_, n) => ({ id: `r${n}` }));
  const starts = Array.from({ length: Math.ceil(count / 2_048) }, (_, n) => n * 2_048);
  return portions(starts.map((start) => all.slice(start, start + 2_048)));
}

/** The same agent as a plain object, of which parts can be replaced. */
export const proxied = (agent: AgentBackend): AgentBackend => ({
  name: agent.name,
  identity: agent.identity,
  ephemeral: agent.ephemeral,
  priceBook: agent.priceBook,
  create: (request, signal) => agent.create(request, signal),
  get: (id, signal) => agent.get(id, signal),
  wait: (id, signal) => agent.wait(id, signal),
  cancel: (id, signal) => agent.cancel(id, signal),
  list: (options, signal) => agent.list(options, signal),
  close: () => agent.close(),
});
