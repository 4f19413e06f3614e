import type { ExitCode, Io } from './io.ts';
import { EXIT } from './io.ts';
import { makePlan } from './make-plan.ts';
import { openStore } from './open-store.ts';
import type { RunOptions } from './options.ts';
import type { PreparedRun } from './prepare-run.ts';
import { ProjectAgents } from './project-agents.ts';
import { tellProblem } from './tell.ts';

/**
 * Looks for keys that are missing or cannot be keys, before anything is written or started; gives
 * the exit code where one is needed. A run that finds all its answers in the state needs none, so
 * a plan is made first, which costs time only where a key is missing.
 */
export async function checkKeys(
  prepared: PreparedRun,
  options: RunOptions,
  io: Io,
): Promise<ExitCode | undefined> {
  const json = options.json === true;
  const agents = new ProjectAgents(prepared.opened, io);
  const mistakes = new Map<string, string>();
  for (const step of prepared.steps) {
    const mistake = step.kind === 'agent' ? agents.keyMistake(step.agent) : undefined;
    if (step.kind === 'agent' && mistake !== undefined) mistakes.set(step.agent, mistake);
  }
  if (mistakes.size === 0) return undefined;
  const state = await openStore(prepared.opened.root, 'read', json, io);
  if (!state.ok) return state.exit;
  try {
    const plan = await makePlan(prepared, options, state.store, io);
    // What else is wrong is told by the run, which meets it as well.
    if (!plan.ok) return undefined;
    const needed = plan.value.plan.steps.flatMap(({ agent = '', toRun, waitsFor }) =>
      toRun > 0 || waitsFor.length > 0 ? (mistakes.get(agent) ?? []) : [],
    );
    if (needed.length === 0) return undefined;
    return tellProblem([...new Set(needed)].join('\n'), EXIT.key, json, io);
  } finally {
    await state.store.close();
  }
}
