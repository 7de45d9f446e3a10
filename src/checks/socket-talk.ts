import {isUtf8} from 'node:buffer';
import type net from 'node:net';
import type {Cancel, Clock} from '../clock.ts';
import {Refusal} from '../reach/failure.ts';
import {sizeText} from './size.ts';

/** What ends a reply. That the peer closes, and the limit, end the first three too. */
export type Ending =
  | {readonly kind: 'text'; readonly bytes: Buffer}
  | {readonly kind: 'match'; readonly pattern: RegExp}
  | {readonly kind: 'silence'}
  | {readonly kind: 'length'; readonly bytes: number}
  | {readonly kind: 'frame'; readonly prefix: Prefix};

/** The length that stands before a frame: so many bits, its first byte the big or the little end. */
export type Prefix = 'u8' | 'u16be' | 'u16le' | 'u32be' | 'u32le';

export interface Talk {
  /** Sends, and resolves when the bytes have left this process. */
  tell(bytes: Buffer): Promise<void>;
  /**
   * Sends, and resolves with the next reply, of `limit` bytes at most; what comes after its end is left for the one after
   * it. Rejects with the socket's error.
   */
  ask(bytes: Buffer, ending: Ending, limit: number): Promise<Buffer>;
  /** Stops listening. */
  end(): void;
}

/** A binary protocol names no end of its reply: this much silence is one. */
const QUIET_MS = 500;
const PREFIX_BYTES: Readonly<Record<Prefix, number>> = {u8: 1, u16be: 2, u16le: 2, u32be: 4, u32le: 4};

interface Waiting {
  readonly ending: Ending;
  readonly limit: number;
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: unknown) => void;
}

/** Takes turns with the peer of a connected socket. */
export function createTalk(socket: net.Socket, clock: Clock): Talk {
  let pending: Buffer = Buffer.alloc(0);
  let failure: Error | undefined;
  let isClosed = false;
  let waiting: Waiting | undefined;
  let cancel: Cancel = () => {};
  /** Ends the reply that is waited for, if this is its end; the bytes before `from` have been searched already. */
  const look = (from: number, isOver: boolean) => {
    if (!waiting) return;
    const {ending, limit, resolve, reject} = waiting;
    const span = failure ?? spanOf({pending, from, isOver}, ending, limit);
    if (span === undefined) return;
    waiting = undefined;
    cancel();
    if (span instanceof Error) return reject(span);
    const reply = pending.subarray(span.start, span.end);
    pending = pending.subarray(span.end);
    resolve(reply);
  };
  const take = (chunk: Buffer) => {
    const from = pending.length;
    pending = from === 0 ? chunk : Buffer.concat([pending, chunk]);
    look(from, isClosed);
    if (waiting?.ending.kind !== 'silence') return;
    cancel();
    cancel = clock.after(QUIET_MS, () => look(pending.length, true));
  };
  const close = () => {
    isClosed = true;
    look(pending.length, true);
  };
  const fail = (error: Error) => {
    failure = error;
    look(pending.length, true);
  };
  socket.on('data', take).on('end', close).on('close', close).on('error', fail);
  return {
    tell: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    ask: (bytes, ending, limit) =>
      new Promise((resolve, reject) => {
        if (bytes.length > 0) socket.write(bytes);
        waiting = {ending, limit, resolve, reject};
        look(0, isClosed);
      }),
    end: () => {
      cancel();
      socket.off('data', take).off('end', close).off('close', close);
    },
  };
}

/** Puts the length before a message. Throws a RangeError where it does not fit, which the config has ruled out. */
export function framed(message: Buffer, prefix: Prefix): Buffer {
  const size = PREFIX_BYTES[prefix];
  const head = Buffer.alloc(size);
  if (prefix.endsWith('le')) head.writeUIntLE(message.length, 0, size);
  else head.writeUIntBE(message.length, 0, size);
  return Buffer.concat([head, message]);
}

/** The most bytes that a frame can have. */
export function frameBytesMax(prefix: Prefix): number {
  return 256 ** PREFIX_BYTES[prefix] - 1;
}

/** Where a reply lies in what has come; what is before `start` is not part of it. */
interface Span {
  readonly start: number;
  readonly end: number;
}

interface Received {
  readonly pending: Buffer;
  readonly from: number;
  /** Nothing more will come, or nothing that belongs to this reply. */
  readonly isOver: boolean;
}

/** Undefined while the reply goes on; a Refusal when it cannot become what was wanted. */
function spanOf({pending, from, isOver}: Received, ending: Ending, limit: number): Span | Refusal | undefined {
  if (isOver && pending.length === 0) return new Refusal('connection closed without a reply');
  if (ending.kind === 'length') return wholeOf(pending, {start: 0, end: ending.bytes}, isOver);
  if (ending.kind === 'frame') return frameOf(pending, {prefix: ending.prefix, limit, isOver});
  const end = endOf(pending, from, ending);
  if (end !== undefined && end <= limit) return {start: 0, end};
  if (pending.length >= limit) return {start: 0, end: limit};
  return isOver ? {start: 0, end: pending.length} : undefined;
}

function endOf(pending: Buffer, from: number, ending: Ending): number | undefined {
  if (ending.kind === 'text') {
    // The terminator may lie across two chunks, so the search begins a little before the new one.
    const at = pending.indexOf(ending.bytes, Math.max(0, from - ending.bytes.length + 1));
    return at < 0 ? undefined : at + ending.bytes.length;
  }
  if (ending.kind !== 'match') return undefined;
  // Bytes that are not text are looked at one by one, so that the place of the match is known either way.
  const encoding = isUtf8(pending) ? 'utf8' : 'latin1';
  const text = pending.toString(encoding);
  const match = ending.pattern.exec(text);
  return match ? Buffer.byteLength(text.slice(0, match.index + match[0].length), encoding) : undefined;
}

function frameOf(
  pending: Buffer,
  {prefix, limit, isOver}: {prefix: Prefix; limit: number; isOver: boolean},
): Span | Refusal | undefined {
  const start = PREFIX_BYTES[prefix];
  if (pending.length < start) return wholeOf(pending, {start: 0, end: start}, isOver);
  const length = prefix.endsWith('le') ? pending.readUIntLE(0, start) : pending.readUIntBE(0, start);
  if (length > limit) return new Refusal(`a frame of ${length} bytes is longer than reply_limit, ${sizeText(limit)}`);
  return wholeOf(pending, {start, end: start + length}, isOver);
}

function wholeOf({length}: Buffer, span: Span, isOver: boolean): Span | Refusal | undefined {
  if (length >= span.end) return span;
  return isOver ? new Refusal(`connection closed after ${length} of ${span.end} bytes`) : undefined;
}
