import type { AgentStep, Pipeline } from '../../src/pipeline/pipeline.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';
import { Rig } from '../rig/rig.ts';
import type { Chance } from './chance.ts';

/** A kind of pipeline that histories are about. */
export interface Shape {
  readonly name: string;
  readonly pipeline: Pipeline;
  /** Records are asked about together, so how many agent runs there are depends on what is known. */
  readonly batches: boolean;
}

const FOUND = `
    schema:
      type: object
      required: [found]
      properties:
        found:
          type: array
          items:
            type: object
            required: [name]
            properties: { name: { type: string }, size: { type: integer } }
    key: name`;

const TOWN = `
    schema: { type: object, required: [town], properties: { town: { type: string } } }`;

const ids = (...names: readonly string[]): string =>
  `[${names.map((name) => `{ id: ${name} }`).join(', ')}]`;

const FIRMS = `
  firms:
    input: ${ids('a', 'b', 'c', 'd', 'e', 'f')}
    query: Which firm is {{row.id}}?${FOUND}`;

const TEXTS: Readonly<Record<string, string>> = {
  single: `
  firms:
    query: List 3 firms.${FOUND}`,
  records: FIRMS,
  twins: `
  firms:
    input: ${ids('a', 'b', 'a', 'c', 'b', 'a')}
    query: Which firm is {{row.id}}?${FOUND}
  again:
    input: ${ids('a', 'b')}
    query: Which firm is {{row.id}}?${FOUND}`,
  fan: `
  firms:
    query: List 4 firms.${FOUND}
  homes:
    input: firms
    query: Where is {{row.name}}?${TOWN}`,
  feed: `${FIRMS}
  homes:
    input: firms
    query: Where is {{row.name}}?${TOWN}
  others:
    exclude: [firms]
    query: List 2 others.${FOUND}
  towns:
    input: others
    query: Where else is {{row.name}}?${TOWN}`,
  batches: `
  firms:
    query: List 7 firms.${FOUND}
  sizes:
    input: { from: firms, batch: 3 }
    query: Measure them.${FOUND}`,
  whole: `
  firms:
    input: ${ids('a', 'b', 'c')}
    query: Which firm is {{row.id}}?${FOUND}
  sizes:
    input: { from: firms, batch: all }
    query: Compare them.${FOUND}`,
  chain: `
  firms:
    query: List 2 firms.${FOUND}
  more:
    continue: firms
    query: More of them.${FOUND}
    repeat: { until: 100, max_runs: 5 }`,
  twoChains: `
  firms:
    query: List 2 firms.${FOUND}
  banks:
    query: List 2 banks.${FOUND}
  more:
    continue: firms
    query: More firms.${FOUND}
    repeat: { until: 100, max_runs: 3 }
  further:
    continue: banks
    query: More banks.${FOUND}
  homes:
    input: more
    query: Where is {{row.name}}?${TOWN}`,
};

/** Loads every kind of pipeline from its YAML, once for many histories. */
export async function loadShapes(): Promise<readonly [Shape, ...Shape[]]> {
  const rig = new Rig({ agent: new ScriptedAgent() });
  const shapes: Shape[] = [];
  for (const [name, steps] of Object.entries(TEXTS)) {
    const text = `version: 1\nname: test\nagent: exa\neffort: low\nbudget: 100\nsteps:${steps}`;
    const pipeline = await rig.pipeline(text);
    shapes.push({ name, pipeline, batches: name === 'batches' });
  }
  const [first, ...rest] = shapes;
  if (first === undefined) throw new Error('There are no shapes');
  return [first, ...rest];
}

/** The pipeline of a shape, with what a history draws: width and how often a task is tried. */
export function drawPipeline(shape: Shape, chance: Chance): Pipeline {
  const concurrency = chance.pick([1, 2, 3, 8]);
  const attempts = chance.pick([1, 2, 3, 5]);
  const steps = shape.pipeline.steps.map((step) =>
    step.kind === 'agent' ? withAttempts(step, attempts) : step,
  );
  return { ...shape.pipeline, concurrency, steps };
}

const withAttempts = (step: AgentStep, maximumAttempts: number): AgentStep => ({
  ...step,
  retry: { ...step.retry, maximumAttempts },
});
