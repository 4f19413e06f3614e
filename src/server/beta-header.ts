import { invalid, type ApiError } from './api-error.ts';
import type { Contract } from './contract.ts';

/**
 * Whether a request's `Exa-Beta` is what the contract asks for. It is a list with commas; where no
 * token is needed, whatever is there is fine.
 */
export function checkBetaHeader(
  header: string | undefined,
  { betaToken }: Contract,
): ApiError | undefined {
  if (betaToken === undefined) return undefined;
  const tokens = (header ?? '').split(',').map((token) => token.trim());
  if (tokens.includes(betaToken)) return undefined;
  if (tokens.every((token) => token === '')) {
    return invalid(`The header Exa-Beta: ${betaToken} is missing.`, 'MISSING_BETA_HEADER');
  }
  return invalid(`The header Exa-Beta must be ${betaToken}.`, 'INVALID_BETA_HEADER');
}
