import net from 'node:net';
import {defineCheck, failed, ok, z} from 'vakhta/check';

/** A frame: two bytes with the length of what follows (big-endian), one byte that says what it is, then its payload. */
const STATUS_REQUEST = 0x01;
const STATUS_REPLY = 0x81;
const FRAME_BYTES_MAX = 1024;
const STATES = ['ready', 'busy', 'out of paper', 'broken'];

/** Asks a device that speaks a binary protocol for its status and its queue of documents. */
export default defineCheck({
  options: z.strictObject({
    host: z.string(),
    port: z.int().min(1).max(65_535),
    queue_max: z.int().min(0).default(10),
  }),
  async run({options: {host, port, queue_max}, signal}) {
    const [kind, state = -1, high = 0, low = 0] = await ask({host, port}, Buffer.from([STATUS_REQUEST]), signal);
    if (kind !== STATUS_REPLY) return failed(`an answer of kind ${kind}, not ${STATUS_REPLY}`);
    const queue = high * 256 + low;
    if (state !== 0) return failed(`the device is ${STATES[state] ?? `in state ${state}`}`, {queue});
    return queue > queue_max ? failed(`${queue} documents wait, at most ${queue_max} may`, {queue}) : ok({queue});
  },
});

/** Sends one frame and resolves with the payload of the one that comes back. */
function ask(to: {host: string; port: number}, payload: Buffer, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({...to, noDelay: true, signal});
    let received = Buffer.alloc(0);
    const settle = (work: () => void) => {
      socket.destroy();
      work();
    };
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('end', () => settle(() => reject(new Error('the device hung up'))));
    socket.on('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(payload.length);
      socket.write(Buffer.concat([length, payload]));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const length = received.readUInt16BE();
      if (length > FRAME_BYTES_MAX) settle(() => reject(new Error(`a frame of ${length} bytes`)));
      else if (received.length >= 2 + length) settle(() => resolve(received.subarray(2, 2 + length)));
    });
  });
}
