import { Command, CommanderError, InvalidArgumentError, type Option } from 'commander';
import { StoreError } from '../store/store-problem.ts';
import { diskFault } from '../base/disk-fault.ts';
import { bugReport } from './bug-report.ts';
import type { HeldChoice } from './commands/held.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import type { CommonOptions, RunOptions, ServeOptions, ShowOptions } from './options.ts';

const VERSION = '0.1.0';

const EXIT_HELP = `
Exit codes: 0 done or nothing to do, 1 records or tests failed, 2 mistake in a file or
in the call (nothing was spent), 3 stopped by a budget, 4 key missing or refused,
5 agent unreachable, 6 state locked or damaged or tasks held, 10 plan --exit-code:
something to run, 70 a bug, 130 and 143 interrupted.
Nothing is sent anywhere but to the agent that a pipeline names.`;

/** Reads the call and runs the one command it names; commands load only what they need. */
export async function runProgram(argv: readonly string[], io: Io): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  const run = (work: () => Promise<ExitCode>) => async (): Promise<void> => {
    exit = await work();
  };
  const program = build(io, run);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof StoreError) {
      const help = error.problem.kind === 'no-space' ? ` ${MAKE_ROOM}` : '';
      io.error(`The state cannot be used: ${error.message}.${help}\n`);
      return EXIT.state;
    }
    const fault = diskFault(error);
    if (fault !== undefined) {
      io.error(
        `A file or folder cannot be used: ${fault}. What was answered is kept; mend it and run again.\n`,
      );
      return EXIT.state;
    }
    io.error(`${bugReport(error)}\n`);
    return EXIT.bug;
  }
  return exit;
}

const MAKE_ROOM = 'What was answered is kept; make some (at least 16 MB) and run again.';

/** With the default where a person would write it so; not `[]` and `{}`. */
const optionDescription = ({ description, defaultValue }: Option): string =>
  typeof defaultValue === 'number' ? `${description} (default ${defaultValue})` : description;

type Runner = (work: () => Promise<ExitCode>) => () => Promise<void>;

function build(io: Io, run: Runner): Command {
  const program = new Command('fieldwork')
    .description(
      'Research pipelines as code: YAML in git, agents on the web, tables with citations.',
    )
    .version(VERSION)
    .configureHelp({ optionDescription })
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.error(text) })
    .addHelpText('after', EXIT_HELP)
    .showHelpAfterError('(fieldwork --help lists all commands)');
  addRunning(program, io, run);
  addLooking(program, io, run);
  addServing(program, io, run);
  addHeld(program, io, run);
  addCorpus(program, io, run);
  return program;
}

function addRunning(program: Command, io: Io, run: Runner): void {
  command(program, 'validate [files...]', 'check pipeline files; nothing is run or sent').action(
    (files: readonly string[], options: CommonOptions) =>
      run(async () => {
        const { validate } = await import('./commands/validate.ts');
        return validate(files, options, io);
      })(),
  );
  runOptions(command(program, 'plan <pipeline>', 'what would run, why, and what it would cost'))
    .option(
      '--exit-code',
      'exit with 10 when there is something to run, else as that run would end',
    )
    .option('--out <file>', 'write the plan to a .json file, for run')
    .action((path: string, options: RunOptions & { exitCode?: true; out?: string }) =>
      run(async () => {
        const { plan } = await import('./commands/plan.ts');
        return plan(path, options, io);
      })(),
    );
  runOptions(
    command(program, 'run <pipeline|plan.json>', 'run what is missing, changed, stale or failed'),
  )
    .option('--record', 'write what the agents answer to a cassette, for replay')
    .action((path: string, options: RunOptions) =>
      run(async () => {
        const { run: runCommand } = await import('./commands/run.ts');
        return runCommand(path, options, io);
      })(),
    );
  command(program, 'rebuild [pipelines...]', 'write all tables again, from the state alone').action(
    (names: readonly string[], options: CommonOptions) =>
      run(async () => {
        const { rebuild } = await import('./commands/rebuild.ts');
        return rebuild(names, options, io);
      })(),
  );
}

function addLooking(program: Command, io: Io, run: Runner): void {
  command(program, 'status [pipelines...]', 'where everything stands').action(
    (names: readonly string[], options: CommonOptions) =>
      run(async () => {
        const { status } = await import('./commands/status.ts');
        return status(names, options, io);
      })(),
  );
  command(program, 'show <pipeline> [table]', 'rows of a table')
    .option('--where <condition>', 'a DuckDB condition, such as "population > 1000000"')
    .option('--limit <n>', 'rows at most', wholeNumber, 20)
    .option('--citations', 'the source of every value below its row')
    .option('--text', 'what the agent said in words, by task, in the place of rows')
    .action((pipeline: string, table: string | undefined, options: ShowOptions) =>
      run(async () => {
        if (options.text === true && table !== undefined) {
          const { showTexts } = await import('./commands/show-texts.ts');
          return showTexts(pipeline, table, options, io);
        }
        const { show } = await import('./commands/show.ts');
        return show(pipeline, table, options, io);
      })(),
    );
  command(program, 'cost [pipelines...]', 'what was spent, by pipeline and step').action(
    (names: readonly string[], options: CommonOptions) =>
      run(async () => {
        const { cost } = await import('./commands/cost.ts');
        return cost(names, options, io);
      })(),
  );
  command(program, 'graph <pipeline>', 'the steps and what they read')
    .option('--mermaid', 'as a mermaid flowchart, for Markdown')
    .action((path: string, options: CommonOptions & { mermaid?: true }) =>
      run(async () => {
        const { graph } = await import('./commands/graph.ts');
        return graph(path, options, io);
      })(),
    );
}

