import { formatDuration } from '../../base/duration.ts';
import { addMoney, microdollars, moneyOfTable, type Microdollars } from '../../base/money.ts';
import { addSpend, NO_SPEND, type Spend } from '../../cost/spend.ts';
import type { RunRecord, StepState, Store } from '../../store/store.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import type { CommonOptions } from '../options.ts';
import { oldTables, oldTableText, type OldTable } from '../old-tables.ts';
import { textTable } from '../text-table.ts';
import { holderOf } from '../with-lock.ts';
import { withState, type ReadState } from '../with-state.ts';

/** How one pipeline stands. */
interface PipelineStatus {
  readonly pipeline: string;
  readonly run: string | null;
  readonly startedAt: string | null;
  readonly status: 'running' | 'crashed' | RunRecord['status'];
  readonly pid: number | null;
  readonly tasks: number;
  readonly failed: number;
  /** Of the last run, in microdollars; reserved is all that the pipeline has open. */
  readonly spend: Spend;
  /** Attempts that were begun and never ended; the next run takes them up. */
  readonly open: number;
  /** Those of them that wait for a person. */
  readonly held: number;
  /** Tables that their steps did not make anew when they were last to. */
  readonly old: readonly OldTable[];
}

/** Shows the last run of each pipeline. Works while a run is on: it only reads. */
export async function status(
  names: readonly string[],
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  return withState(names, options, io, async (state) => {
    const shown = await statuses(state);
    if (options.json === true) io.out(`${JSON.stringify(shown, null, 2)}\n`);
    else if (shown.length === 0) io.out('No pipeline has been run here yet.\n');
    else tell(shown, io);
    return EXIT.done;
  });
}

function tell(shown: readonly PipelineStatus[], io: Io): void {
  io.out(`${table(shown, io).join('\n')}\n`);
  const old = shown.flatMap((it) =>
    it.old.map((table) => `  ${it.pipeline}: ${oldTableText(table)}\n`),
  );
  if (old.length > 0) io.out(`\n${old.join('')}`);
}

async function statuses({
  root,
  store,
  runs,
  pipelines,
}: ReadState): Promise<readonly PipelineStatus[]> {
  const open = await store.openAttempts();
  const unfinished = await unfinishedSpend(runs, store);
  const found: PipelineStatus[] = [];
  for (const pipeline of pipelines) {
    const own = runs.filter((run) => run.pipeline === pipeline);
    const [last] = own;
    // What SQL makes is no task.
    const states = await store.stepStates(pipeline);
    const steps = states.filter(({ layout }) => layout.kind === 'agent');
    const sum = (of: (step: StepState) => number): number =>
      steps.reduce((total, step) => total + of(step), 0);
    const held = open
      .filter((attempt) => attempt.pipeline === pipeline)
      .map(({ reserved }) => reserved);
    const waiting = open.filter((it) => it.pipeline === pipeline && it.held !== undefined).length;
    found.push({
      pipeline,
      run: last?.run ?? null,
      startedAt: last?.startedAt ?? null,
      status: await statusOf(last, root),
      pid: last?.status === 'running' ? last.pid : null,
      tasks: sum(({ tasks }) => tasks),
      failed: sum(({ failed }) => failed),
      spend: { ...spent(last, unfinished), reserved: held.reduce(addMoney, microdollars(0)) },
      open: held.length,
      held: waiting,
      old: await oldTables(pipeline, own, store),
    });
  }
  return found;
}

/** What a run has spent that has ended or not; an old record does not say what is unknown. */
const spent = (
  last: RunRecord | undefined,
  unfinished: ReadonlyMap<string, Spend>,
): Pick<Spend, 'reported' | 'unknown'> => ({
  ...NO_SPEND,
  ...(last && { reported: last.reported, unknown: last.unknown ?? NO_SPEND.unknown }),
  ...(last && unfinished.get(last.run)),
});

/** What runs that have no end have spent so far, by the ledger. */
async function unfinishedSpend(
  runs: readonly RunRecord[],
  store: Store,
): Promise<ReadonlyMap<string, Spend>> {
  const wanted = runs.filter(({ status: how }) => how === 'running').map(({ run }) => run);
  const spend = new Map<string, Spend>(wanted.map((run) => [run, NO_SPEND]));
  if (spend.size === 0) return spend;
  const begun = new Map<string, { readonly run: string; readonly reserved: Microdollars }>();
  for await (const entries of store.ledger()) {
    for (const entry of entries) {
      if (entry.type === 'attempt-intended' && spend.has(entry.run))
        begun.set(entry.attempt, entry);
      if (entry.type !== 'attempt-ended') continue;
      const of = begun.get(entry.attempt);
      begun.delete(entry.attempt);
      const before = of && spend.get(of.run);
      if (of === undefined || before === undefined) continue;
      const { reported } = entry;
      const ended = reported === null ? { unknown: of.reserved } : { reported };
      spend.set(of.run, addSpend(before, { ...NO_SPEND, ...ended }));
    }
  }
  return spend;
}

/** A run that is on has the pipeline's lock; without it, the process is dead. */
async function statusOf(
  last: RunRecord | undefined,
  root: string,
): Promise<PipelineStatus['status']> {
  if (last === undefined) return 'succeeded';
  if (last.status !== 'running') return last.status;
  return (await holderOf(root, last.pipeline)) === undefined ? 'crashed' : 'running';
}

function table(shown: readonly PipelineStatus[], io: Io): readonly string[] {
  const money = moneyOfTable(
    shown.flatMap(({ spend: { reported, reserved, unknown } }) => [reported, reserved, unknown]),
  );
  return textTable(
    [
      { title: 'pipeline' },
      { title: 'run' },
      { title: 'when' },
      { title: 'result' },
      { title: 'tasks', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'reported', align: 'right' },
      { title: 'reserved', align: 'right' },
      { title: 'unknown', align: 'right' },
    ],
    shown.map((it) => [
      it.pipeline,
      it.run ?? '–',
      it.startedAt === null ? '–' : ago(io.clock.now() - Date.parse(it.startedAt)),
      resultOf(it),
      String(it.tasks),
      it.failed === 0 ? '–' : String(it.failed),
      it.run === null ? '–' : money(it.spend.reported),
      it.spend.reserved === 0 ? '–' : money(it.spend.reserved),
      it.spend.unknown === 0 ? '–' : `up to ${money(it.spend.unknown)}`,
    ]),
  );
}

const ago = (ms: number): string => `${formatDuration(Math.max(0, ms))} ago`;

function resultOf({ status: result, pid, open, held }: PipelineStatus): string {
  const under = open === held ? '' : `, ${open - held} open`;
  const waiting = held === 0 ? under : `${under}, ${held} held: see fieldwork held`;
  if (result === 'running') return `running, pid ${pid ?? 0}`;
  if (result === 'crashed') return `crashed${waiting}; run it again`;
  return `${result}${waiting}`;
}
