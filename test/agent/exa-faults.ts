import type { Fault } from '../rig/agent-api-faults.ts';
import { CANARY } from './exa-subject.ts';

/** Real milliseconds, of a server that never answers in time. */
export const SHORT = { postHeaders: 40, getHeaders: 40, body: 40 };

export const status = (
  code: number,
  apiCode: string,
  headers: Record<string, string> = {},
): Fault => ({
  type: 'status',
  status: code,
  headers,
  // The server quotes the key: it must be taken out.
  body: { error: { type: 'T', code: apiCode, message: `No: ${apiCode}, your key is ${CANARY}.` } },
});

export const gateway = (code: number, tag: string): Fault => ({
  type: 'status',
  status: code,
  body: { requestId: 'r1', error: `Gateway says no to ${CANARY}`, tag },
});

export const html = (code: number): Fault => ({
  type: 'status',
  status: code,
  body: `<html>${CANARY}</html>`,
  headers: { 'content-type': 'text/html' },
});
