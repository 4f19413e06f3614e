import type { Microdollars } from '../base/money.ts';

/** Options that every command with a pipeline takes. */
export interface CommonOptions {
  readonly json?: true;
  readonly param: Readonly<Record<string, string>>;
}

export interface RunOptions extends CommonOptions {
  readonly step: readonly string[];
  readonly limit?: number;
  readonly refresh: readonly string[];
  /** Ask again what was paid for and failed. */
  readonly retryFailed?: true;
  readonly maxCost?: number;
  /** The most that the plan comes to which is carried out. */
  readonly planned?: Microdollars;
  readonly record?: true;
  readonly agent?: string;
  readonly maxRows?: number;
  /** The files come from somebody who is not trusted, such as the author of a pull request. */
  readonly untrusted?: true;
}

export interface ServeOptions {
  readonly json?: true;
  readonly port?: number;
  readonly host?: string;
  readonly token: readonly string[];
  /** False with `--no-auth`. */
  readonly auth: boolean;
  readonly corpus?: string;
  readonly contract?: string;
  readonly prices?: string;
  readonly concurrency?: number;
}

export interface ShowOptions extends CommonOptions {
  readonly where?: string;
  readonly limit: number;
  readonly citations?: true;
  readonly text?: true;
}
