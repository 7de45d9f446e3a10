import {once} from 'node:events';
import net from 'node:net';
import {Duplex} from 'node:stream';
import tls from 'node:tls';

/** What the stand-in answers to a batch. `silence` never answers; `endless` sends rows until the connection is gone. */
export type TdsReply =
  | {readonly columns: readonly TdsColumn[]; readonly rows: readonly (readonly unknown[])[]}
  | {readonly error: string; readonly number?: number; readonly closes?: true}
  | 'done'
  | 'silence'
  | 'endless';

interface TdsColumn {
  readonly name: string;
  readonly type: 'int' | 'bigint' | 'nvarchar' | 'bit' | 'float' | 'decimal' | 'datetime';
}

export interface Tds {
  readonly port: number;
  /** Connections that are open now. */
  open(): number;
  /** Connections that ever were. */
  ever(): number;
  /** How many logins were tried. */
  logins(): number;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

interface Options {
  readonly user: string;
  readonly password: string;
  readonly databases: readonly string[];
  /** With one, the server wants TLS. */
  readonly certificate?: {readonly key: string; readonly cert: string};
  readonly answer: (sql: string) => TdsReply;
}

/** Types of packets ([MS-TDS] 2.2.3.1.1). */
const BATCH = 0x01;
const RESULT = 0x04;
const LOGIN = 0x10;
const PRELOGIN = 0x12;
const HEADER_BYTES = 8;
const PAYLOAD_BYTES_MAX = 4_096 - HEADER_BYTES;

/**
 * Stands in for SQL Server: as much of TDS 7.4 ([MS-TDS]) as the client library needs to log in, with or without TLS, and
 * to run a batch. It knows no SQL; the test answers.
 */
export async function createTds(options: Options): Promise<Tds> {
  const sockets = new Set<net.Socket>();
  let ever = 0;
  let logins = 0;
  const server = net.createServer((socket) => {
    ever += 1;
    sockets.add(socket);
    socket
      .setNoDelay(true)
      .on('error', () => {})
      .on('close', () => sockets.delete(socket));
    serve(socket, options, () => logins++);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address !== 'object') throw new Error('the server does not listen');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    server.close();
    cut();
    if (server.listening) await once(server, 'close');
  };
  return {port: address.port, open: () => sockets.size, ever: () => ever, logins: () => logins, cut, close};
}

function serve(socket: net.Socket, options: Options, onLogin: () => void): void {
  const {certificate, answer} = options;
  const handle = (stream: Duplex, type: number, body: Buffer) => {
    const send = (...tokens: Buffer[]) => stream.write(packets(RESULT, Buffer.concat(tokens)));
    if (type === PRELOGIN) send(prelogin(certificate !== undefined));
    else if (type === LOGIN) {
      onLogin();
      send(...loginAnswer(body, options));
    } else if (type === BATCH) {
      const sql = body.subarray(body.readUInt32LE(0)).toString('utf16le');
      // The library sets its session up with a batch of its own.
      reply(stream, send, /^set ansi_nulls/i.test(sql.trim()) ? 'done' : answer(sql));
    }
  };
  if (certificate) serveTls(socket, certificate, handle);
  else readMessages(socket, (type, body) => handle(socket, type, body));
}

type Handle = (stream: Duplex, type: number, body: Buffer) => void;

/** The first message is plain; then TLS records travel inside packets of the prelogin kind until the handshake is over. */
function serveTls(socket: net.Socket, {key, cert}: {key: string; cert: string}, handle: Handle): void {
  let isRaw = false;
  let hasTls = false;
  const inner = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _, callback) => {
      socket.write(isRaw ? chunk : packets(PRELOGIN, chunk));
      callback();
    },
  });
  const takeMessage = createReader((type, body) => {
    if (hasTls) return void inner.push(body);
    hasTls = true;
    handle(socket, type, body);
    const secure = new tls.TLSSocket(inner, {isServer: true, key, cert});
    secure.on('error', () => socket.destroy());
    readMessages(secure, (innerType, innerBody) => handle(secure, innerType, innerBody));
  });
  socket.on('close', () => inner.destroy());
  socket.on('data', (chunk: Buffer) => {
    // 0x17 begins a TLS record of application data.
    isRaw ||= hasTls && chunk[0] === 0x17;
    if (isRaw) inner.push(chunk);
    else takeMessage(chunk);
  });
}

