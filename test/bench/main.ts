// npm run bench: what the product costs, beside what nothing else could do with less. Prints ratios
// and CPU seconds; wall seconds mean something on a quiet machine only. Name sections to run some:
// npm run bench -- memory rerun fanout start
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentApiServer } from '../rig/agent-api-server.ts';
import { benchServe } from './serve.ts';

interface Figures {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakMb: number;
  readonly peakAnonymousMb: number;
}

const HERE = import.meta.dirname;

/** Runs a child of the bench in `cwd`; gives what it took. */
function child(
  script: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Figures> {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;
  const running = spawn(process.execPath, [join(HERE, script), ...args], {
    cwd,
    env: { ...rest, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  running.stderr.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-20_000);
  });
  return new Promise((resolve, reject) => {
    running.on('close', (code) => {
      const line = said.split('\n').findLast((text) => text.startsWith('@figures '));
      if (code === 0 && line !== undefined) {
        resolve(JSON.parse(line.slice('@figures '.length)) as Figures);
      } else {
        reject(new Error(`${script} ${args.join(' ')} exited with ${code}:\n${said}`));
      }
    });
  });
}

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function row(name: string, it: Figures): void {
  print(
    `  ${name.padEnd(50)} ${it.cpuSeconds.toFixed(2).padStart(7)} CPU s ${it.wallSeconds.toFixed(2).padStart(7)} s` +
      ` ${it.peakMb.toFixed(0).padStart(5)} MB peak (${it.peakAnonymousMb.toFixed(0)} MB anonymous)`,
  );
}

const PIPELINE = (concurrency: number): string => `version: 1
name: bench
agent: exa
effort: low
budget: 1000000
concurrency: ${concurrency}
sources:
  companies: { file: companies.csv, key: domain }
steps:
  profiles:
    input: companies
    query: Describe the company {{row.name}} ({{row.domain}}) in two sentences.
    schema:
      type: object
      required: [name]
      properties:
        name: { type: string }
        overview: { type: string }
        founded: { type: integer }
        tags: { type: array, items: { type: string } }
`;

/** A project folder with a source of `records` rows. */
async function project(records: number, concurrency: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldwork-bench-'));
  writeFileSync(join(folder, 'pipeline.yaml'), PIPELINE(concurrency));
  const file = await open(join(folder, 'companies.csv'), 'w');
  await file.write('name,domain,rank\n');
  for (let start = 0; start < records; start += 10_000) {
    let rows = '';
    for (let i = start; i < Math.min(records, start + 10_000); i++) {
      rows += `company-${i},company-${i}.example,${i}\n`;
    }
    await file.write(rows);
  }
  await file.close();
  return folder;
}

/** About 2 KB, as answers of the hosted agent have. */
const ANSWER = {
  structured: {
    name: 'Example',
    overview: 'A company that makes what companies of its kind make. '.repeat(24),
    founded: 1990,
    tags: ['one', 'two', 'three'],
  },
  grounding: ['name', 'overview', 'founded'].map((field) => ({
    field: `structured.${field}`,
    citations: [{ url: `https://company.example/about/${field}`, title: 'About' }],
    confidence: 'high',
  })),
  dollars: 0.025,
};

const server = (latencyMs: number): Promise<AgentApiServer> =>
  AgentApiServer.start({ flat: true, durationMs: latencyMs, answer: () => ANSWER });

const cliEnv = (url: string): Readonly<Record<string, string>> => ({
  EXA_API_KEY: 'key',
  EXA_BASE_URL: url,
});

/** Peak memory must not grow with the number of records. */
async function memory(): Promise<void> {
  print('\nMemory: one step, in-process agent without latency, with all state and tables written');
  const peaks: Figures[] = [];
  for (const records of [100_000, 1_000_000]) {
    const folder = await project(records, 64);
    const it = await child('in-process.mjs', [folder, String(records)], folder);
    row(`${records.toLocaleString('en')} records`, it);
    peaks.push(it);
    rmSync(folder, { recursive: true });
  }
  const [small, large] = peaks;
  if (small === undefined || large === undefined) return;
  print(`  growth from 100,000 to 1,000,000: ${(large.peakMb - small.peakMb).toFixed(0)} MB peak,`);
  print(`  ${(large.peakAnonymousMb - small.peakAnonymousMb).toFixed(0)} MB anonymous`);
}

/** A rerun of a finished pipeline: the whole process, start to end. */
async function rerun(): Promise<void> {
  print('\nRerun with nothing to do: the whole command');
  for (const records of [10_000, 100_000]) {
    const folder = await project(records, 256);
    const api = await server(0);
    const env = cliEnv(api.baseUrl);
    await child('cli.mjs', ['run', 'pipeline.yaml'], folder, env);
    await api.close();
    const runs: Figures[] = [];
    for (let i = 0; i < 3; i++) {
      runs.push(await child('cli.mjs', ['run', 'pipeline.yaml'], folder, env));
    }
    const median = runs.sort((a, b) => a.cpuSeconds - b.cpuSeconds)[1];
    if (median !== undefined) row(`${records.toLocaleString('en')} finished tasks`, median);
    rmSync(folder, { recursive: true });
  }
}

/** 20,000 records over loopback at 50 ms, 256 at a time, by three clients in one go. */
async function fanout(): Promise<void> {
  const [records, atOnce, latencyMs] = [20_000, 256, 50];
  print(`\nFan-out: ${records} records over loopback at ${latencyMs} ms, ${atOnce} at a time`);
  const counts = [String(records), String(atOnce)];
  const floorApi = await server(latencyMs);
  const floor = await child(
    'bare-undici.mjs',
    [floorApi.baseUrl, ...counts, String(latencyMs)],
    HERE,
  );
  await floorApi.close();
  row('bare undici, nothing kept', floor);

  const keptIn = mkdtempSync(join(tmpdir(), 'fieldwork-bench-'));
  const keepingApi = await server(latencyMs);
  const keeping = [keepingApi.baseUrl, ...counts, String(latencyMs), keptIn];
  row(
    'bare undici, each answer kept by 3 durable writes',
    await child('bare-undici.mjs', keeping, HERE),
  );
  await keepingApi.close();
  rmSync(keptIn, { recursive: true });

  const folder = await project(records, atOnce);
  const api = await server(latencyMs);
  const own = await child('cli.mjs', ['run', 'pipeline.yaml'], folder, cliEnv(api.baseUrl));
  print(`    requests: ${api.counts.create} creates, ${api.counts.get} gets`);
  await api.close();
  rmSync(folder, { recursive: true });
  row('fieldwork run, state and tables on disk', own);

  const ratio = (a: number, b: number): string => (a / b).toFixed(2);
  print(`  against bare undici: ${ratio(own.cpuSeconds, floor.cpuSeconds)} of the CPU time,`);
  print(`  ${ratio(own.wallSeconds, floor.wallSeconds)} of the wall time`);

  for (const [name, poll] of [
    ['exa-js with p-limit as it comes', []],
    ['exa-js with p-limit, asked to poll every 25 ms', ['25']],
  ] as const) {
    const sdkApi = await server(latencyMs);
    const sdk = await child('exa-js.mjs', [sdkApi.baseUrl, ...counts, ...poll], HERE);
    await sdkApi.close();
    row(name, sdk);
    print(`  fieldwork is faster ${ratio(sdk.wallSeconds, own.wallSeconds)} times in wall time,`);
    print(`  ${ratio(sdk.cpuSeconds, own.cpuSeconds)} times in CPU time`);
  }
}

async function start(): Promise<void> {
  print('\nStart-up');
  const folder = await project(10, 8);
  row('--help', await child('cli.mjs', ['--help'], folder));
  row('validate', await child('cli.mjs', ['validate', 'pipeline.yaml'], folder));
  rmSync(folder, { recursive: true });
}

const serve = (): Promise<void> => benchServe(print);

const SECTIONS = { start, rerun, fanout, memory, serve };
const asked = process.argv.slice(2);
for (const [name, section] of Object.entries(SECTIONS)) {
  if (asked.length === 0 || asked.includes(name)) await section();
}
