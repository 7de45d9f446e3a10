import net from 'node:net';
import {isMain, stopOnSignal} from './start.ts';

export interface SocketMock {
  readonly port: number;
  readonly terminalPort: number;
  readonly terminals: readonly string[];
  /** From now on STATUS is answered with an error. */
  break(): void;
  mend(): void;
  /** Closes the terminal's listener, so that connections are refused. False: there is no such terminal. */
  breakTerminal(address: string): Promise<boolean>;
  mendTerminal(address: string): Promise<boolean>;
  stop(): Promise<void>;
}

export interface SocketMockOptions {
  /** 0 takes a free one, here and below. */
  readonly port?: number;
  readonly terminalPort?: number;
  /** Loopback addresses; Linux has all of 127.0.0.0/8 without any set-up. */
  readonly terminals?: readonly string[];
}

const COMMAND_CHARS_MAX = 1_000;

/** Starts a stand-in for the atto_socket service, and some payment terminals that accept connections. */
export async function startSocket(options: SocketMockOptions = {}): Promise<SocketMock> {
  const {port = 8082, terminalPort = 8083, terminals = ['127.0.0.1', '127.0.0.2', '127.0.0.3']} = options;
  const service = createService();
  const listeners = new Map(terminals.map((address) => [address, createListener((socket) => socket.end())]));
  const stop = async () => {
    await Promise.all([service.close(), ...[...listeners.values()].map((listener) => listener.close())]);
  };
  const ports = await listenAll().catch(async (error) => {
    // What listens already would keep its program from ending.
    await stop();
    throw error;
  });
  return {
    ...ports,
    terminals,
    break: () => service.setBroken(true),
    mend: () => service.setBroken(false),
    breakTerminal: async (address) => {
      await listeners.get(address)?.close();
      return listeners.has(address);
    },
    mendTerminal: async (address) => {
      await listeners.get(address)?.listen(ports.terminalPort, address);
      return listeners.has(address);
    },
    stop,
  };

  async function listenAll(): Promise<{port: number; terminalPort: number}> {
    const servicePort = await service.listen(port, '127.0.0.1');
    let shared = terminalPort;
    for (const [address, listener] of listeners) shared = await listener.listen(shared, address);
    return {port: servicePort, terminalPort: shared};
  }
}

/** The protocol of atto_socket: one command a line, one line in answer. */
function createService() {
  const started = process.hrtime.bigint();
  let broken = false;
  let count = 0;
  const answer = (command: string) => {
    if (command !== 'STATUS') return 'ERR unknown command\n';
    if (broken) return 'ERR terminal offline\n';
    count++;
    return `OK ${(process.hrtime.bigint() - started) / 1_000_000_000n} ${count}\n`;
  };
  const listener = createListener((socket) => {
    let pending = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (pending + text).split('\n');
      pending = (lines.pop() ?? '').slice(-COMMAND_CHARS_MAX);
      for (const line of lines) socket.write(answer(line.trimEnd()));
    });
  });
  return {
    ...listener,
    setBroken: (now: boolean) => {
      broken = now;
    },
  };
}

/** A server that can be closed at once, connections and all, and opened again. */
function createListener(welcome: (socket: net.Socket) => void) {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    welcome(socket);
  });
  return {
    listen: (port: number, host: string) =>
      new Promise<number>((resolve, reject) => {
        const found = server.address();
        if (found !== null && typeof found === 'object') return resolve(found.port);
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const address = server.address();
          resolve(address !== null && typeof address === 'object' ? address.port : port);
        });
      }),
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

if (isMain(import.meta)) {
  const mock = await startSocket();
  process.stdout.write(
    `atto_socket on 127.0.0.1:${mock.port}, terminals on ${mock.terminals.join(', ')}:${mock.terminalPort}\n`,
  );
  stopOnSignal(mock);
}