function readMessages(stream: Duplex, onMessage: (type: number, body: Buffer) => void): void {
  stream.on('data', createReader(onMessage));
}

/** Puts packets together to messages. */
function createReader(onMessage: (type: number, body: Buffer) => void): (chunk: Buffer) => void {
  let buffer = Buffer.alloc(0);
  let body: Buffer[] = [];
  return (chunk) => {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= HEADER_BYTES && buffer.length >= buffer.readUInt16BE(2)) {
      const length = buffer.readUInt16BE(2);
      const [type = 0, status = 0] = buffer;
      body.push(buffer.subarray(HEADER_BYTES, length));
      buffer = buffer.subarray(length);
      if ((status & 1) === 0) continue;
      const whole = Buffer.concat(body);
      body = [];
      onMessage(type, whole);
    }
  };
}

function packets(type: number, body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < body.length; at += PAYLOAD_BYTES_MAX) {
    const part = body.subarray(at, at + PAYLOAD_BYTES_MAX);
    const header = Buffer.from([type, at + PAYLOAD_BYTES_MAX >= body.length ? 1 : 0, 0, 0, 0, 0, 1, 0]);
    header.writeUInt16BE(HEADER_BYTES + part.length, 2);
    parts.push(header, part);
  }
  return Buffer.concat(parts);
}

/** [MS-TDS] 2.2.6.5: the options VERSION and ENCRYPTION (1: on, 2: not supported). */
function prelogin(encrypts: boolean): Buffer {
  const table = [0x00, 0, 11, 0, 6, 0x01, 0, 17, 0, 1, 0xff];
  return Buffer.from([...table, 16, 0, 0, 0, 0, 0, encrypts ? 1 : 2]);
}

function loginAnswer(body: Buffer, {user, password, databases}: Options): Buffer[] {
  const text = (at: number) => {
    const from = body.readUInt16LE(at);
    return body.subarray(from, from + 2 * body.readUInt16LE(at + 2));
  };
  const given = text(40).toString('utf16le');
  // [MS-TDS] 2.2.6.4: the two halves of each byte are swapped, and every second bit is flipped.
  const secret = Buffer.from(text(44).map((byte) => (((byte ^ 0xa5) << 4) | ((byte ^ 0xa5) >> 4)) & 0xff));
  const database = text(68).toString('utf16le');
  if (given !== user || secret.toString('utf16le') !== password) {
    return [failure(`Login failed for user '${given}'.`, 18456), done(0x02)];
  }
  if (database !== '' && !databases.includes(database)) {
    const why = `Cannot open database "${database}" requested by the login. The login failed.`;
    return [failure(why, 4060), done(0x02)];
  }
  // LOGINACK of TDS 7.4.
  const ack = Buffer.concat([Buffer.from([1, 0x74, 0, 0, 4]), shortText('stand-in'), Buffer.from([16, 0, 0, 0])]);
  return [Buffer.from([0xad]), u16(ack.length), ack, done()];
}

function reply(stream: Duplex, send: (...tokens: Buffer[]) => boolean, answer: TdsReply): void {
  if (answer === 'silence') return;
  if (answer === 'done') return void send(done());
  if (answer === 'endless') return pour(stream);
  if ('error' in answer) {
    send(failure(answer.error, answer.number ?? 50_000), done(0x02));
    if (answer.closes) stream.end();
    return;
  }
  const {columns, rows} = answer;
  const encoded = rows.map((row) =>
    Buffer.concat([Buffer.from([0xd1]), ...columns.map(({type}, index) => TYPES[type].value(row[index]))]),
  );
  send(columnsToken(columns), ...encoded, done(0x10, rows.length));
}

