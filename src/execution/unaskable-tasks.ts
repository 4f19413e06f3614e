import { warningAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import type { AgentStep } from '../pipeline/pipeline.ts';
import type { QuestionProblem } from '../plan/question.ts';
import { NamedRecords, shortName } from './named-records.ts';

interface Problems {
  readonly first: QuestionProblem;
  readonly records: NamedRecords;
  /** Not all of them say just the same. */
  differ: boolean;
}

/**
 * Tasks of a step for which a template has no text: one warning for each tag and code, with the
 * records that it is about. There are as few as the templates have tags, whatever the input.
 */
export class UnaskableTasks {
  readonly #step: AgentStep;
  readonly #problems = new Map<string, Problems>();

  constructor(step: AgentStep) {
    this.#step = step;
  }

  /** `label` is that of the record; empty where the task is about none, or about all. */
  add(label: string, problem: QuestionProblem): void {
    const { code, start, template, message } = problem;
    const of = `${template === this.#step.query ? 'query' : 'system'} ${start} ${code}`;
    const known = this.#problems.get(of) ?? {
      first: problem,
      records: new NamedRecords(),
      differ: false,
    };
    known.records.add(shortName(label));
    known.differ ||= message !== known.first.message;
    this.#problems.set(of, known);
  }

  get warnings(): readonly Diagnostic[] {
    return [...this.#problems.values()].map(({ first, records, differ }) => {
      const { code, start, end, hint, template } = first;
      const what = differ ? `${first.message}, or the like` : first.message;
      const message = `${what}: ${this.#notAsked(records)}`;
      return warningAt(code, template.placeOf(start, end), message, hint);
    });
  }

  #notAsked(records: NamedRecords): string {
    const step = `step "${this.#step.name}"`;
    if (!records.areNamed) return `${step} is not asked`;
    const { count } = records;
    if (count === 1) return `record ${records.toString()} of ${step} is not asked about`;
    const many = count.toLocaleString('en-US');
    return `${many} records of ${step} are not asked about (${records.toString()})`;
  }
}
