import net from 'node:net';
import tls from 'node:tls';
import {Refusal} from '../reach/failure.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** With it the connection is over TLS. */
  readonly secure?: tls.ConnectionOptions | undefined;
}

/** With several addresses to a name, the next is tried after this long; Node's own 250 ms is too short for slow lines. */
const NEXT_ADDRESS_MS = 2_000;

/**
 * Connects, and runs `use` with the socket, which is closed when this settles. Rejects with the socket's error while it
 * connects, and with what `use` rejects with; an abort destroys the socket, so that `use` hears of it as of an error.
 */
export async function withSocket<T>(
  {host, port, secure}: Address,
  signal: AbortSignal,
  use: (socket: net.Socket) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const options = {host, port, noDelay: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS};
  const socket = secure ? tls.connect({...options, ...secure}) : net.connect(options);
  const {promise, resolve, reject} = Promise.withResolvers<void>();
  const stop = () => socket.destroy(new Refusal('stopped'));
  signal.addEventListener('abort', stop, {once: true});
  socket.on('error', reject);
  socket.once('close', () => reject(new Refusal('connection closed')));
  socket.once(secure ? 'secureConnect' : 'connect', () => resolve());
  try {
    await promise;
    const result = await use(socket);
    // A clean goodbye, where nothing waits to be sent: simple servers log a reset as an error of theirs.
    if (socket.writableLength === 0) socket.destroySoon();
    return result;
  } finally {
    if (!socket.writableEnded) socket.destroy();
    signal.removeEventListener('abort', stop);
  }
}

/** What tls.connect is told of the name: an address has none to ask a certificate for (RFC 6066 §3). */
export function serverName(host: string, name: string | undefined): string {
  return name ?? (net.isIP(host) ? '' : host);
}