/** One message that never ends: no packet of it is marked as the last. */
function pour(stream: Duplex): void {
  const row = Buffer.concat([Buffer.from([0xd1]), TYPES.nvarchar.value('x'.repeat(100))]);
  const open = (body: Buffer) => {
    const packet = packets(RESULT, body);
    packet[1] = 0;
    return packet;
  };
  stream.write(open(columnsToken([{name: 'n', type: 'nvarchar'}])));
  const rows = open(Buffer.concat(Array.from({length: 15}, () => row)));
  const more = () => {
    while (!stream.destroyed && stream.write(rows));
  };
  stream.on('drain', more);
  more();
}

function columnsToken(columns: readonly TdsColumn[]): Buffer {
  const each = columns.map(({name, type}) =>
    Buffer.concat([Buffer.from([0, 0, 0, 0, 1, 0]), TYPES[type].info, shortText(name)]),
  );
  return Buffer.concat([Buffer.from([0x81]), u16(columns.length), ...each]);
}

const COLLATION = [0x09, 0x04, 0xd0, 0x00, 0x34];
const NULL = Buffer.from([0]);

/** [MS-TDS] 2.2.5.4: how each type is announced, and how a value of it is written. */
const TYPES: Record<TdsColumn['type'], {info: Buffer; value: (value: unknown) => Buffer}> = {
  int: {info: Buffer.from([0x26, 4]), value: sized(4, (buffer, value) => buffer.writeInt32LE(Number(value)))},
  bigint: {
    info: Buffer.from([0x26, 8]),
    value: sized(8, (buffer, value) => buffer.writeBigInt64LE(BigInt(String(value)))),
  },
  bit: {info: Buffer.from([0x68, 1]), value: sized(1, (buffer, value) => buffer.writeUInt8(Number(value)))},
  float: {info: Buffer.from([0x6d, 8]), value: sized(8, (buffer, value) => buffer.writeDoubleLE(Number(value)))},
  // decimal(9, 2)
  decimal: {
    info: Buffer.from([0x6a, 5, 9, 2]),
    value: sized(5, (buffer, value) => {
      buffer.writeUInt8(Number(value) < 0 ? 0 : 1);
      buffer.writeUInt32LE(Math.round(Math.abs(Number(value)) * 100), 1);
    }),
  },
  // Days since 1900, and three-hundredths of a second.
  datetime: {
    info: Buffer.from([0x6f, 8]),
    value: sized(8, (buffer, value) => {
      const ms = Date.parse(String(value)) - Date.UTC(1900, 0, 1);
      buffer.writeInt32LE(Math.floor(ms / 86_400_000));
      buffer.writeUInt32LE(Math.round(((ms % 86_400_000) / 1000) * 300), 4);
    }),
  },
  nvarchar: {
    info: Buffer.from([0xe7, 0x40, 0x1f, ...COLLATION]),
    value: (value) => {
      if (value === null) return Buffer.from([0xff, 0xff]);
      const text = Buffer.from(String(value), 'utf16le');
      return Buffer.concat([u16(text.length), text]);
    },
  },
};

function sized(bytes: number, write: (buffer: Buffer, value: unknown) => void): (value: unknown) => Buffer {
  return (value) => {
    if (value === null) return NULL;
    const buffer = Buffer.alloc(bytes);
    write(buffer, value);
    return Buffer.concat([Buffer.from([bytes]), buffer]);
  };
}

function failure(message: string, number: number): Buffer {
  const code = Buffer.alloc(4);
  code.writeUInt32LE(number);
  const words = Buffer.concat([u16(message.length), Buffer.from(message, 'utf16le')]);
  const body = Buffer.concat([
    code,
    Buffer.from([1, 16]),
    words,
    shortText('stand-in'),
    shortText(''),
    Buffer.from([1, 0, 0, 0]),
  ]);
  return Buffer.concat([Buffer.from([0xaa]), u16(body.length), body]);
}

/** The end of an answer; 0x02 in `status` marks an error, 0x10 a number of rows. */
function done(status = 0, rows = 0): Buffer {
  const token = Buffer.alloc(13);
  token.writeUInt8(0xfd);
  token.writeUInt16LE(status, 1);
  token.writeBigUInt64LE(BigInt(rows), 5);
  return token;
}

function u16(number: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(number);
  return buffer;
}

function shortText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'utf16le')]);
}
