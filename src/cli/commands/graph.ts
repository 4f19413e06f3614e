import type { Pipeline, Step, TableRef } from '../../pipeline/pipeline.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { openPipeline } from '../open-pipeline.ts';
import type { CommonOptions } from '../options.ts';
import { tellDiagnostics } from '../tell.ts';

/** Shows what each step reads: as text, as mermaid for Markdown, or as JSON. */
export async function graph(
  path: string,
  options: CommonOptions & { readonly mermaid?: true },
  io: Io,
): Promise<ExitCode> {
  const opened = await openPipeline(path, options.param, io);
  if (!opened.ok) {
    tellDiagnostics(opened.error, options.json === true, io);
    return EXIT.usage;
  }
  const { pipeline } = opened.value;
  const edges = edgesOf(pipeline);
  if (options.json === true) {
    const steps = pipeline.steps.map(({ name, kind }) => ({ name, kind }));
    const sources = [...pipeline.sources.keys()];
    io.out(`${JSON.stringify({ pipeline: pipeline.name, sources, steps, edges }, null, 2)}\n`);
  } else {
    io.out(`${options.mermaid === true ? mermaid(pipeline, edges) : text(pipeline, edges)}\n`);
  }
  return EXIT.done;
}

/** One arrow: `to` reads `from`, for `use`. */
interface Edge {
  readonly from: string;
  readonly to: string;
  readonly use: 'input' | 'exclude' | 'continue' | 'sql' | 'template' | 'after';
}

function edgesOf(pipeline: Pipeline): readonly Edge[] {
  return pipeline.steps.flatMap((step) => {
    const edges = step.kind === 'sql' ? sqlEdges(step) : agentEdges(step);
    const known = new Set(edges.map(({ from }) => from));
    const rest = step.needs.filter((need) => !known.has(need));
    return [...edges, ...rest.map((from): Edge => ({ from, to: step.name, use: 'after' }))];
  });
}

const sqlEdges = (step: Extract<Step, { kind: 'sql' }>): Edge[] =>
  [...step.reads.sources, ...step.reads.steps].map((from) => ({ from, to: step.name, use: 'sql' }));

const nameOf = (table: TableRef): string =>
  table.kind === 'step' ? table.step : table.source.name;

function agentEdges(step: Extract<Step, { kind: 'agent' }>): Edge[] {
  const to = step.name;
  const edges: Edge[] = [];
  const from = step.input?.from;
  if (from !== undefined && from.kind !== 'records') {
    edges.push({ from: nameOf(from), to, use: 'input' });
  }
  for (const exclusion of step.exclude) {
    if (exclusion.kind === 'table')
      edges.push({ from: nameOf(exclusion.from), to, use: 'exclude' });
  }
  if (step.continues !== undefined) edges.push({ from: step.continues, to, use: 'continue' });
  for (const name of new Set([...step.query.steps, ...(step.system?.steps ?? [])])) {
    edges.push({ from: name, to, use: 'template' });
  }
  return edges;
}

function text(pipeline: Pipeline, edges: readonly Edge[]): string {
  const lines = [...pipeline.sources.values()].map(
    ({ name, shownPath }) => `${name}  (source ${shownPath})`,
  );
  for (const step of pipeline.steps) {
    const kind = step.kind === 'sql' ? 'sql' : `agent ${step.agent}`;
    lines.push(`${step.name}  (${kind})`);
    for (const { from, use } of edges.filter(({ to }) => to === step.name)) {
      lines.push(`  <- ${from}  ${use}`);
    }
  }
  return lines.join('\n');
}

function mermaid(pipeline: Pipeline, edges: readonly Edge[]): string {
  return [
    'flowchart LR',
    ...[...pipeline.sources.keys()].map((name) => `  ${node(name)}[(${name})]`),
    ...pipeline.steps.map(({ name, kind }) =>
      kind === 'sql' ? `  ${node(name)}{{${name}}}` : `  ${node(name)}[${name}]`,
    ),
    ...edges.map(({ from, to, use }) =>
      use === 'input' || use === 'sql'
        ? `  ${node(from)} --> ${node(to)}`
        : `  ${node(from)} -. ${use} .-> ${node(to)}`,
    ),
  ].join('\n');
}

/** A prefix keeps names such as `end`, which mermaid reads as a word of its own, apart. */
const node = (name: string): string => `n_${name}`;
