import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Ajv2020} from 'ajv/dist/2020.js';
import {startWorld, type World} from './world.ts';

const TOKEN = 'a-token-of-more-than-sixteen';
const CHECKS = [
  '  backup: {type: heartbeat, group: nightly}',
  '  socket: {type: socket, host: 127.0.0.1, port: 1, fail_after: 1}',
  '  tills: {type: terminals, addresses: [127.0.0.1, 127.0.0.2], tcp: 1, fail_after: 1}',
  '',
].join('\n');

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly security: readonly object[];
  readonly responses: Readonly<Record<string, {readonly content: Readonly<Record<string, {readonly schema: object}>>}>>;
}

async function busyWorld(t: Parameters<typeof startWorld>[0], http = ''): Promise<World> {
  const world = await startWorld(t, {checks: CHECKS, http});
  await world.look();
  await world.get('/ping/backup/fail', {method: 'POST', body: 'disk full'});
  const by = {id: 222, name: 'Boris'};
  const at = Date.now();
  const silence = {
    kind: 'silence',
    what: {kind: 'group', group: 'nightly'},
    at,
    by,
    why: 'known',
    until: at + 60_000,
  } as const;
  world.pipeline.order({
    events: [
      {kind: 'acknowledged', check: 'socket', at, by, why: 'on it', until: at + 60_000},
      {kind: 'silenced', silence, at},
      {kind: 'silenced', silence: {...silence, until: 'recovered', what: {kind: 'check', name: 'socket'}}, at},
    ],
  });
  return world;
}

test('every answer is what /openapi.json says, which knows every address', async (t) => {
  const world = await busyWorld(t);
  const document = (await (await world.get('/openapi.json')).json()) as Document;
  assert.equal(document.openapi, '3.1.0');
  const asked: [string, string, number][] = [
    ['/json', '/json', 200],
    ['/api/v1/checks', '/api/v1/checks', 200],
    ['/api/v1/checks/{name}', '/api/v1/checks/backup', 200],
    ['/api/v1/checks/{name}', '/api/v1/checks/tills', 200],
    ['/api/v1/checks/{name}', '/api/v1/checks/none', 404],
    ['/api/v1/incidents', '/api/v1/incidents', 200],
    ['/api/v1/silences', '/api/v1/silences', 200],
    ['/healthz', '/healthz', 200],
    ['/readyz', '/readyz', 200],
    ['/openapi.json', '/openapi.json', 200],
    ['/api/push/{id}', '/api/push/backup', 200],
    ['/api/push/{id}', '/api/push/none', 404],
    ['/ping/{id}', '/ping/backup', 200],
    ['/ping/{id}/{action}', '/ping/backup/300', 400],
    ['/probe', '/probe?check=none', 404],
    ['/probe', '/probe', 400],
    ['/probe', '/probe?check=socket', 200],
  ];
  const ajv = new Ajv2020({strict: false});
  for (const [path, url, status] of asked) {
    const answer = await world.get(url);
    const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
    assert.equal(answer.status, status, url);
    const schema = document.paths[path]?.get?.responses[status]?.content[type]?.schema;
    assert.ok(schema, `${url}: ${status} ${type} is not in the document`);
    const body: unknown = type === 'application/json' ? await answer.json() : await answer.text();
    assert.ok(ajv.validate(schema, body), `${url}: ${ajv.errorsText()}`);
  }
  const without = Object.keys(document.paths).filter((path) => !asked.some(([known]) => known === path));
  assert.deepEqual(without, ['/metrics']);
});

test('nothing that is known is lost on the way through the schemas', async (t) => {
  const {get} = await busyWorld(t);
  const json = async (path: string) => (await get(path)).json();
  assert.deepEqual(await json('/json'), {
    backup: false,
    socket: false,
    tills: {'127.0.0.1': false, '127.0.0.2': false},
  });
  const {checks} = (await json('/api/v1/checks')) as {checks: Record<string, unknown>[]};
  assert.deepEqual(
    checks.map(({name}) => name),
    ['backup', 'socket', 'tills'],
  );
  assert.deepEqual(checks[2]?.targets, {total: 2, down: 2});
  const {incidents} = (await json('/api/v1/incidents')) as {incidents: Record<string, unknown>[]};
  assert.equal(incidents.length, 3);
  const acknowledged = incidents.find(({check}) => check === 'socket')?.acknowledged as Record<string, unknown>;
  assert.deepEqual({by: acknowledged.by, why: acknowledged.why}, {by: {id: 222, name: 'Boris'}, why: 'on it'});
  const {silences} = (await json('/api/v1/silences')) as {silences: Record<string, unknown>[]};
  assert.deepEqual(
    silences.map(({what}) => what),
    ['group:nightly', 'socket'],
  );
  assert.equal(silences[1]?.until, 'recovered');
});

