import type {IncomingMessage} from 'node:http';
import type {FastifyRequest} from 'fastify';

/** Of what is sent with a report, so much is kept, as Healthchecks does; the rest is read and forgotten. */
export const KEPT_BYTES_MAX = 10_000;
/** A job that sends its whole log has done its work all the same; more than this is no log any more. */
const BODY_BYTES_MAX = 1_048_576;

class TooLarge extends Error {
  readonly statusCode = 413;
}

/** The beginning of a body of any type, as text. Rejects when there is too much of it. */
export function readBody(_request: FastifyRequest, payload: IncomingMessage): Promise<string> {
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let bytes = 0;
  const {promise, resolve, reject} = Promise.withResolvers<string>();
  payload.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) {
      payload.removeAllListeners('data');
      return reject(new TooLarge(`a body of more than ${BODY_BYTES_MAX} bytes`));
    }
    const room = KEPT_BYTES_MAX - keptBytes;
    if (room <= 0) return;
    // A copy: a piece of a large buffer would keep all of it.
    const part = Buffer.from(chunk.subarray(0, room));
    keptBytes += part.length;
    kept.push(part);
  });
  payload.on('end', () => resolve(Buffer.concat(kept).toString('utf8')));
  payload.on('error', reject);
  return promise;
}
