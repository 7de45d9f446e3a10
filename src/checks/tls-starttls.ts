import type net from 'node:net';
import type {Clock} from '../clock.ts';
import {Refusal} from '../reach/failure.ts';
import {createTalk, type Ending} from './socket-talk.ts';

/** Protocols that begin in the clear and turn to TLS when asked. */
export const STARTTLS = ['smtp', 'imap', 'pop3', 'ftp', 'postgres'] as const;
export type StartTls = (typeof STARTTLS)[number];

/** Longer answers are none of these protocols. */
const REPLY_BYTES_MAX = 16 * 1024;
/** The whole of an SMTP or FTP reply: its last line has a space after the code (RFC 5321 §4.2.1, RFC 959 §4.2). */
const REPLY: Ending = {kind: 'match', pattern: /^\d{3} [^\n]*\n/mu};
const LINE: Ending = {kind: 'text', bytes: Buffer.from('\n')};

interface Turn {
  /** Nothing: the server speaks first. */
  readonly say: string | Buffer;
  readonly until: Ending;
  /** What the server says when it agrees. */
  readonly good: RegExp;
}

const TURNS: Readonly<Record<StartTls, readonly Turn[]>> = {
  // RFC 3207.
  smtp: [
    {say: '', until: REPLY, good: /^220[ -]/},
    {say: 'EHLO vakhta\r\n', until: REPLY, good: /^250[ -]/},
    {say: 'STARTTLS\r\n', until: REPLY, good: /^220 /},
  ],
  // RFC 9051 §6.2.1.
  imap: [
    {say: '', until: LINE, good: /^\* (?:OK|PREAUTH)/},
    {say: 'a1 STARTTLS\r\n', until: {kind: 'match', pattern: /^a1 [^\n]*\n/mu}, good: /^a1 OK/m},
  ],
  // RFC 2595 §4.
  pop3: [
    {say: '', until: LINE, good: /^\+OK/},
    {say: 'STLS\r\n', until: LINE, good: /^\+OK/},
  ],
  // RFC 4217 §4.
  ftp: [
    {say: '', until: REPLY, good: /^220[ -]/},
    {say: 'AUTH TLS\r\n', until: REPLY, good: /^234 /},
  ],
  // SSLRequest: https://www.postgresql.org/docs/current/protocol-message-formats.html
  postgres: [{say: Buffer.from('0000000804d2162f', 'hex'), until: {kind: 'length', bytes: 1}, good: /^S/}],
};

/** Talks until the server is ready for a handshake on the same socket. Rejects with a Refusal when it does not agree. */
export async function askForTls(socket: net.Socket, protocol: StartTls, clock: Clock): Promise<void> {
  const talk = createTalk(socket, clock);
  try {
    for (const {say, until, good} of TURNS[protocol]) {
      const reply = (await talk.ask(Buffer.from(say), until, REPLY_BYTES_MAX)).toString('latin1');
      if (!good.test(reply)) throw new Refusal(`${protocol}: ${refusalOf(protocol, say, reply)}`);
    }
  } finally {
    talk.end();
  }
}

function refusalOf(protocol: StartTls, say: string | Buffer, reply: string): string {
  if (protocol === 'postgres') return reply === 'N' ? 'the server has TLS turned off' : 'this is no PostgreSQL server';
  const said = JSON.stringify(reply.trim().slice(0, 60));
  return say === '' ? `this is another protocol: ${said}` : `${String(say).trim()} was refused: ${said}`;
}
