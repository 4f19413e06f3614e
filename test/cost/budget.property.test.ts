import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { microdollars } from '../../src/base/money.ts';
import { Budget, type Reservation } from '../../src/cost/budget.ts';
import type { Cap } from '../../src/cost/cap.ts';
import { committed } from '../../src/cost/spend.ts';

/** From the widest to the narrowest; a step is inside all of them. */
const OUTER = ['month', 'day', 'run'] as const;
const STEPS = ['people', 'firms'] as const;
type Name = (typeof OUTER)[number] | (typeof STEPS)[number];
type StepName = (typeof STEPS)[number];

interface Sums {
  reported: number;
  reserved: number;
  unknown: number;
}

interface Model {
  readonly caps: Readonly<Record<Name, number | undefined>>;
  readonly sums: Record<Name, Sums>;
  open: { readonly held: number; readonly step: StepName; readonly reservation: Reservation }[];
  carried: { readonly held: number; readonly step: StepName; readonly attempt: string }[];
  attempts: number;
}

type Real = Readonly<Record<Name, Budget>>;
type Command = fc.Command<Model, Real>;

const pathOf = (step: StepName): readonly Name[] => [...OUTER, step];
const totalOf = ({ reported, reserved, unknown }: Sums): number => reported + reserved + unknown;

const capOf = (name: string, amount: number | undefined): Cap | undefined =>
  amount === undefined ? undefined : { amount: microdollars(amount), name, help: 'raise it' };

/** Ceilings without room for `held` more in a step. */
const without = (model: Readonly<Model>, step: StepName, held: number): readonly Name[] =>
  pathOf(step).filter((name) => totalOf(model.sums[name]) + held > (model.caps[name] ?? Infinity));

function add(model: Model, step: StepName, change: Partial<Sums>): void {
  for (const name of pathOf(step)) {
    const sums = model.sums[name];
    sums.reported += change.reported ?? 0;
    sums.reserved += change.reserved ?? 0;
    sums.unknown += change.unknown ?? 0;
  }
}

/** Never more than any ceiling, and always what the model says. */
function check(model: Model, real: Real): void {
  for (const name of [...OUTER, ...STEPS]) {
    const { spend } = real[name];
    expect({ name, ...spend }).toEqual({ name, ...model.sums[name] });
    expect(committed(spend)).toBeLessThanOrEqual(model.caps[name] ?? Infinity);
    expect(spend.reserved).toBeGreaterThanOrEqual(0);
  }
}

/** Refused where a ceiling has no room, and only there; the smallest such is named. */
function checkAnswer(model: Model, refusedBy: Cap | undefined, full: readonly Name[]): void {
  expect(refusedBy === undefined).toBe(full.length === 0);
  if (refusedBy === undefined) return;
  const least = Math.min(...full.map((name) => model.caps[name] ?? Infinity));
  expect(full).toContain(refusedBy.name);
  expect(refusedBy.amount).toBe(least);
}

class Reserve implements Command {
  readonly step: StepName;
  readonly held: number;
  constructor(step: StepName, held: number) {
    this.step = step;
    this.held = held;
  }
  check(): boolean {
    return true;
  }
  run(model: Model, real: Real): void {
    const { step, held } = this;
    const result = real[step].reserve({ held: microdollars(held), openEnded: false });
    const full = without(model, step, held);
    checkAnswer(model, result.ok ? undefined : result.error.cap, full);
    if (result.ok) {
      add(model, step, { reserved: held });
      model.open.push({ held, step, reservation: result.value });
    }
    check(model, real);
  }
  toString(): string {
    return `reserve ${this.held} in ${this.step}`;
  }
}

/** What an earlier process began, as long as its money is there; again changes nothing. */
class Carry implements Command {
  readonly step: StepName;
  readonly held: number;
  constructor(step: StepName, held: number) {
    this.step = step;
    this.held = held;
  }
  check(model: Readonly<Model>): boolean {
    return without(model, this.step, this.held).length === 0;
  }
  run(model: Model, real: Real): void {
    const { step, held } = this;
    const attempt = `attempt ${model.attempts++}`;
    real[step].carry(attempt, microdollars(held));
    real[step].carry(attempt, microdollars(held));
    model.carried.push({ held, step, attempt });
    add(model, step, { reserved: held });
    check(model, real);
  }
  toString(): string {
    return `carry ${this.held} into ${this.step}`;
  }
}

class TakeUp implements Command {
  check(model: Readonly<Model>): boolean {
    return model.carried.length > 0;
  }
  run(model: Model, real: Real): void {
    const [one, ...rest] = model.carried;
    if (one === undefined) throw new Error('Nothing was carried');
    const { step, held, attempt } = one;
    const reservation = real[step].takeUp(attempt, microdollars(held));
    model.carried = rest;
    model.open.push({ held, step, reservation });
    check(model, real);
  }
  toString(): string {
    return 'take up';
  }
}

/** Ends one of the open ones: at a share of its ceiling, at an unknown cost, or never begun. */
class End implements Command {
  readonly which: number;
  readonly how: 'settle' | 'unknown' | 'release';
  readonly percent: number;
  constructor(which: number, how: 'settle' | 'unknown' | 'release', percent: number) {
    this.which = which;
    this.how = how;
    this.percent = percent;
  }
  check(model: Readonly<Model>): boolean {
    return model.open.length > 0;
  }
  run(model: Model, real: Real): void {
    const [one] = model.open.splice(this.which % model.open.length, 1);
    if (one === undefined) throw new Error('Nothing is open');
    const { held, step, reservation } = one;
    const cost = Math.floor((held * this.percent) / 100);
    if (this.how === 'release') {
      real[step].release(reservation);
      add(model, step, { reserved: -held });
    } else if (this.how === 'unknown') {
      real[step].settle(reservation, undefined);
      add(model, step, { reserved: -held, unknown: held });
    } else {
      real[step].settle(reservation, microdollars(cost));
      add(model, step, { reserved: -held, reported: cost });
    }
    check(model, real);
  }
  toString(): string {
    return `${this.how} ${this.which} ${this.percent} %`;
  }
}

