import type {Logger} from 'pino';
import type {Dispatcher} from 'undici';
import type {Clock} from '../../clock.ts';
import {DIRECT, openRoute, type RouteAddress, reasonOf} from './route.ts';

/** A request certainly never left this machine: then nothing can have happened on the other side. */
export class NeverLeft extends Error {
  override readonly name = 'NeverLeft';
}

/** The way of one try. */
export interface Leg {
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
}

interface Route {
  readonly name: string;
  readonly address: RouteAddress;
  /** What its next request leaves by; made when it is needed. */
  dispatcher: Dispatcher | undefined;
  /** On the monotonic clock. */
  restsUntil: number;
}

/** How long the way to Telegram may take to open: TLS over a slow line takes three round trips. */
const CONNECT_MS = 10_000;
/** The same while there are further ways: three of them fit into the deadline of one call. */
const CONNECT_MS_OF_SEVERAL = 6_000;
/** What did not work is left alone for so long, as long as there is something else. */
const REST_MS = 5 * 60_000;

/**
 * The ways to Telegram, tried in order; the one that worked is kept until it does not. Another is tried for the same call
 * only while the request has certainly not left.
 */
export class Routes {
  readonly #clock: Clock;
  readonly #log: Pick<Logger, 'warn' | 'info'> | undefined;
  readonly #routes: readonly Route[];
  /** Dispatchers that get no further request, and have not ended yet. */
  readonly #retired = new Set<Dispatcher>();
  #current: Route | undefined;
  #hasHungUp = false;

  constructor(use: {proxies: readonly RouteAddress[]; clock: Clock; log?: Pick<Logger, 'warn' | 'info'>}) {
    this.#clock = use.clock;
    this.#log = use.log;
    const addresses = use.proxies.length === 0 ? [DIRECT] : use.proxies;
    this.#routes = addresses.map((address) => ({
      name: nameOf(address),
      address,
      dispatcher: undefined,
      restsUntil: Number.NEGATIVE_INFINITY,
    }));
  }

  /** Rejects with `NeverLeft`, or with what `attempt` rejected with after its request had left. */
  async run<Result>(attempt: (leg: Leg) => Promise<Result>, signal: AbortSignal): Promise<Result> {
    if (this.#hasHungUp) throw new NeverLeft('hung up');
    const routes = this.#inOrder();
    const reasons: string[] = [];
    for (const [index, route] of routes.entries()) {
      const isLast = index === routes.length - 1;
      const tried = await this.#try(route, attempt, {signal, connectMs: isLast ? CONNECT_MS : CONNECT_MS_OF_SEVERAL});
      if ('result' in tried) return tried.result;
      if (!isAbandoned(signal)) this.#blame(route, tried.error);
      if (tried.hasLeft) throw tried.error;
      reasons.push(route.address === DIRECT ? reasonOf(tried.error) : `${route.name}: ${reasonOf(tried.error)}`);
      if (signal.aborted || this.#hasHungUp) break;
    }
    throw new NeverLeft(reasons.join('; '));
  }

  /** Drops every connection, and makes no other. */
  async hangUp(): Promise<void> {
    this.#hasHungUp = true;
    const open = [...this.#retired, ...this.#routes.flatMap(({dispatcher}) => dispatcher ?? [])];
    for (const route of this.#routes) route.dispatcher = undefined;
    await Promise.all(open.map((dispatcher) => dispatcher.destroy()));
  }

  async #try<Result>(
    route: Route,
    attempt: (leg: Leg) => Promise<Result>,
    {signal, connectMs}: {readonly signal: AbortSignal; readonly connectMs: number},
  ): Promise<{readonly result: Result} | {readonly error: unknown; readonly hasLeft: boolean}> {
    // Counts until the request has left; from then on only the call's own signal does.
    const connecting = this.#clock.deadline(connectMs);
    let hasLeft = false;
    const leave = () => {
      hasLeft = true;
      connecting.cancel();
    };
    try {
      route.dispatcher ??= openRoute(route.address, CONNECT_MS);
      const either = AbortSignal.any([connecting.signal, signal]);
      const ended = attempt({dispatcher: watched(route.dispatcher, leave), signal: either});
      const result = await Promise.race([ended, rejection(either)]);
      this.#keep(route);
      return {result};
    } catch (error) {
      return {error, hasLeft};
    } finally {
      connecting.cancel();
    }
  }

  /** The one that works, those that are not known to fail, and the rest, as each may have come back. */
  #inOrder(): Route[] {
    const now = this.#clock.monotonic();
    const rank = (route: Route) => (route.restsUntil > now ? 2 : route === this.#current ? 0 : 1);
    return this.#routes.toSorted((a, b) => rank(a) - rank(b));
  }

  #keep(route: Route): void {
    route.restsUntil = Number.NEGATIVE_INFINITY;
    if (this.#current === route) return;
    // A long poll that began on the former way ends well too; that is no reason to go back to it.
    if (this.#current && this.#current.restsUntil <= this.#clock.monotonic()) return;
    this.#current = route;
    if (this.#routes.length > 1) this.#log?.info({by: route.name}, 'Telegram is reached this way now');
  }

  #blame(route: Route, error: unknown): void {
    this.#retire(route);
    if (this.#routes.length === 1) return;
    const now = this.#clock.monotonic();
    if (route.restsUntil <= now) {
      this.#log?.warn({by: route.name, reason: reasonOf(error)}, 'Telegram is not reached this way; trying the others');
    }
    route.restsUntil = now + REST_MS;
  }

  /** A connection that hangs must not be handed to the next request; those that work may end what they do. */
  #retire(route: Route): void {
    const {dispatcher} = route;
    if (!dispatcher) return;
    route.dispatcher = undefined;
    this.#retired.add(dispatcher);
    const done = () => this.#retired.delete(dispatcher);
    dispatcher.close().then(done, done);
  }
}

/** undici tells of an abort only when the connection is there, and then sends nothing. */
function rejection(signal: AbortSignal): Promise<never> {
  const {promise, reject} = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason);
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, {once: true});
  return promise;
}

function watched(dispatcher: Dispatcher, leave: () => void): Dispatcher {
  return dispatcher.compose((dispatch) => (options, handler) => {
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (controller, context) => {
      leave();
      start?.(controller, context);
    };
    return dispatch(options, handler);
  });
}

/** Whoever asked does not want to know any more; a deadline's end is another thing. It is told by its name, as in error-code.ts. */
function isAbandoned({aborted, reason}: AbortSignal): boolean {
  return aborted && !(reason instanceof Error && reason.name === 'TimedOut');
}

/** Without user and password. */
function nameOf(address: RouteAddress): string {
  return address === DIRECT ? DIRECT : new URL(address).host;
}
