import {once} from 'node:events';
import net from 'node:net';

/** Sends these requests in turn over so many connections, one at a time on each, and counts the answers until the time is up. */
export async function load(use: {
  readonly port: number;
  readonly requests: readonly string[];
  readonly connections: number;
  readonly ms: number;
}): Promise<number> {
  const {port, requests, connections, ms} = use;
  let next = 0;
  let answered = 0;
  let isOver = false;
  const ask = (socket: net.Socket) => socket.write(requests[next++ % requests.length] ?? '', 'latin1');
  const sockets = Array.from({length: connections}, () => {
    const socket = net.connect({host: '127.0.0.1', port, noDelay: true});
    socket.on('data', (answer: Buffer) => {
      // An answer is far smaller than a packet.
      if (!answer.subarray(0, 12).equals(FINE)) throw new Error(answer.toString());
      answered++;
      if (!isOver) ask(socket);
    });
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) ask(socket);
  await new Promise((resolve) => setTimeout(resolve, ms));
  isOver = true;
  const count = answered;
  for (const socket of sockets) socket.end();
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
  return count;
}

const FINE = Buffer.from('HTTP/1.1 200');
