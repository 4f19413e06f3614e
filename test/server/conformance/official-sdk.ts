import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as zod3 from 'zod/v3';

/** What the official SDK gives back; versions differ in names of types, not in what is in them. */
export interface SdkRun {
  readonly id: string;
  readonly object: string;
  readonly status: string;
  readonly stopReason: string | null;
  readonly createdAt: string;
  readonly completedAt: string | null;
  readonly request: Readonly<Record<string, unknown>>;
  readonly output: {
    readonly text: string;
    readonly structured: unknown;
    readonly grounding: readonly unknown[];
  };
  readonly usage: Readonly<Record<string, number>>;
  readonly costDollars: Readonly<Record<string, number>>;
  readonly error?: { readonly type: string; readonly code: string; readonly message: string };
}

export interface SdkEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly createdAt?: string;
}

interface SdkPage<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
}

type Options = Readonly<Record<string, unknown>>;

/** `exa.agent.runs` or `exa.beta.agent.runs` of any version. */
export interface SdkRuns {
  create(params: Options & { readonly stream: true }): Promise<AsyncGenerator<SdkEvent>>;
  create(params: Options): Promise<SdkRun>;
  get(id: string, options?: Options): Promise<SdkRun>;
  list(options?: Options): Promise<SdkPage<SdkRun>>;
  listAll(options?: Options): AsyncGenerator<SdkRun>;
  getAll(options?: Options): Promise<readonly SdkRun[]>;
  cancel(id: string, options?: Options): Promise<SdkRun>;
  delete(
    id: string,
    options?: Options,
  ): Promise<{ readonly id: string; readonly deleted: boolean }>;
  pollUntilFinished(id: string, options?: Options): Promise<SdkRun>;
  readonly events: { list(id: string, options?: Options): Promise<SdkPage<SdkEvent>> };
  /** Since 2.23. */
  stop?(id: string, options?: Options): Promise<SdkRun>;
  /** Since 2.17. */
  createAndWait?(params: Options, options?: Options): Promise<SdkRun>;
}

interface SdkClient {
  readonly agent?: { readonly runs: SdkRuns };
  readonly beta: { readonly agent: { readonly runs: SdkRuns } };
}

type Constructor<T, A extends readonly unknown[]> = new (...parameters: A) => T;

interface SdkModule {
  readonly Exa: Constructor<SdkClient, [key: string, baseUrl: string]>;
  readonly ExaError: Constructor<Error, [string, number]>;
  readonly AgentRunFailedError?: Constructor<Error, never>;
  readonly AgentRunCancelledError?: Constructor<Error, never>;
}

/** One way to reach the API by the official SDK: a version and a namespace of it. */
export interface OfficialSdk {
  readonly name: string;
  readonly module: SdkModule;
  /** What each call must also be given. */
  readonly betas: Options;
  connect(url: string, key: string): SdkRuns;
  /** The zod that this SDK tells schemas by. */
  readonly zod: typeof zod3;
  /** Whether its errors carry the API's type and code. */
  readonly typedErrors: boolean;
}

const require = createRequire(import.meta.url);

const PACKAGES: Readonly<Record<string, () => Promise<unknown>>> = {
  'exa-js': () => import('exa-js'),
  'exa-js-2-17': () => import('exa-js-2-17'),
  'exa-js-2-13': () => import('exa-js-2-13'),
};

/** 2.13 knows the beta namespace only; later versions have both. */
export async function officialSdks(): Promise<readonly OfficialSdk[]> {
  const found: OfficialSdk[] = [];
  for (const [packageName, load] of Object.entries(PACKAGES)) {
    const module = (await load()) as SdkModule;
    const { version } = require(`${packageName}/package.json`) as { readonly version: string };
    const zod = await zodOf(packageName);
    const typedErrors = module.ExaError.length > 4;
    const base = { module, zod, typedErrors };
    const client = (url: string, key: string): SdkClient => new module.Exa(key, url);
    if (client('http://127.0.0.1', 'key').agent !== undefined) {
      found.push({
        ...base,
        name: `exa-js ${version}, exa.agent`,
        betas: {},
        connect: (url, key) => runsOf(client(url, key).agent),
      });
    }
    found.push({
      ...base,
      name: `exa-js ${version}, exa.beta.agent`,
      betas: { betas: ['agent-2026-05-07'] },
      connect: (url, key) => runsOf(client(url, key).beta.agent),
    });
  }
  return found;
}

function runsOf(agent: { readonly runs: SdkRuns } | undefined): SdkRuns {
  if (agent === undefined) throw new Error('The SDK has no such namespace.');
  return agent.runs;
}

/** The SDK knows a schema by its own copy of zod, so a test needs that very copy. */
async function zodOf(packageName: string): Promise<typeof zod3> {
  const path = createRequire(require.resolve(packageName)).resolve('zod/package.json');
  const { module } = JSON.parse(await readFile(path, 'utf8')) as { readonly module: string };
  return (await import(pathToFileURL(join(dirname(path), module)).href)) as typeof zod3;
}
