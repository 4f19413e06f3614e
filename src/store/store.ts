import type { AgentOutput, AgentRequest } from '../agent/agent.ts';
import type { Fingerprint } from '../base/fingerprint.ts';
import type { AttemptId, RunId } from '../base/ids.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Microdollars } from '../base/money.ts';
import type { CapReached } from '../cost/cap.ts';
import type { PeriodSpending, SpendingLimit } from './spending.ts';

/** Position of an answer in the store; later answers have larger numbers. */
export type AnswerId = number & { readonly __brand: 'AnswerId' };

/** An answer at rest, as the agent gave it; records are taken from it anew on each reading. */
export interface Answer {
  readonly id: AnswerId;
  readonly fingerprint: Fingerprint;
  readonly attempt: AttemptId;
  readonly agentRunId: string;
  readonly agent: string;
  /** ISO-8601 UTC. */
  readonly answeredAt: string;
  /** For a record of a batch: only what belongs to that record. */
  readonly output: AgentOutput;
  readonly stopReason: string | null;
  /** Digest of the output's content, so that an equal new answer can be told from another one. */
  readonly digest: string;
  /**
   * What was asked, of an agent that forgets it once its process ends: a follow-up is answered from
   * that. Absent where nothing follows it up.
   */
  readonly asked?: Asked;
}

/** A request that was answered. */
interface Asked {
  readonly request: AgentRequest;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** The answer that it follows up. */
  readonly after: AnswerId | null;
}

export type NewAnswer = Omit<Answer, 'id'>;

/** What is known of one fingerprint, without its answer's body. */
export interface Known {
  readonly answer:
    | {
        readonly id: AnswerId;
        readonly answeredAt: string;
        readonly digest: string;
        readonly agentRunId: string;
      }
    | undefined;
  /** An attempt that was begun and never ended, by a process that is gone. */
  readonly open: OpenAttempt | undefined;
  /** How the last attempt ended when it gave no answer. */
  readonly failed:
    | {
        readonly kind: string;
        readonly at: string;
        /** It was paid for, or may have been: nobody buys it again but the user. */
        readonly charged: boolean;
        /** What was said of it; absent where nothing was, or an older program did not keep it. */
        readonly message?: string;
      }
    | undefined;
}

export interface OpenAttempt extends Omit<AttemptIntended, 'type' | 'at'> {
  readonly intendedAt: string;
  /** Undefined while nobody knows whether the agent created it. */
  readonly agentRunId: string | undefined;
  /** Set where a person has to say what becomes of it; nothing is sent for it meanwhile. */
  readonly held: Hold | undefined;
}

/** Why an attempt waits for a person, and what is known to choose from. */
export interface Hold {
  readonly at: string;
  readonly reason: HoldReason;
  /** One sentence for a person, without a full stop. */
  readonly message: string;
  readonly candidates: readonly Candidate[];
}

export type HoldReason =
  /** The list has an agent run that may be this one and carries no tag to tell by. */
  | 'ambiguous'
  /** The list could not be read to its end. */
  | 'not-listed'
  /** It was sent under another key or to another server, whose agent runs cannot be seen. */
  | 'other-account'
  /** An agent run with this state folder's tag that the ledger does not know. */
  | 'stray'
  /** Its agent run does not come to an end. */
  | 'no-end'
  /** How its agent run stands cannot be told: the answers to that are not as agreed. */
  | 'unreadable';

/** An agent run that may be the one of a held attempt. */
export interface Candidate {
  readonly agentRunId: string;
  readonly createdAt: string;
  readonly status: string;
  /** What it has cost by its own account; null where it does not say (yet). */
  readonly reported: Microdollars | null;
}

/** A fact about an attempt or its money. Entries are appended and never changed. */
export type LedgerEntry =
  AttemptIntended | AttemptDoubted | AttemptHeld | AttemptCreated | AttemptEnded | CostTold;

export interface AttemptIntended {
  readonly type: 'attempt-intended';
  readonly at: string;
  readonly attempt: AttemptId;
  readonly run: RunId;
  readonly pipeline: string;
  readonly step: string;
  /** The task, for a person: a record's key, or empty where the step is one task. */
  readonly task: string;
  readonly fingerprints: readonly Fingerprint[];
  readonly agent: string;
  readonly effort: string | null;
  /** Ceiling held for it. */
  readonly reserved: Microdollars;
  /** Whose agent runs it is among: `AgentBackend.account`. */
  readonly account?: string;
  /** Digest of the query's text: an agent run without a tag that asks otherwise is not this one. */
  readonly asks?: string;
  /** What a stray agent run says it was asked: the question tag of its metadata. */
  readonly tag?: string;
}

