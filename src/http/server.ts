import http, {type IncomingMessage, type RequestListener, type ServerResponse, STATUS_CODES} from 'node:http';
import https from 'node:https';
import type {Socket} from 'node:net';
import type {FastifyServerFactory} from 'fastify';
import type {HttpConfig} from '../config/config.ts';
import {isLoopback} from '../config/http.ts';
import {networkOf} from './buckets.ts';

/** More would only cost memory: a request takes milliseconds. */
export const CONNECTIONS_MAX = 1_024;
/** Of one address, so that nobody takes all places; behind a proxy on this machine everybody has the same one. */
const CONNECTIONS_PER_ADDRESS_MAX = 128;
/** Longer addresses than the longest id with its query are none of ours. */
const URL_CHARS_MAX = 2_000;
/** RFC 6585: 431. It contains the address too, which is to be told apart where possible. */
const HEADER_BYTES_MAX = 16_384;
const HEADERS_COUNT_MAX = 64;
/** From the connection on, so that one that says nothing ends too. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 60_000;
/** How often Node looks for requests that take too long. */
const LOOK_EVERY_MS = 1_000;
/** How long a certificate's handshake may take. */
const HANDSHAKE_MS = 10_000;
const METHODS = ['GET', 'HEAD', 'POST'];

const LIMITS = {
  maxHeaderSize: HEADER_BYTES_MAX,
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: LOOK_EVERY_MS,
  noDelay: true,
};

type Tls = NonNullable<HttpConfig['tls']>;

export interface Server {
  readonly http: http.Server;
  /** For fastify, which brings the listener. */
  readonly factory: FastifyServerFactory;
  /** New connections get this certificate. */
  readonly renew: (tls: Tls) => void;
}

/** Node's server with limits on everything that a stranger can bring. */
export function createServer({tls}: {readonly tls: Tls | undefined}): Server {
  const secure = tls && https.createServer({...LIMITS, ...pair(tls), handshakeTimeout: HANDSHAKE_MS});
  const server: http.Server = secure ?? http.createServer(LIMITS);
  server.maxConnections = CONNECTIONS_MAX;
  server.maxHeadersCount = HEADERS_COUNT_MAX;
  limitPerAddress(server);
  const factory: FastifyServerFactory = (handler) => {
    server.on('request', guarded(handler));
    return server;
  };
  return {http: server, factory, renew: (next) => secure?.setSecureContext(pair(next))};
}

const pair = ({cert, key}: Tls) => ({cert, key});

function limitPerAddress(server: http.Server): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
    if (isLoopback(address)) return;
    const key = networkOf(address);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    socket.once('close', () => {
      const left = (counts.get(key) ?? 1) - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    });
    if (count > CONNECTIONS_PER_ADDRESS_MAX) socket.destroy();
  });
}

/** Before fastify looks for a route. */
function guarded(handler: Parameters<FastifyServerFactory>[0]): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    if ((request.url?.length ?? 0) > URL_CHARS_MAX) return answer(response, 414);
    // Whatever is sent is taken as text; a job whose header is wrong has done its work all the same.
    if (request.headers['content-type'] !== undefined) request.headers['content-type'] = 'text/plain';
    if (METHODS.includes(request.method ?? '')) return handler(request, response);
    response.setHeader('allow', METHODS.join(', '));
    return answer(response, 405);
  };
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, {'content-type': 'application/json', connection: 'close'});
  response.end(JSON.stringify({error: STATUS_CODES[status]}));
}

const STATUS_OF: Readonly<Record<string, number>> = {HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408};

/** Answers what is no HTTP, is too long, or takes too long: no request comes of these. */
export function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const status = STATUS_OF[error.code ?? ''] ?? 400;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  // Whoever does not take the answer does not keep the connection.
  socket.destroySoon();
}
