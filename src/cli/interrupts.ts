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
  const [runs, are, them, they] =
    busy === 1
      ? (['1 agent run', 'is', 'it', 'it'] as const)
      : ([`${busy} agent runs`, 'are', 'them', 'they'] as const);
  switch (stage) {
    case 'finishing': {
      if (busy === 0) return 'Stopping. Nothing new starts.';
      const ending = `${runs} ${are} finishing (up to ${FINISH_MS / 1_000} s)`;
      return `Stopping. Nothing new starts; ${ending}. Ctrl-C again cancels ${them}.`;
    }
    case 'cancelling': {
      if (busy === 0) return 'Ending. Ctrl-C again leaves at once.';
      return `Cancelling ${runs}. Ctrl-C again leaves at once; the next run then sees how ${they} ended.`;
    }
    case 'detached': {
      const why = request === 'parent-gone' ? 'What started this is gone' : 'Asked to end';
      const left = `${runs} ${are} not waited for; the`;
      return `${why}: leaving now. ${busy === 0 ? 'The' : left} next run takes up what is left.`;
    }
  }
}
