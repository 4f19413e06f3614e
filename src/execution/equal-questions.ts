import { KeySet } from '../base/key-set.ts';
import { warningAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { AgentStep } from '../pipeline/pipeline.ts';
import type { Question } from '../plan/question.ts';
import { NamedRecords, shortName } from './named-records.ts';

/** Questions whose records are remembered by name, so that a later equal one can name them. */
const MOST_REMEMBERED = 10_000;

/**
 * The questions of one pass over a step, and which of them are equal: those are asked once. What is
 * kept of each question is its place in a {@link KeySet}.
 */
export class EqualQuestions {
  readonly #step: Pick<AgentStep, 'input' | 'name'>;
  readonly #seen = new KeySet();
  readonly #again = new NamedRecords();
  /** Fingerprint to record, of the first questions. */
  readonly #firsts = new Map<string, string>();

  constructor(step: Pick<AgentStep, 'input' | 'name'>) {
    this.#step = step;
  }

  /** True when nothing equal was asked before in this pass. */
  add({ fingerprint, label }: Question): boolean {
    const isNew = this.#seen.add(fingerprint);
    if (!isNew) this.#again.add(this.#nameOf(fingerprint, label));
    else if (this.#firsts.size < MOST_REMEMBERED) this.#firsts.set(fingerprint, shortName(label));
    return isNew;
  }

  #nameOf(fingerprint: string, label: string): string {
    if (!this.#again.hasRoom) return '';
    const first = this.#firsts.get(fingerprint);
    return first === undefined ? shortName(label) : `${shortName(label)} (as ${first})`;
  }

  /** Nothing is wrong with equal questions, but who has them may have meant something else. */
  get warnings(): readonly Diagnostic[] {
    const { input, name } = this.#step;
    const { count } = this.#again;
    if (input === undefined || count === 0) return [];
    const all = (count + 1).toLocaleString('en-US');
    if (this.#seen.size === 1) {
      const message = `${all} records of step "${name}" make the same request, which is asked once: nothing in it tells them apart`;
      return [warningAt('E-T64', input.span, message, this.#help)];
    }
    const message = `${recordsText(count)} same request as one before, which is asked once: ${this.#again.toString()}`;
    return [warningAt('E-T65', input.span, `in step "${name}" ${message}`, this.#help)];
  }

  get #help(): string {
    const { input } = this.#step;
    return input?.columns === undefined
      ? 'leave repeated records out; if all are meant, the one answer counts for each of them'
      : 'add a column to "columns" that tells the records apart; else the one answer counts for each of them';
  }
}

const recordsText = (count: number): string =>
  count === 1 ? '1 record makes the' : `${count.toLocaleString('en-US')} records make the`;
