/**
 * Name in a request's metadata of the id of the attempt that sends it. The agent run is found by it
 * again when its own id never reached us, and the same id goes out as the header
 * `Idempotency-Key`, for servers that know it.
 */
export const ATTEMPT_TAG = 'fieldwork.a';
