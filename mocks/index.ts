import {type ApiMock, startApi} from './api.ts';
import {type SocketMock, type SocketMockOptions, startSocket} from './socket.ts';
import {isMain, stopOnSignal} from './start.ts';

export interface Mocks {
  readonly api: ApiMock;
  readonly socket: SocketMock;
  stop(): Promise<void>;
}

/** Starts every service that the shipped config.yaml watches. Rejects when a port is taken, having stopped the others. */
export async function startMocks(options: SocketMockOptions & {readonly apiPort?: number} = {}): Promise<Mocks> {
  const {apiPort, ...socketOptions} = options;
  const socket = await startSocket(socketOptions);
  try {
    const api = await startApi({socket, ...(apiPort !== undefined && {port: apiPort})});
    return {
      api,
      socket,
      stop: async () => {
        await Promise.all([api.stop(), socket.stop()]);
      },
    };
  } catch (error) {
    await socket.stop();
    throw error;
  }
}

/** The same for a program that has `mocks: true` in its config: what keeps them from starting is told in words. */
export function startOrSayWhyNot(): Promise<Mocks | string> {
  return startMocks().catch((error: Error) => `mocks: true in the config cannot be had: ${error.message}`);
}

if (isMain(import.meta)) {
  const mocks = await startMocks();
  process.stdout.write(`mocks: the API and its switches on ${mocks.api.url}, atto_socket on ${mocks.socket.port}\n`);
  stopOnSignal(mocks);
}
