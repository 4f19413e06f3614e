import type { AgentOutput, AgentRequest, AgentUsage } from '../../src/agent/agent.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import type { Engine, EngineOutcome, EngineTask } from '../../src/server/engine.ts';

export const USAGE: AgentUsage = {
  agentComputeUnits: 0.18,
  searches: 2,
  emails: 0,
  phoneNumbers: 0,
};

/** How an engine on a string answers, unless told otherwise. `Fail.` fails. */
export function sampleAnswer({ query, outputSchema }: AgentRequest): EngineOutcome {
  if (query === 'Fail.') {
    const error = { type: 'SERVER_ERROR', code: 'SERVER_ERROR', message: 'Told to fail.' };
    return { ok: false, error, usage: USAGE };
  }
  const structured = outputSchema === undefined ? null : sampleOf(outputSchema);
  const field = firstPath(structured, 'structured') ?? 'text';
  const output: AgentOutput = {
    text: `Answered: ${query}`,
    structured,
    grounding: [
      {
        field,
        citations: [{ url: 'https://acme.example/about', title: 'About Acme' }],
        confidence: 'high',
      },
    ],
  };
  return { ok: true, output, usage: usageOf(structured), partial: false };
}

/**
 * An engine on a string: its runs end at once, or stay where they are until let go. Whatever is
 * done to a held run (cancel, stop, time) it only ends when told to, as a slow agent would.
 */
export class ScriptedEngine implements Engine {
  readonly identity = 'scripted/1';
  /** Tasks in the order in which work on them began. */
  readonly tasks: EngineTask[] = [];
  readonly #answer: (task: EngineTask) => EngineOutcome | Promise<EngineOutcome>;
  readonly #held = new Map<string, (outcome: EngineOutcome | Error) => void>();
  #holding = false;
  #began: (() => void)[] = [];

  /** `answer` may be another engine's `run`. */
  constructor(
    answer: (task: EngineTask) => EngineOutcome | Promise<EngineOutcome> = ({ request }) =>
      sampleAnswer(request),
  ) {
    this.#answer = answer;
  }

  /** From now on runs do not end until let go. */
  hold(): void {
    this.#holding = true;
  }

  /** Lets one held run end, or all of them and those to come. */
  async release(id?: string, outcome?: EngineOutcome | Error): Promise<void> {
    if (id === undefined) this.#holding = false;
    for (const one of id === undefined ? [...this.#held.keys()] : [id]) {
      const task = this.tasks.findLast((each) => each.id === one);
      const end = this.#held.get(one);
      if (task === undefined || end === undefined) throw new Error(`Nothing holds ${one}`);
      this.#held.delete(one);
      end(outcome ?? (await this.#answer(task)));
    }
  }

  /** Resolves when work on a run has begun (again, for the nth time). */
  async began(id: string, times = 1): Promise<EngineTask> {
    for (;;) {
      const tasks = this.tasks.filter((task) => task.id === id);
      const task = tasks[times - 1];
      if (task !== undefined) return task;
      await new Promise<void>((resolve) => {
        this.#began.push(resolve);
      });
    }
  }

  async run(task: EngineTask): Promise<EngineOutcome> {
    this.tasks.push(task);
    const waiting = this.#began;
    this.#began = [];
    for (const resolve of waiting) resolve();
    if (!this.#holding) return this.#answer(task);
    const outcome = await new Promise<EngineOutcome | Error>((resolve) => {
      this.#held.set(task.id, resolve);
    });
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A small value that fits a schema. */
function sampleOf(schema: Json | undefined): Json {
  if (!isJsonObject(schema)) return 'text';
  const { type, properties } = schema;
  const [choice] = (schema['enum'] ?? []) as readonly Json[];
  const fixed = choice ?? schema['const'];
  if (fixed !== undefined) return fixed;
  const [branch] = (schema['anyOf'] ?? schema['oneOf'] ?? []) as readonly Json[];
  if (branch !== undefined) return sampleOf(branch);
  const [kind = isJsonObject(properties) ? 'object' : 'string'] = [type ?? []].flat() as string[];
  return sampleOfType(kind, schema);
}

function sampleOfType(kind: string, { format, properties, items, minimum }: JsonObject): Json {
  if (kind === 'object') {
    const members = Object.entries((properties ?? {}) as JsonObject);
    return Object.fromEntries(members.map(([name, member]) => [name, sampleOf(member)]));
  }
  if (kind === 'array') return [sampleOf(items)];
  if (kind === 'integer' || kind === 'number') return minimum ?? 1;
  if (kind === 'boolean') return true;
  if (kind === 'null') return null;
  return SAMPLES[typeof format === 'string' ? format : ''] ?? 'Acme';
}

const SAMPLES: Readonly<Record<string, string>> = {
  uri: 'https://acme.example',
  email: 'ada@acme.example',
  phone: '+1 555 0100',
  date: '2026-11-22',
  'date-time': '2026-11-22T09:00:00Z',
};

function usageOf(structured: Json): AgentUsage {
  const text = JSON.stringify(structured);
  const count = (sample = ''): number => text.split(JSON.stringify(sample)).length - 1;
  return { ...USAGE, emails: count(SAMPLES['email']), phoneNumbers: count(SAMPLES['phone']) };
}

function firstPath(value: Json, path: string): string | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'object') return path;
  for (const [key, child] of Object.entries(value)) {
    const found = firstPath(
      child ?? null,
      Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
