import manifest from '../../package.json' with {type: 'json'};
import {Refusal} from '../reach/failure.ts';
import {basic, basicOf} from './http-connect.ts';
import type {Answer, Request} from './http-line.ts';
import type {Options} from './http-options.ts';

/** RFC 9110 §15.4; 300 and 304 lead nowhere by themselves. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What another host may see of the configured headers: the rest may hold a secret, whatever its name. */
const HARMLESS_HEADER = /^(?:accept(?:-[a-z]+)?|cache-control|content-type|user-agent)$/i;

/** What the options of a check ask for. */
export function requestFrom(given: Options): Omit<Request, 'keepBody' | 'wantIp'> {
  const {method, headers, body, body_limit} = given;
  const url = new URL(given.url);
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const sent: Record<string, string> = {...headers};
  if (!names.has('user-agent')) sent['user-agent'] = `vakhta/${manifest.version}`;
  const login = loginFrom(given, url);
  if (login !== undefined && !names.has('authorization')) sent.authorization = login;
  return {url, method: method ?? (body === undefined ? 'GET' : 'POST'), headers: sent, body, bodyLimit: body_limit};
}

function loginFrom({basic: pair, bearer}: Options, url: URL): string | undefined {
  if (bearer !== undefined) return `Bearer ${bearer}`;
  if (pair) return basicOf(pair.username, pair.password);
  return url.username ? basic(url) : undefined;
}

export type Ask = (request: Request, signal: AbortSignal) => Promise<Answer>;

/** Asks, and asks again where the answer points to, `redirects` times at most; more is a `Refusal`. */
export async function askAlong(
  ask: Ask,
  {request, redirects}: {request: Request; redirects: number},
  signal: AbortSignal,
): Promise<Answer> {
  let current = request;
  for (let hops = 0; ; hops++) {
    const answer = await ask(current, signal);
    const {location} = answer.headers;
    if (redirects === 0 || location === undefined || !REDIRECTS.has(answer.status)) return answer;
    if (hops >= redirects) throw new Refusal(`more than ${redirects} redirect${redirects === 1 ? '' : 's'}`);
    current = next(current, answer.status, location);
  }
}

/**
 * The request that a redirect asks for. Another origin (scheme, host and port) gets no login, no cookie and no header of
 * the user's own, and no body.
 */
function next(from: Request, status: number, location: string): Request {
  const url = URL.parse(location, from.url);
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new Refusal('redirected to an address that is not http');
  const sameOrigin = url.origin === from.url.origin;
  // RFC 9110 §15.4.2: as all clients do, a POST becomes a GET, unless the status forbids it.
  const turnsToGet = status === 303 ? from.method !== 'HEAD' : status < 303 && from.method === 'POST';
  const body = turnsToGet ? undefined : from.body;
  if (body !== undefined && !sameOrigin) throw new Refusal('redirected to another host, which does not get the body');
  const headers = Object.fromEntries(
    Object.entries(from.headers).filter(
      ([name]) => (sameOrigin || HARMLESS_HEADER.test(name)) && !(turnsToGet && /^content-type$/i.test(name)),
    ),
  );
  return {...from, url, headers, body, method: turnsToGet ? 'GET' : from.method};
}
