import { openApiViolations } from './openapi-schema.ts';
import { pythonSdkViolations } from './python-sdk-schema.ts';
import type { SeenResponse } from './seen-response.ts';

/**
 * What of a response breaks the contract: our own OpenAPI document, or what the official Python
 * SDK needs. Empty when it keeps both.
 */
export function checkResponse(response: SeenResponse): readonly string[] {
  const { method, path, status } = response;
  return [...openApiViolations(response), ...pythonSdkViolations(response)].map(
    (violation) => `${method} ${path} → ${status}: ${violation}`,
  );
}
