// A pipeline of one step over RECORDS rows of a CSV file, answered in this process at once: what is
// left is our own work. `node in-process.mjs FOLDER RECORDS`; the folder has pipeline.yaml.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { LmdbStore } from '../../dist/store/lmdb-store.js';
import { FileSourceReader } from '../../dist/tables/source-reader.js';
import { runPipeline } from '../../dist/execution/run-pipeline.js';
import { Budget } from '../../dist/cost/budget.js';
import { Slots } from '../../dist/execution/slots.js';
import { Stop } from '../../dist/execution/stop.js';
import { loadPipeline } from '../../dist/pipeline/load.js';
import { loadProject } from '../../dist/pipeline/project-file.js';
import { NodeProjectFiles } from '../../dist/cli/node-project-files.js';
import { EventLog } from '../../dist/cli/event-log.js';
import { boundHeapGrowth } from '../../dist/cli/heap-growth.js';
import { writeOutputs } from '../../dist/tables/write-outputs.js';
import { measure } from './measure.mjs';

const [folder, records] = [process.argv[2], Number(process.argv[3])];
const ok = (value) => ({ ok: true, value });
const clock = { now: () => Date.now(), sleep: () => Promise.resolve() };

/** Ends every agent run at its create, with about 300 bytes. */
function instantAgent() {
  let created = 0;
  const answer = (request) => ({
    id: `run-${++created}`,
    status: 'completed',
    stopReason: 'schema_satisfied',
    createdAt: '2026-11-22T09:00:00.000Z',
    completedAt: '2026-11-22T09:00:00.000Z',
    request: null,
    output: {
      text: '',
      structured: {
        name: request.input.data[0].name,
        overview: 'A company that makes what companies of its kind make. '.repeat(3),
        founded: 1990,
        tags: ['one', 'two'],
      },
      grounding: [
        { field: 'structured.name', citations: [{ url: 'https://company.example/about' }] },
      ],
    },
    usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
    costDollars: { total: 0, agentCompute: 0, search: 0, emails: 0, phoneNumbers: 0 },
  });
  return {
    name: 'instant',
    identity: 'instant',
    ephemeral: true,
    priceBook: undefined,
    create: (request) => Promise.resolve(ok(answer(request))),
    close: () => Promise.resolve(),
  };
}

boundHeapGrowth();
await measure(async () => {
  const files = await NodeProjectFiles.open(folder, folder);
  const project = await loadProject(files);
  const loaded = await loadPipeline('pipeline.yaml', { files, project: project.value, params: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error.map(({ message }) => message)));
  const { pipeline } = loaded.value;
  const opened = await LmdbStore.open(join(folder, '.fieldwork/state'));
  const store = opened.value;
  const agent = instantAgent();
  const log = await EventLog.open(join(folder, '.fieldwork/runs/bench'), clock, () => undefined);
  const report = await runPipeline(pipeline.steps, 'pipeline.yaml', {
    run: 'bench',
    pipeline,
    store,
    agents: {
      describe: (name) => Promise.resolve(ok({ ...agent, name, prices: undefined })),
      open: () => Promise.resolve(ok(agent)),
    },
    sources: new FileSourceReader({ maxRows: records, maxBytes: 2 ** 40 }),
    wholeTables: () => Promise.reject(new Error('none')),
    budget: new Budget(undefined),
    slots: new Slots({ all: 64 }),
    clock,
    random: { bytes: (count) => randomBytes(count) },
    signal: new AbortController().signal,
    stop: new Stop(),
    emit: log.emit.bind(log),
    refresh: new Set(),
    limit: undefined,
    plan: undefined,
  });
  await log.close();
  process.stderr.write(`run ${JSON.stringify(report.steps.get('profiles'))}\n`);
  process.stderr.write(`rss after run ${process.resourceUsage().maxRSS / 1024}\n`);
  const written = await writeOutputs({
    store,
    pipeline: pipeline.name,
    outFolder: join(folder, 'out'),
    scratchFolder: join(folder, '.fieldwork/scratch'),
    now: clock.now(),
  });
  if (written.problems.length > 0 || written.database.status !== 'written') {
    throw new Error(JSON.stringify(written));
  }
  await store.close();
});
