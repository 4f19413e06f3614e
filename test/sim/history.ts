import { openExaAgent } from '../../src/agent/exa.ts';
import type { AgentBackend } from '../../src/agent/agent.ts';
import { fromDollars } from '../../src/base/money.ts';
import type { RunReport } from '../../src/execution/run-pipeline.ts';
import { Secret } from '../../src/http/secret.ts';
import type { Store } from '../../src/store/store.ts';
import { Disk } from '../rig/crashing-store.ts';
import { Rig } from '../rig/rig.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { ApiModel } from './api-model.ts';
import { Chance } from './chance.ts';
import { allEndWell } from './endings.ts';
import { BODY_LIMIT } from './faults.ts';
import { Judge, type Violation } from './judge.ts';
import { forever, Life, type Death, type Milestone } from './life.ts';
import { Network } from './network.ts';
import { outcomeDifferences, type Outcome } from './outcome.ts';
import { calmPlan, drawPlan, type Plan } from './plan.ts';
import { NO_BUG, type PlantedBug } from './planted.ts';
import type { Shape } from './shapes.ts';
import { Trace } from './trace.ts';

/** What became of one seed. */
export interface HistoryResult {
  readonly seed: number;
  readonly shape: string;
  readonly hash: string;
  readonly violations: readonly Violation[];
  readonly crashes: number;
  readonly lives: number;
  readonly virtualMs: number;
  readonly creates: number;
  readonly faults: number;
  readonly adopted: number;
  readonly absent: number;
  readonly held: number;
  /** What the tables and the ledger came to. */
  readonly outcome: Outcome;
  /** How it went, line by line; empty unless asked for. */
  readonly lines: readonly string[];
}

export interface HistoryOptions {
  readonly seed: number;
  readonly shapes: readonly [Shape, ...Shape[]];
  readonly keepLines?: boolean;
  readonly bug?: PlantedBug;
}

/** Runs in the calm, each of which takes up what the one before has left; whether paid ones too. */
const CALM_RUNS: readonly boolean[] = [false, true, true, false];
/** What an interrupt has come to: agent runs are cancelled, or left to the next run. */
type StopReason = 'cancel' | 'detach';
/** An agent run that goes on for longer is told to end. */
const LONGEST_RUN_MS = 90 * 60_000;
/** A run that takes longer hangs. */
const PATIENCE_MS = 12 * 3_600_000;

/** One seeded history: storm with crashes, then calm, then judgement. */
export async function runHistory(options: HistoryOptions): Promise<HistoryResult> {
  const plan = drawPlan(options.seed, options.shapes);
  const history = new History(plan, options);
  const result = await history.clock.drive(history.run());
  if (result.violations.length > 0 || result.held > 0) return result;
  const { outcome } = await undisturbed(plan, options);
  const differences = outcomeDifferences(result.outcome, outcome, plan.shape.batches);
  return { ...result, violations: differences };
}

/** What a shape comes to when all ends well is the same for every seed. */
const calmOutcomes = new Map<string, Promise<CalmOutcome>>();

interface CalmOutcome {
  readonly result: HistoryResult;
  /** What was asked for it. */
  readonly asked: ReadonlySet<string>;
}

async function undisturbed(plan: Plan, options: HistoryOptions): Promise<HistoryResult> {
  const { shape, settings } = plan;
  const known = calmOutcomes.get(shape.name) ?? runCalm(plan, options, 0);
  calmOutcomes.set(shape.name, known);
  const { result, asked } = await known;
  if (allEndWell(options.seed, asked, settings.oddEnds)) return result;
  return (await runCalm(plan, options, settings.oddEnds)).result;
}

async function runCalm(
  plan: Plan,
  { seed, shapes }: HistoryOptions,
  oddEnds: number,
): Promise<CalmOutcome> {
  const calm = calmPlan(plan);
  const history = new History(
    { ...calm, settings: { ...calm.settings, oddEnds } },
    { seed, shapes },
  );
  const result = await history.clock.drive(history.run());
  return { result, asked: history.asked };
}

class History {
  readonly clock = new VirtualClock();
  readonly #plan: Plan;
  readonly #options: HistoryOptions;
  readonly #trace: Trace;
  readonly #disk = new Disk();
  readonly #api: ApiModel;
  readonly #judge: Judge;
  readonly #network: Network;
  readonly #scheduler: Chance;
  readonly #fate: Chance;
  #lives = 0;
  #crashes = 0;
  #whole = false;
  #disturbed = false;

