import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {loadConfig} from '../../src/config/load.ts';
import {closedPort, serveHttp, serveTcp, verdict} from '../checks/servers.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = (name: string, options: Record<string, unknown>) =>
  verdict('custom', {module: join(ROOT, 'examples/checks', name), options}, {timeoutMs: 1_000});
const ok = {result: 'ok', reason: ''};

test('the configuration of the examples is valid', () => {
  const loaded = loadConfig(join(ROOT, 'examples/config.yaml'), {ORDERS_PASSWORD: 'till-42'}, Date.now());
  assert.deepEqual(loaded.ok ? loaded.config.checks.map(({name}) => name) : loaded.problems, [
    'printer',
    'orders',
    'export',
  ]);
});

test('the examples have the types that their tsconfig.json promises to the editor', () => {
  const {status, stdout} = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', join(ROOT, 'examples')], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stdout], [0, '']);
});

test('the binary protocol: frames in pieces, states, a queue, and answers that are none', async (t) => {
  const answers = async (...pieces: readonly number[][]) => {
    const port = await serveTcp(t, (socket) =>
      socket.once('data', (request) => {
        assert.deepEqual([...request], [0, 1, 1]);
        pieces.forEach((piece, index) => {
          setTimeout(() => socket.write(Buffer.from(piece)), index * 10);
        });
      }),
    );
    return await run('atto.ts', {host: '127.0.0.1', port, queue_max: 300});
  };
  assert.deepEqual(await answers([0, 4, 0x81, 0, 0, 7]), ok);
  assert.deepEqual(await answers([0], [4, 0x81, 0], [1, 0]), ok);
  assert.equal((await answers([0, 4, 0x81, 0, 2, 0])).reason, '512 documents wait, at most 300 may');
  assert.equal((await answers([0, 4, 0x81, 2, 0, 0])).reason, 'the device is out of paper');
  assert.equal((await answers([0, 4, 0x81, 9, 0, 0])).reason, 'the device is in state 9');
  assert.equal((await answers([0, 1, 0x7f])).reason, 'an answer of kind 127, not 129');
  assert.equal((await answers([0xff, 0xff])).reason, 'the check threw Error: a frame of 65535 bytes');
  assert.equal((await answers([0, 4, 0x81])).reason, 'no answer within 1 s');
  assert.match((await run('atto.ts', {host: '127.0.0.1', port: await closedPort()})).reason, /ECONNREFUSED/);
});

test('the queue behind a login: logged in, refused, too full, and answers that are none', async (t) => {
  let waiting: unknown = 5;
  const url = await serveHttp(t, (request, response) => {
    if (request.url === '/queues/orders') {
      response.statusCode = request.headers.authorization === 'Bearer t-1' ? 200 : 403;
      response.end(JSON.stringify({waiting}));
      return;
    }
    request.setEncoding('utf8').on('data', (text: string) => {
      const isRight = JSON.parse(text).password === 'right';
      response.writeHead(isRight ? 200 : 401).end(isRight ? '{"token": "t-1"}' : '');
    });
  });
  const options = {url: `${url}/`, user: 'watch', password: 'right', max: 10};
  assert.deepEqual(await run('queue.ts', options), ok);
  assert.equal((await run('queue.ts', {...options, password: 'wrong'})).reason, 'the login of watch is refused');
  waiting = 11;
  assert.equal((await run('queue.ts', options)).reason, '11 orders wait, at most 10 may');
  waiting = 'many';
  assert.match((await run('queue.ts', options)).reason, /^the check threw ZodError/);
});

test('the nightly file: there, late, empty, shrunken, unfinished, missing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-nightly-'));
  t.after(() => rmSync(folder, {recursive: true, force: true}));
  const write = (name: string, bytes: number, hoursAgo: number) => {
    writeFileSync(join(folder, name), 'x'.repeat(bytes));
    const at = Date.now() / 1000 - hoursAgo * 3600;
    utimesSync(join(folder, name), at, at);
  };
  const reason = async () => (await run('nightly-file.ts', {folder, prefix: 'sales-'})).reason;
  assert.equal(await reason(), `no file sales-* in ${folder}`);
  write('sales-1.part', 10, 0);
  assert.equal(await reason(), 'only sales-1.part: the export did not end');
  write('sales-1', 100, 30);
  assert.equal(await reason(), 'sales-1 is 30.0 hours old');
  write('sales-2', 80, 6);
  assert.equal(await reason(), '');
  write('sales-3', 20, 1);
  assert.equal(await reason(), 'sales-3 has 20 bytes, sales-2 had 80');
  write('sales-4', 0, 0.5);
  assert.equal(await reason(), 'sales-4 is empty');
});
