import { betaViolations } from './beta-schema.ts';
import { openApiViolations } from './openapi-schema.ts';
import { pythonSdkViolations } from './python-sdk-schema.ts';
import type { SeenResponse } from './seen-response.ts';

/** Which state of the API a server speaks. */
export type ContractId = '2026-11' | '2026-05-07';

/**
 * What of a response breaks the contract: our own OpenAPI document, what the official Python SDK
 * needs, and for a server of the beta what was published then. Empty when it keeps all.
 */
export function checkResponse(
  response: SeenResponse,
  contract: ContractId = '2026-11',
): readonly string[] {
  const { method, path, status } = response;
  return [
    ...openApiViolations(response),
    ...pythonSdkViolations(response),
    ...(contract === '2026-05-07' ? betaViolations(response) : []),
  ].map((violation) => `${method} ${path} → ${status}: ${violation}`);
}
