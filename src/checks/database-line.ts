import {readFile} from 'node:fs/promises';
import net from 'node:net';
import type {Cancel, Clock} from '../clock.ts';
import {Refusal} from '../reach/failure.ts';
import type {DatabaseOptions} from './database.ts';

/** A check that needs more should count in SQL; every running check may hold as much. */
export const ROWS_MAX = 1_000;
/** Counted as it comes over the wire. */
export const RESULT_BYTES_MAX = 1024 ** 2;
/** A server gets this long to close the connection after it was told goodbye. */
const GOODBYE_MS = 1_000;
/** A held connection that nobody uses any more (its check was removed, say) closes by itself after this long. */
const IDLE_MS = 15 * 60_000;
/** With several addresses to a name, the next is tried after this long; Node's own 250 ms is too short for slow lines. */
const NEXT_ADDRESS_MS = 2_000;

export type Row = Readonly<Record<string, unknown>>;

/** What each client library is made to do. */
export interface Driver {
  /** Loads the library, which takes up to 150 ms and 40 MB, when the first check of its kind runs. */
  load(): Promise<void>;
  /** Logs in over the socket, which is still connecting. Rejects with the library's error. */
  open(to: Opening): Promise<Session>;
  /** What the library's own errors mean; undefined for those of the network. `host` is the name that was looked up, if one was. */
  reasonOf(error: unknown, host: string): string | undefined;
}

export interface Opening {
  readonly socket: net.Socket;
  readonly given: DatabaseOptions;
  /** Undefined: without TLS. */
  readonly secure: {readonly ca?: string; readonly cert?: string; readonly key?: string} | undefined;
  /** What the whole run has. */
  readonly timeoutMs: number;
}

/** One connection that has logged in. */
export interface Session {
  /** The stream that the answers come from: the socket, or what TLS makes of it. */
  readonly stream: net.Socket;
  /** Runs one statement that may only read. */
  query(sql: string, onRow: (row: Row) => void): Promise<void>;
  /** Asks the server to give the running query up; nobody waits for it. */
  cancel(dial: () => net.Socket, clock: Clock): void;
  /** Says goodbye, so that the server writes nothing about a lost connection into its log. */
  end(): void;
}

/** A connection from its first packet on. */
interface Connection {
  readonly socket: net.Socket;
  readonly secure: Opening['secure'];
  session?: Session;
  isAsking: boolean;
}

export interface Line {
  /** Resolves with the rows; rejects with a `Refusal`, with what the driver says, or when the signal is aborted. */
  ask(sql: string, signal: AbortSignal): Promise<readonly Row[]>;
  /** Gives the held connection up, if there is one. */
  close(): void;
}

/** Connects anew for every query, or holds one connection where the options say so. */
export function createLine(
  given: DatabaseOptions,
  driver: Driver,
  {clock, timeoutMs}: {clock: Clock; timeoutMs: number},
): Line {
  let idle: Connection | undefined;
  const dial = () => connect(given);
  const rest = (connection: Connection) => {
    const {socket} = connection;
    idle = connection;
    // What is held must keep neither the process alive at its end, nor itself when its check is gone.
    socket.unref();
    socket.setTimeout(IDLE_MS);
  };
  const wake = (): Connection | undefined => {
    const connection = idle;
    idle = undefined;
    if (!connection || connection.socket.destroyed || connection.socket.readableEnded) return undefined;
    connection.socket.setTimeout(0);
    connection.socket.ref();
    return connection;
  };
  const use = async (connection: Connection, sql: string, signal: AbortSignal) => {
    const {promise: stopped, reject: stop} = Promise.withResolvers<never>();
    const onAbort = () => stop(signal.reason);
    // Not every library tells every query of its connection's end.
    const onClose = () => stop(connection.socket.errored ?? new Refusal('the server closed the connection'));
    signal.addEventListener('abort', onAbort, {once: true});
    connection.socket.once('close', onClose);
    try {
      const rows = await Promise.race([run(connection, sql, {given, driver, timeoutMs}), stopped]);
      connection.socket.off('close', onClose);
      if (given.keep && !idle) rest(connection);
      else await sayGoodbye(connection, clock);
      return rows;
    } catch (error) {
      if (connection.isAsking) connection.session?.cancel(dial, clock);
      // With an error: a library that only hears of a closed socket would wait, and hold its timers, for ever.
      connection.socket.destroy(error instanceof Error ? error : undefined);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      connection.socket.off('close', onClose);
    }
  };
  const ask = async (sql: string, signal: AbortSignal) => {
    signal.throwIfAborted();
    const held = wake();
    try {
      if (held) return await use(held, sql, signal);
    } catch (error) {
      // The server may have ended a session that it found idle for too long: that is no failure, a query that only reads may be
      // repeated, and a real failure shows again.
      if (signal.aborted || error instanceof TooMuch) throw error;
    }
    // The files first: a library that got a socket must see it connect.
    const secure = await secureFrom(given);
    signal.throwIfAborted();
    return await use({socket: dial(), secure, isAsking: false}, sql, signal);
  };
  const close = () => {
    const connection = wake();
    if (connection) void sayGoodbye(connection, clock);
  };
  return {ask, close};
}

