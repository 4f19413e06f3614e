import { join, resolve } from 'node:path';
import { openLocalAgent } from '../../agent/local/local-agent.ts';
import { isoTime } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import { LocalEngine } from '../../server/local-engine.ts';
import { openServer, type AgentServer, type ServerOptions } from '../../server/open-server.ts';
import { LmdbAgentRunStore } from '../../store/lmdb-agent-run-store.ts';
import { StoreError } from '../../store/store-problem.ts';
import { bugReport } from '../bug-report.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { layoutOf } from '../layout.ts';
import { lockRefusal } from '../lock-holder.ts';
import { openProject, type OpenProject } from '../open-pipeline.ts';
import type { ServeOptions } from '../options.ts';
import { takePipelineLock } from '../pipeline-lock.ts';
import { exists } from '../project-root.ts';
import { readServeSettings, type ServeSettings } from '../serve-settings.ts';
import { serverToken } from '../server-token.ts';
import { tellDiagnostics, tellProblem } from '../tell.ts';

/** Serves the local agent over HTTP until it is asked to stop. */
export async function serve(options: ServeOptions, io: Io): Promise<ExitCode> {
  const json = options.json === true;
  const project = await openProject(io);
  if (!project.ok) {
    tellDiagnostics(project.error, json, io);
    return EXIT.usage;
  }
  const settings = await readServeSettings(options, project.value, io);
  if (!settings.ok) return tellProblem(settings.error, EXIT.usage, json, io);
  const claim = { pid: io.pid, since: isoTime(io.clock.now()), work: 'serve' };
  const lock = await takePipelineLock(layoutOf(project.value.root).serverLock, claim);
  if (!lock.ok) {
    const message = lockRefusal("The server's store", lock.error);
    return tellProblem(message, EXIT.state, json, io);
  }
  try {
    return await serveProject(project.value, settings.value, options, io);
  } finally {
    await lock.value.release();
  }
}

async function serveProject(
  project: OpenProject,
  settings: ServeSettings,
  options: ServeOptions,
  io: Io,
): Promise<ExitCode> {
  const json = options.json === true;
  const layout = layoutOf(project.root);
  const corpusFolder = await corpusOf(project, options.corpus, io);
  const { clock, random } = io;
  const agent = await openLocalAgent({ name: 'local', corpusFolder, clock, random });
  if (!agent.ok) return tellProblem(agent.error.message, EXIT.usage, json, io);
  if (corpusFolder === undefined) io.error(NO_CORPUS);
  for (const warning of agent.value.warnings) io.error(`${warning}\n`);
  const store = await LmdbAgentRunStore.open(layout.agentRuns);
  if (!store.ok) {
    await agent.value.close();
    return tellProblem(
      `The agent runs cannot be opened: ${store.error.message}.`,
      EXIT.state,
      json,
      io,
    );
  }
  const made =
    settings.tokens === undefined ? await serverToken(layout.serverToken, random) : undefined;
  const tokens = settings.tokens === undefined ? [made ?? ''] : settings.tokens;
  const stop = new Stop(io);
  const { contract, host, port } = settings;
  const server = await start({
    port,
    host,
    tokens: tokens ?? undefined,
    contract,
    store: store.value,
    engine: new LocalEngine(agent.value),
    clock,
    random,
    onFault: (fault, error) => {
      stop.fault(fault, error);
    },
  });
  if (!server.ok) return tellProblem(server.error, EXIT.usage, json, io);
  tellStart(
    server.value,
    settings,
    { token: tokens?.[0] ?? null, isMade: made !== undefined, json },
    io,
  );
  const exit = await stop.asked;
  await server.value.close();
  return exit;
}

/** Resolves when the server is to end: a person or the machine asks, or the store has failed. */
class Stop {
  readonly asked: Promise<ExitCode>;
  readonly #io: Io;
  #end: (exit: ExitCode) => void = () => undefined;

  constructor(io: Io) {
    this.#io = io;
    this.asked = new Promise((resolve) => {
      this.#end = resolve;
    });
    const stop = (): void => {
      io.error(
        'Stopping: agent runs get a few seconds to end, and the next start takes up the rest.\n',
      );
      this.#end(EXIT.done);
    };
    io.onStopRequest(stop);
  }

  fault(fault: 'store' | 'engine' | 'request', error: unknown): void {
    if (error instanceof StoreError) {
      this.#io.error(`The agent runs cannot be written: ${error.message}.\n`);
      this.#end(EXIT.state);
      return;
    }
    this.#io.error(`${bugReport(error)}\n`);
    if (fault === 'store') this.#end(EXIT.bug);
  }
}

async function start(options: ServerOptions): Promise<Result<AgentServer, string>> {
  try {
    return ok(await openServer(options));
  } catch (error) {
    await options.engine.close();
    await options.store.close();
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const reason = code === 'EADDRINUSE' ? 'something else listens there' : message;
    return fail(`Cannot listen on ${options.host}:${options.port}: ${reason}.`);
  }
}

/** What `--corpus` says, else what the project's pipelines use. */
async function corpusOf(
  { root, project }: OpenProject,
  given: string | undefined,
  io: Io,
): Promise<string | undefined> {
  if (given !== undefined) return resolve(io.cwd, given);
  const settings = project.agents.get('local');
  if (settings?.kind === 'local' && settings.corpus !== undefined) return settings.corpus;
  for (const folder of [join(root, 'pipelines', 'corpus'), join(root, 'corpus')]) {
    if (await exists(folder)) return folder;
  }
  return undefined;
}

const NO_CORPUS =
  'There is no corpus, so every agent run will fail and say so. Name a folder with --corpus.\n';

function tellStart(
  { url }: AgentServer,
  { contract }: ServeSettings,
  { token, isMade, json }: { token: string | null; isMade: boolean; json: boolean },
  io: Io,
): void {
  const { id, prices } = contract;
  if (json) {
    io.out(`${JSON.stringify({ url, token, contract: id, priceBook: prices.id })}\n`);
    return;
  }
  io.out(`listening on ${url}\n`);
  if (isMade) io.out(`token ${token ?? ''}\n`);
  io.error(`Contract ${id}, priced by ${prices.id}. Reference: ${url}/docs. Ctrl-C stops.\n`);
}
