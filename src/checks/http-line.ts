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
  /** More than one request will come. */
  readonly keep: boolean;
}

/** Puts an answer together as it comes; `finish` is called once the limit is reached, or by the caller at the end. */
export function createGatherer(
  {bodyLimit, keepBody, wantIp}: Request,
  finish: (answer: Answer) => void,
): {
  begin(status: number, fields: Fields, socket: net.Socket | undefined): void;
  /** False: that is enough. */
  take(chunk: Buffer): boolean;
  end(): void;
} {
  const chunks: Buffer[] = [];
  let length = 0;
  let head: Omit<Answer, 'body' | 'cut'> = {status: 0, headers: {}, remoteIp: '', certEndsAt: undefined};
  const settle = (cut: boolean) => finish({...head, body: Buffer.concat(chunks), cut});
  return {
    begin: (status, fields, socket) => {
      head = {status, headers: flatten(fields), ...factsOf(socket, wantIp)};
    },
    take: (chunk) => {
      if (keepBody) chunks.push(chunk.subarray(0, bodyLimit - length));
      length += chunk.length;
      if (length < bodyLimit) return true;
      settle(true);
      return false;
    },
    end: () => settle(false),
  };
}

/** Read while the connection is open: afterwards nobody knows. */
function factsOf(socket: net.Socket | undefined, wantIp: boolean) {
  const certificate = socket instanceof tls.TLSSocket ? socket.getPeerX509Certificate() : undefined;
  return {remoteIp: (wantIp && socket?.remoteAddress) || '', certEndsAt: certificate?.validToDate.getTime()};
}

type Fields = Readonly<Record<string, string | string[] | undefined>>;

function flatten(fields: Fields): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
