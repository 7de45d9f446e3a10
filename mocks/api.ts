import {once} from 'node:events';
import http from 'node:http';
import type {SocketMock} from './socket.ts';
import {isMain, stopOnSignal} from './start.ts';

type Break = 'error' | 'slow' | 'silent';

/** Longer than any latency that config.yaml puts up with. */
const SLOW_MS = 3000;

export interface ApiMock {
  /** `http://127.0.0.1:8081`, without a slash at its end. */
  readonly url: string;
  /** From now on /health answers 503, or is `slow` (3 s) or `silent` (hangs up without an answer). */
  break(how?: Break): void;
  mend(): void;
  /** How many requests for /health there were. */
  served(): number;
  stop(): Promise<void>;
}

export interface ApiMockOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** The other mocks, which `/socket/…` and `/terminals/…` then break and mend. */
  readonly socket?: SocketMock;
}

const HELP = [
  'GET  /health',
  'POST /break                  /health answers 503',
  'POST /slow                   /health answers after 3 s',
  'POST /silent                 /health hangs up',
  'POST /mend',
  'POST /socket/break           STATUS is answered with an error',
  'POST /socket/mend',
  'POST /terminals/ADDRESS/break  its connections are refused',
  'POST /terminals/ADDRESS/mend',
  '',
].join('\n');

/** Starts the billing API that config.yaml watches, and the switches that break all mocks. */
export async function startApi({port = 8081, host = '127.0.0.1', socket}: ApiMockOptions = {}): Promise<ApiMock> {
  let broken: Break | undefined;
  let requests = 0;
  const api = {
    break: (how: Break = 'error') => {
      broken = how;
    },
    mend: () => {
      broken = undefined;
    },
  };
  const server = http.createServer(async (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    request.resume();
    if (path === '/health') {
      requests++;
      if (broken === 'silent') return request.socket.destroy();
      if (broken === 'error') return answer(response, 503, {status: 'down'});
      if (broken === 'slow') await once(response, 'close', {signal: AbortSignal.timeout(SLOW_MS)}).catch(() => {});
      return answer(response, 200, {status: 'ok', queue: requests % 10});
    }
    const known = request.method === 'POST' && (await turn(path, {api, socket}));
    if (known) return answer(response, 200, {done: path.slice(1)});
    response.writeHead(404, {'content-type': 'text/plain'}).end(HELP);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const address = server.address();
  const taken = address !== null && typeof address === 'object' ? address.port : port;
  return {
    ...api,
    served: () => requests,
    url: `http://${host}:${taken}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Parts {
  readonly api: Pick<ApiMock, 'break' | 'mend'>;
  readonly socket?: SocketMock | undefined;
}

/** Breaks or mends what a path names; false: it names nothing. */
async function turn(path: string, {api, socket}: Parts): Promise<boolean> {
  const match = /^(?:\/(?<part>socket|terminals\/(?<address>[\w.:]+)))?\/(?<turn>break|slow|silent|mend)$/.exec(path);
  if (!match?.groups) return false;
  const {part, address, turn} = match.groups;
  const isBreak = turn !== 'mend';
  if (turn === 'slow' || turn === 'silent') {
    // Only the API knows more than one way.
    if (part === undefined) api.break(turn);
    return part === undefined;
  }
  if (address !== undefined) {
    return (await (isBreak ? socket?.breakTerminal(address) : socket?.mendTerminal(address))) ?? false;
  }
  const chosen = part === 'socket' ? socket : api;
  if (isBreak) chosen?.break();
  else chosen?.mend();
  return chosen !== undefined;
}

function answer(response: http.ServerResponse, status: number, body: object): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(`${JSON.stringify(body)}\n`);
}

if (isMain(import.meta)) {
  const mock = await startApi();
  process.stdout.write(`the API is on ${mock.url}\n${HELP}`);
  stopOnSignal(mock);
}
