import type { Wire, WireRequest } from '../../src/http/wire.ts';
import type { VirtualClock } from '../rig/virtual-clock.ts';
import type { ApiAnswer, ApiModel, ApiRun } from './api-model.ts';
import type { Chance } from './chance.ts';
import { drawFault, type Route, type WireFault, type Weather } from './faults.ts';
import type { Life } from './life.ts';
import type { Trace } from './trace.ts';

type Handler = Parameters<Wire['dispatch']>[1];
type Controller = Parameters<NonNullable<Handler['onRequestStart']>>[0];

/** What the judge hears of the API's work. */
export interface ApiWitness {
  /** A create went through, whether or not anybody will hear of it. */
  created(run: ApiRun): void;
  /** A process asks for a run by its id. */
  asked(id: string, life: Life): void;
}

export interface NetworkParts {
  readonly clock: VirtualClock;
  readonly api: ApiModel;
  readonly weather: Weather;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly witness: ApiWitness;
}

/** The way between processes and the API. Requests on it go on when their process is dead. */
export class Network {
  readonly #parts: NetworkParts;
  readonly #startMs: number;
  /** False in the calm after the storm. */
  stormy = true;
  /** Requests that went wrong. */
  faults = 0;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.#startMs = parts.clock.now();
  }

  wireOf(life: Life): Wire {
    return {
      dispatch: (request, handler) => {
        const [route, subject] = routeOf(request);
        life.comesTo(route);
        if (!life.effect()) return;
        const drawn = this.#draw(route);
        if (drawn !== undefined) this.faults++;
        const label = `${route} ${subject}`.trimEnd();
        this.#parts.trace.add(life.name, drawn === undefined ? label : `${label} (${drawn.name})`);
        void new Exchange(this.#parts, life, request, handler, route, subject).go(drawn?.fault);
      },
      destroy: () => Promise.resolve(),
    };
  }

  #draw(route: Route): ReturnType<typeof drawFault> {
    const { weather, chance, clock } = this.#parts;
    if (!this.stormy) return undefined;
    return drawFault(weather, route, clock.now() - this.#startMs, chance);
  }
}

/** Of the usual time that a request and its answer take; most are taken to be there at once. */
const USUAL_MS = 120;

const ORDINARY: WireFault = { type: 'late', requestMs: 0, answerMs: 0 };
const NO_ANSWER: ApiAnswer = { status: 500, text: '' };
/** Characters of a body that stalls: where it is the answer to a create, its id is among them. */
const STALLS_AFTER = 25;

/** One request, from the process that sends it to the API and back, with undici's manners. */
class Exchange {
  readonly #parts: NetworkParts;
  readonly #life: Life;
  readonly #request: WireRequest;
  readonly #handler: Handler;
  readonly #route: Route;
  readonly #subject: string;
  readonly #controller: Controller;
  #over = false;

