import type net from 'node:net';
import {Refusal} from '../reach/failure.ts';
import {Client} from './http-client.ts';
import {type Dialling, destinationOf, dial} from './http-connect.ts';
import {dispatch} from './http-dispatch.ts';
import type {Answer, Line, LineOptions, Request} from './http-line.ts';

/** One for all: making an error, with its stack, for each connection takes longer than closing it. */
const HUNG_UP = new Refusal('connection closed');
/**
 * Ends a connection whose answer is complete. undici does it with an error of its own, each with its stack; of this code
 * it knows that nothing went wrong.
 */
const ANSWERED = Object.assign(new Refusal('connection closed'), {code: 'UND_ERR_INFO'});
/** As many as checks run at once by default; more are thrown away after their use. */
const IDLE_MAX = 256;

/** Those whose last request was answered. Each may go anywhere next, as it is told only then where to connect. */
const idle: Caller[] = [];

/** A connection over HTTP/1.1 for one request, by an undici Client that is used again for the next connection. */
export function openFresh(options: LineOptions): Line {
  return new Call(options);
}

class Call implements Line {
  readonly #options: LineOptions;
  #caller: Caller | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  ask(request: Request): Promise<Answer> {
    this.#caller = idle.pop() ?? new Caller();
    return this.#caller.ask(request, this.#options);
  }

  isOpen(): boolean {
    return false;
  }

  readonly hangUp = (): void => {
    const caller = this.#caller;
    this.#caller = undefined;
    if (!caller) return;
    if (caller.release() && idle.length < IDLE_MAX) idle.push(caller);
    else caller.destroy();
  };
}

/** A Client and what it is doing now. */
class Caller {
  readonly #client: InstanceType<typeof Client>;
  #url: URL | undefined;
  #options: LineOptions | undefined;
  #dialling: Dialling | undefined;
  #socket: net.Socket | undefined;
  #isAnswered = false;

  constructor() {
    this.#client = new Client('http://any.invalid', {
      connect: (_, callback) => {
        const [url, options] = [this.#url, this.#options];
        if (!url || !options) return callback(HUNG_UP, null);
        this.#dialling = dial(destinationOf(url), options.route, options.secure(), (error, socket) => {
          if (error) return callback(error, null);
          this.#socket = socket;
          return callback(null, socket);
        });
      },
      // The caller's signal is the only deadline: one clock, one message.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  ask(request: Request, options: LineOptions): Promise<Answer> {
    this.#url = request.url;
    this.#options = options;
    this.#isAnswered = false;
    const onEnd = () => {
      this.#isAnswered = true;
      this.#socket?.destroy(ANSWERED);
    };
    const socket = () => this.#socket;
    return dispatch(this.#client, request, {headers: withHost(request), reset: true, socket, onEnd});
  }

  /** Closes the connection. False: the Client is still busy with it. */
  release(): boolean {
    // undici waits for a connection attempt to end by itself, which can take the kernel two minutes.
    this.#dialling?.destroy();
    this.#url = this.#options = this.#dialling = this.#socket = undefined;
    return this.#isAnswered;
  }

  destroy(): void {
    this.#client.destroy(HUNG_UP, () => {});
  }
}

/** The Client cannot know it, as it is told of no address; a header of the user's own goes first. */
function withHost({url, headers}: Request): Record<string, string> {
  for (const name in headers) if (name.length === 4 && name.toLowerCase() === 'host') return headers;
  return {host: url.host, ...headers};
}
