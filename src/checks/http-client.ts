import {createRequire} from 'node:module';
import type {Client as UndiciClient} from 'undici';

const load = createRequire(import.meta.url);

/**
 * undici's Client without the rest of undici (fetch, WebSocket, caches, mocks), which would take 7 MB that no check uses. It
 * has `dispatch` only. The file is not part of undici's documented interface; the version is pinned, and the tests of http
 * would fail without it.
 */
export const Client: typeof UndiciClient = load('undici/lib/dispatcher/client.js');

/** The one with `connect`, for proxies, loaded on first use. */
export function clientForProxies(): typeof UndiciClient {
  return load('undici').Client;
}