test('no ceiling of several is passed, whatever is reserved, carried, settled and released', () => {
  const step = fc.constantFrom(...STEPS);
  const held = fc.integer({ min: 0, max: 400 });
  const commands = [
    fc.tuple(step, held).map((of) => new Reserve(...of)),
    fc.tuple(step, held).map((of) => new Carry(...of)),
    fc.constant(new TakeUp()),
    fc
      .tuple(
        fc.nat(20),
        fc.constantFrom('settle' as const, 'unknown' as const, 'release' as const),
        fc.nat(100),
      )
      .map((of) => new End(...of)),
  ];
  const cap = fc.option(fc.integer({ min: 0, max: 1_500 }), { nil: undefined });
  const caps = fc.record({ month: cap, day: cap, run: cap, people: cap, firms: cap });
  const law = fc.property(caps, fc.commands(commands, { maxCommands: 60 }), (amounts, steps) => {
    fc.modelRun(() => {
      const month = new Budget(capOf('month', amounts.month));
      const day = new Budget(capOf('day', amounts.day), month);
      const run = new Budget(capOf('run', amounts.run), day);
      const people = run.part('people', capOf('people', amounts.people));
      const firms = run.part('firms', capOf('firms', amounts.firms));
      const none = (): Sums => ({ reported: 0, reserved: 0, unknown: 0 });
      const sums = { month: none(), day: none(), run: none(), people: none(), firms: none() };
      const model: Model = { caps: amounts, sums, open: [], carried: [], attempts: 0 };
      return { model, real: { month, day, run, people, firms } };
    }, steps);
  });
  expect(fc.check(law, { numRuns: 500 })).toMatchObject({ failed: false, errorInstance: null });
});

const hundred: Cap = { amount: microdollars(100), name: 'the cap', help: 'raise it' };
const exactly = (held: number) => ({ held: microdollars(held), openEnded: false });
const openEnded = (held: number) => ({ held: microdollars(held), openEnded: true });

describe('a budget', () => {
  test('without a cap lets everything through and counts it', () => {
    const budget = new Budget();
    const one = budget.reserve(exactly(5_000_000));
    expect(budget.reserve(openEnded(0)).ok).toBe(true);
    if (one.ok) budget.settle(one.value, microdollars(7));
    expect(budget.spend).toEqual({ reported: 7, reserved: 0, unknown: 0 });
  });

  test('lets an agent run that nothing bounds start only while something is left', () => {
    const budget = new Budget(hundred);
    expect(budget.reserve(openEnded(0)).ok).toBe(true);
    expect(budget.reserve(openEnded(60)).ok).toBe(true);
    expect(budget.reserve(openEnded(60)).ok).toBe(false);
    expect(budget.reserve(exactly(40)).ok).toBe(true);
    expect(budget.reserve(openEnded(0)).ok).toBe(false);
  });

  test('of nothing lets free agent runs through, and no others', () => {
    const nothing = new Budget({ ...hundred, amount: microdollars(0) });
    expect(nothing.reserve(exactly(0)).ok).toBe(true);
    expect(nothing.reserve(openEnded(0)).ok).toBe(false);
  });

  test('lets nothing new start once what it carried over is over the cap', () => {
    const budget = new Budget(hundred);
    budget.carry('old', microdollars(150));
    expect(budget.reserve(exactly(1)).ok).toBe(false);
    budget.settle(budget.takeUp('old', microdollars(150)), microdollars(40));
    expect(budget.reserve(exactly(60)).ok).toBe(true);
    expect(budget.reserve(exactly(1)).ok).toBe(false);
  });

  test('holds what it carried over once, however often that is taken up', () => {
    const budget = new Budget(hundred);
    const step = budget.part('step');
    step.carry('old', microdollars(30));
    const first = step.takeUp('old', microdollars(30));
    const again = step.takeUp('old', microdollars(30));
    expect(again).toBe(first);
    step.settle(again, microdollars(10));
    expect(budget.spend).toEqual({ reported: 10, reserved: 0, unknown: 0 });
  });

  test('puts the cost that is told late in the place of the ceiling', () => {
    const budget = new Budget(hundred);
    const step = budget.part('step');
    const one = step.reserve(exactly(50));
    if (!one.ok) throw new Error('There is room');
    step.settle(one.value, undefined);
    expect(budget.spend).toEqual({ reported: 0, reserved: 0, unknown: 50 });
    step.tell(one.value, microdollars(20));
    expect(step.spend).toEqual({ reported: 20, reserved: 0, unknown: 0 });
    expect(budget.spend).toEqual({ reported: 20, reserved: 0, unknown: 0 });
    expect(budget.reserve(exactly(80)).ok).toBe(true);
  });

  test('lets nothing new start once an agent run cost more than its ceiling', () => {
    const budget = new Budget(hundred);
    const one = budget.reserve(exactly(50));
    if (one.ok) budget.settle(one.value, microdollars(130));
    expect(budget.spend.reported).toBe(130);
    expect(budget.reserve(exactly(0)).ok).toBe(false);
  });

  test('has one part of a name', () => {
    const budget = new Budget(hundred);
    expect(budget.part('a')).toBe(budget.part('a'));
    expect(budget.part('a')).not.toBe(budget.part('b'));
  });
});
