import {Agent, buildConnector, type Dispatcher, Pool, ProxyAgent, Socks5ProxyAgent} from 'undici';
import {routeFor} from '../channels/reach.ts';
import {reasonFor} from '../error-code.ts';

/** No proxy. */
export const DIRECT = 'direct';
/** `direct`, or the address of a proxy: http:, https:, socks5: or socks5h:, with user and password where it wants them. */
export type RouteAddress = string;

/** An idle connection is dropped this soon: one that died silently would put its next message in doubt. */
const KEEP_ALIVE_MS = 2_000;
const CONNECTIONS_MAX = 8;

/** Throws where the address is none; the config has looked at it. */
export function openRoute(address: RouteAddress, connectMs: number): Dispatcher {
  if (address === DIRECT) return new Agent({...common(), connect: connectOptions(connectMs)});
  return /^socks/.test(address) ? throughSocks(address, connectMs) : throughTunnel(address, connectMs);
}

function common() {
  return {
    connections: CONNECTIONS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    // One request a connection: what breaks puts one message in doubt, not all that are under way.
    allowH2: false,
  };
}

function connectOptions(connectMs: number) {
  return {...routeFor(undefined), timeout: connectMs, allowH2: false};
}

/** CONNECT, also where the Bot API is http: one way serves both, and a proxy's own answers are never taken for Telegram's. */
function throughTunnel(address: string, connectMs: number): Dispatcher {
  return new ProxyAgent({
    ...common(),
    uri: address,
    proxyTunnel: true,
    connectTimeout: connectMs,
    proxyTls: connectOptions(connectMs),
    clientFactory: (origin, options) => new Pool(origin, {...options, headersTimeout: connectMs}),
  });
}

/** The name of Telegram's server is resolved by the proxy. */
function throughSocks(address: string, connectMs: number): Dispatcher {
  const connect = buildConnector(connectOptions(connectMs));
  return new Socks5ProxyAgent(address.replace(/^socks5h:/, 'socks5:'), {
    connectTimeout: connectMs,
    // undici leaves the brackets of an IPv6 address where they are.
    connect: (to, done) => connect({...to, hostname: to.hostname.replace(/^\[(.*)\]$/, '$1')}, done),
  });
}

/** undici tells what an HTTP proxy answered to CONNECT in words only. */
const REFUSED_TUNNEL = /^Proxy response \((\d{3})\)/;

/** What kept a request from leaving, without anything that may hold a secret. */
export function reasonOf(error: unknown): string {
  const [, status] = error instanceof Error ? (REFUSED_TUNNEL.exec(error.message) ?? []) : [];
  if (status === undefined) return reasonFor(error);
  return status === '407' ? 'it wants a name and a password (HTTP 407)' : `it refused (HTTP ${status})`;
}
