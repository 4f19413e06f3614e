import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fingerprint } from '../../src/base/fingerprint.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { NodeProjectFiles } from '../../src/cli/node-project-files.ts';
import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { sqlTables } from '../../src/duckdb/sql-tables.ts';
import { loadPipeline } from '../../src/pipeline/load.ts';
import type { AgentStep } from '../../src/pipeline/pipeline.ts';
import { loadProject } from '../../src/pipeline/project-file.ts';
import { pick } from '../../src/execution/step-input.ts';
import { ExclusionList } from '../../src/plan/exclusions.ts';
import { QuestionMaker, type Continued, type QuestionScope } from '../../src/plan/question.ts';

/** The agent steps of a pipeline file that is loaded the way the command line does. */
async function stepsOf(text: string): Promise<readonly AgentStep[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldwork-plan-'));
  try {
    await writeFile(join(folder, 'pipeline.yaml'), text);
    const files = await NodeProjectFiles.open(folder, folder);
    const project = await loadProject(files);
    if (!project.ok) throw new Error(project.error.map(renderDiagnostic).join('\n'));
    const options = { files, project: project.value, params: {}, sqlTables };
    const loaded = await loadPipeline('pipeline.yaml', options);
    if (!loaded.ok) throw new Error(loaded.error.map(renderDiagnostic).join('\n'));
    return loaded.value.pipeline.steps.filter((step): step is AgentStep => step.kind === 'agent');
  } finally {
    await rm(folder, { recursive: true });
  }
}

export interface Asked {
  readonly row?: JsonObject;
  /** Exclusions of other steps and sources. */
  readonly excluded?: readonly JsonObject[];
  readonly own?: readonly JsonObject[];
  readonly continued?: Continued;
  readonly iteration?: number;
  readonly agent?: string;
  readonly params?: JsonObject;
  readonly sendsBudget?: boolean;
}

function scopeOf(step: AgentStep, asked: Asked = {}): QuestionScope {
  const exclusions = new ExclusionList(step.key);
  for (const record of asked.excluded ?? []) exclusions.add(record, false);
  for (const record of asked.own ?? []) exclusions.add(record, true);
  return {
    params: asked.params ?? {},
    date: '2026-11-22',
    agent: asked.agent ?? 'agent-api@1',
    tables: {},
    exclusions,
    sendsBudget: asked.sendsBudget ?? false,
  };
}

/** The fingerprint of the question that a step asks, with its chosen columns only. */
function fingerprintOfStep(step: AgentStep, asked: Asked = {}): Fingerprint {
  const columns = step.input?.columns;
  const { row } = asked;
  const chosen = row === undefined || columns === undefined ? row : pick(row, columns);
  const rows = chosen === undefined ? [] : [chosen];
  const maker = new QuestionMaker(step, scopeOf(step, asked));
  const input = { path: [0], label: 'any label', rows };
  const question = maker.question(input, asked.continued, asked.iteration ?? 0);
  if (!question.ok) throw new Error(question.error.message);
  return question.value.fingerprint;
}

/** The fingerprint of the last step of a pipeline file. */
export async function fingerprintIn(text: string, asked: Asked = {}): Promise<Fingerprint> {
  const step = (await stepsOf(text)).at(-1);
  if (step === undefined) throw new Error('The pipeline has no agent step');
  return fingerprintOfStep(step, asked);
}
