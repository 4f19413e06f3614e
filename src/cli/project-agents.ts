import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { AgentBackend, AgentProblem } from '../agent/agent.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { Secret } from '../http/secret.ts';
import type { AgentDescription, Agents } from '../execution/context.ts';
import type { AgentSettings } from '../pipeline/project-file.ts';
import type { Io } from './io.ts';
import type { OpenPipeline } from './open-pipeline.ts';

/** The address of the hosted agent, and the state of its API that is spoken. */
const HOSTED = { baseUrl: 'https://api.exa.ai', contract: '2026-11' } as const;

const problem = (kind: AgentProblem['kind'], message: string): AgentProblem => ({
  kind,
  message,
  mayHaveCreated: false,
});

/**
 * The agents of a project, opened when first asked. The only place that names the kinds of agents
 * and reads a key from the environment.
 */
export class ProjectAgents implements Agents {
  readonly #opened: OpenPipeline;
  readonly #io: Io;
  readonly #record: ((line: string) => Promise<void>) | undefined;
  readonly #described = new Map<string, Promise<Result<AgentDescription, AgentProblem>>>();
  readonly #open = new Map<string, Promise<Result<AgentBackend, AgentProblem>>>();
  readonly #local = new Map<string, Promise<Result<AgentBackend, AgentProblem>>>();

  /** `record` gets the lines of a cassette while agents answer. */
  constructor(opened: OpenPipeline, io: Io, record?: (line: string) => Promise<void>) {
    this.#opened = opened;
    this.#io = io;
    this.#record = record;
  }

  describe(name: string): Promise<Result<AgentDescription, AgentProblem>> {
    return once(this.#described, name, async () => {
      const settings = this.#settings(name);
      if (!settings.ok) return settings;
      const agent = await this.#backend(name, settings.value, false);
      if (!agent.ok) return agent;
      const { identity, ephemeral } = agent.value;
      const prices = settings.value.kind === 'exa' ? this.#opened.project.prices : undefined;
      return ok({ name, identity, ephemeral, prices });
    });
  }

  open(name: string): Promise<Result<AgentBackend, AgentProblem>> {
    return once(this.#open, name, async () => {
      const settings = this.#settings(name);
      if (!settings.ok) return settings;
      const agent = await this.#backend(name, settings.value, true);
      if (!agent.ok || this.#record === undefined) return agent;
      const { recordAgent } = await import('../agent/record.ts');
      return ok(recordAgent(agent.value, this.#record, this.#io.clock));
    });
  }

  /** Why an agent cannot be asked for want of a key, naming the variable; undefined if it can. */
  keyMistake(name: string): string | undefined {
    const settings = this.#opened.project.agents.get(name);
    if (settings?.kind !== 'exa') return undefined;
    const { keyEnv } = settings;
    const text = this.#io.env[keyEnv] ?? '';
    if (text === '') {
      return `${keyEnv} is not set; agent "${name}" needs a key. Nothing was asked and nothing was spent.`;
    }
    if (new Secret(text).isSendable()) return undefined;
    return `${keyEnv} has blanks, line breaks or quotes in it, so it is no key. Nothing was asked and nothing was spent.`;
  }

  async close(): Promise<void> {
    for (const open of [...this.#open.values(), ...this.#local.values()]) {
      const agent = await open;
      if (agent.ok) await agent.value.close();
    }
  }

  #settings(name: string): Result<AgentSettings, AgentProblem> {
    const { agents } = this.#opened.project;
    const settings = agents.get(name);
    if (settings !== undefined) return ok(settings);
    const known = [...agents.keys()].join(', ');
    return fail(problem('rejected', `there is no agent "${name}"; the project has ${known}`));
  }

  #backend(
    name: string,
    settings: AgentSettings,
    forUse: boolean,
  ): Promise<Result<AgentBackend, AgentProblem>> {
    switch (settings.kind) {
      case 'exa':
        return this.#exa(name, settings, forUse);
      case 'local':
        return once(this.#local, name, () => this.#localAgent(name, settings.corpus));
      case 'replay':
        return once(this.#local, name, () => this.#replay(settings.cassettes));
    }
  }

  async #exa(
    name: string,
    settings: Extract<AgentSettings, { kind: 'exa' }>,
    forUse: boolean,
  ): Promise<Result<AgentBackend, AgentProblem>> {
    const { openExaAgent } = await import('../agent/exa.ts');
    const { parseBaseUrl } = await import('../http/base-url.ts');
    const { env, clock, random } = this.#io;
    const baseUrl = settings.baseUrl ?? env['EXA_BASE_URL'] ?? HOSTED.baseUrl;
    const checked = parseBaseUrl(baseUrl);
    if (!checked.ok) {
      const where =
        settings.baseUrl === undefined ? 'EXA_BASE_URL' : `"base_url" of agent "${name}"`;
      return fail(problem('unreachable', `${where} is wrong: ${checked.error}`));
    }
    const mistake = forUse ? this.keyMistake(name) : undefined;
    if (mistake !== undefined) return fail(problem('unauthorized', mistake));
    const { pipeline, project } = this.#opened;
    const { createsPerSecond, followEvents } = settings;
    return ok(
      openExaAgent({
        name,
        baseUrl,
        key: new Secret(env[settings.keyEnv] ?? ''),
        clock,
        random,
        concurrency: pipeline.concurrency,
        contract: HOSTED.contract,
        priceBook: project.prices.id,
        followEvents,
        ...(createsPerSecond !== undefined && { createsPerSecond }),
      }),
    );
  }

  async #localAgent(
    name: string,
    corpus: string | undefined,
  ): Promise<Result<AgentBackend, AgentProblem>> {
    const { openLocalAgent } = await import('../agent/local/local-agent.ts');
    const { clock, random } = this.#io;
    const corpusFolder = corpus ?? join(this.#opened.folder, 'corpus');
    const indexFolder = join(this.#opened.root, '.fieldwork', 'corpus');
    const opened = await openLocalAgent({ corpusFolder, indexFolder, name, clock, random });
    return opened.ok ? opened : fail(problem('rejected', opened.error.message));
  }

  async #replay(folder: string | undefined): Promise<Result<AgentBackend, AgentProblem>> {
    const { openReplayAgent } = await import('../agent/replay.ts');
    const { pipeline, root } = this.#opened;
    const path = cassetteFolder(root, folder);
    const texts: { name: string; text: string }[] = [];
    for (const file of await cassettesOf(path, pipeline.name)) {
      texts.push({ name: basename(file), text: await readFile(file, 'utf8') });
    }
    if (texts.length === 0) {
      const message = `there is no cassette of pipeline "${pipeline.name}" in ${path}; record one with "fieldwork run --record"`;
      return fail(problem('no-recording', message));
    }
    const opened = openReplayAgent({ cassettes: texts });
    return opened.ok ? opened : fail(problem('rejected', opened.error.message));
  }
}

/** Where cassettes are, absolute. */
export const cassetteFolder = (root: string, folder: string | undefined): string =>
  join(root, folder ?? 'cassettes');

/** The cassettes of a pipeline, oldest first: their names begin with the pipeline's. */
async function cassettesOf(folder: string, pipeline: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.startsWith(`${pipeline}.`) && name.endsWith('.ndjson'))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function once<T>(made: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  let value = made.get(name);
  if (value === undefined) {
    value = make();
    made.set(name, value);
  }
  return value;
}
