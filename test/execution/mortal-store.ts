import type { Store } from '../../src/store/store.ts';

const WRITES = ['intend', 'created', 'settle', 'addMembers', 'publish', 'discard', 'putRun'];

/** Never goes on. */
const forever = new Promise<never>(() => undefined);

/**
 * A store whose process dies: after `writes` writes nobody gets an answer from it any more.
 * `last` says whether the process hears that its last write was done.
 */
export function mortalStore(
  store: Store,
  writes: number,
  last: 'heard' | 'unheard',
): { readonly store: Store; readonly isDead: () => boolean } {
  let left = writes;
  let dead = false;
  const mortal = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]): unknown => {
        if (dead) return forever;
        const isWrite = WRITES.includes(String(name));
        if (isWrite && left === 0) {
          dead = true;
          return forever;
        }
        const result: unknown = Reflect.apply(method, target, args);
        if (!isWrite) return result;
        left--;
        if (left > 0 || last === 'heard') return result;
        dead = true;
        return forever;
      };
    },
  });
  return { store: mortal, isDead: () => dead };
}
