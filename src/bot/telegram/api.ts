import {randomUUID} from 'node:crypto';
import type {Logger} from 'pino';
import {Telegram} from 'telegraf';
import {request} from 'undici';
import type {Clock} from '../../clock.ts';
import {codeOf} from '../error-code.ts';
import {type Leg, NeverLeft, Routes} from './routes.ts';

/** The Bot API said no. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: number;
  /** Asking again with the same words cannot help. */
  readonly permanent: boolean;
  /** Telegram asked for this much silence. */
  readonly retryAfterMs: number | undefined;
  /** The chat's new id. */
  readonly migrateTo: number | undefined;

  constructor(answer: {error_code: number; description: string; parameters?: ErrorParameters}) {
    super(answer.description);
    this.code = answer.error_code;
    const {retry_after: retryAfter, migrate_to_chat_id: migrateTo} = answer.parameters ?? {};
    this.retryAfterMs = retryAfter === undefined ? undefined : retryAfter * 1000;
    this.migrateTo = migrateTo;
    this.permanent = (this.code === 400 || this.code === 403) && migrateTo === undefined;
  }
}

/** No answer of the Bot API's was had. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  /** False when the request certainly never left this machine: then nothing can have happened on the other side. */
  readonly mayHaveArrived: boolean;

  constructor(reason: string, mayHaveArrived: boolean) {
    super(reason);
    this.mayHaveArrived = mayHaveArrived;
  }
}

interface ErrorParameters {
  readonly retry_after?: number;
  readonly migrate_to_chat_id?: number;
}

/** The wait for one answer, sending included. Telegram answers in well under a second; mobile links need longer. */
const DEADLINE_MS = 20_000;
/** The same with a file: 10 MB over a mobile link. */
const UPLOAD_DEADLINE_MS = 60_000;
/** On top of a poll's own timeout. */
const POLL_GRACE_MS = 15_000;
/** The Bot API's answers stay far below this; a captive portal's page may not. */
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Telegraf's client with the network part replaced: a deadline on every call, bodies always read, the token never in an
 * error, and two errors only: `Refused` and `Unreachable`. A `File` among the parameters is uploaded. Everything goes the
 * same way: directly, or through the first of `proxies` that works.
 */
export class OpsTelegram extends Telegram {
  readonly #clock: Clock;
  readonly #routes: Routes;
  #reachedAt: number | undefined;
  /** False once this server has refused a time in the reader's zone: it is older than those. */
  takesMoments = true;

  constructor(use: {token: string; apiRoot: string; proxies?: readonly string[]; clock: Clock; log?: Logger}) {
    super(use.token, {apiRoot: use.apiRoot});
    this.#clock = use.clock;
    this.#routes = new Routes({proxies: [], ...use});
  }

  /** The signal is `unknown` because telegraf's type of it is a shim's. */
  override async callApi(method: string, payload: object, options: {signal?: unknown} = {}): Promise<never> {
    const parent = options.signal instanceof AbortSignal ? options.signal : undefined;
    const {signal, cancel} = this.#clock.deadline(deadlineMs(method, payload), parent);
    try {
      const result = resultOf(await this.#routes.run((leg) => this.#post(method, payload, leg), signal)) as never;
      this.#reachedAt = this.#clock.monotonic();
      return result;
    } catch (error) {
      throw error instanceof Refused || error instanceof Unreachable ? error : unreachable(error);
    } finally {
      cancel();
    }
  }

  /** When it last did what it was asked to, on the monotonic clock. */
  get reachedAt(): number | undefined {
    return this.#reachedAt;
  }

  /** Drops every connection. */
  hangUp(): Promise<void> {
    return this.#routes.hangUp();
  }

  async #post(method: string, payload: object, leg: Leg): Promise<Answer & {readonly status: number}> {
    const {statusCode: status, body} = await request(`${this.options.apiRoot}/bot${this.token}/${method}`, {
      method: 'POST',
      ...(await bodyOf(payload)),
      ...leg,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body) {
      length += chunk.length;
      if (length > ANSWER_BYTES_MAX) throw new Unreachable('the answer is longer than 8 MiB', true);
      chunks.push(chunk);
    }
    // A proxy's error may name the address that was asked for.
    const text = Buffer.concat(chunks).toString().replaceAll(this.token, '[redacted]');
    return {...readAnswer(text, status), status};
  }
}

function hasFile(payload: object): boolean {
  return Object.values(payload).some((value) => value instanceof File);
}

/** JSON, or a form where there is a file: every other field is text there, objects as JSON (core.telegram.org/bots/api#sending-files). */
async function bodyOf(payload: object): Promise<{body: string | Buffer; headers: Record<string, string>}> {
  if (!hasFile(payload)) return {body: JSON.stringify(payload), headers: {'content-type': 'application/json'}};
  const boundary = `vakhta-${randomUUID()}`;
  // Not a FormData: that makes CR and LF of every line's end, and Telegram a space of each CR.
  const parts = Object.entries(payload).flatMap(([key, value]: [string, unknown]) => {
    if (value === undefined) return [];
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${key}"`;
    if (!(value instanceof File))
      return [`${head}\r\n\r\n${typeof value === 'string' ? value : JSON.stringify(value)}\r\n`];
    const name = value.name.replace(/["\r\n]/g, '_');
    return [`${head}; filename="${name}"\r\ncontent-type: application/octet-stream\r\n\r\n`, value, '\r\n'];
  });
  const headers = {'content-type': `multipart/form-data; boundary=${boundary}`};
  const body = await new Blob([...parts, `--${boundary}--\r\n`]).arrayBuffer();
  return {body: Buffer.from(body), headers};
}

function deadlineMs(method: string, payload: object): number {
  if (hasFile(payload)) return UPLOAD_DEADLINE_MS;
  if (method !== 'getUpdates') return DEADLINE_MS;
  const seconds = 'timeout' in payload && typeof payload.timeout === 'number' ? payload.timeout : 0;
  return seconds * 1000 + POLL_GRACE_MS;
}

function readAnswer(body: string, status: number): Answer {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw new Unreachable(`HTTP ${status} with something other than JSON: a proxy or a captive portal?`, true);
  }
  if (!isAnswer(answer)) throw new Unreachable(`HTTP ${status} with JSON that is not the Bot API's`, true);
  return answer;
}

function resultOf({status, ...answer}: Answer & {readonly status: number}): unknown {
  if (answer.ok) return answer.result;
  const refusal = new Refused({
    error_code: answer.error_code ?? status,
    description: answer.description ?? `HTTP ${status}`,
    ...(answer.parameters && {parameters: answer.parameters}),
  });
  if (refusal.code >= 500) throw new Unreachable(`${refusal.code} ${refusal.message}`, true);
  throw refusal;
}

interface Answer {
  readonly ok: boolean;
  readonly result?: unknown;
  readonly error_code?: number;
  readonly description?: string;
  readonly parameters?: ErrorParameters;
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
}

/** Built from the error's code and kind only: its text may hold the address, and that holds the token. */
function unreachable(error: unknown): Unreachable {
  if (error instanceof NeverLeft) return new Unreachable(error.message, false);
  const code = codeOf(error);
  const name = error instanceof Error ? error.name : 'unknown error';
  return new Unreachable(name === 'TimedOut' ? 'no answer in time' : (code ?? name), true);
}
