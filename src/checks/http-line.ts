import type net from 'node:net';
import tls from 'node:tls';
import type {Dispatcher} from 'undici';
import type {Route} from './http-connect.ts';
import type {Secure} from './secure.ts';

/** A held connection that nobody uses any more (its check was removed, say) closes by itself after this long. */
export const IDLE_MS = 15 * 60_000;

export interface Request {
  readonly url: URL;
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** In bytes; reading ends there. */
  readonly bodyLimit: number;
  /** False: the body is read to its end, or the limit, but not kept. */
  readonly keepBody: boolean;
  /** False: `remoteIp` is left empty, which saves a system call. */
  readonly wantIp: boolean;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case; a repeated header's values joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body reached the limit, and there may have been more. */
  readonly cut: boolean;
  /** Where the connection goes to; with a proxy, the proxy's address. */
  readonly remoteIp: string;
  /** Epoch milliseconds at which the server's certificate ends; undefined without TLS. */
  readonly certEndsAt: number | undefined;
}

/** A connection to one origin, which is made by the first request. */
export interface Line {
  ask(request: Request): Promise<Answer>;
  isOpen(): boolean;
  /** Closes it at once; what is being asked is rejected. */
  hangUp(): void;
}

export interface LineOptions {
  readonly route: Route;
  readonly secure: () => Secure;
}

/** Puts an answer together as it comes; `finish` is called once the limit is reached, or at the end. */
export class Gatherer {
  readonly #request: Pick<Request, 'bodyLimit' | 'keepBody' | 'wantIp'>;
  readonly #finish: (answer: Answer) => void;
  readonly #chunks: Buffer[] = [];
  #length = 0;
  #head: Omit<Answer, 'body' | 'cut'> = {status: 0, headers: {}, remoteIp: '', certEndsAt: undefined};

  constructor(request: Request, finish: (answer: Answer) => void) {
    this.#request = request;
    this.#finish = finish;
  }

  begin(status: number, headers: Answer['headers'], socket: net.Socket | undefined): void {
    this.#head = {status, headers, ...factsOf(socket, this.#request.wantIp)};
  }

  /** False: that is enough. */
  take(chunk: Buffer): boolean {
    const {bodyLimit, keepBody} = this.#request;
    if (keepBody) this.#chunks.push(chunk.subarray(0, bodyLimit - this.#length));
    this.#length += chunk.length;
    if (this.#length < bodyLimit) return true;
    this.#settle(true);
    return false;
  }

  end(): void {
    this.#settle(false);
  }

  #settle(cut: boolean): void {
    const [first] = this.#chunks;
    const body = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#finish({...this.#head, body, cut});
  }
}

/** Read while the connection is open: afterwards nobody knows. */
function factsOf(socket: net.Socket | undefined, wantIp: boolean) {
  const certificate = socket instanceof tls.TLSSocket ? socket.getPeerX509Certificate() : undefined;
  return {remoteIp: (wantIp && socket?.remoteAddress) || '', certEndsAt: certificate?.validToDate.getTime()};
}

type Fields = Readonly<Record<string, string | string[] | undefined>>;

/** Names in lower case as they come; a repeated header's values joined by a comma. */
export function flatten(fields: Fields): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in fields) {
    const value = fields[name];
    flat[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  return flat;
}
