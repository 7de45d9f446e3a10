import type net from 'node:net';
import {Refusal} from '../reach/failure.ts';
import {Client} from './http-client.ts';
import {type Dialling, dial} from './http-connect.ts';
import {dispatch} from './http-dispatch.ts';
import {IDLE_MS, type Line, type LineOptions} from './http-line.ts';

/** One for all: making an error, with its stack, for each connection takes longer than closing it. */
const HUNG_UP = new Refusal('connection closed');

/** A connection over HTTP/1.1 that is held: undici's Client, with our own way to connect. */
export function openLine1(origin: string, {route, secure}: LineOptions): Line {
  let dialling: Dialling | undefined;
  let socket: net.Socket | undefined;
  const client = new Client(origin, {
    connect: (to, callback) => {
      dialling = dial(to, route, secure(), (...[error, connected]) => {
        if (error) return callback(error, null);
        socket = connected;
        return callback(null, connected);
      });
    },
    // The caller's signal is the only deadline: one clock, one message.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
  });
  return {
    ask: (request) => dispatch(client, request, {headers: request.headers, reset: false, socket: () => socket}),
    isOpen: () => socket !== undefined && !socket.destroyed,
    hangUp: () => {
      // undici waits for a connection attempt to end by itself, which can take the kernel two minutes.
      dialling?.destroy();
      client.destroy(HUNG_UP, () => {});
    },
  };
}
