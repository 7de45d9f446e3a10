import http2 from 'node:http2';
import type net from 'node:net';
import {Refusal} from '../reach/failure.ts';
import {type Dialling, destinationOf, dial} from './http-connect.ts';
import {type Answer, flatten, Gatherer, IDLE_MS, type Line, type LineOptions, type Request} from './http-line.ts';

/**
 * A connection over HTTP/2. Not undici's: 8.12.4 throws out of an event when its Client is destroyed while a request runs,
 * which would end the process, and puts a request again by itself when the server closes, which hides what a check is to see.
 */
export function openLine2(origin: string, {route, secure}: LineOptions, keep: boolean): Line {
  let dialling: Dialling | undefined;
  let session: http2.ClientHttp2Session | undefined;
  let isHungUp = false;
  const connect = async () => {
    const {promise, resolve, reject} = Promise.withResolvers<net.Socket>();
    dialling = dial(destinationOf(new URL(origin)), route, secure(), (...[error, connected]) =>
      error ? reject(error) : resolve(connected),
    );
    drop = () => reject(new Refusal('connection closed'));
    const socket = await promise;
    session = http2.connect(origin, {createConnection: () => socket});
    // Every request hears of it as well.
    session.on('error', () => {});
    if (keep) session.setTimeout(IDLE_MS, () => session?.destroy());
    return session;
  };
  let drop = () => {};
  const isOpen = () => session !== undefined && !session.closed && !session.destroyed;
  return {
    ask: async (request) => {
      const current = isOpen() && session ? session : await connect();
      if (isHungUp) throw new Refusal('connection closed');
      current.ref();
      try {
        return await askOn(current, request);
      } finally {
        // Between the runs it keeps nobody from ending the process.
        if (!current.destroyed) current.unref();
      }
    },
    isOpen,
    hangUp: () => {
      isHungUp = true;
      drop();
      session?.destroy();
      dialling?.destroy();
    },
  };
}

function askOn(session: http2.ClientHttp2Session, request: Request): Promise<Answer> {
  const {promise, resolve, reject} = Promise.withResolvers<Answer>();
  const {url, method, headers, body} = request;
  const gatherer = new Gatherer(request, resolve);
  let hasBegun = false;
  const fields = {...headers, ':method': method, ':path': url.pathname + url.search};
  const stream = session.request(fields, {endStream: body === undefined});
  stream.on('response', ({':status': status = 0, ...received}) => {
    hasBegun = true;
    gatherer.begin(status, flatten(received), session.socket);
  });
  stream.on('data', (chunk: Buffer) => {
    if (!gatherer.take(chunk)) stream.pause();
  });
  stream.on('error', reject);
  // The end alone proves nothing: it also comes when the connection breaks off.
  stream.on('close', () => {
    if (stream.readableEnded && hasBegun && !stream.aborted && stream.rstCode === http2.constants.NGHTTP2_NO_ERROR) {
      return gatherer.end();
    }
    return reject(new Refusal('connection closed without an answer'));
  });
  if (body !== undefined) stream.end(body);
  return promise;
}
