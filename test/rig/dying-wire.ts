import {
  createServer,
  request as send,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How far a request has come when the process that sends it dies. */
export const CUTS = [
  /** Nothing of it is on its way to the server. */
  'unsent',
  /** The server has the half of it. */
  'half sent',
  /** The server gets it a while after the death. */
  'late',
  /** The server works on it, and nobody hears the answer. */
  'unheard',
  /** The process has the half of the answer. */
  'half heard',
  /** The process has the answer, and the time to do something with it or not. */
  'heard',
] as const;

/** A process that dies at its `nth` request of a kind, and how. */
export interface Trap {
  /** `connecting`: at its nth connection, before anything is read from it. */
  readonly cut: (typeof CUTS)[number] | 'connecting';
  readonly nth: number;
  /** Looks at agent runs instead of creates. */
  readonly route?: 'get';
  /** Resolves once the process is dead. */
  readonly kill: () => Promise<void>;
}

/** Less than the time in which an agent run may show in the list. */
const LATE_MS = 600;

/**
 * The way between a process and a server of the Agent API: lets a process die at a given point of
 * one of its requests, with the bytes before that point delivered and none after it.
 */
export class DyingWire {
  readonly #target: () => URL;
  readonly #keepsAlive: boolean;
  #server: Server | undefined;
  #port = 0;
  #trap: Trap | undefined;
  /** Since the trap was set. */
  #seen = 0;
  /** Bytes of a request that was cut that the server has. */
  delivered = 0;
  /** What is still to arrive of processes that are dead. */
  readonly #late = new Set<Promise<unknown>>();

  /** Without `keepsAlive` every request has a connection of its own. */
  constructor(target: () => URL, { keepsAlive = true }: { readonly keepsAlive?: boolean } = {}) {
    this.#target = target;
    this.#keepsAlive = keepsAlive;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** At the same address as before. */
  async open(): Promise<void> {
    const server = createServer((request, response) => void this.#receive(request, response));
    server.keepAliveTimeout = 60_000;
    server.on('connection', (socket) => {
      const trap = this.#trap;
      if (trap?.cut !== 'connecting' || ++this.#seen !== trap.nth) return;
      socket.pause();
      void trap.kill().then(() => socket.resetAndDestroy());
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Nobody listens any more, and all connections are broken. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  set(trap: Trap | undefined): void {
    this.#trap = trap;
    this.#seen = 0;
  }

  /** Once all that was sent has arrived. */
  async quiet(): Promise<void> {
    await Promise.all(this.#late);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const trap = this.#trapOf(request);
    try {
      if (trap === undefined) await this.#pass(request, body, response);
      else await this.#cut(trap, request, body, response);
    } catch {
      // The server is gone: so is the connection to it.
      response.socket?.resetAndDestroy();
    }
  }

  #trapOf({ method, url = '' }: IncomingMessage): Trap | undefined {
    const trap = this.#trap;
    if (trap === undefined || trap.cut === 'connecting') return undefined;
    const isMeant =
      trap.route === 'get'
        ? method === 'GET' && /^\/agent\/runs\/[^/?]+$/u.test(url)
        : method === 'POST' && url === '/agent/runs';
    return isMeant && ++this.#seen === trap.nth ? trap : undefined;
  }

  async #pass(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const answer = await this.#ask(request, body);
    if (!this.#keepsAlive) response.setHeader('connection', 'close');
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  async #cut(
    { cut, kill }: Trap,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    if (cut === 'unsent') return kill();
    if (cut === 'half sent') return this.#sendHalf(request, body, kill);
    if (cut === 'late') {
      await kill();
      const arrival = sleep(LATE_MS).then(() => this.#ask(request, body));
      const over = arrival.catch(() => undefined).finally(() => this.#late.delete(over));
      this.#late.add(over);
      return;
    }
    const answer = await this.#ask(request, body);
    if (cut === 'unheard') return kill();
    response.writeHead(answer.status, answer.headers);
    response.write(cut === 'heard' ? answer.body : answer.body.subarray(0, answer.body.length / 2));
    await new Promise((resolve) => setImmediate(resolve));
    await kill();
  }

  async #sendHalf(
    request: IncomingMessage,
    body: Buffer,
    kill: () => Promise<void>,
  ): Promise<void> {
    const { hostname, port } = this.#target();
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    const head = Object.entries(request.headers).map(
      ([name, value]) => `${name}: ${String(value)}`,
    );
    const half = body.subarray(0, body.length / 2);
    const start = `POST /agent/runs HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`;
    await new Promise((resolve) =>
      socket.write(Buffer.concat([Buffer.from(start), half]), resolve),
    );
    this.delivered = half.length;
    await kill();
    socket.destroy();
  }

  #ask(
    { method, url, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const asked = send(new URL(url ?? '/', this.#target()), {
        method,
        headers: { ...headers, connection: 'close' },
      });
      asked.on('error', reject);
      asked.on('response', (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const { 'transfer-encoding': _, connection: __, ...kept } = answer.headers;
          const whole = Buffer.concat(chunks);
          const length = { 'content-length': String(whole.length) };
          resolve({ status: answer.statusCode ?? 0, headers: { ...kept, ...length }, body: whole });
        });
      });
      asked.end(body);
    });
  }
}
