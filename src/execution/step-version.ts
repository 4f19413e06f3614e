import { isoTime } from '../base/clock.ts';
import { SetDigest } from '../plan/set-digest.ts';
import type { Member, StepLayout, StepState } from '../store/store.ts';
import type { RunContext } from './context.ts';
import { NO_REMEDIES, type Remedies, type Remedy } from './remedy.ts';
import { StepLog } from './step-log.ts';

/** One task in the digest of a version's tasks. */
export const memberMark = (
  path: readonly number[],
  fingerprint: string,
  answer: number | undefined,
): string => `${path.join('.')} ${fingerprint} ${answer ?? ''}`;

/** The name of the version of a step's table that a run makes. */
export const versionName = (run: string, pipeline: string, step: string): string =>
  `${run}/${pipeline}/${step}`;

/** A new version of a step's table while it is made: its log, and the digests of what is in it. */
export class StepVersion {
  readonly log: StepLog;
  readonly #content = new SetDigest();
  readonly #membership = new SetDigest();
  #tasks = 0;
  #failed = 0;
  readonly #remedies = { ...NO_REMEDIES };

  constructor(context: RunContext, step: string) {
    this.log = new StepLog(context.store, versionName(context.run, context.pipeline.name, step));
  }

  get digest(): string {
    return this.#content.toString();
  }

  get membership(): string {
    return this.#membership.toString();
  }

  get tasks(): number {
    return this.#tasks;
  }

  get failed(): number {
    return this.#failed;
  }

  /** What it takes to have the failed tasks asked again. */
  get remedies(): Remedies {
    return this.#remedies;
  }

  /** A task that failed with an answer of its own, by what that answer says, has its question done. */
  async append(member: Member, remedy: Remedy = 'refresh'): Promise<void> {
    this.#tasks++;
    if (member.failure !== undefined) {
      this.#failed++;
      this.#remedies[remedy]++;
    }
    const { path, fingerprint, answer, answerDigest, dropped } = member;
    this.#membership.add(memberMark(path, fingerprint, answer));
    if (answerDigest !== undefined) {
      const out = dropped.map(({ index }) => index).join(',');
      this.#content.add(`${path.join('.')} ${answerDigest} ${out}`);
    }
    await this.log.append(member);
  }

  /** Makes it the present version of its step. Gives whether its table is the same as before. */
  async publish(
    context: RunContext,
    step: string,
    layout: StepLayout,
    base: StepState | undefined,
  ): Promise<boolean> {
    await context.store.publish({
      pipeline: context.pipeline.name,
      step,
      version: this.log.version,
      run: context.run,
      finishedAt: isoTime(context.clock.now()),
      layout,
      tasks: this.#tasks,
      failed: this.#failed,
      digest: this.digest,
      membership: this.membership,
    });
    return (
      base?.membership === this.membership &&
      base.failed === this.#failed &&
      JSON.stringify(base.layout) === JSON.stringify(layout)
    );
  }
}