const READERS = ['/json', '/api/v1/checks', '/api/v1/incidents', '/api/v1/silences', '/probe?check=socket', '/metrics'];

test('with a token readers must show it; heartbeats and health need none', async (t) => {
  const {get} = await startWorld(t, {checks: CHECKS, http: `, token: ${TOKEN}`});
  const status = async (path: string, authorization?: string) =>
    (await get(path, authorization === undefined ? {} : {headers: {authorization}})).status;
  for (const path of READERS) {
    assert.equal(await status(path), 401, path);
    assert.equal(await status(path, `Bearer ${TOKEN}x`), 401, path);
    assert.equal(await status(path, `Basic ${TOKEN}`), 401, path);
    assert.equal(await status(path, `bearer ${TOKEN}`), path === '/metrics' ? 404 : 200, path);
  }
  for (const path of ['/ping/backup', '/api/push/backup', '/healthz', '/readyz', '/openapi.json'])
    assert.equal(await status(path), 200, path);
  assert.equal((await get('/json')).headers.get('www-authenticate'), 'Bearer');
});

test('who guesses tokens is refused after a while', async (t) => {
  const {get} = await startWorld(t, {checks: CHECKS, http: `, token: ${TOKEN}`});
  const seen = new Set<number>();
  for (let i = 0; i < 70; i++) seen.add((await get('/json', {headers: {authorization: `Bearer ${i}`}})).status);
  assert.deepEqual([...seen], [401, 429]);
});

test('without a token only a reader on this machine is answered, not a page that brings another name', async (t) => {
  const {port} = await startWorld(t, {checks: CHECKS});
  const {statusOf, raw} = await import('./world.ts');
  const ask = async (host: string, path = '/json') =>
    statusOf(await raw(port, `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`));
  for (const host of [`127.0.0.1:${port}`, 'localhost', '[::1]:80']) assert.equal(await ask(host), 200, host);
  for (const host of ['evil.example', 'localhost.evil.example:80', '127.0.0.1.evil.example'])
    assert.equal(await ask(host), 403, host);
  assert.equal(await ask('behind-a-proxy.example', '/ping/backup'), 200);
});

test('what joins the metrics has its address', async (t) => {
  const metrics = {
    contentType: 'application/openmetrics-text; version=1.0.0',
    render: async () => 'vakhta_up 1\n# EOF\n',
  };
  const {get} = await startWorld(t, {checks: CHECKS, change: (house) => ({...house, metrics})});
  const answer = await get('/metrics');
  assert.equal(answer.headers.get('content-type'), metrics.contentType);
  assert.equal(await answer.text(), 'vakhta_up 1\n# EOF\n');
});

test('readiness says which of its conditions is not met', async (t) => {
  const readiness = () => ({store: true, telegram: false});
  const {get} = await startWorld(t, {checks: CHECKS, change: (house) => ({...house, readiness})});
  const answer = await get('/readyz');
  assert.equal(answer.status, 503);
  assert.deepEqual(await answer.json(), {ready: false, config: true, store: true, telegram: false});
  assert.equal((await get('/healthz')).status, 200);
});

test('a data folder that is gone makes it unready', async (t) => {
  const {get, folder} = await startWorld(t, {checks: CHECKS});
  const {rmSync, writeFileSync} = await import('node:fs');
  assert.equal((await get('/readyz')).status, 200);
  rmSync(folder, {recursive: true});
  writeFileSync(folder, 'a file in its place');
  await get('/ping/backup');
  const answer = await get('/readyz');
  assert.equal(answer.status, 503);
  assert.deepEqual(await answer.json(), {ready: false, config: true, store: false});
  rmSync(folder);
});
