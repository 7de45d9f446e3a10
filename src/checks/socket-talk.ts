import net from 'node:net';
import type {Cancel, Clock} from '../clock.ts';

export interface Talk {
  readonly host: string;
  readonly port: number;
  /** Sent once connected; may be empty. */
  readonly bytes: Buffer;
  /** False: a connection is all that is wanted. */
  readonly listen: boolean;
  /** What ends the reply; empty: silence does. */
  readonly until: Buffer;
  /** In bytes; this many end the reply too. */
  readonly limit: number;
}

/** A binary protocol names no end of its reply: this much silence is one. */
const QUIET_MS = 500;

/**
 * Connects, sends, and resolves with the reply (what has come when the peer closes; empty where none is wanted). The
 * socket is closed when this settles. Rejects with the socket's error, or with the signal's reason.
 */
export async function converse(talk: Talk, {signal, clock}: {signal: AbortSignal; clock: Clock}): Promise<Buffer> {
  signal.throwIfAborted();
  const {promise, resolve, reject} = Promise.withResolvers<Buffer>();
  const socket = net.connect({host: talk.host, port: talk.port, noDelay: true, autoSelectFamilyAttemptTimeout: 2_000});
  const stop = () => reject(signal.reason);
  const reader = createReader(talk, {clock, done: resolve});
  signal.addEventListener('abort', stop, {once: true});
  socket.on('error', reject);
  socket.on('end', reader.end);
  socket.on('close', reader.end);
  socket.on('data', reader.take);
  socket.on('connect', () => {
    if (talk.bytes.length > 0) socket.write(talk.bytes);
    if (!talk.listen) resolve(Buffer.alloc(0));
  });
  try {
    const reply = await promise;
    // A clean goodbye, where nothing waits to be sent: simple servers log a reset as an error of theirs.
    if (socket.writableLength === 0) socket.destroySoon();
    return reply;
  } finally {
    socket.off('data', reader.take);
    if (!socket.writableEnded) socket.destroy();
    reader.cancel();
    signal.removeEventListener('abort', stop);
  }
}

/** Gathers a reply in one buffer, and says when it has ended. */
function createReader({until, limit}: Talk, {clock, done}: {clock: Clock; done: (reply: Buffer) => void}) {
  let reply = Buffer.alloc(0);
  let cancel: Cancel = () => {};
  const end = () => done(reply);
  const take = (chunk: Buffer) => {
    // The terminator may lie across two chunks, so the search begins a little before the new one.
    const from = Math.max(0, reply.length - until.length + 1);
    reply = Buffer.concat([reply, chunk.subarray(0, limit - reply.length)]);
    const at = until.length > 0 ? reply.indexOf(until, from) : -1;
    if (at >= 0) reply = reply.subarray(0, at + until.length);
    if (at >= 0 || reply.length >= limit) return end();
    cancel();
    if (until.length === 0) cancel = clock.after(QUIET_MS, end);
  };
  return {take, end, cancel: () => cancel()};
}