function addServing(program: Command, io: Io, run: Runner): void {
  program
    .command('serve')
    .description('serve the local agent over HTTP: the Agent API, for SDKs and other machines')
    .option('--port <n>', 'port to listen on; 0 picks a free one (default 8484)', portNumber)
    .option('--host <address>', 'address to listen on (default 127.0.0.1, this machine only)')
    .option(
      '--token <token>',
      'key that callers send (repeatable; each has its own runs); better in FIELDWORK_TOKEN',
      collect,
      [],
    )
    .option('--no-auth', 'ask for no key; on this machine only')
    .option('--corpus <folder>', "what the agent answers from (default: the project's corpus)")
    .option('--contract <date>', 'state of the API: 2026-11, or 2026-05-07 for the beta')
    .option(
      '--prices <book>',
      'price book for costDollars, or a .yaml file (default: of the project)',
    )
    .option('--concurrency <n>', 'active agent runs a key may have (default 50)', wholeNumber)
    .option('--json', 'machine-readable output on stdout')
    .action((options: ServeOptions) =>
      run(async () => {
        const { serve } = await import('./commands/serve.ts');
        return serve(options, io);
      })(),
    );
}

function addHeld(program: Command, io: Io, run: Runner): void {
  const held = command(program, 'held [pipelines...]', 'tasks that wait for you, and the ways out');
  held.action((names: readonly string[], options: CommonOptions) =>
    run(async () => {
      const { held: list } = await import('./commands/held.ts');
      return list(names, options, io);
    })(),
  );
  const choice = (usage: string, summary: string): Command =>
    held.command(usage).description(summary).option('--json', 'machine-readable output on stdout');
  const decide = (task: string, made: HeldChoice, options: { json?: true }): Promise<void> =>
    run(async () => {
      const { decideHeld } = await import('./commands/held.ts');
      return decideHeld(task, made, { ...held.opts<CommonOptions>(), ...options }, io);
    })();
  choice('adopt <task> <agent-run-id>', 'this agent run is its answer').action(
    (task: string, agentRunId: string, options: { json?: true }) =>
      decide(task, { kind: 'adopt', agentRunId }, options),
  );
  choice('rebuy <task>', 'send it again, whatever became of the first').action(
    (task: string, options: { json?: true }) => decide(task, { kind: 'rebuy' }, options),
  );
  choice('skip <task>', 'do without its answer').action((task: string, options: { json?: true }) =>
    decide(task, { kind: 'skip' }, options),
  );
}

function addCorpus(program: Command, io: Io, run: Runner): void {
  const group = program
    .command('corpus')
    .description('the tables and documents that the local agent answers from');
  const actions = [
    ['build', 'read new and changed documents, and keep what they say'],
    ['info', 'what is in it, and what is left out and why'],
  ] as const;
  for (const [action, summary] of actions) {
    group
      .command(`${action} [folder]`)
      .description(summary)
      .option('--json', 'machine-readable output on stdout')
      .action((folder: string | undefined, options: { readonly json?: true }) =>
        run(async () => {
          const { corpus } = await import('./commands/corpus.ts');
          return corpus(action, folder, options, io);
        })(),
      );
  }
}

function command(program: Command, usage: string, summary: string): Command {
  return program
    .command(usage)
    .description(summary)
    .option('--json', 'machine-readable output on stdout')
    .option('--param <name=value>', 'set a parameter of the pipeline (repeatable)', parameter, {});
}

function runOptions(added: Command): Command {
  return added
    .option('--step <name>', 'only this step and what it needs (repeatable)', collect, [])
    .option('--limit <n>', 'start at most n tasks in each step', wholeNumber)
    .option('--refresh <step>', 'ask again in this step (repeatable)', collect, [])
    .option('--retry-failed', 'ask again what was paid for and failed')
    .option('--max-cost <dollars>', 'spend at most this much', dollars)
    .option('--max-rows <n>', 'rows a source may have (default 100000)', wholeNumber)
    .option('--untrusted', 'refuse what only a trusted author may write: SQL, Parquet, DuckDB')
    .option('--agent <name>', 'ask this agent in place of the one the pipeline names');
}

const collect = (value: string, previous: readonly string[]): readonly string[] => [
  ...previous,
  value,
];

function parameter(
  text: string,
  previous: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('Write it as name=value.');
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}

function wholeNumber(text: string): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number >= 1) return number;
  throw new InvalidArgumentError('It must be a whole number, at least 1.');
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a number from 0 to 65535.');
}

function dollars(text: string): number {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text)) {
    throw new InvalidArgumentError('It must be an amount in dollars, such as 2.50.');
  }
  return Number(text);
}
