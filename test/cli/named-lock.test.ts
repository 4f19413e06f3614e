import { expect, test } from 'vitest';
import { namedHolder, takeNamedLock } from '../../src/cli/named-lock.ts';

const SINCE = '2026-11-22T09:00:00.000Z';
const holder = (pid: number) => ({ pid, since: SINCE, work: `run ${pid}`, host: 'here' });

// Linux has names that behave as pipes of Windows do: one listener at a time, gone with it.
test.runIf(process.platform === 'linux')(
  'one process at a time has a name of the kernel, and names itself to the others',
  async () => {
    const address = `\0fieldwork-test-${process.pid}`;
    expect(await namedHolder(address)).toBeUndefined();
    for (let round = 0; round < 5; round++) {
      const all = await Promise.all(
        Array.from({ length: 6 }, (_, pid) => takeNamedLock(address, holder(pid))),
      );
      const [winner, ...more] = all.flatMap((each) => (each.ok ? [each.value] : []));
      const winnerPid = all.findIndex(({ ok }) => ok);
      expect(more).toEqual([]);
      const refused = all.flatMap((each) => (each.ok ? [] : [each.error]));
      expect(refused).toEqual(Array.from({ length: 5 }, () => holder(winnerPid)));
      expect(await namedHolder(address)).toEqual(holder(winnerPid));
      await winner?.release();
    }
    expect(await namedHolder(address)).toBeUndefined();
  },
);
