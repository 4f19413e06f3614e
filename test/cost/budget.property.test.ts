import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { microdollars } from '../../src/base/money.ts';
import { Budget, type Reservation } from '../../src/cost/budget.ts';

interface Model {
  readonly cap: number;
  readonly partCap: number;
  spent: number;
  partSpent: number;
  open: { readonly held: number; readonly inPart: boolean; readonly reservation: Reservation }[];
}

interface Real {
  readonly whole: Budget;
  readonly part: Budget;
}

type Command = fc.Command<Model, Real>;

const heldOf = (model: Model, part: boolean): number =>
  model.open.reduce((sum, { held, inPart }) => sum + (inPart || !part ? held : 0), 0);

/** Never more than the caps, and always what the model says. */
function check(model: Model, { whole, part }: Real): void {
  expect(whole.spent).toBe(model.spent);
  expect(part.spent).toBe(model.partSpent);
  expect(whole.held).toBe(heldOf(model, false));
  expect(part.held).toBe(heldOf(model, true));
  expect(whole.spent + whole.held).toBeLessThanOrEqual(model.cap);
  expect(part.spent + part.held).toBeLessThanOrEqual(model.partCap);
  expect(whole.held).toBeGreaterThanOrEqual(0);
}

class Reserve implements Command {
  readonly ceiling: number;
  readonly inPart: boolean;
  constructor(ceiling: number, inPart: boolean) {
    this.ceiling = ceiling;
    this.inPart = inPart;
  }
  check(): boolean {
    return true;
  }
  run(model: Model, real: Real): void {
    const { ceiling, inPart } = this;
    const reservation = (inPart ? real.part : real.whole).reserve(microdollars(ceiling));
    const fits =
      model.spent + heldOf(model, false) + ceiling <= model.cap &&
      (!inPart || model.partSpent + heldOf(model, true) + ceiling <= model.partCap);
    if ((reservation !== undefined) !== fits) throw new Error(`it should fit: ${fits}`);
    if (reservation !== undefined) model.open.push({ held: ceiling, inPart, reservation });
    check(model, real);
  }
  toString(): string {
    return `reserve ${this.ceiling}${this.inPart ? ' in the part' : ''}`;
  }
}

/** Takes up what an earlier process began, as long as its money is there. */
class Adopt implements Command {
  readonly held: number;
  constructor(held: number) {
    this.held = held;
  }
  check(model: Readonly<Model>): boolean {
    return (
      model.spent + heldOf(model, false) + this.held <= model.cap &&
      model.partSpent + heldOf(model, true) + this.held <= model.partCap
    );
  }
  run(model: Model, real: Real): void {
    const reservation = real.part.adopt(microdollars(this.held));
    model.open.push({ held: this.held, inPart: true, reservation });
    check(model, real);
  }
  toString(): string {
    return `adopt ${this.held}`;
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
    const at = this.which % model.open.length;
    const one = model.open[at];
    if (one === undefined) throw new Error('Nothing is open');
    const budget = one.inPart ? real.part : real.whole;
    if (this.how === 'unknown') budget.settle(one.reservation, undefined);
    else model.open.splice(at, 1);
    if (this.how === 'release') budget.release(one.reservation);
    if (this.how === 'settle') {
      const cost = Math.floor((one.held * this.percent) / 100);
      budget.settle(one.reservation, microdollars(cost));
      model.spent += cost;
      if (one.inPart) model.partSpent += cost;
    }
    check(model, real);
  }
  toString(): string {
    return `${this.how} ${this.which} ${this.percent} %`;
  }
}

test('spent and held never pass the cap, whatever is reserved, settled, released and adopted', () => {
  const ceiling = fc.integer({ min: 0, max: 400 });
  const commands = [
    fc.tuple(ceiling, fc.boolean()).map(([held, inPart]) => new Reserve(held, inPart)),
    ceiling.map((held) => new Adopt(held)),
    fc
      .tuple(
        fc.nat(20),
        fc.constantFrom('settle' as const, 'unknown' as const, 'release' as const),
        fc.nat(100),
      )
      .map(([which, how, percent]) => new End(which, how, percent)),
  ];
  const cap = fc.integer({ min: 0, max: 1_000 });
  const law = fc.property(
    cap,
    cap,
    fc.commands(commands, { maxCommands: 60 }),
    (all, partCap, steps) => {
      fc.modelRun(() => {
        const whole = new Budget(microdollars(all));
        const part = new Budget(microdollars(partCap), whole);
        const model: Model = { cap: all, partCap, spent: 0, partSpent: 0, open: [] };
        return { model, real: { whole, part } };
      }, steps);
    },
  );
  expect(fc.check(law, { numRuns: 300 })).toMatchObject({ failed: false, errorInstance: null });
});

describe('a budget', () => {
  test('without a cap lets everything through and counts it', () => {
    const budget = new Budget(undefined);
    const one = budget.reserve(microdollars(5_000_000));
    expect(one?.held).toBe(5_000_000);
    expect(budget.reserve(undefined)).toEqual({ held: 0 });
    if (one !== undefined) budget.settle(one, microdollars(7));
    expect([budget.spent, budget.held]).toEqual([7, 0]);
  });

  test('lets a run without a known ceiling start only while something is left', () => {
    const budget = new Budget(microdollars(100));
    expect(budget.reserve(undefined)).toEqual({ held: 0 });
    expect(budget.reserve(microdollars(100))).toBeDefined();
    expect(budget.reserve(undefined)).toBeUndefined();
    expect(new Budget(microdollars(0)).reserve(undefined)).toBeUndefined();
  });

  test('of nothing lets free runs through', () => {
    expect(new Budget(microdollars(0)).reserve(microdollars(0))).toEqual({ held: 0 });
  });

  test('lets nothing new start once what it took up is over the cap', () => {
    const budget = new Budget(microdollars(100));
    const old = budget.adopt(microdollars(150));
    expect(budget.reserve(microdollars(1))).toBeUndefined();
    budget.settle(old, microdollars(40));
    expect(budget.reserve(microdollars(60))).toBeDefined();
    expect(budget.reserve(microdollars(1))).toBeUndefined();
  });

  test('holds nothing in the whole when its part has no room', () => {
    const whole = new Budget(microdollars(100));
    const part = new Budget(microdollars(10), whole);
    expect(part.reserve(microdollars(20))).toBeUndefined();
    expect(whole.held).toBe(0);
    const roomy = new Budget(microdollars(500), whole);
    expect(roomy.reserve(microdollars(200))).toBeUndefined();
    expect([roomy.held, whole.held]).toEqual([0, 0]);
  });
});
