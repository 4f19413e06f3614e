import type { AgentOutput } from '../agent/agent.ts';
import { digestOf } from '../base/fingerprint.ts';

/** Equal when the answers are. */
export const answerDigest = ({ structured, text }: AgentOutput): string =>
  digestOf(JSON.stringify(structured) + text).slice(0, 32);
