import { openExaAgent } from '../../src/agent/exa.ts';
import type { AgentBackend } from '../../src/agent/agent.ts';
import { fromDollars } from '../../src/base/money.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import type { RunReport } from '../../src/execution/run-pipeline.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { Secret } from '../../src/http/secret.ts';
import type { Store } from '../../src/store/store.ts';
import { Disk } from '../rig/crashing-store.ts';
import { Rig } from '../rig/rig.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { ApiModel, type ApiSettings } from './api-model.ts';
import { Chance } from './chance.ts';
import { PRICE } from './endings.ts';
import { BODY_LIMIT, drawWeather, type Weather } from './faults.ts';
import { Judge, type Violation } from './judge.ts';
import { forever, Life, type Death } from './life.ts';
import { Network } from './network.ts';
import type { PlantedBug } from './planted.ts';
import { drawPipeline, type Shape } from './shapes.ts';
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

/** What a history comes to but for times, ids and counts of attempts. */
export interface Outcome {
  /** Each step's table: how many tasks, how many of them failed, what is in it. */
  readonly tables: readonly string[];
  /** Attempts that came to an agent run: what was asked, how it ended, what it cost. */
  readonly ledger: readonly string[];
  /** The last run had nothing left to do, and nothing of it failed. */
  readonly whole: boolean;
  /** A task failed, or a cap ended a run, before the calm: other questions may have been asked. */
  readonly disturbed: boolean;
}

export interface HistoryOptions {
  readonly seed: number;
  readonly shapes: readonly [Shape, ...Shape[]];
  readonly keepLines?: boolean;
  readonly bug?: PlantedBug;
}

const MOST_CRASHES = 12;
/** Runs in the calm, each of which takes up what the one before has left; whether paid ones too. */
const CALM_RUNS: readonly boolean[] = [false, true, true, false];
/** A run that takes longer hangs. */
const PATIENCE_MS = 12 * 3_600_000;

/** All that a history is drawn from its seed before it begins. */
interface Plan {
  readonly settings: ApiSettings;
  readonly weather: Weather;
  readonly shape: Shape;
  readonly pipeline: Pipeline;
  readonly crashes: number;
  /** Dollars for each life before the calm; undefined for no cap. */
  readonly cap: number | undefined;
  /** How long the disk takes for a write, at most. */
  readonly syncMs: number;
}

function drawPlan({ seed, shapes }: HistoryOptions): Plan {
  const chance = new Chance(seed, 'plan');
  const shape = chance.pick(shapes);
  const shortestMs = chance.pick([50, 300, 2_000]);
  return {
    settings: {
      seed,
      skewMs: chance.pick([0, 0, 1, -1]) * chance.between(0, 240_000),
      listLagMs: chance.pick([0, 2_000, 10_000]),
      readLagMs: chance.pick([0, 0, 1_000, 60_000]),
      pageSize: chance.pick([2, 5, 20, 100]),
      strangers: chance.pick([0, 0, 1, 3]),
      shortestMs,
      longestMs: shortestMs * chance.pick([1, 8, 30]),
      oddEnds: chance.pick([0, 0, 0.1, 0.3]),
      list: chance.hit(0.8)
        ? 'as agreed'
        : chance.pick(['unordered', 'cursor stays', 'never ends', 'no requests']),
    },
    weather: drawWeather(chance),
    shape,
    pipeline: drawPipeline(shape, chance),
    crashes: chance.pick([0, 1, 2, 4, MOST_CRASHES]),
    cap: chance.hit(0.3) ? PRICE * chance.between(1, 12) : undefined,
    syncMs: chance.pick([0, 0, 2, 40]),
  };
}

/** One seeded history: storm with crashes, then calm, then judgement. */
export async function runHistory(options: HistoryOptions): Promise<HistoryResult> {
  const plan = drawPlan(options);
  const history = new History(plan, options);
  const result = await history.clock.drive(history.run());
  if (result.violations.length > 0 || result.held > 0) return result;
  const { outcome } = await undisturbed(plan, options);
  const differences = outcomeDifferences(plan, result.outcome, outcome);
  return { ...result, violations: differences };
}

const calmOutcomes = new Map<string, Promise<HistoryResult>>();

