import net from 'node:net';
import tls from 'node:tls';
import {type buildConnector, Client, type Dispatcher} from 'undici';

export interface Request {
  readonly url: URL;
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** In bytes; reading ends there. */
  readonly bodyLimit: number;
  /** False: the body is read to its end, or the limit, but not kept. */
  readonly keepBody: boolean;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case; a repeated header's values joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body reached the limit, and there may have been more. */
  readonly cut: boolean;
}

/** With several addresses to a name, the next is tried after this long; Node's own 250 ms is too short for slow lines. */
const NEXT_ADDRESS_MS = 2_000;

/**
 * One request on a connection of its own, which is closed when this settles. Rejects with the socket's or undici's
 * error; an abort of the signal destroys the socket at once, whatever it was waiting for.
 */
export async function exchange(request: Request, signal: AbortSignal): Promise<Answer> {
  let socket: net.Socket | undefined;
  const client = new Client(request.url.origin, {
    connect: (options, callback) => {
      socket = connect(options, callback);
    },
    // The caller's signal is the only deadline: one clock, one message.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const stop = () => {
    // undici waits for a connection attempt to end by itself, which can take the kernel two minutes.
    socket?.destroy();
    void client.destroy();
  };
  signal.addEventListener('abort', stop, {once: true});
  try {
    signal.throwIfAborted();
    return await answerOf(client, request);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

function answerOf(client: Client, {url, method, headers, body, bodyLimit, keepBody}: Request): Promise<Answer> {
  const {promise, resolve, reject} = Promise.withResolvers<Answer>();
  const chunks: Buffer[] = [];
  let status = 0;
  let received: Record<string, string> = {};
  let length = 0;
  const finish = (cut: boolean) => resolve({status, headers: received, body: Buffer.concat(chunks), cut});
  const path = url.pathname + url.search;
  client.dispatch(
    {path, method, headers, body: body ?? null, reset: true},
    {
      onRequestStart: () => {},
      onResponseStart: (_controller, code, fields) => {
        if (code < 200) return;
        status = code;
        received = flatten(fields);
      },
      onResponseData: (controller, chunk) => {
        if (keepBody) chunks.push(chunk.subarray(0, bodyLimit - length));
        length += chunk.length;
        if (length < bodyLimit) return;
        finish(true);
        controller.pause();
      },
      onResponseEnd: () => finish(false),
      onResponseError: (_controller, error) => reject(error),
    },
  );
  return promise;
}

function connect(to: buildConnector.Options, callback: buildConnector.Callback): net.Socket {
  const {hostname, protocol} = to;
  const secure = protocol === 'https:';
  const port = Number(to.port) || (secure ? 443 : 80);
  const options = {host: hostname, port, noDelay: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS};
  // An address has no name to ask a certificate for (RFC 6066 §3).
  const servername = net.isIP(hostname) ? '' : hostname;
  const socket = secure ? tls.connect({...options, servername, ALPNProtocols: ['http/1.1']}) : net.connect(options);
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

function flatten(fields: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