  constructor(
    parts: NetworkParts,
    life: Life,
    request: WireRequest,
    handler: Handler,
    route: Route,
    subject: string,
  ) {
    this.#parts = parts;
    this.#life = life;
    this.#request = request;
    this.#handler = handler;
    this.#route = route;
    this.#subject = subject;
    this.#controller = {
      aborted: false,
      paused: false,
      reason: null,
      abort: () => {
        this.#over = true;
      },
      pause: () => undefined,
      resume: () => undefined,
    };
  }

  async go(fault: WireFault | undefined): Promise<void> {
    if (fault?.type === 'no-connection') {
      await this.#pass(fault.code.includes('TIMEOUT') ? 10_000 : 5);
      return this.#fail(fault.code);
    }
    this.#handler.onRequestStart?.(this.#controller, undefined);
    // From here on the request goes its way, even if its process dies at this very moment.
    this.#life.effect();
    const { requestMs, answerMs } = fault?.type === 'late' ? fault : this.#usual();
    const { headersTimeout } = this.#request;
    const late = requestMs + answerMs > headersTimeout;
    if (late) void this.#after(headersTimeout, () => this.#fail('UND_ERR_HEADERS_TIMEOUT'));
    await this.#pass(requestMs);
    const answer = isProcessed(fault) ? this.#work() : undefined;
    await this.#pass(answerMs);
    if (late) return;
    await this.#reply(fault ?? ORDINARY, answer);
  }

  #usual(): { readonly requestMs: number; readonly answerMs: number } {
    const { chance } = this.#parts;
    const slow = this.#route === 'create' || chance.hit(0.1);
    return slow
      ? { requestMs: chance.fraction() * USUAL_MS, answerMs: chance.fraction() * USUAL_MS }
      : { requestMs: 0, answerMs: 0 };
  }

  #reply(fault: WireFault, answer: ApiAnswer = NO_ANSWER): Promise<void> | void {
    switch (fault.type) {
      case 'no-connection':
        return;
      case 'reset':
        return this.#fail('ECONNRESET');
      case 'silence':
        return this.#stall(fault.at, answer);
      case 'status':
        return this.#whole(fault.status, fault.body, fault.headers);
      case 'change':
        return this.#changed(fault, answer);
      case 'late':
        return this.#whole(answer.status, answer.text, answer.headers);
    }
  }

  async #stall(at: 'headers' | 'body', { status, text }: ApiAnswer): Promise<void> {
    if (at === 'headers') {
      await this.#pass(this.#request.headersTimeout);
      return this.#fail('UND_ERR_HEADERS_TIMEOUT');
    }
    this.#start(status, {});
    this.#data(text.slice(0, STALLS_AFTER));
    await this.#pass(this.#request.bodyTimeout);
    this.#fail('UND_ERR_BODY_TIMEOUT');
  }

  #changed(fault: Extract<WireFault, { type: 'change' }>, { status, text }: ApiAnswer): void {
    if (fault.broken !== true) return this.#whole(status, fault.change(text), fault.headers);
    this.#start(status, {});
    this.#data(fault.change(text));
    this.#fail('UND_ERR_SOCKET');
  }

  /** The API's part. */
  #work(): ApiAnswer {
    const { api, trace, witness } = this.#parts;
    switch (this.#route) {
      case 'create': {
        const { answer, run } = api.create(this.#request.body ?? '', this.#life.number);
        trace.add(
          'api',
          run === undefined
            ? `turns down: ${answer.text}`
            : `creates ${run.id} for ${run.keys.join(' and ')}`,
        );
        if (run !== undefined) witness.created(run);
        return answer;
      }
      case 'get':
        witness.asked(this.#subject, this.#life);
        return api.get(this.#subject);
      case 'cancel':
        return api.cancel(this.#subject);
      case 'list': {
        const query = new URLSearchParams(this.#request.path.split('?')[1] ?? '');
        return api.list(Number(query.get('limit') ?? 20), query.get('cursor'));
      }
    }
  }

  #whole(status: number, text: string, headers?: Readonly<Record<string, string>>): void {
    this.#start(status, headers ?? {});
    this.#data(text);
    if (this.#hears()) this.#handler.onResponseEnd?.(this.#controller, {});
    this.#over = true;
  }

  #start(status: number, headers: Readonly<Record<string, string>>): void {
    if (!this.#hears()) return;
    const date = httpDate(this.#parts.api.date);
    this.#handler.onResponseStart?.(this.#controller, status, { date, ...headers });
  }

  #data(text: string): void {
    if (this.#hears() && text !== '') {
      this.#handler.onResponseData?.(this.#controller, Buffer.from(text));
    }
  }

  #fail(code: string): void {
    if (!this.#hears()) return;
    this.#over = true;
    const error = Object.assign(new Error(code), { code });
    this.#handler.onResponseError?.(this.#controller, error);
  }

  /** Whether the process is there for what comes back; it may die while it hears it. */
  #hears(): boolean {
    return !this.#over && this.#life.effect();
  }

  #pass(ms: number): Promise<void> {
    return this.#parts.clock.sleep(ms);
  }

  async #after(ms: number, then: () => void): Promise<void> {
    await this.#pass(ms);
    then();
  }
}

let last = { second: NaN, text: '' };

/** Of the header `Date`; many answers come within a second. */
function httpDate(ms: number): string {
  const second = Math.floor(ms / 1_000);
  if (second !== last.second) last = { second, text: new Date(second * 1_000).toUTCString() };
  return last.text;
}

function isProcessed(fault: WireFault | undefined): boolean {
  if (fault === undefined || fault.type === 'change' || fault.type === 'late') return true;
  return fault.type !== 'no-connection' && fault.processed;
}

const RUN_PATH = /^\/agent\/runs(?:\/([^/?]+))?(\/cancel)?(?:\?|$)/;

function routeOf({ method, path }: WireRequest): [route: Route, subject: string] {
  const match = RUN_PATH.exec(path);
  if (match === null) throw new Error(`No route of the Agent API: ${method} ${path}`);
  const [, id = '', cancel] = match;
  if (method === 'POST') return cancel === undefined ? ['create', ''] : ['cancel', id];
  return id === '' ? ['list', path.split('?')[1] ?? ''] : ['get', id];
}
