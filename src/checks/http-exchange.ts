import type {Route} from './http-connect.ts';
import {openFresh} from './http-fresh.ts';
import type {Answer, Line, LineOptions, Request} from './http-line.ts';
import {openLine1} from './http-line1.ts';
import {openLine2} from './http-line2.ts';
import type {Secure} from './secure.ts';

/** One request; rejects with the error of the socket or the protocol. An abort destroys the socket, whatever it waits for. */
export type Exchange = (request: Request, use: {signal: AbortSignal; secure: Secure}) => Promise<Answer>;

/** Each request on a connection of its own, which is closed when the request settles. */
export function createExchange(route: Route): Exchange {
  return async (request, {signal, secure}) => {
    signal.throwIfAborted();
    const line = openFor(request.url, {route, secure: () => secure}, false);
    signal.addEventListener('abort', line.hangUp, {once: true});
    try {
      return await line.ask(request);
    } finally {
      signal.removeEventListener('abort', line.hangUp);
      line.hangUp();
    }
  };
}

/**
 * All requests to one origin on one held connection, which is opened again when the server has closed it; requests to other
 * origins, where redirects lead, on connections of their own.
 */
export function createHeldExchange(route: Route, origin: string): {exchange: Exchange; close: () => void} {
  const once = createExchange(route);
  let latest: Secure = {};
  let held: Line | undefined;
  const ask: Exchange = async (request, {signal, secure}) => {
    latest = secure;
    held ??= openFor(request.url, {route, secure: () => latest}, true);
    const line = held;
    let isDone = false;
    signal.addEventListener('abort', line.hangUp, {once: true});
    try {
      const answer = await line.ask(request);
      isDone = !answer.cut;
      return answer;
    } finally {
      signal.removeEventListener('abort', line.hangUp);
      if (!isDone) {
        held = undefined;
        line.hangUp();
      }
    }
  };
  const exchange: Exchange = async (request, use) => {
    use.signal.throwIfAborted();
    if (request.url.origin !== origin) return await once(request, use);
    const mayBeStale = held?.isOpen() === true && ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    try {
      return await ask(request, use);
    } catch (error) {
      // The server may close a connection in the very moment in which it is used again (RFC 9112 §9.5): that is no failure.
      if (!mayBeStale || use.signal.aborted) throw error;
      return await ask(request, use);
    }
  };
  return {exchange, close: () => held?.hangUp()};
}

/** `keep`: more than one request will come. */
function openFor(url: URL, options: LineOptions, keep: boolean): Line {
  if (options.route.http2 && url.protocol === 'https:') return openLine2(url.origin, options, keep);
  return keep ? openLine1(url.origin, options) : openFresh(options);
}
