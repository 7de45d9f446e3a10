import type net from 'node:net';
import type pg from 'pg';
import type {Clock} from '../clock.ts';
import {type Driver, numberFrom, type Opening, ROWS_MAX, type Row, type Session, saying} from './database-line.ts';

/** A cancel request is one packet, and the server closes the connection that it came by. */
const CANCEL_MS = 1_000;
/** The server gives a query up by itself this long after the run has, should the cancel request not get through. */
const SERVER_GRACE_MS = 1_000;
/** The protocol's number of a cancel request (1234 and 5678 as two 16-bit numbers). */
const CANCEL_REQUEST = 80_877_102;

let library: typeof pg | undefined;

export const driver: Driver = {load, open, reasonOf};

async function load(): Promise<void> {
  library ??= (await import('pg')).default;
}

/** What pg's Client has besides what its types say. */
interface Inner {
  readonly connection: pg.Connection;
  readonly processID: number | null;
  readonly secretKey: number | null;
}

async function open({socket, given, secure, timeoutMs}: Opening): Promise<Session> {
  if (!library) throw new Error('pg is not loaded');
  const client = new library.Client({
    // Only the name that a certificate must have: the socket knows where to connect, and pg only waits for it.
    host: given.server_name ?? given.host,
    port: given.port,
    stream: () => Object.assign(socket, {connect: () => socket}),
    user: given.user,
    // Left out, these would come from the environment, and the password from ~/.pgpass.
    database: given.database ?? given.user,
    password: () => given.password ?? '',
    ssl: secure ? {...secure, rejectUnauthorized: given.tls === 'verify'} : false,
    application_name: 'vakhta',
  });
  client.on('error', () => {});
  await client.connect();
  const inner = client as unknown as Inner;
  let last: {readonly sql: string; readonly bytes: Buffer} | undefined;
  return {
    stream: inner.connection.stream as net.Socket,
    query: (sql, onRow) =>
      new Promise((resolve, reject) => {
        const done = (error?: unknown) => (error === undefined ? resolve() : reject(error));
        if (last?.sql !== sql) last = {sql, bytes: bytesFor(sql, timeoutMs)};
        client.query(createReader(last.bytes, onRow, done));
      }),
    cancel: (dial, clock) => cancel(inner, dial, clock),
    end: () => void client.end(),
  };
}

/**
 * One round trip: the transaction's begin, the query and the end, of which the server skips the rest when one fails. The
 * extended protocol takes one statement at a time, so no query gets out of its read-only transaction, and the server
 * stops at the limit of rows. The bytes are the same at every run, so they are made once, which saves a quarter of the CPU.
 */
function bytesFor(sql: string, timeoutMs: number): Buffer {
  if (!library) throw new Error('pg is not loaded');
  const chunks: Buffer[] = [];
  const recorder = {writable: true, write: (chunk: Buffer) => chunks.push(Buffer.from(chunk)) > 0};
  const connection = new library.Connection({stream: () => recorder as unknown as net.Socket});
  const add = (text: string, isAsked: boolean) => {
    connection.parse({name: '', text, types: []}, true);
    connection.bind({}, true);
    if (isAsked) connection.describe({type: 'P', name: ''}, true);
    connection.execute({portal: '', ...(isAsked && {rows: String(ROWS_MAX + 1)})}, true);
  };
  add('BEGIN READ ONLY', false);
  add(`SET LOCAL statement_timeout = ${timeoutMs + SERVER_GRACE_MS}`, false);
  add(sql, true);
  add('ROLLBACK', false);
  connection.sync();
  return Buffer.concat(chunks);
}

/** What pg's Client takes for a query. */
function createReader(bytes: Buffer, onRow: (row: Row) => void, done: (error?: unknown) => void) {
  let columns: readonly Column[] = [];
  return {
    submit: (connection: pg.Connection) => void connection.stream.write(bytes),
    handleRowDescription: ({fields}: {fields: readonly Column[]}) => {
      columns = fields;
    },
    handleDataRow: ({fields}: {fields: readonly (string | null)[]}) => onRow(rowFrom(columns, fields)),
    handleError: (error: unknown) => done(error),
    handleReadyForQuery: () => done(),
    handleCommandComplete: () => {},
    handlePortalSuspended: () => {},
    handleEmptyQuery: () => {},
    handleCopyInResponse: () => {},
    handleCopyData: () => {},
  };
}

interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

function rowFrom(columns: readonly Column[], fields: readonly (string | null)[]): Row {
  const row: Record<string, unknown> = {};
  for (const [index, {name, dataTypeID}] of columns.entries()) {
    const text = fields[index];
    row[name] = text == null ? null : (READERS[dataTypeID] ?? String)(text);
  }
  return row;
}

const json = (text: string): unknown => JSON.parse(text);
const list = (of: (text: string) => unknown) => (text: string) =>
  elementsOf(text).map((each) => (each === null ? null : of(each)));

/** By the server's own numbers of types (pg_type.dat); every other type stays the text that it comes as. */
const READERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't', // bool
  20: numberFrom, // int8
  21: numberFrom, // int2
  23: numberFrom, // int4
  26: numberFrom, // oid
  700: numberFrom, // float4
  701: numberFrom, // float8
  1700: numberFrom, // numeric
  114: json,
  3802: json, // jsonb
  1114: (text) => text.replace(' ', 'T'), // timestamp: of no time zone
  1184: instant, // timestamptz
  1005: list(numberFrom), // int2[]
  1007: list(numberFrom), // int4[]
  1016: list(numberFrom), // int8[]
  1021: list(numberFrom), // float4[]
  1022: list(numberFrom), // float8[]
  1231: list(numberFrom), // numeric[]
  1009: list(String), // text[]
  1015: list(String), // varchar[]
};

/** `infinity` and the styles of other countries stay as they are. */
function instant(text: string): string {
  try {
    return Temporal.Instant.from(text).toString();
  } catch {
    return text;
  }
}

/** The type text[], whose elements are split by its reader. */
const TEXT_ARRAY = 1009;

function elementsOf(text: string): readonly (string | null)[] {
  const types = library?.types as {getTypeParser(type: number): (text: string) => (string | null)[]} | undefined;
  return types?.getTypeParser(TEXT_ARRAY)(text) ?? [];
}

/** What pg's own errors mean, which have no code. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^Connection terminated/, 'the server closed the connection'],
  [/does not support SSL/, 'the server does not speak TLS'],
  [/establishing an SSL connection/, 'TLS: the server refuses it'],
  [/^SASL: .*password must be/, 'the server asks for a password, and none is given'],
  [/^SASL: /, 'the server does not prove that it knows the password'],
  [/^Received unexpected|^received invalid response/, 'the answer is not PostgreSQL'],
];

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('severity' in error && typeof error.severity === 'string') return saying(error.message);
  return WORDS.find(([pattern]) => pattern.test(error.message))?.[1];
}

/** See "Canceling Requests in Progress" in PostgreSQL's documentation of its protocol. */
function cancel({processID, secretKey}: Inner, dial: () => net.Socket, clock: Clock): void {
  if (processID === null || secretKey === null) return;
  const request = Buffer.alloc(16);
  for (const [index, word] of [16, CANCEL_REQUEST, processID, secretKey].entries())
    request.writeInt32BE(word, index * 4);
  const socket = dial();
  const unset = clock.after(CANCEL_MS, () => socket.destroy());
  socket.on('close', unset).resume().end(request);
}
