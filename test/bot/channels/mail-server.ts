import {readFileSync} from 'node:fs';
import type {AddressInfo} from 'node:net';
import type {TestContext} from 'node:test';
import {SMTPServer, type SMTPServerOptions, type SMTPServerSession} from 'smtp-server';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  /** By lower-case name, unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly secure: boolean;
  readonly user: string | undefined;
}

export interface MailServer {
  readonly port: number;
  /** What was taken over with 250, and what was read and then not. */
  readonly taken: TakenMail[];
  readonly dropped: TakenMail[];
  /** How many connections there were. */
  readonly connections: () => number;
  stop(): Promise<void>;
}

interface Given extends SMTPServerOptions {
  readonly port?: number;
  /** After the text was read: an error refuses it, `hang` says nothing, `cut` drops the connection. */
  readonly onText?: (mail: TakenMail) => Error | 'hang' | 'cut' | undefined;
}

/** A real SMTP server on a free port of this machine. */
export async function startMailServer(context: Pick<TestContext, 'after'>, given: Given = {}): Promise<MailServer> {
  const {port = 0, onText, ...options} = given;
  const taken: TakenMail[] = [];
  const dropped: TakenMail[] = [];
  let connections = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key === undefined ? ['STARTTLS'] : [],
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    ...options,
    onConnect: (session, callback) => {
      connections++;
      if (options.onConnect) options.onConnect(session, callback);
      else callback();
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const mail = readMail(Buffer.concat(chunks).toString(), session);
        const verdict = onText?.(mail);
        (verdict === undefined ? taken : dropped).push(mail);
        if (verdict === 'cut') for (const connection of server.connections) connection._socket.destroy();
        else if (verdict !== 'hang') callback(verdict);
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () => new Promise<void>((resolve) => server.close(resolve));
  context.after(stop);
  return {port: (server.server.address() as AddressInfo).port, taken, dropped, connections: () => connections, stop};
}

/** An answer of the server's: `550 No such user here`. */
export function answer(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), {responseCode});
}

export function certificate({cert, key}: {cert: string; key: string}): {cert: Buffer; key: Buffer} {
  return {cert: readFileSync(cert), key: readFileSync(key)};
}

function readMail(raw: string, session: SMTPServerSession): TakenMail {
  const [head = ''] = raw.split('\r\n\r\n', 1);
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const {mailFrom, rcptTo} = session.envelope;
  return {
    from: mailFrom === false ? '' : mailFrom.address,
    to: rcptTo.map(({address}) => address),
    raw,
    headers: new Map(headers),
    secure: session.secure,
    user: typeof session.user === 'string' ? session.user : undefined,
  };
}

/** The parts of a multipart mail by their type, decoded. */
export function partsOf({raw, headers}: TakenMail): ReadonlyMap<string, string> {
  const [, boundary = ''] = /boundary="(.*?)"/.exec(headers.get('content-type') ?? '') ?? [];
  const parts = raw.split(`--${boundary}`).slice(1, -1);
  return new Map(
    parts.map((part) => {
      const [head = '', ...body] = part.trim().split('\r\n\r\n');
      const [, type = ''] = /content-type: ([\w/]+)/i.exec(head) ?? [];
      return [type, decoded(body.join('\r\n\r\n'), /encoding: ([\w-]+)/i.exec(head)?.[1] ?? '')];
    }),
  );
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** RFC 2047, as far as our own mails use it. */
export function headerText(value = ''): string {
  const words = value.replace(/\?=\s+=\?/g, '?==?');
  return words.replace(/=\?UTF-8\?([BQ])\?(.*?)\?=/gi, (_, kind: string, text: string) =>
    kind.toUpperCase() === 'B'
      ? Buffer.from(text, 'base64').toString()
      : decoded(text.replaceAll('_', ' '), 'quoted-printable'),
  );
}
