import type net from 'node:net';
import type {Client} from './http-client.ts';
import {type Answer, flatten, Gatherer, type Request} from './http-line.ts';

interface How {
  readonly headers: Readonly<Record<string, string>>;
  /** The connection is closed after the answer. */
  readonly reset: boolean;
  /** That of the answer which is beginning. */
  readonly socket: () => net.Socket | undefined;
  /** The answer is complete, and not cut. */
  readonly onEnd?: () => void;
}

/** One request by this Client of undici's; rejects with the error of the socket or the protocol. */
export function dispatch(client: InstanceType<typeof Client>, request: Request, how: How): Promise<Answer> {
  const {promise, resolve, reject} = Promise.withResolvers<Answer>();
  const {url, method, body = null} = request;
  const {headers, reset, socket, onEnd} = how;
  const gatherer = new Gatherer(request, resolve);
  client.dispatch(
    {path: url.pathname + url.search, method, headers, body, reset},
    {
      onRequestStart: () => {},
      onResponseStart: (_controller, status, fields) => {
        if (status >= 200) gatherer.begin(status, flatten(fields), socket());
      },
      onResponseData: (controller, chunk) => {
        if (!gatherer.take(chunk)) controller.pause();
      },
      onResponseEnd: () => {
        onEnd?.();
        gatherer.end();
      },
      onResponseError: (_controller, error) => reject(error),
    },
  );
  return promise;
}
