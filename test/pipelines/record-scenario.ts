import { rm } from 'node:fs/promises';
import { parseCassette } from '../../src/agent/cassette.ts';
import { recordAgent } from '../../src/agent/record.ts';
import { addMoney, microdollars, type Microdollars } from '../../src/base/money.ts';
import { ok } from '../../src/base/result.ts';
import { openPipeline } from '../../src/cli/open-pipeline.ts';
import { checkSources } from '../../src/cli/check-sources.ts';
import { newRunId, openSession } from '../../src/cli/run-session.ts';
import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { runPipeline } from '../../src/execution/run-pipeline.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { copyProject, ioOf, worldAt } from './project-copy.ts';
import type { Scenario } from './scenario.ts';
import { ReplyAgent } from './scripted-replies.ts';

/** A cassette, and what the runs that made it say they cost. */
export interface Recording {
  readonly text: string;
  readonly cost: Microdollars;
}

/**
 * The cassette of a scenario: its pipeline is really run, from the files to the requests, and only
 * the agent is played. Later runs ask again what failed before. The lines come in the order of the scenario, whichever run ended first.
 */
export async function recordScenario(scenario: Scenario): Promise<Recording> {
  const { pipeline, runs, replies } = scenario;
  const root = await copyProject();
  try {
    const world = worldAt(runs[0] ?? '');
    const io = ioOf(root, world, { out: '', error: '' });
    const played = new ReplyAgent(replies, io.clock);
    const written: string[] = [];
    const append = (text: string): Promise<void> => {
      written.push(...text.split('\n').filter((line) => line !== ''));
      return Promise.resolve();
    };
    const agent = recordAgent(played, append, io.clock);
    const store = new MemoryStore();
    const opened = await openPipeline(pipeline, {}, io);
    if (!opened.ok) throw new Error(opened.error.map((it) => renderDiagnostic(it)).join('\n'));
    const { steps } = opened.value.pipeline;
    let cost = microdollars(0);
    for (const [at, start] of runs.entries()) {
      world.nowMs = Date.parse(start);
      const sources = (await checkSources(opened.value.pipeline, steps, {})).reader;
      const again = at > 0 ? ({ retryFailed: true } as const) : {};
      const options = { param: {}, step: [], refresh: [], ...again };
      const session = openSession(
        {
          opened: opened.value,
          options,
          store,
          plan: undefined,
          emit: () => undefined,
          run: newRunId(io),
          sources,
        },
        steps,
        io,
      );
      const prices = opened.value.project.prices;
      const { name, identity, ephemeral } = agent;
      const report = await runPipeline(steps, opened.value.path, {
        ...session.context,
        agents: {
          describe: () => Promise.resolve(ok({ name, identity, ephemeral, prices })),
          open: () => Promise.resolve(ok(agent)),
        },
      });
      await session.close();
      cost = addMoney(cost, report.spend.reported);
      const unfinished = [...report.steps].filter(([, { outcome }]) => outcome === 'failed');
      for (const [step, { message }] of unfinished) throw new Error(`${step}: ${message ?? ''}`);
    }
    await agent.close();
    if (played.unused.length > 0) {
      throw new Error(`${pipeline}: nobody asked for ${played.unused.join(', ')}`);
    }
    return { text: inOrder(written, played), cost };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function inOrder([header = '', ...lines]: readonly string[], played: ReplyAgent): string {
  const placed = lines.map((line) => {
    const parsed = parseCassette('', `${header}\n${line}\n`);
    const id = parsed.ok ? parsed.value[0]?.run.id : undefined;
    return { line, at: played.placeOf(id ?? '') };
  });
  const sorted = placed.toSorted((a, b) => a.at - b.at).map(({ line }) => line);
  return `${[header, ...sorted].join('\n')}\n`;
}
