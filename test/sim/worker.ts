import { runHistory } from './history.ts';
import { loadShapes } from './shapes.ts';
import type { Portion } from './simulate.ts';
import { count, emptyTally } from './tally.ts';

/** Runs the portions of seeds that it is sent, one after another. */
const shapes = loadShapes();

process.on('message', (portion: Portion) => {
  void answer(portion);
});

async function answer({ from, seeds }: Portion): Promise<void> {
  const tally = emptyTally();
  const before = process.cpuUsage();
  for (let seed = from; seed < from + seeds; seed++) {
    count(tally, await runHistory({ seed, shapes: await shapes }));
  }
  const { user, system } = process.cpuUsage(before);
  tally.cpuSeconds = (user + system) / 1e6;
  process.send?.(tally);
}
