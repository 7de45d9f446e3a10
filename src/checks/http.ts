import {isOfTheWorld, reasonFor} from '../reach/failure.ts';
import type {Kind, Probe} from './check.ts';
import {compileExpectations, type Expectations} from './expect.ts';
import type {Route} from './http-connect.ts';
import {createExchange, createHeldExchange} from './http-exchange.ts';
import type {Answer} from './http-line.ts';
import {type Options, options, VARIABLES} from './http-options.ts';
import {type Ask, askAlong, requestFrom} from './http-request.ts';
import {createSecure, daysUntil} from './secure.ts';
import {sizeText} from './size.ts';

const kind: Kind<Options> = {
  name: 'http',
  doc:
    'Asks an HTTP or HTTPS server and looks at what it answers: status, headers, body, JSON, time. Every try opens a ' +
    'connection of its own, so that the DNS name, the port and the certificate are proven each time, unless `keep` says ' +
    'otherwise. `latency_ms` ends with the last byte of the body, so a body that never ends is a ' +
    'timeout, unless it passes `body_limit` first: then what has come so far is judged, and no more is read. The ' +
    "body is text in the charset that the answer names, or else UTF-8. Values of headers never appear in a check's reason.\n\n" +
    'Redirects are not followed unless `redirects` says how many: a 302 is the answer. Each hop gets what is left of the ' +
    'timeout, and the same `body_limit`; `latency_ms` is the time of all. Another host, port or scheme is not sent the ' +
    'login, cookies, headers of your own (other than `Accept` and `User-Agent`), the body or the client certificate.\n\n' +
    "`cert_days` is how many days the server's certificate still has (it goes to the history too), `remote_ip` the " +
    "address that answered, or the proxy's. `proxy` must allow CONNECT to the server's port, which many proxies do for 443 only. " +
    'A held connection (`keep`) is opened again when the server has closed it.',
  example: [
    'billing-api:',
    '  type: http',
    '  url: https://billing.example/health',
    "  expect: ['status == 200', 'json.queue < 100', 'latency_ms < 2000', 'cert_days > 14']",
  ].join('\n'),
  options,
  host: ({url}) => URL.parse(url)?.hostname,
  prepare: (given, {clock}) => {
    const expected = given.expect && compileExpectations(given.expect, VARIABLES);
    const uses = (name: string) => expected?.uses.has(name) === true;
    const request = {
      ...requestFrom(given),
      keepBody: uses('body') || uses('json'),
      wantIp: uses('remote_ip'),
    };
    const {ask, close} = createAsk(given, request.url);
    const probe: Probe = async ({signal}) => {
      const began = clock.monotonic();
      try {
        const answer = await ask(request, signal);
        const certDays = answer.certEndsAt === undefined ? undefined : daysUntil(answer.certEndsAt, clock.now());
        const latencyMs = clock.monotonic() - began;
        const reason = judge(answer, {latencyMs, certDays}, expected) ?? '';
        const result = reason ? 'failed' : 'ok';
        return [{result, reason, latencyMs, ...(certDays !== undefined && {values: {cert_days: certDays}})}];
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        const reason = reasonFor(error, {signal, host: hostOf(error, given, request.url)});
        return [{result: 'failed', reason, latencyMs: clock.monotonic() - began}];
      }
    };
    return close ? Object.assign(probe, {close}) : probe;
  },
};

export default kind;

/** How this check asks: its route, its connection and its certificates put together. */
function createAsk(given: Options, url: URL): {readonly ask: Ask; readonly close?: () => void} {
  const {family, redirects, server_name} = given;
  const route: Route = {
    http2: given.http === 2,
    family,
    proxy: given.proxy === undefined ? undefined : new URL(given.proxy),
    serverName: server_name === undefined ? undefined : {host: bare(url.hostname), name: server_name},
  };
  const held = given.keep ? createHeldExchange(route, url.origin) : undefined;
  const exchange = held?.exchange ?? createExchange(route);
  const close = held && {close: held.close};
  const inClear: Ask = (request, signal) => exchange(request, {signal, secure: {}});
  // Most checks need no more, and there may be 10,000 of them.
  if (url.protocol === 'http:' && redirects === 0) return {ask: inClear, ...close};
  const secureHere = createSecure(given);
  // The client certificate is for this server only.
  const secureElsewhere = createSecure({ca: given.ca, insecure: given.insecure});
  const exchangeAt: Ask = async (request, signal) => {
    if (request.url.protocol === 'http:') return await inClear(request, signal);
    const isHere = request.url.origin === url.origin;
    return await exchange(request, {signal, secure: await (isHere ? secureHere() : secureElsewhere())});
  };
  const ask: Ask = (request, signal) =>
    redirects === 0 ? exchangeAt(request, signal) : askAlong(exchangeAt, {request, redirects}, signal);
  return {ask, ...close};
}

/** An IPv6 address stands in brackets in a URL only. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** The name that was looked up: after a redirect it may be another one. */
function hostOf(error: unknown, {family}: Options, {hostname}: URL): string {
  const asked = error instanceof Error && 'hostname' in error ? String(error.hostname) : hostname;
  return family === undefined ? asked : `${asked} (IPv${family})`;
}

function judge(
  answer: Answer,
  {latencyMs, certDays}: {latencyMs: number; certDays: number | undefined},
  expected?: Expectations,
): string | undefined {
  const {status, headers, remoteIp} = answer;
  if (!expected) return status >= 200 && status < 400 ? undefined : `HTTP ${status}`;
  if (certDays === undefined && expected.uses.has('cert_days'))
    return 'cert_days: there is no certificate without https';
  const body = expected.uses.has('body') || expected.uses.has('json') ? decode(answer) : '';
  const json = expected.uses.has('json') ? parseJson(body) : NO_JSON;
  const numbers = {status: BigInt(status), latency_ms: latencyMs, cert_days: certDays};
  if (json) return expected.unmet({...numbers, headers, body, remote_ip: remoteIp, json: json.value});
  // A server that is down answers with a page of text: then its status says more than that this is no JSON.
  if (status < 200 || status >= 400) return `HTTP ${status}, and the body is not JSON`;
  return answer.cut ? `JSON longer than ${sizeText(answer.body.length)}: raise body_limit` : 'the body is not JSON';
}

const NO_JSON = {value: undefined};
const utf8 = new TextDecoder();

function decode({headers, body}: Answer): string {
  const charset = /charset="?([\w.:-]+)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset === undefined) return utf8.decode(body);
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return utf8.decode(body);
  }
}

function parseJson(text: string): {readonly value: unknown} | undefined {
  try {
    return {value: JSON.parse(text)};
  } catch {
    return undefined;
  }
}
