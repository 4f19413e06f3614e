import type { AgentOutput } from '../agent/agent.ts';
import type { JsonObject } from '../base/json.ts';
import type { InputRecord } from '../plan/question.ts';
import { takeRecords, type RecordShape } from '../plan/take-records.ts';
import type { AnswerId, Member, StepLayout, Store } from '../store/store.ts';

type Answered = Member & { readonly answer: AnswerId };

/** Answers fetched at a time: bounds memory where answers are large. */
const ANSWERS_AT_ONCE = 128;

/** Where the tasks of a step can be read: the version kept from before, or the one being made. */
export interface MemberFeed {
  readonly version: string;
  read(): AsyncIterable<readonly Member[]>;
}

/** How a step ended. */
export interface StepEnd {
  /** False where the step could not be carried out, so that there is nothing to build on. */
  readonly hasTable: boolean;
  /** False where tasks are missing that a full run would have: in a plan, or after a stop. */
  readonly complete: boolean;
  /** False where the table of before stays in the place of this one, and where every task failed. */
  readonly isSound: boolean;
  /** Digest of the table's content. */
  readonly digest: string;
  /** The table is the very one of the run before. */
  readonly unchanged: boolean;
}

/** Whether a step that needs the whole table has to wait for another run; `cut` as this one is. */
export const isMissing = (end: StepEnd | undefined, cut: boolean): boolean =>
  end !== undefined && (!end.hasTable || !end.isSound || (!end.complete && cut));

/** One step as the steps after it see it. */
export class StepOutput {
  readonly step: string;
  readonly shape: RecordShape;
  readonly #store: Store;
  #layout: StepLayout;
  #isOpen = false;
  readonly #feed: Promise<MemberFeed>;
  readonly #end: Promise<StepEnd>;
  #openFeed: (feed: MemberFeed) => void = () => undefined;
  #finish: (end: StepEnd) => void = () => undefined;
  readonly #stays: Promise<boolean>;
  #decide: (stays: boolean) => void = () => undefined;

  constructor(step: string, shape: RecordShape, layout: StepLayout, store: Store) {
    this.step = step;
    this.shape = shape;
    this.#layout = layout;
    this.#store = store;
    this.#feed = new Promise((resolve) => {
      this.#openFeed = resolve;
    });
    this.#end = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#stays = new Promise((resolve) => {
      this.#decide = resolve;
    });
  }

  /** How the table is made. What an SQL step's columns are is only known once it is open. */
  get layout(): StepLayout {
    return this.#layout;
  }

  /** From now on readers see `feed`. Later calls change nothing. */
  open(feed: MemberFeed, layout: StepLayout = this.#layout): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#layout = layout;
    this.#openFeed(feed);
  }

  finish(end: StepEnd): void {
    this.#decide(end.unchanged);
    this.#finish(end);
  }

  /** Says before the end that the table will be another one. */
  changes(): void {
    this.#decide(false);
  }

  /** Whether the table stays the one it was; known at the end, or as soon as it changes. */
  get stays(): Promise<boolean> {
    return this.#stays;
  }

  get ended(): Promise<StepEnd> {
    return this.#end;
  }

  get feed(): Promise<MemberFeed> {
    return this.#feed;
  }

  async *members(): AsyncGenerator<readonly Member[]> {
    const feed = await this.#feed;
    yield* feed.read();
  }

  /** The records of its table as they come to be. */
  async *records(): AsyncGenerator<readonly InputRecord[]> {
    for await (const members of this.members()) {
      for (let start = 0; start < members.length; start += ANSWERS_AT_ONCE) {
        const records = await this.#recordsOf(members.slice(start, start + ANSWERS_AT_ONCE));
        if (records.length > 0) yield records;
      }
    }
  }

  async #recordsOf(members: readonly Member[]): Promise<readonly InputRecord[]> {
    const answered = members.filter((member): member is Answered => member.answer !== undefined);
    const answers = await this.#store.answers(answered.map((member) => member.answer));
    const outputs = new Map<Member, AgentOutput | undefined>(
      answered.map((member, at) => [member, answers[at]?.output]),
    );
    return members.flatMap((member) => {
      const output = member.rows === undefined ? outputs.get(member) : rowsOutput(member.rows);
      return output === undefined ? [] : tableRecords(this.shape, member, output);
    });
  }
}

const rowsOutput = (rows: readonly JsonObject[]): AgentOutput => ({
  text: '',
  structured: rows,
  grounding: [],
});

/** The records of one task that are in the table: taken from its answer, less what was dropped. */
export function tableRecords(
  shape: RecordShape,
  member: Pick<Member, 'path' | 'dropped'>,
  output: AgentOutput,
): readonly InputRecord[] {
  const taken = takeRecords(shape, output);
  if (!taken.ok) return [];
  const dropped = new Set(member.dropped.map(({ index }) => index));
  return taken.records
    .filter(({ index, problem }) => problem === undefined && !dropped.has(index))
    .map(({ index, record, key }) => {
      const path = [...member.path, index];
      return { path, label: key ?? `#${path.map((n) => n + 1).join('.')}`, record };
    });
}
