import { readFileSync } from 'node:fs';

/** A create call that the API's guide or reference prints. */
export interface SeedCall {
  readonly name: string;
  readonly stream: boolean;
  readonly body: Readonly<Record<string, unknown>> & { readonly query: string };
}

/** All of them. The body of a follow-up has a placeholder in place of an id. */
export const seedCalls: readonly SeedCall[] = JSON.parse(
  readFileSync(new URL('seed-calls.json', import.meta.url), 'utf8'),
) as readonly SeedCall[];
