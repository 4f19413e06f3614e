import type { AgentStep } from '../pipeline/pipeline.ts';
import type { Question } from '../plan/question.ts';
import { SetDigest } from '../plan/set-digest.ts';
import type { InputPortions } from './step-input.ts';
import { memberMark } from './step-version.ts';
import { inputOf, keepTable, type StepReport, type StepWork } from './step-work.ts';

/**
 * The report of a step that has nothing to do and whose table is the one it has, or undefined.
 * Gives up at the first question that is not answered.
 */
export async function findUnchanged(work: StepWork): Promise<StepReport | undefined> {
  if (!(await canBeUnchanged(work))) return undefined;
  const input = await inputOf(work);
  if (!input.ok) return undefined;
  const membership = new SetDigest();
  let tasks = 0;
  for await (const questions of questionPortions(work, input.value)) {
    const answers = questions === undefined ? undefined : await answered(work, questions);
    if (questions === undefined || answers === undefined) return undefined;
    questions.forEach((question, at) => {
      membership.add(memberMark(question.path, question.fingerprint, answers[at]));
    });
    tasks += questions.length;
  }
  if (membership.toString() !== work.base?.membership) return undefined;
  return keepTable(work, tasks);
}

/** One question for each record, or one alone, that does not depend on answers before it. */
const asksPlainly = (step: AgentStep): boolean =>
  !step.keepsHistory && step.repeat === undefined && step.input?.batch !== 'all';

/** Whether it is worth a look: nothing that all questions share speaks against it. */
async function canBeUnchanged(work: StepWork): Promise<boolean> {
  const { step, base, outputs, context } = work;
  if (base === undefined || base.failed > 0 || context.refresh.has(step.name)) return false;
  if (!asksPlainly(step)) return false;
  if (JSON.stringify(base.layout) !== JSON.stringify(work.layout)) return false;
  const from = step.input?.from;
  return from?.kind !== 'step' || (await outputs.get(from.step)?.stays) === true;
}

/** The ids of the answers of all questions; undefined as soon as one has to be asked. */
async function answered(
  { step, agent, context }: StepWork,
  questions: readonly Question[],
): Promise<readonly number[] | undefined> {
  const known = await context.store.look(questions.map(({ fingerprint }) => fingerprint));
  const now = context.clock.now();
  const note = context.plan?.note(step.name);
  const ids: number[] = [];
  for (const [at, { answer, open }] of known.entries()) {
    if (answer === undefined || (open !== undefined && !agent.ephemeral)) return undefined;
    if (step.ttlMs !== undefined && now - Date.parse(answer.answeredAt) > step.ttlMs) {
      return undefined;
    }
    ids.push(answer.id);
    const asked = questions[at];
    if (asked !== undefined) note?.answeredBefore(asked.fingerprint, answer.agentRunId);
  }
  return ids;
}

/** Questions of the input; undefined in place of a portion with one that cannot be rendered. */
async function* questionPortions(
  { maker, continued }: StepWork,
  input: InputPortions | undefined,
): AsyncGenerator<readonly Question[] | undefined> {
  if (input === undefined) {
    const question = maker.question({ path: [0], label: '', rows: [] }, continued, 0);
    yield question.ok ? [question.value] : undefined;
    return;
  }
  for await (const portion of input) {
    const questions: Question[] = [];
    for (const { path, label, record } of portion) {
      const question = maker.question({ path, label, rows: [record] }, continued, 0);
      if (!question.ok) {
        yield undefined;
        return;
      }
      questions.push(question.value);
    }
    yield questions;
  }
}
