import type { AgentBackend } from '../agent/agent.ts';
import type { Fingerprint } from '../base/fingerprint.ts';
import { attemptId } from '../base/ids.ts';
import type { OpenAttempt } from '../store/store.ts';
import { AgentHealth } from './agent-health.ts';
import { Booked } from './booked.ts';
import type { RunContext } from './context.ts';
import { Deadlines } from './deadlines.ts';
import { Elsewhere } from './elsewhere.ts';
import { LateCosts } from './late-costs.ts';
import { RECONCILE_RULES } from './reconcile.ts';
import { Reconciler } from './reconciler.ts';
import { Refusals } from './refusals.ts';
import { Strays } from './strays.ts';
import { UnknownWords } from './unknown-words.ts';

/** What all attempts of one run share, so that none is paid for twice and none is lost. */
interface Protocol {
  readonly reconciler: Reconciler;
  readonly strays: Strays;
  readonly refusals: Refusals;
  readonly lateCosts: LateCosts;
  readonly booked: Booked;
  readonly unknownWords: UnknownWords;
  /** Attempts that earlier processes left open in this pipeline. */
  readonly leftOpen: readonly OpenAttempt[];
  /** Questions that a task of this run asks, over all steps, and when that task is over. */
  readonly underWay: Map<Fingerprint, Promise<void>>;
  /** When this process began: what an earlier one sent was sent before. */
  readonly begunMs: number;
  /** How long after a create in doubt it is looked for. */
  readonly settleMs: number;
  /** The id of the state folder. */
  stateId(): Promise<string>;
  /** Tells, where the state folder is new, that another one has asked the same. */
  lookElsewhere(tag: string, agent: AgentBackend): Promise<void>;
  /** For those who wait for agent runs. */
  readonly deadlines: Deadlines;
  health(agent: string): AgentHealth;
}

/** A run's context with what its attempts share. */
export interface TaskContext extends RunContext {
  readonly protocol: Protocol;
}

export async function openProtocol(context: RunContext): Promise<TaskContext> {
  const { store, clock, random, run, emit, stop, signal, pipeline } = context;
  let id: Promise<string> | undefined;
  let fresh = '';
  const stateId = (): Promise<string> => {
    if (fresh === '') fresh = attemptId(random);
    return (id ??= store.stateId(fresh));
  };
  const elsewhere = new Elsewhere({ emit, signal: stop.signal });
  const open = (await store.openAttempts()).filter((it) => it.pipeline === pipeline.name);
  const strays = new Strays({ store, clock, run, emit });
  strays.remember(open);
  const rules = { ...RECONCILE_RULES, ...context.reconcile };
  const healths = new Map<string, AgentHealth>();
  const booked = new Booked(store);
  const protocol: Protocol = {
    reconciler: new Reconciler({ store, clock, random, rules, stateId, strays, emit, signal }),
    strays,
    refusals: new Refusals(stop),
    lateCosts: new LateCosts(context, booked),
    booked,
    unknownWords: new UnknownWords(emit),
    leftOpen: open,
    underWay: new Map(),
    deadlines: new Deadlines(clock, signal),
    begunMs: clock.now(),
    settleMs: rules.settleMs,
    stateId,
    lookElsewhere: async (tag, agent) => {
      const own = await stateId();
      if (own === fresh) await elsewhere.look(tag, own, agent);
    },
    health: (agent) => {
      const health = healths.get(agent) ?? new AgentHealth({ clock, stop });
      healths.set(agent, health);
      return health;
    },
  };
  return { ...context, protocol };
}
