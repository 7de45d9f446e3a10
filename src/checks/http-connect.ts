import net from 'node:net';
import tls from 'node:tls';
import type {buildConnector} from 'undici';
import {Refusal, reasonFor} from '../reach/failure.ts';
import {clientForProxies} from './http-client.ts';
import type {Secure} from './secure.ts';

/** How a check gets to its server. */
export interface Route {
  readonly http2: boolean;
  /** Undefined: both, the one that answers first. */
  readonly family: 4 | 6 | undefined;
  readonly proxy: URL | undefined;
  /** Asked for and verified instead of the name of this host. */
  readonly serverName: {readonly host: string; readonly name: string} | undefined;
}

/** A connection that is being made, or has been. */
export interface Dialling {
  destroy(): void;
}

interface Goal {
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6 | undefined;
  /** Undefined: no TLS. */
  readonly secure: tls.ConnectionOptions | undefined;
  /** A tunnel to go through. */
  readonly socket?: net.Socket;
}

/** With several addresses to a name, the next is tried after this long; Node's own 250 ms is too short for slow lines. */
const NEXT_ADDRESS_MS = 2_000;

/** Where undici's Client wants to go; an IPv6 address without brackets, an empty port for the usual one. */
type Destination = Pick<buildConnector.Options, 'hostname' | 'protocol' | 'port'>;

/** Where a URL leads to. */
export function destinationOf({hostname, protocol, port}: URL): Destination {
  // An IPv6 address stands in brackets in a URL only.
  return {hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname, protocol, port};
}

/** Connects directly or through the proxy. */
export function dial(to: Destination, route: Route, secure: Secure, callback: buildConnector.Callback): Dialling {
  const {family, proxy} = route;
  const host = to.hostname;
  const isSecure = to.protocol === 'https:';
  const goal = {host, port: portOf(to), family, secure: isSecure ? secureFor(host, route, secure) : undefined};
  const settled = route.http2 && isSecure ? requireHttp2(callback) : callback;
  return proxy ? dialThrough(proxy, goal, settled) : connect(goal, settled);
}

function secureFor(host: string, {http2, serverName}: Route, secure: Secure): tls.ConnectionOptions {
  // An address has no name to ask a certificate for (RFC 6066 §3).
  const own = net.isIP(host) ? '' : host;
  const servername = serverName?.host === host ? serverName.name : own;
  return {...secure, servername, ALPNProtocols: [http2 ? 'h2' : 'http/1.1']};
}

function connect({host, port, family, secure, socket: tunnel}: Goal, callback: buildConnector.Callback): net.Socket {
  const options = {host, port, family, noDelay: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS};
  const socket = secure ? tls.connect({...options, ...secure, ...(tunnel && {socket: tunnel})}) : net.connect(options);
  // The listener stays for good: an error in the instant before undici adds its own would end the process.
  let settled = false;
  const settle = (error: Error | null) => {
    if (settled) return;
    settled = true;
    if (error) callback(error, null);
    else callback(null, socket);
  };
  socket.on('error', settle);
  socket.once(secure ? 'secureConnect' : 'connect', () => settle(null));
  return socket;
}

function requireHttp2(callback: buildConnector.Callback): buildConnector.Callback {
  return (error, socket) => {
    if (error) return callback(error, null);
    if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') return callback(null, socket);
    socket.destroy();
    return callback(new Refusal('TLS: the server does not speak this version of HTTP'), null);
  };
}

/** Asks the proxy for a tunnel (RFC 9110 §9.3.6), also where the server's address is http: one way serves both. */
function dialThrough(proxy: URL, goal: Goal, callback: buildConnector.Callback): Dialling {
  const open: Dialling[] = [];
  const Client = clientForProxies();
  const own = new Client(proxy.origin, {
    connect: (to, connected) => {
      const secure = to.protocol === 'https:' ? {servername: net.isIP(to.hostname) ? '' : to.hostname} : undefined;
      open.push(connect({host: to.hostname, port: portOf(to), family: undefined, secure}, connected));
    },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const authority = `${net.isIPv6(goal.host) ? `[${goal.host}]` : goal.host}:${goal.port}`;
  const headers = proxy.username ? {'proxy-authorization': basic(proxy)} : {};
  own.connect({path: authority, headers}, (error, answer) => {
    if (error) return callback(new Refusal(`proxy: ${reasonFor(error, {host: proxy.hostname})}`), null);
    const {statusCode, socket} = answer;
    open.push(socket.on('error', () => {}));
    if (statusCode === 200 && socket instanceof net.Socket) return enter(socket);
    socket.destroy();
    return callback(new Refusal(refusalOf(statusCode)), null);
  });
  const enter = (tunnel: net.Socket) => {
    if (!goal.secure) return callback(null, tunnel);
    open.push(connect({...goal, socket: tunnel}, callback));
  };
  const destroy = () => {
    for (const socket of open) socket.destroy();
    void own.destroy();
  };
  return {destroy};
}

function refusalOf(status: number): string {
  return status === 407 ? 'proxy: it wants a name and a password (HTTP 407)' : `proxy: it refused (HTTP ${status})`;
}

function portOf({port, protocol}: Destination): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

/** The name and password of an address as Basic authentication (RFC 7617). */
export function basic({username, password}: {username: string; password: string}): string {
  return basicOf(decodeURIComponent(username), decodeURIComponent(password));
}

export function basicOf(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
