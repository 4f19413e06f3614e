// The server of the bench in a process of its own: the product's, with state on disk and an engine
// that holds its runs until told to let go; or, with `bare`, node:http that answers every request
// with the same bytes. `node --expose-gc serve-server.mjs FOLDER|bare`; talks over IPC.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { openServer } from '../../dist/server/open-server.js';
import { CURRENT_CONTRACT } from '../../dist/server/contract.js';
import { LmdbAgentRunStore } from '../../dist/store/lmdb-agent-run-store.js';

const [, , folder] = process.argv;
const USAGE = { agentComputeUnits: 1, searches: 2, emails: 0, phoneNumbers: 0 };
const OUTPUT = {
  text: 'Found it.',
  structured: {
    name: 'Example',
    overview: 'A company that makes what companies of its kind make. '.repeat(24),
  },
  grounding: [{ field: 'structured.name', citations: [{ url: 'https://company.example/about' }] }],
};

let letGo = () => undefined;
const released = new Promise((resolve) => {
  letGo = resolve;
});

const engine = {
  identity: 'bench',
  run: async () => {
    await released;
    // Runs end one by one, as they do.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5_000));
    return { ok: true, output: OUTPUT, usage: USAGE, partial: false };
  },
  close: () => Promise.resolve(),
};

const sleep = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

async function product() {
  const store = await LmdbAgentRunStore.open(folder);
  const server = await openServer({
    port: 0,
    host: '127.0.0.1',
    tokens: ['bench'],
    contract: { ...CURRENT_CONTRACT, concurrency: 5_000 },
    store: store.value,
    engine,
    clock: { now: () => Date.now(), sleep },
    random: { bytes: (count) => randomBytes(count) },
    workers: 5_000,
    onFault: (fault, error) => {
      throw new Error(fault, { cause: error });
    },
  });
  return server.url;
}

/** What node:http itself takes for an answer of that size and a random id. */
async function bare() {
  const body = Buffer.from(readFileSync(0));
  const server = createServer((_, response) => {
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      'x-request-id': randomBytes(16).toString('hex'),
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}`;
}

const anonymousMb = () =>
  Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;

process.on('message', (question) => {
  if (question === 'release') letGo();
  if (question === 'state') {
    globalThis.gc();
    const { user, system } = process.cpuUsage();
    process.send({
      cpuSeconds: (user + system) / 1e6,
      anonymousMb: anonymousMb(),
      heapMb: process.memoryUsage().heapUsed / 2 ** 20,
    });
  }
});
process.on('disconnect', () => process.exit(0));
process.send({ url: await (folder === 'bare' ? bare() : product()) });
