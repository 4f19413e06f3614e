import type { AgentOutput } from '../../src/agent/agent.ts';
import { digestOf, fingerprintOf, type Fingerprint } from '../../src/base/fingerprint.ts';
import type { AttemptId, RunId } from '../../src/base/ids.ts';
import { microdollars } from '../../src/base/money.ts';
import type {
  AttemptDoubted,
  AttemptEnded,
  AttemptHeld,
  LedgerEntry,
  Member,
  NewAnswer,
  RunRecord,
  StepState,
} from '../../src/store/store.ts';

export const fingerprint = (name: string): Fingerprint => fingerprintOf({ name });
export const attemptId = (name: string): AttemptId =>
  digestOf(name).slice(0, 32) as string as AttemptId;
const runId = (name: string): RunId => `20261122-0914-${name}` as RunId;

/** A time that grows with `second`. */
export const time = (second = 0): string =>
  new Date(Date.UTC(2026, 10, 22, 9, 14, second, 123)).toISOString();

type Intended = Extract<LedgerEntry, { type: 'attempt-intended' }>;

export const intended = (name: string, fields: Partial<Intended> = {}): Intended => ({
  type: 'attempt-intended',
  at: time(),
  attempt: attemptId(name),
  run: runId('aaaaaa'),
  pipeline: 'leads',
  step: 'people',
  task: name,
  fingerprints: [fingerprint(name)],
  agent: 'exa',
  effort: 'low',
  reserved: microdollars(25_000),
  ...fields,
});

export const created = (
  name: string,
  agentRunId = `run-of-${name}`,
): Extract<LedgerEntry, { type: 'attempt-created' }> => ({
  type: 'attempt-created',
  at: time(1),
  attempt: attemptId(name),
  agentRunId,
});

export const doubted = (name: string): AttemptDoubted => ({
  type: 'attempt-doubted',
  at: time(1),
  attempt: attemptId(name),
  message: 'The connection broke',
});

export const held = (name: string, fields: Partial<AttemptHeld> = {}): AttemptHeld => ({
  type: 'attempt-held',
  at: time(3),
  attempt: attemptId(name),
  reason: 'ambiguous',
  message: 'there is an agent run without a tag that may be this one',
  candidates: [
    { agentRunId: 'run-other', createdAt: time(1), status: 'completed', reported: null },
  ],
  ...fields,
});

export const ended = (name: string, fields: Partial<AttemptEnded> = {}): AttemptEnded => ({
  type: 'attempt-ended',
  at: time(2),
  attempt: attemptId(name),
  agentRunId: `run-of-${name}`,
  status: 'completed',
  stopReason: 'schema_satisfied',
  outcome: 'answered',
  failure: null,
  message: null,
  reported: microdollars(24_000),
  usage: { agentComputeUnits: 1, searches: 3, emails: 0, phoneNumbers: 0 },
  durationMs: 1_234,
  ...fields,
});

export const failed = (name: string, fields: Partial<AttemptEnded> = {}): AttemptEnded =>
  ended(name, {
    status: 'failed',
    stopReason: null,
    outcome: 'failed',
    failure: 'timeout',
    message: 'It took too long',
    ...fields,
  });

export const output = (text: string): AgentOutput => ({
  text,
  structured: { people: [{ name: text, title: null, since: 2019.5 }] },
  grounding: [
    {
      field: 'structured.people[0].name',
      citations: [{ url: 'https://example.com/a?b=c', title: text }],
      confidence: 'high',
    },
  ],
});

export const answer = (name: string, fields: Partial<NewAnswer> = {}): NewAnswer => ({
  fingerprint: fingerprint(name),
  attempt: attemptId(name),
  agentRunId: `run-of-${name}`,
  agent: 'exa',
  answeredAt: time(2),
  output: output(name),
  stopReason: 'schema_satisfied',
  digest: digestOf(name),
  ...fields,
});

export const member = (name: string, at = 0): Member => ({
  path: [at],
  task: name,
  fingerprint: fingerprint(name),
  answer: undefined,
  answerDigest: undefined,
  dropped: [{ index: 1, reason: 'duplicate', detail: 'of the first' }],
  failure: { kind: 'timeout', message: 'It took too long', attempts: 2 },
});

export const stepState = (
  step: string,
  version: string,
  fields: Partial<StepState> = {},
): StepState => ({
  pipeline: 'leads',
  step,
  version,
  run: runId('aaaaaa'),
  finishedAt: time(9),
  layout: {
    kind: 'agent',
    rank: 0,
    description: null,
    schema: { type: 'object' },
    records: { kind: 'array', property: 'people' },
    key: ['name'],
    mode: 'replace',
    parent: null,
    columns: null,
    request: { effort: 'low' },
  },
  tasks: 1,
  failed: 0,
  digest: digestOf(version),
  membership: digestOf(`${version} members`),
  ...fields,
});

export const run = (name: string, second: number, fields: Partial<RunRecord> = {}): RunRecord => ({
  run: runId(name),
  pipeline: 'leads',
  file: 'pipelines/leads.yaml',
  startedAt: time(second),
  finishedAt: null,
  pid: 4_711,
  status: 'running',
  exit: null,
  started: 0,
  reused: 0,
  failed: 0,
  reported: microdollars(0),
  ...fields,
});

/** Text that has broken stores before: NUL, emoji, lone surrogates, separators, quotes. */
export const HOSTILE: readonly string[] = [
  '',
  '\0',
  'a\0b',
  '👩‍🚀 Ünïcödé',
  '\ud800 lone high',
  'lone low \udfff',
  '\u2028\u2029\u0085',
  '"\\\n\r\t',
  '__proto__',
  'x'.repeat(100_000),
];

export async function collect<T>(portions: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const portion of portions) all.push(...portion);
  return all;
}
