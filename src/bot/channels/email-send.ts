import net from 'node:net';
import {Readable} from 'node:stream';
import type SmtpConnection from 'nodemailer/lib/smtp-connection';
import type {Clock} from '../../clock.ts';
import type {EmailChannelConfig} from '../../config/config.ts';
import {reasonFor} from '../error-code.ts';
import {clip} from '../messages/html.ts';
import type {Outcome} from './channel.ts';
import type {Mail} from './email-compose.ts';
import {readAuthority, routeFor} from './reach.ts';

export interface Sent {
  readonly outcome: Outcome;
  /** Recipients that the server would not take while it took others. */
  readonly refused: readonly {readonly address: string; readonly reason: string}[];
}

interface SendUse {
  readonly config: EmailChannelConfig;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * With the last line of a mail the server takes it over; while it looks for viruses it says nothing. RFC 5321 §4.5.3.2.6 would
 * wait 10 minutes, but the next alert waits behind this one.
 */
const TAKING_OVER_MS = 120_000;

/** Sends one mail over a connection of its own. Never rejects. */
export async function sendMail(mail: Mail, {config, clock, signal}: SendUse): Promise<Sent> {
  const given = clock.deadline(config.timeoutMs + TAKING_OVER_MS, signal);
  const early = clock.deadline(config.timeoutMs, given.signal);
  let leaving = false;
  const onLeaving = () => {
    leaving = true;
    early.cancel();
  };
  try {
    const text = await assembled(mail);
    const info = await transmit({config, mail, text, onLeaving, until: {early: early.signal, whole: given.signal}});
    return {outcome: {kind: 'delivered'}, refused: refusedOf(info)};
  } catch (error) {
    return {outcome: outcomeOf(error, leaving), refused: []};
  } finally {
    early.cancel();
    given.cancel();
  }
}

async function assembled(mail: Mail): Promise<Buffer> {
  const {default: MailComposer} = await import('nodemailer/lib/mail-composer');
  const thread = mail.thread === undefined ? {} : {inReplyTo: `<${mail.thread}>`, references: `<${mail.thread}>`};
  const {subject, text, html} = mail;
  const composed = new MailComposer({
    from: asMailbox(mail.from),
    to: mail.to.map(asMailbox),
    subject,
    text,
    html,
    messageId: `<${mail.messageId}>`,
    ...thread,
    date: toUtc(mail.at),
    headers: AUTOMATIC,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composed.compile().build();
}

/** RFC 3834 §5, and what Exchange goes by: nobody's absence notes come back. */
const AUTOMATIC = {'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All'};

function asMailbox({name = '', address}: Mail['from']): {name: string; address: string} {
  return {name, address};
}

/** RFC 5322 §3.3 */
function toUtc(at: number): string {
  const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('UTC');
  const part = (options: Intl.DateTimeFormatOptions) => time.toLocaleString('en-US', options);
  const clock = time.toPlainTime().toString({smallestUnit: 'second'});
  return `${part({weekday: 'short'})}, ${time.day} ${part({month: 'short'})} ${time.year} ${clock} +0000`;
}

interface Transmission {
  readonly config: EmailChannelConfig;
  readonly mail: Mail;
  readonly text: Buffer;
  /** Called when the server has agreed to take the text: from now on nobody knows, until it has answered. */
  readonly onLeaving: () => void;
  readonly until: {readonly early: AbortSignal; readonly whole: AbortSignal};
}

type Info = Parameters<Parameters<SmtpConnection['send']>[2]>[1];

/** Rejects with nodemailer's error, the socket's, or the reason of the signal that aborted. */
async function transmit({config, mail, text, onLeaving, until}: Transmission): Promise<Info> {
  const {default: Connection} = await import('nodemailer/lib/smtp-connection');
  const trust = await readAuthority(config.ca);
  const socket = net.connect({host: config.host, port: config.port, noDelay: true, ...routeFor(config.family)});
  const connection = new Connection({...optionsFor(config, trust), connection: socket});
  const broken = new Promise<never>((_, reject) => {
    socket.on('error', reject);
    connection.on('error', reject);
    for (const signal of [until.early, until.whole]) {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener('abort', () => reject(signal.reason), {once: true});
    }
  });
  const talk = async () => {
    await step((done) => socket.once('connect', () => done(null)));
    await step((done) => connection.connect(done));
    if (config.login) await logIn(connection, config.login);
    const envelope = {from: mail.from.address, to: mail.to.map(({address}) => address)};
    return step<Info>((done) => connection.send(envelope, once(text, onLeaving), done));
  };
  try {
    const info = await Promise.race([talk(), broken]);
    connection.quit();
    connection.close();
    return info;
  } catch (error) {
    connection.close();
    socket.destroy();
    throw error;
  }
}

/** The server's end of a connection that we have closed is waited for no longer than this. */
const CLOSE_MS = 1_000;

function optionsFor({host, tls, timeoutMs}: EmailChannelConfig, trust: object): object {
  // Its own limits are there for those who have none: ours are shorter.
  const limit = timeoutMs + TAKING_OVER_MS;
  return {
    host,
    secure: tls === 'tls',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    tls: trust,
    connectionTimeout: limit,
    greetingTimeout: limit,
    socketTimeout: limit,
    socketCloseTimeout: CLOSE_MS,
  };
}

async function logIn(connection: SmtpConnection, {user, password}: {user: string; password: string}): Promise<void> {
  if (!connection.allowsAuth) throw new NoLogin('the server offers no login');
  await step((done) => connection.login({credentials: {user, pass: password}}, done));
}

class NoLogin extends Error {
  override readonly name = 'NoLogin';
}

function step<T>(run: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => run((error, value) => (error ? reject(error) : resolve(value as T))));
}

/** The bytes as a stream, which says when somebody begins to read it. */
function once(bytes: Buffer, onRead: () => void): Readable {
  return new Readable({
    read() {
      onRead();
      this.push(bytes);
      this.push(null);
    },
  });
}

function refusedOf({rejectedErrors = []}: Info): Sent['refused'] {
  return rejectedErrors.map((error) => ({address: error.recipient ?? '', reason: reasonOf(error)}));
}

/**
 * What the server refuses with 4xx is tried again, with 5xx is not. Where it says nothing, the mail is in doubt once its text
 * began to leave.
 */
function outcomeOf(error: unknown, leaving: boolean): Outcome {
  const reason = reasonOf(error);
  const {responseCode = 0, command = ''} = factsOf(error);
  if (responseCode >= 500) return {kind: 'refused', reason, channelDead: command !== 'DATA'};
  if (error instanceof NoLogin) return {kind: 'refused', reason, channelDead: true};
  if (responseCode >= 400 || !leaving) return {kind: 'retry', reason};
  return {kind: 'doubt', reason};
}

interface Facts {
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
  /** A system's own code, where `code` is nodemailer's. */
  readonly originalCode?: string;
}

/** nodemailer hangs these on its errors. */
function factsOf(error: unknown): Facts {
  return error instanceof Error ? (error as Facts) : {};
}

const REASON_UNITS_MAX = 200;

/** The server's own words; but an answer to a login may repeat the password, so of that one only the code is told. */
function reasonOf(error: unknown): string {
  const {response, command = '', originalCode} = factsOf(error);
  if (response === undefined) return originalCode ?? reasonFor(error);
  if (command.startsWith('AUTH')) return `login failed (${CODES.exec(response)?.[0]})`;
  return clip(`${command}: ${response.replace(/\p{Cc}+/gu, ' ')}`, REASON_UNITS_MAX);
}

/** The basic and the enhanced status code (RFC 3463). */
const CODES = /^\d{3}(?:[ -][245]\.\d+\.\d+)?/;