/** The create got no clear answer: the agent run may exist. */
export interface AttemptDoubted {
  readonly type: 'attempt-doubted';
  readonly at: string;
  readonly attempt: AttemptId;
  readonly message: string;
}

/** What an attempt cost that ended without a word on it: the agent told later. */
export interface CostTold {
  readonly type: 'cost-told';
  readonly at: string;
  readonly attempt: AttemptId;
  readonly run: RunId;
  readonly pipeline: string;
  readonly step: string;
  readonly reported: Microdollars;
  /** When it ended, and what was held for it since. */
  readonly endedAt: string;
  readonly reserved: Microdollars;
}

/** The attempt waits for a person from now on. */
export interface AttemptHeld extends Hold {
  readonly type: 'attempt-held';
  readonly attempt: AttemptId;
}

export type AttemptNoted = AttemptDoubted | AttemptHeld;

export interface AttemptCreated {
  readonly type: 'attempt-created';
  readonly at: string;
  readonly attempt: AttemptId;
  readonly agentRunId: string;
  /** How its id came to be known, where the create did not tell: by the list, or by a person. */
  readonly found?: 'listed' | 'chosen';
}

export interface AttemptEnded {
  readonly type: 'attempt-ended';
  readonly at: string;
  readonly attempt: AttemptId;
  readonly agentRunId: string | null;
  readonly status: string;
  readonly stopReason: string | null;
  readonly outcome: 'answered' | 'failed';
  /** The kind of failure, where it failed. */
  readonly failure: string | null;
  readonly message: string | null;
  /** What the agent said it cost; null when it did not say: unknown, not free. */
  readonly reported: Microdollars | null;
  /**
   * Digest of the whole output, where the cost is not known: the agent run will be looked at again,
   * and may show another end then.
   */
  readonly digest?: string;
  /** The amount is a difference of two totals that we made, and not the agent's own figure. */
  readonly estimated?: true;
  readonly usage: JsonObject | null;
  readonly durationMs: number;
  /** The output of an attempt that was paid for and gave no answer we accept. */
  readonly keptOutput?: Json;
}

/** One task of a step's present table, in the order it ended. */
export interface Member {
  /** Place of the task among its step's tasks: compared number by number, it gives row order. */
  readonly path: readonly number[];
  /** The task for a person: its record's key, or empty where the step is one task. */
  readonly task: string;
  readonly fingerprint: Fingerprint;
  readonly answer: AnswerId | undefined;
  readonly answerDigest: string | undefined;
  /** Records of the answer that are not in the table, by their index in it. */
  readonly dropped: readonly DroppedRecord[];
  readonly failure: MemberFailure | undefined;
  /** For a SQL step, which asks nobody: a portion of its rows. */
  readonly rows?: readonly JsonObject[];
}

export interface DroppedRecord {
  readonly index: number;
  readonly reason:
    'duplicate' | 'excluded' | 'schema' | 'no-key' | 'unknown-key' | 'superseded' | 'limit';
  readonly detail: string;
}

export interface MemberFailure {
  readonly kind: string;
  readonly message: string;
  readonly attempts: number;
}

/** Everything needed to write a step's table again without its pipeline file. */
export interface StepLayout {
  readonly kind: 'agent' | 'sql';
  /** Rank among the pipeline's steps, for listing. */
  readonly rank: number;
  readonly description: string | null;
  readonly schema: JsonObject | null;
  /** A `RecordsAt`. */
  readonly records: JsonObject;
  readonly key: readonly string[] | null;
  readonly mode: 'replace' | 'append' | 'upsert';
  /** Step or source whose records this step's tasks are about. */
  readonly parent: string | null;
  /** For SQL: column names with DuckDB types. */
  readonly columns: readonly { readonly name: string; readonly type: string }[] | null;
  /** The parts of a request that all tasks of the step share, to say what changed. */
  readonly request: JsonObject;
}

/** The present version of a step's table. */
export interface StepState {
  readonly pipeline: string;
  readonly step: string;
  readonly version: string;
  readonly run: RunId;
  readonly finishedAt: string;
  readonly layout: StepLayout;
  /** Tasks, and how many of them failed. */
  readonly tasks: number;
  readonly failed: number;
  /** Of the records' content, whatever the order in which tasks ended; equal when the rows are. */
  readonly digest: string;
  /** Of the tasks and the very answers they have; equal when nothing at all needs to be written. */
  readonly membership: string;
}

