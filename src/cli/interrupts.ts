import { FINISH_MS, Interrupt, type InterruptStage } from '../execution/interrupt.ts';
import type { Io, StopRequest } from './io.ts';

/** What stops a run before its time, and whether that was asked for. */
export interface Interrupts {
  readonly interrupt: Interrupt;
  /** To be called once the run is over: from then on a request ends the process. */
  end(): void;
}

/** Passes requests to stop on to a run, and tells people what each comes to. */
export function interruptsOf(io: Io, busy: () => number): Interrupts {
  let last: StopRequest = 'ctrl-c';
  const interrupt = new Interrupt(io.clock, (stage) => io.error(`${words(stage, busy(), last)}\n`));
  const release = io.onStopRequest((request) => {
    last = request;
    if (request === 'ctrl-c') interrupt.ask();
    else interrupt.detach();
  });
  return {
    interrupt,
    end: () => {
      release();
      interrupt.end();
    },
  };
}

function words(stage: InterruptStage, busy: number, request: StopRequest): string {
  const runs = `${busy} agent ${busy === 1 ? 'run' : 'runs'}`;
  switch (stage) {
    case 'finishing': {
      const ending = `${runs} ${busy === 1 ? 'is' : 'are'} finishing (up to ${FINISH_MS / 1_000} s)`;
      const what =
        busy === 0 ? '' : `; ${ending}. Ctrl-C again cancels ${busy === 1 ? 'it' : 'them'}`;
      return `Stopping. Nothing new starts${what}.`;
    }
    case 'cancelling': {
      if (busy === 0) return 'Ending. Ctrl-C again leaves at once.';
      const ended = busy === 1 ? 'it ended' : 'they ended';
      return `Cancelling ${runs}. Ctrl-C again leaves at once; the next run then sees how ${ended}.`;
    }
    case 'detached': {
      const why = request === 'parent-gone' ? 'What started this is gone' : 'Asked to end';
      const left = `${runs} ${busy === 1 ? 'is' : 'are'} not waited for; the`;
      return `${why}: leaving now. ${busy === 0 ? 'The' : left} next run takes up what is left.`;
    }
  }
}
