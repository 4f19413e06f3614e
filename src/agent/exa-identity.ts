import { createHash } from 'node:crypto';
import type { BaseUrl } from '../http/base-url.ts';
import type { Secret } from '../http/secret.ts';

export const OFFICIAL_ORIGIN = 'https://api.exa.ai';

/**
 * Two servers may answer differently, so answers of one do not stand in for those of the other:
 * the place is part of the identity. Exa's own place is left out, so that its answers stay known
 * if its address changes.
 */
export function identityOf(contract: string, base: BaseUrl): string {
  const place = base.origin + base.path;
  return place === OFFICIAL_ORIGIN ? `exa/${contract}` : `exa/${contract}@${place}`;
}

/** Whose agent runs are seen from here, as a digest: neither place nor key can be read from it. */
export const accountOf = (base: BaseUrl, key: Secret | undefined): string =>
  createHash('sha256')
    .update(`${base.origin}${base.path}\n${key?.reveal() ?? ''}`)
    .digest('hex')
    .slice(0, 32);
