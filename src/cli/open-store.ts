import { fail, ok, type Result } from '../base/result.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { layoutOf } from './layout.ts';
import { exists } from './project-root.ts';
import { tellProblem } from './tell.ts';

/**
 * Opens the state of a project. For reading, a project without one looks empty and nothing is
 * made. What keeps it from opening is told, with the exit code.
 */
export async function openStore(
  root: string,
  use: 'read' | 'write',
  json: boolean,
  io: Io,
): Promise<{ ok: true; store: Store } | { ok: false; exit: ExitCode }> {
  const opened = await tryStore(root, use);
  if (opened.ok) return { ok: true, store: opened.value };
  const message = `The state cannot be opened: ${opened.error}.`;
  return { ok: false, exit: tellProblem(message, EXIT.state, json, io) };
}

/** The same for who can do without it: the error says why, and nothing is told. */
export async function tryStore(
  root: string,
  use: 'read' | 'write',
): Promise<Result<Store, string>> {
  const folder = layoutOf(root).state;
  if (use === 'read' && !(await exists(folder))) return ok(new MemoryStore());
  const { LmdbStore } = await import('../store/lmdb-store.ts');
  const opened = await LmdbStore.open(folder, { readOnly: use === 'read' });
  return opened.ok ? opened : fail(opened.error.message);
}
