import { didYouMean } from '../../diagnostics/suggest.ts';
import type { Store } from '../../store/store.ts';
import { cleanText } from '../clean-text.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import type { ShowOptions } from '../options.ts';
import { tellProblem } from '../tell.ts';
import { withState } from '../with-state.ts';

/** What an agent said in words beside its records. */
interface AnswerText {
  readonly task: string;
  readonly agent_run_id: string;
  readonly text: string;
}

/** As much as a person reads; `--json` has all. */
const LONGEST_LINE = 500;

/** Shows the texts of the answers that a step's table is made of, in the order they came. */
export function showTexts(
  pipeline: string,
  step: string,
  options: ShowOptions,
  io: Io,
): Promise<ExitCode> {
  return withState([pipeline], options, io, async ({ store, pipelines: [name = ''] }) => {
    const json = options.json === true;
    const states = await store.stepStates(name);
    const state = states.find((it) => it.step === step);
    if (state === undefined) {
      const steps = states.map((it) => it.step);
      const hint = didYouMean(step, steps, 'steps', 'run it first');
      return tellProblem(`There is no step "${step}" with answers; ${hint}`, EXIT.usage, json, io);
    }
    const texts = await textsOf(store, state.version, options.limit);
    if (json) {
      io.out(`${JSON.stringify(texts, null, 2)}\n`);
      return EXIT.done;
    }
    for (const { task, agent_run_id: id, text } of texts) {
      io.out(`  ${cleanText(task === '' ? step : task, 80)}   ${cleanText(id, 80)}\n`);
      const lines = text.split('\n').map((line) => cleanText(line, LONGEST_LINE));
      for (const line of lines) if (line !== '') io.out(`    ${line}\n`);
    }
    const more = state.tasks > texts.length ? `, ${texts.length} shown (--limit)` : '';
    io.out(`\n  ${state.tasks} ${state.tasks === 1 ? 'task' : 'tasks'}${more}\n`);
    return EXIT.done;
  });
}

async function textsOf(
  store: Store,
  version: string,
  limit: number,
): Promise<readonly AnswerText[]> {
  const texts: AnswerText[] = [];
  for await (const members of store.members(version)) {
    const answered = members.filter((member) => member.answer !== undefined);
    const wanted = answered.slice(0, limit - texts.length);
    const answers = await store.answers(wanted.flatMap(({ answer }) => answer ?? []));
    for (const [at, { task }] of wanted.entries()) {
      const answer = answers[at];
      if (answer === undefined) continue;
      texts.push({ task, agent_run_id: answer.agentRunId, text: answer.output.text });
    }
    if (texts.length >= limit) break;
  }
  return texts;
}
