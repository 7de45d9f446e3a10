import assert from 'node:assert/strict';
import {once} from 'node:events';
import net from 'node:net';
import {test} from 'node:test';
import {serveHttp} from '../checks/servers.ts';
import {startWorld} from './world.ts';

function gauges(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/.* /, ''))]));
}

test('a probe runs the check now, with its values, and counts nothing', async (t) => {
  let asked = 0;
  const url = await serveHttp(t, (_, response) => {
    asked++;
    response.statusCode = asked === 1 ? 200 : 503;
    response.end();
  });
  const checks = `  web: {type: http, url: '${url}', fail_after: 1}\n  tills: {type: terminals, addresses: [127.0.0.1], tcp: 1}\n`;
  const {get, pipeline} = await startWorld(t, {checks});
  const first = await get('/probe?check=web');
  assert.match(first.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.equal(gauges(await first.text()).probe_success, 1);
  const second = gauges(await (await get('/probe?check=web')).text());
  assert.equal(second.probe_success, 0);
  assert.ok((second.probe_duration_seconds ?? -1) > 0);
  assert.equal(asked, 2);
  assert.equal(pipeline.view()[0]?.state.known, false);
  const tills = gauges(await (await get('/probe?check=tills')).text());
  assert.equal(tills.probe_success, 0);
  assert.equal(tills['probe_loss_percent{target="127.0.0.1"}'], 100);
  assert.equal((await get('/probe?check=none')).status, 404);
});

test('it ends before Prometheus gives up', async (t) => {
  const server = net.createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const {get} = await startWorld(t, {checks: `  slow: {type: http, url: 'http://127.0.0.1:${port}/', timeout: 60s}\n`});
  const began = performance.now();
  const answer = await get('/probe?check=slow', {headers: {'x-prometheus-scrape-timeout-seconds': '1.5'}});
  assert.equal(gauges(await answer.text()).probe_success, 0);
  assert.ok(performance.now() - began < 1_500, `${performance.now() - began} ms`);
});

test('a heartbeat’s probe says whether it is up', async (t) => {
  const {get} = await startWorld(t, {checks: '  backup: {type: heartbeat}\n'});
  const success = async () => gauges(await (await get('/probe?check=backup')).text()).probe_success;
  assert.equal(await success(), 0);
  await get('/ping/backup');
  assert.equal(await success(), 1);
  await get('/ping/backup/fail');
  assert.equal(await success(), 0);
});
