import {readFile} from 'node:fs/promises';
import type {IncomingMessage, ServerResponse} from 'node:http';

const SCRIPTS = [
  'composer.js',
  'dom.js',
  'keys.js',
  'messages.js',
  'page.js',
  'places.js',
  'strip.js',
  'text.js',
  'world.js',
];
const FILES: Readonly<Record<string, {file: string; type: string}>> = {
  '/': {file: 'index.html', type: 'text/html; charset=utf-8'},
  ...Object.fromEntries(SCRIPTS.map((file) => [`/${file}`, {file, type: 'text/javascript; charset=utf-8'}])),
  '/keys.css': {file: 'keys.css', type: 'text/css; charset=utf-8'},
  '/places.css': {file: 'places.css', type: 'text/css; charset=utf-8'},
  '/messages.css': {file: 'messages.css', type: 'text/css; charset=utf-8'},
  '/page.css': {file: 'page.css', type: 'text/css; charset=utf-8'},
};

/** Serves the chat page; what it does not know is 404. */
export async function servePage(_: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const known = FILES[url.pathname];
  if (known === undefined) {
    const body = JSON.stringify({ok: false, error_code: 404, description: 'Not Found'});
    response.writeHead(404, {'content-type': 'application/json'}).end(body);
    return;
  }
  const body = await readFile(new URL(`page/${known.file}`, import.meta.url));
  response.writeHead(200, {'content-type': known.type, 'cache-control': 'no-store'}).end(body);
}
