import { diskFault } from '../base/disk-fault.ts';
import { StoreError } from '../store/store-problem.ts';
import type { Stop } from './stop.ts';

/** Stops a run for something that was thrown: a store or a disk that cannot go on, or a mistake of ours. */
export function stopForThrown(error: unknown, stop: Stop): string {
  if (error instanceof StoreError) {
    stop.now('state', error.message);
    return error.message;
  }
  const fault = diskFault(error);
  if (fault !== undefined) {
    stop.now('state', fault);
    return fault;
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stop.now('bug', message);
  return message;
}