/** The result passed a limit: the query is still running. */
class TooMuch extends Refusal {}

async function run(
  connection: Connection,
  sql: string,
  {given, driver, timeoutMs}: {given: DatabaseOptions; driver: Driver; timeoutMs: number},
): Promise<readonly Row[]> {
  const {socket, secure} = connection;
  connection.session ??= await driver.open({socket, given, secure, timeoutMs});
  const {session} = connection;
  const {promise: tooMuch, reject} = Promise.withResolvers<never>();
  const rows: Row[] = [];
  let bytes = 0;
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > RESULT_BYTES_MAX) reject(new TooMuch('the result is larger than 1 MiB: ask for less of it'));
  };
  const take = (row: Row) => {
    if (rows.length < ROWS_MAX) rows.push(row);
    else reject(new TooMuch(`the result has more than ${ROWS_MAX} rows: count them in the query, or add a LIMIT`));
  };
  session.stream.on('data', count);
  connection.isAsking = true;
  try {
    await Promise.race([session.query(sql, take), tooMuch]);
    connection.isAsking = false;
    return rows;
  } catch (error) {
    // What the server itself refuses is over; only a limit leaves the query running.
    connection.isAsking = error instanceof TooMuch;
    throw error;
  } finally {
    session.stream.off('data', count);
  }
}

function connect({host, port}: DatabaseOptions): net.Socket {
  const socket = net.connect({host, port, noDelay: true, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS});
  // The libraries listen too, but not at every moment, and an error that nobody hears ends the process.
  return socket.on('error', () => {}).on('timeout', () => socket.destroy());
}

/** Read at each connection, since certificates are renewed under a running program. */
async function secureFrom({tls, ca, cert, key}: DatabaseOptions): Promise<Opening['secure']> {
  if (tls === 'off') return undefined;
  const files = Object.entries({ca, cert, key}).flatMap(([name, path]) => (path === undefined ? [] : [{name, path}]));
  const texts = files.map(async ({name, path}) => {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      throw new Refusal(`${name}: ${path} cannot be read (${code})`);
    });
    return [name, text];
  });
  return Object.fromEntries(await Promise.all(texts));
}

async function sayGoodbye({socket, session}: Connection, clock: Clock): Promise<void> {
  if (socket.destroyed) return;
  const {promise, resolve} = Promise.withResolvers<void>();
  const cancel: Cancel = clock.after(GOODBYE_MS, () => socket.destroy());
  socket.once('close', resolve);
  session?.end();
  await promise;
  cancel();
}

/** A number of the database: a double, but an int (a bigint) where a double would lose digits and CEL's 64 bits hold it. */
export function numberFrom(text: string): number | bigint | string {
  const number = Number(text);
  if (Number.isNaN(number)) return text === 'NaN' ? number : text;
  if (!/^-?\d+$/.test(text) || Number.isSafeInteger(number)) return number;
  const whole = BigInt(text);
  return BigInt.asIntN(64, whole) === whole ? whole : number;
}

/** A chat shows one line, and a syntax error may quote a whole query. */
const SAYING_CHARS_MAX = 160;

/** What the server says of an error, on one line. */
export function saying(message: string): string {
  const line = message.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > SAYING_CHARS_MAX ? `${line.slice(0, SAYING_CHARS_MAX)}…` : line;
}