  constructor(plan: Plan, options: HistoryOptions) {
    const { seed, keepLines = false } = options;
    this.#plan = plan;
    this.#options = options;
    const now = (): number => this.clock.now();
    this.#trace = new Trace(now, keepLines);
    this.#scheduler = new Chance(seed, 'scheduler');
    this.#fate = new Chance(seed, 'fate');
    this.#api = new ApiModel(plan.settings, new Chance(seed, 'api'), now);
    this.#judge = new Judge(this.#disk, this.#api);
    this.#network = new Network({
      clock: this.clock,
      api: this.#api,
      weather: plan.weather,
      chance: new Chance(seed, 'network'),
      trace: this.#trace,
      witness: this.#judge,
    });
  }

  get asked(): ReadonlySet<string> {
    return this.#api.asked;
  }

  async run(): Promise<HistoryResult> {
    const startMs = this.clock.now();
    const { shape } = this.#plan;
    await this.#storm();
    await this.#calm();
    const { violations, counts, creates } = this.#judge;
    return {
      seed: this.#options.seed,
      shape: shape.name,
      hash: this.#trace.hash,
      violations,
      crashes: this.#crashes,
      lives: this.#lives,
      virtualMs: this.clock.now() - startMs,
      creates,
      faults: this.#network.faults,
      ...counts,
      outcome: {
        tables: await this.#tables(),
        ledger: this.#judge.ledger(),
        whole: this.#whole,
        disturbed: this.#disturbed,
      },
      lines: this.#trace.lines,
    };
  }

  async #storm(): Promise<void> {
    const { crashes, cap } = this.#plan;
    for (let left = crashes; left >= 0; left--) {
      const end = await this.#live(left === 0 ? { type: 'never' } : this.#drawDeath(), cap);
      if (end === 'stuck') return;
      await this.clock.sleep(this.#fate.magnitude(10, 1_000_000));
    }
  }

  /**
   * Nothing goes wrong any more: whatever is left must come to its end. Where something failed that
   * was paid for, a person asks for it again.
   */
  async #calm(): Promise<void> {
    this.#network.stormy = false;
    this.#api.stormy = false;
    this.#trace.add('sim', 'calm');
    for (const retryFailed of CALM_RUNS) {
      const end = await this.#live({ type: 'never' }, undefined, retryFailed);
      if (end === 'stuck') break;
      this.#whole = end !== 'died' && end.exit === 0;
      if (this.#whole) break;
      await this.clock.sleep(600_000);
    }
    // What nobody asks for any more is given its time, and then it has to end as well.
    const open = await (await this.#disk.look()).openAttempts();
    if (open.some(({ held }) => held === undefined)) {
      await this.clock.sleep(LONGEST_RUN_MS);
      await this.#live({ type: 'never' }, undefined);
    }
    this.#judge.atEnd();
  }

  async #tables(): Promise<readonly string[]> {
    const store = await this.#disk.look();
    const { pipeline } = this.#plan;
    const states = await store.stepStates(pipeline.name);
    return states.map(({ step, tasks, failed, digest }) => `${step} ${tasks} ${failed} ${digest}`);
  }

  #drawDeath(): Death {
    const fate = this.#fate;
    return fate.pick<() => Death>([
      () => ({ type: 'at-effect', nth: fate.magnitude(1, 600) }),
      () => ({ type: 'after', ms: fate.magnitude(1, 600_000) }),
      () => near('create', fate.between(1, 4), fate.between(1, 6)),
      () => near('create', fate.between(1, 2), fate.between(1, 3)),
      () => near(fate.pick(['intend', 'created']), fate.between(1, 4), fate.between(1, 3)),
      () => near('settle', fate.between(1, 4), fate.between(1, 4)),
    ])();
  }

  async #live(
    death: Death,
    cap: number | undefined,
    retryFailed = false,
  ): Promise<RunReport | 'died' | 'stuck'> {
    const number = ++this.#lives;
    this.#trace.add('sim', `p${number} starts`);
    const { clock } = this;
    const life = new Life(number, death, { clock, trace: this.#trace, chance: this.#scheduler });
    this.#judge.begins(number, cap, retryFailed);
    const rig = await this.#rigOf(life);
    const run = rig.runLoaded(this.#plan.pipeline, {
      retryFailed,
      ...(cap !== undefined && { cap: fromDollars(cap) }),
    });
    const stuck = clock.sleep(PATIENCE_MS).then(() => 'stuck' as const);
    const stopped = death.type === 'never' ? undefined : this.#stopAtTimes(rig, life);
    const end = await Promise.race([run, life.died, stuck]);
    for (const { agentRunId } of rig.eventsOf('task-answered')) this.#judge.told(agentRunId);
    const failed = rig.eventsOf('task-failed').length > 0 || stopped === 'cancel';
    if (this.#network.stormy && (failed || cap !== undefined)) this.#disturbed = true;
    return this.#note(end, life);
  }

  /** A person or a machine may ask a run to stop. */
  #stopAtTimes(rig: Rig, life: Life): StopReason | undefined {
    const fate = this.#fate;
    if (!fate.hit(0.15)) return undefined;
    const reason = fate.pick<StopReason>(['cancel', 'detach']);
    void this.clock.sleep(fate.magnitude(10, 200_000)).then(() => {
      if (life.isDead) return;
      this.#trace.add('sim', `${life.name} is asked to stop: ${reason}`);
      rig.abort.abort(reason);
    });
    return reason;
  }

  async #rigOf(life: Life): Promise<Rig> {
    const { bug = NO_BUG } = this.#options;
    const rig = new Rig({
      agent: bug.agent(this.#agentOf(life)),
      store: bug.store(await this.#storeOf(life)),
      clock: life.clock,
      prices: bug.prices,
      reconcile: bug.rules,
      seed: this.#fate.between(1, 2 ** 30) * 2 + 1,
    });
    const push = rig.events.push.bind(rig.events);
    // What it tells people, while it happens.
    rig.events.push = (...events) => {
      for (const event of events) {
        this.#trace.add(life.name, `says ${event.type}`, () => JSON.stringify(event));
      }
      return push(...events);
    };
    return rig;
  }

  #note(end: RunReport | 'died' | 'stuck', life: Life): RunReport | 'died' | 'stuck' {
    if (end === 'died') {
      this.#crashes++;
      return end;
    }
    life.end();
    if (end === 'stuck') {
      this.#judge.violations.push({ breach: 'end', message: `${life.name} hangs` });
      return end;
    }
    this.#trace.add(life.name, `ends: ${end.status}, exit ${end.exit}`);
    if (end.exit === 70) {
      this.#judge.violations.push({ breach: 'end', message: `${life.name} met a bug` });
    }
    return end;
  }

  async #storeOf(life: Life): Promise<Store> {
    const { syncMs } = this.#plan;
    const fate = this.#fate;
    const disk = await this.#disk.open({
      sync: async ({ name }) => {
        await this.clock.sleep(syncMs === 0 ? 0 : fate.fraction() * syncMs);
        this.#trace.add(life.name, `${name} on disk`);
      },
    });
    // A commit that was under way may have gone through.
    life.onDeath(() => disk.crash(fate.between(0, 2)));
    return livingStore(disk.store, life);
  }

  #agentOf(life: Life): AgentBackend {
    return openExaAgent({
      name: 'exa',
      baseUrl: 'https://api.example.com',
      key: new Secret('a-key'),
      clock: life.clock,
      random: seededRandom(this.#fate.between(1, 2 ** 30) * 2 + 1),
      concurrency: this.#plan.pipeline.concurrency,
      contract: '2026-11',
      bodyLimit: BODY_LIMIT,
      wire: this.#network.wireOf(life),
    });
  }
}

const near = (what: Milestone, nth: number, effects: number): Death => ({
  type: 'near',
  what,
  nth,
  effects,
});

/** Every call of a store is a dealing with the world at which its process may die. */
const livingStore = (store: Store, life: Life): Store =>
  new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]): unknown => {
        life.comesTo(String(name));
        if (!life.effect()) return forever();
        const result: unknown = Reflect.apply(method, target, args);
        if (!(result instanceof Promise)) return result;
        return result.then((value: unknown) => (life.effect() ? value : forever()));
      };
    },
  });
