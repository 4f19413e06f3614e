import { hash } from 'node:crypto';
import { canonicalJson, type Json } from './json.ts';

/** SHA-256, in lower-case hex, of the canonical JSON of everything that can change an answer. */
export type Fingerprint = string & { readonly __brand: 'Fingerprint' };

export const fingerprintOf = (value: Json): Fingerprint => digestOf(canonicalJson(value));

/** SHA-256, in lower-case hex, of a text's UTF-8 bytes. */
export const digestOf = (text: string): Fingerprint => hash('sha256', text, 'hex') as Fingerprint;
