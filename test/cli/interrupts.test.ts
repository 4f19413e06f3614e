import { expect, test } from 'vitest';
import { interruptsOf } from '../../src/cli/interrupts.ts';
import type { Io, StopRequest } from '../../src/cli/io.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

/** What is printed while `busy` agent runs are under way and these requests come. */
function told(busy: number, ...requests: readonly StopRequest[]): string {
  let text = '';
  let ask: (request: StopRequest) => void = () => undefined;
  const io = {
    clock: new VirtualClock(),
    error: (part: string) => void (text += part),
    onStopRequest: (listener: typeof ask) => {
      ask = listener;
      return () => void (ask = () => undefined);
    },
  } as unknown as Io;
  const { end } = interruptsOf(io, () => busy);
  for (const request of requests) ask(request);
  end();
  ask('ctrl-c');
  return text;
}

test('what is printed at each stage, for none, one and many agent runs', () => {
  const all = [0, 1, 3].flatMap((busy) => [
    told(busy, 'ctrl-c', 'ctrl-c'),
    told(busy, 'terminate'),
    told(busy, 'ctrl-c', 'parent-gone'),
  ]);
  expect(all.join('\n')).toMatchInlineSnapshot(`
    "Stopping. Nothing new starts.
    Ending. Ctrl-C again leaves at once.

    Asked to end: leaving now. The next run takes up what is left.

    Stopping. Nothing new starts.
    What started this is gone: leaving now. The next run takes up what is left.

    Stopping. Nothing new starts; 1 agent run is finishing (up to 20 s). Ctrl-C again cancels it.
    Cancelling 1 agent run. Ctrl-C again leaves at once; the next run then sees how it ended.

    Asked to end: leaving now. 1 agent run is not waited for; the next run takes up what is left.

    Stopping. Nothing new starts; 1 agent run is finishing (up to 20 s). Ctrl-C again cancels it.
    What started this is gone: leaving now. 1 agent run is not waited for; the next run takes up what is left.

    Stopping. Nothing new starts; 3 agent runs are finishing (up to 20 s). Ctrl-C again cancels them.
    Cancelling 3 agent runs. Ctrl-C again leaves at once; the next run then sees how they ended.

    Asked to end: leaving now. 3 agent runs are not waited for; the next run takes up what is left.

    Stopping. Nothing new starts; 3 agent runs are finishing (up to 20 s). Ctrl-C again cancels them.
    What started this is gone: leaving now. 3 agent runs are not waited for; the next run takes up what is left.
    "
  `);
});