export interface RunRecord {
  readonly run: RunId;
  readonly pipeline: string;
  readonly file: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Process that carries it out, to tell a running one from a dead one. */
  readonly pid: number;
  readonly status: 'running' | 'succeeded' | 'failed' | 'stopped' | 'interrupted';
  readonly exit: number | null;
  readonly started: number;
  readonly reused: number;
  readonly failed: number;
  readonly reported: Microdollars;
  /** Ceilings of what ended without a word on its cost; absent where it was written by an older program. */
  readonly unknown?: Microdollars;
  /** What its steps came to; absent before it has ended, and where an older program wrote it. */
  readonly steps?: Readonly<Record<string, StepEnd>>;
}

export interface StepEnd {
  readonly outcome: 'unchanged' | 'finished' | 'skipped' | 'failed';
  /** Why it did not run, or ended early. */
  readonly message: string | null;
}

/** What is remembered of a fingerprint that an attempt gave no answer for. */
export const failedBy = ({
  failure,
  message,
  at,
  agentRunId,
  reported,
}: AttemptEnded): NonNullable<Known['failed']> => ({
  kind: failure ?? 'no-record',
  at,
  // An unknown cost is not nothing.
  charged: reported === null ? agentRunId !== null : reported > 0,
  ...(message !== null && { message }),
});

/**
 * What is remembered between runs. It is the only truth: tables and reports are made from it.
 *
 * Every method that writes resolves when the write is durable: it survives the power cord.
 */
export interface Store {
  /** One answer for each fingerprint, in order. Batched, because a store may be far away. */
  look(fingerprints: readonly Fingerprint[]): Promise<readonly Known[]>;
  /** The same, of the answers alone, which costs less while many attempts are open. */
  answersTo(fingerprints: readonly Fingerprint[]): Promise<readonly Known['answer'][]>;
  answers(ids: readonly AnswerId[]): Promise<readonly Answer[]>;

  /**
   * To be durable before a byte of the request leaves. With a limit nothing is written where a
   * ceiling has no room for what the entry reserves, and that ceiling comes back: in the same
   * transaction, so that several processes together stay below it.
   */
  intend(entry: AttemptIntended, limit?: SpendingLimit): Promise<CapReached | undefined>;
  /** To be durable before anyone waits for the agent run. Ends a hold of the attempt. */
  created(entry: AttemptCreated): Promise<void>;
  /** That nobody knows what became of a create, or that a person has to say it. */
  note(entry: AttemptDoubted | AttemptHeld | CostTold): Promise<void>;
  /**
   * Ledger entry, answers and the end of the open attempt, in one transaction. What the attempt
   * asked for and has no answer here is remembered as failed, as `no-record` if nothing else is said.
   */
  settle(entry: AttemptEnded, answers: readonly NewAnswer[]): Promise<readonly AnswerId[]>;
  openAttempts(): Promise<readonly OpenAttempt[]>;
  /** What was spent over all pipelines on the UTC day of `at` (ISO-8601), and in its month. */
  spending(at: string): Promise<PeriodSpending>;
  /**
   * The id of this store, which tells its agent runs from those of another state folder; `fresh`
   * becomes it where there is none yet.
   */
  stateId(fresh: string): Promise<string>;
  /** Oldest first, in portions; those after the first `after` entries. */
  ledger(after?: number): AsyncIterable<readonly LedgerEntry[]>;
  /** How many entries the ledger has. */
  ledgerLength(): Promise<number>;

  stepState(pipeline: string, step: string): Promise<StepState | undefined>;
  stepStates(pipeline: string): Promise<readonly StepState[]>;
  /** Names of all pipelines with at least one published step. */
  pipelines(): Promise<readonly string[]>;
  /** Adds to a version that nobody sees before {@link publish}. */
  addMembers(version: string, portion: number, members: readonly Member[]): Promise<void>;
  /** In the order added. Of an unpublished version too. */
  members(version: string): AsyncIterable<readonly Member[]>;
  /** One portion as it was added, from 0 on; undefined where there is none (yet). */
  memberPortion(version: string, portion: number): Promise<readonly Member[] | undefined>;
  /** Makes `state` the present version of its step and forgets the version before. */
  publish(state: StepState): Promise<void>;
  /** Forgets a version that was not published. */
  discard(version: string): Promise<void>;

  /** Replaces what was put for the same run, which keeps its start. */
  putRun(run: RunRecord): Promise<void>;
  /** Newest first. */
  runs(limit: number): Promise<readonly RunRecord[]>;

  close(): Promise<void>;
}
