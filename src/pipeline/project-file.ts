import { parseDuration } from '../base/duration.ts';
import type { Microdollars } from '../base/money.ts';
import { fromDollars } from '../base/money.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { CURRENT_PRICE_BOOK, type PriceBook } from '../cost/price-book.ts';
import { errorAt, errorInFile, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { findSecrets } from './check-secrets.ts';
import { parseYaml } from './parse.ts';
import type { ParsedDocument } from './parsed-document.ts';
import { choosePrices } from './price-file.ts';
import { PIPELINE_FILE_BYTES, type ProjectFiles } from './project-files.ts';
import { readText } from './read-text.ts';
import type { AgentSpec, ProjectSpec } from './spec.ts';
import { validateProject } from './validate.ts';

/** The name of the project file; the folder that has one is the root of the project. */
export const PROJECT_FILE = 'fieldwork.yaml';

/** What holds for all pipelines below the root. */
export interface Project {
  /** By name. `exa`, `local` and `replay` are always there. */
  readonly agents: ReadonlyMap<string, AgentSettings>;
  /** Agent runs at the same time, for pipelines that do not say. */
  readonly concurrency: number;
  readonly budget: ProjectBudget;
  readonly prices: PriceBook;
}

/** Ceilings of money; undefined where there is none. */
interface ProjectBudget {
  readonly run: Microdollars | undefined;
  /** A day and a calendar month in UTC, over all pipelines. */
  readonly day: Microdollars | undefined;
  readonly month: Microdollars | undefined;
}

/** Who answers, and how to reach it. */
export type AgentSettings =
  | {
      readonly kind: 'exa';
      /** Undefined: the agent's own default, or what the environment says. */
      readonly baseUrl: string | undefined;
      /** Name of the environment variable with the key. */
      readonly keyEnv: string;
      /** Undefined: as the agent does by default. */
      readonly createsPerSecond: number | undefined;
      readonly followEvents: boolean;
      /** How long a create without a clear answer is left alone; undefined for as long as usual. */
      readonly settleMs: number | undefined;
    }
  | {
      readonly kind: 'local';
      /** Absolute path of the corpus folder, below the root. */
      readonly corpus: string | undefined;
    }
  | {
      readonly kind: 'replay';
      /** Folder of the cassettes, relative to the root; it may not exist yet. */
      readonly cassettes: string | undefined;
    };

const DEFAULT_CONCURRENCY = 8;
const DEFAULT_AGENTS: ReadonlyMap<string, AgentSettings> = new Map<string, AgentSettings>([
  ['exa', exaSettings({ kind: 'exa' })],
  ['local', { kind: 'local', corpus: undefined }],
  ['replay', { kind: 'replay', cassettes: undefined }],
]);

const DEFAULT_PROJECT: Project = {
  agents: DEFAULT_AGENTS,
  concurrency: DEFAULT_CONCURRENCY,
  budget: { run: undefined, day: undefined, month: undefined },
  prices: CURRENT_PRICE_BOOK,
};

/** Reads `fieldwork.yaml` at the root. A project without one has the defaults. */
export async function loadProject(files: ProjectFiles): Promise<Result<Project, Diagnostic[]>> {
  const path = `${files.root}/${PROJECT_FILE}`;
  const file = await files.read(path, { maxBytes: PIPELINE_FILE_BYTES });
  if (!file.ok) {
    const { code, message, help } = file.error;
    if (code === 'E-Y01') return ok(DEFAULT_PROJECT);
    return fail([errorInFile(code, { path: PROJECT_FILE }, message, help)]);
  }
  const source = readText(file.value.shownPath, file.value.bytes);
  if (!source.ok) return source;
  const start = 'write "version: 1", or remove the file: a project without one has the defaults';
  const document = parseYaml(source.value, start);
  if (!document.ok) return document;
  const spec = await validateProject(document.value);
  if (!spec.ok) return spec;

  return resolveProject(spec.value, document.value, files, path);
}

async function resolveProject(
  spec: ProjectSpec,
  document: ParsedDocument,
  files: ProjectFiles,
  path: string,
): Promise<Result<Project, Diagnostic[]>> {
  const problems: Diagnostic[] = findSecrets(document);
  const agents = new Map(DEFAULT_AGENTS);
  for (const [name, agent] of Object.entries(spec.agents ?? {})) {
    const settings = await agentSettings(name, agent, document, files, path);
    if (settings.ok) agents.set(name, settings.value);
    else problems.push(...settings.error);
  }
  const prices = await choosePrices(spec.prices, document, files, path);
  if (!prices.ok) problems.push(...prices.error);
  if (problems.length > 0 || !prices.ok) return fail(problems);
  const { run, day, month } = spec.budget ?? {};
  return ok({
    agents,
    concurrency: spec.concurrency ?? DEFAULT_CONCURRENCY,
    budget: { run: money(run), day: money(day), month: money(month) },
    prices: prices.value,
  });
}

const money = (dollars: number | undefined): Microdollars | undefined =>
  dollars === undefined ? undefined : fromDollars(dollars);

/** Keys that only make sense for one kind of agent. */
const KEYS_OF_KIND: Readonly<Record<AgentSpec['kind'], readonly string[]>> = {
  exa: ['base_url', 'key_env', 'creates_per_second', 'follow_events', 'settle'],
  local: ['corpus'],
  replay: ['cassettes'],
};

async function agentSettings(
  name: string,
  agent: AgentSpec,
  document: ParsedDocument,
  files: ProjectFiles,
  from: string,
): Promise<Result<AgentSettings, Diagnostic[]>> {
  const path = ['agents', name];
  const own = ['kind', ...KEYS_OF_KIND[agent.kind]];
  const problems = Object.keys(agent)
    .filter((key) => !own.includes(key) && !key.startsWith('x-'))
    .map((key) =>
      errorAt(
        'E-P13',
        document.locateKey([...path, key]),
        `"${key}" has no meaning for an agent of kind ${agent.kind}`,
        `remove it; such an agent has ${KEYS_OF_KIND[agent.kind].join(', ')}`,
      ),
    );
  if (agent.base_url !== undefined && !isSafeAddress(agent.base_url)) {
    problems.push(
      errorAt(
        'E-Y26',
        document.locate([...path, 'base_url']),
        'the key would travel unencrypted to this address',
        'use https; http is only for this machine (127.0.0.1, localhost)',
      ),
    );
  }
  const corpus = await locateFolder(agent.corpus, [...path, 'corpus'], document, files, from);
  if (!corpus.ok) problems.push(corpus.error);
  if (problems.length > 0 || !corpus.ok) return fail(problems);
  switch (agent.kind) {
    case 'exa':
      return ok(exaSettings(agent));
    case 'local':
      return ok({ kind: 'local', corpus: corpus.value });
    case 'replay':
      return ok({ kind: 'replay', cassettes: agent.cassettes });
  }
}

function exaSettings(agent: AgentSpec): AgentSettings {
  return {
    kind: 'exa',
    baseUrl: agent.base_url,
    keyEnv: agent.key_env ?? 'EXA_API_KEY',
    createsPerSecond: agent.creates_per_second,
    followEvents: agent.follow_events ?? false,
    settleMs: agent.settle === undefined ? undefined : parseDuration(agent.settle),
  };
}

async function locateFolder(
  folder: string | undefined,
  path: readonly string[],
  document: ParsedDocument,
  files: ProjectFiles,
  from: string,
): Promise<Result<string | undefined, Diagnostic>> {
  if (folder === undefined) return ok(undefined);
  const found = await files.locate(folder, { from, kind: 'folder' });
  if (found.ok) return ok(found.value.path);
  const { code, message, help } = found.error;
  return fail(errorAt(code, document.locate(path), message, help));
}

function isSafeAddress(text: string): boolean {
  const { protocol, hostname } = URL.canParse(text)
    ? new URL(text)
    : { protocol: '', hostname: '' };
  if (protocol === 'https:') return true;
  const isLoopback =
    hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/u.test(hostname);
  return protocol === 'http:' && isLoopback;
}