/** The same pipeline and the same answers without a fault, a crash or a cap. */
function undisturbed(plan: Plan, { seed, shapes }: HistoryOptions): Promise<HistoryResult> {
  const { settings, shape } = plan;
  const calm: Plan = {
    ...plan,
    settings: { ...settings, list: 'as agreed', readLagMs: 0 },
    weather: { creates: 0, reads: 0, kinds: [], outages: [] },
    crashes: 0,
    cap: undefined,
    syncMs: 0,
  };
  const run = (): Promise<HistoryResult> => {
    const history = new History(calm, { seed, shapes });
    return history.clock.drive(history.run());
  };
  if (settings.oddEnds > 0) return run();
  const known = calmOutcomes.get(shape.name) ?? run();
  calmOutcomes.set(shape.name, known);
  return known;
}

/**
 * Crashes change nothing. Failures may: what a task lacked is another question later, and what was
 * not clear about its cost is not bought again; then only whole tables can be compared.
 */
function outcomeDifferences(plan: Plan, came: Outcome, expected: Outcome): readonly Violation[] {
  const differences: Violation[] = [];
  const compare = (what: string, a: readonly string[], b: readonly string[]): void => {
    const [left, right] = [a.join('\n'), b.join('\n')];
    if (left === right) return;
    const message = `${what} differ from those of a run without a crash:\n${left}\n--\n${right}`;
    differences.push({ breach: 'other outcome', message });
  };
  const whole = came.whole && expected.whole;
  if (whole || !came.disturbed) compare('tables', came.tables, expected.tables);
  // How batches are cut depends on what was answered before a crash.
  const comparable = !came.disturbed && !plan.shape.batches;
  if (comparable) compare('ledgers', came.ledger, expected.ledger);
  return differences;
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
      () => ({ type: 'near-create', nth: fate.between(1, 4), effects: fate.between(1, 6) }),
      () => ({ type: 'near-create', nth: fate.between(1, 2), effects: fate.between(1, 3) }),
    ])();
  }

  async #live(
    death: Death,
    cap: number | undefined,
    retryFailed = false,
  ): Promise<RunReport | 'died' | 'stuck'> {
    const number = ++this.#lives;
    this.#trace.add('sim', `p${number} starts`);
    const life = new Life(number, death, {
      clock: this.clock,
      trace: this.#trace,
      chance: this.#scheduler,
    });
    this.#judge.begins(number, cap, retryFailed);
    const { bug } = this.#options;
    const store = await this.#storeOf(life);
    const agent = this.#agentOf(life);
    const rig = new Rig({
      agent: bug?.agent?.(agent) ?? agent,
      store: bug?.store?.(store) ?? store,
      clock: life.clock,
      prices: bug?.prices ?? CURRENT_PRICE_BOOK,
      ...(bug?.rules !== undefined && { reconcile: bug.rules }),
      seed: this.#fate.between(1, 2 ** 30) * 2 + 1,
    });
    // What it tells people, while it happens.
    rig.events.push = (event) => {
      this.#trace.add(life.name, `says ${event.type}`, () => JSON.stringify(event));
      return (rig.events.splice(rig.events.length, 0, event), rig.events.length);
    };
    const stuck = this.clock.sleep(PATIENCE_MS).then(() => 'stuck' as const);
    const run = rig.runLoaded(this.#plan.pipeline, {
      retryFailed,
      ...(cap !== undefined && { cap: fromDollars(cap) }),
    });
    const end = await Promise.race([run, life.died, stuck]);
    for (const { agentRunId } of rig.eventsOf('task-answered')) this.#judge.told(agentRunId);
    const failed = rig.eventsOf('task-failed').length > 0;
    if (this.#network.stormy && (failed || cap !== undefined)) this.#disturbed = true;
    return this.#note(end, life);
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

/** Every call of a store is a dealing with the world at which its process may die. */
const livingStore = (store: Store, life: Life): Store =>
  new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]): unknown => {
        if (!life.effect()) return forever();
        const result: unknown = Reflect.apply(method, target, args);
        if (!(result instanceof Promise)) return result;
        return result.then((value: unknown) => (life.effect() ? value : forever()));
      };
    },
  });
