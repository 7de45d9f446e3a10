import assert from 'node:assert/strict';
import {copyFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {type ApiMock, startApi} from '../../mocks/api.ts';
import {needs} from '../support/packages.ts';
import {folderWith, LAUNCHER, quoted, ROOT, sh, vakhta} from './shell.ts';

describe('vakhta check', {concurrency: 2}, () => {
  let api: ApiMock;
  let closedPort = 0;
  before(async () => {
    api = await startApi({port: 0});
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    closedPort = (server.address() as AddressInfo).port;
    await new Promise((resolve) => server.close(resolve));
  });
  after(() => api.stop());

  const config = () => `
data_dir: ./data
checks:
  fine: {type: http, url: '${api.url}/health', expect: ['json.queue < 100']}
  gone: {type: socket, host: 127.0.0.1, port: ${closedPort}}
  tills: {type: terminals, addresses: [127.0.0.1, 127.0.0.2], tcp: ${new URL(api.url).port}}
`;

  test('prints a table, and exits with 1 when something failed', async (context) => {
    const {code, stdout, stderr} = await vakhta(['check'], {cwd: folderWith(context, {'config.yaml': config()})});
    assert.deepEqual([code, stderr], [1, '']);
    const rows = stdout.trimEnd().split('\n');
    assert.deepEqual(
      rows.map((row) => row.replace(/\d+(\.\d+)? ms/, 'MS').split(/ {2,}/)),
      [
        ['CHECK', 'TARGET', 'RESULT', 'LATENCY', 'REASON'],
        ['fine', 'ok', 'MS'],
        ['gone', 'failed', 'MS', 'connection refused'],
        ['tills', '127.0.0.1', 'ok', 'MS'],
        ['tills', '127.0.0.2', 'failed', 'MS', 'connection refused'],
      ],
    );
  });

  test('runs only what is named, in the order of the config, and exits with 0 when all is well', async (context) => {
    const cwd = folderWith(context, {'config.yaml': config()});
    const {code, stdout} = await vakhta(['check', 'fine'], {cwd});
    assert.equal(code, 0);
    assert.match(stdout, /^CHECK .*\nfine +ok +\S+ ms\n$/);
    const two = await vakhta(['check', 'gone', 'fine', '--json'], {cwd});
    assert.equal(two.code, 1);
    assert.deepEqual(
      two.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).check),
      ['fine', 'gone'],
    );
  });

  test('--json prints one object for each target, with exactly the fields that scripts rely on', async (context) => {
    const {code, stdout, stderr} = await vakhta(['check', '--json'], {
      cwd: folderWith(context, {'config.yaml': config()}),
    });
    assert.deepEqual([code, stderr], [1, '']);
    const found = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      found.map(({latencyMs, ...rest}) => ({...rest, latencyMs: typeof latencyMs})),
      [
        {check: 'fine', result: 'ok', reason: '', latencyMs: 'number'},
        {check: 'gone', result: 'failed', reason: 'connection refused', latencyMs: 'number'},
        {check: 'tills', target: '127.0.0.1', result: 'ok', reason: '', latencyMs: 'number'},
        {check: 'tills', target: '127.0.0.2', result: 'failed', reason: 'connection refused', latencyMs: 'number'},
      ],
    );
  });

  test('a name that no check has is refused before anything runs', async (context) => {
    const cwd = folderWith(context, {'config.yaml': `checks:\n  fine: {type: http, url: '${api.url}/health'}\n`});
    const {code, stdout, stderr} = await vakhta(['check', 'fien', '__proto__'], {cwd});
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(stderr, 'vakhta: no check is called fien; did you mean fine?, nor __proto__\n');
  });

  test('leaves nothing behind: no data folder, and a silent server does not keep it', async (context) => {
    const hanging = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => hanging.once('listening', resolve));
    context.after(() => {
      hanging.close();
      hanging.closeAllConnections();
    });
    const {port} = hanging.address() as AddressInfo;
    const files = {'config.yaml': `checks:\n  slow: {type: http, url: 'http://127.0.0.1:${port}/', timeout: 300ms}\n`};
    const began = performance.now();
    const cwd = folderWith(context, files);
    const {code, stdout} = await vakhta(['check', '--json'], {cwd});
    assert.equal(code, 1);
    assert.match(stdout, /"reason":"no answer within 0\.3 s"/);
    assert.ok(performance.now() - began < 3_000);
    const {stdout: listing} = await sh('ls', {cwd});
    assert.equal(listing, 'config.yaml\n');
  });

  // In a network of its own, as the ports of the practice services are fixed.
  test(
    'with mocks: true it brings the practice services up, and ends too where one cannot be had',
    needs.root,
    async (context) => {
      const cwd = folderWith(context);
      for (const name of ['config.yaml', 'ips.txt']) copyFileSync(join(ROOT, name), join(cwd, name));
      const taken = `require("net").createServer().listen(8083, "127.0.0.1")`;
      const script = `
      ip link set lo up
      ${quoted(LAUNCHER)} check billing-api atto-socket --json | grep -c '"result":"ok"'
      ${quoted(process.execPath)} -e '${taken}' >/dev/null 2>&1 & pid=$!
      sleep 0.3
      timeout 60 ${quoted(LAUNCHER)} check billing-api atto-socket | grep -c failed
      timeout 60 ${quoted(LAUNCHER)} run
      echo $?
      kill $pid
    `;
      const {stdout, stderr} = await sh(`unshare --net sh -c ${quoted(script)}`, {cwd});
      assert.equal(stdout, '2\n2\n2\n', stderr);
      assert.match(stderr, /mocks: true in the config cannot be had: .*EADDRINUSE/);
    },
  );
});
