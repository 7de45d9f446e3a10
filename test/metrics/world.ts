import assert from 'node:assert/strict';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import http from 'node:http';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import type {Outcome} from '../../src/bot/channels/channel.ts';
import {createFallback} from '../../src/bot/fallback.ts';
import {createOutbox} from '../../src/bot/outbox.ts';
import {cronStretch} from '../../src/calendar.ts';
import {systemClock as clock} from '../../src/clock.ts';
import {loadConfig} from '../../src/config/load.ts';
import {createJobs} from '../../src/jobs.ts';
import {type Metrics, openMetrics} from '../../src/metrics.ts';
import {Pipeline} from '../../src/pipeline.ts';
import {createScheduler} from '../../src/scheduler.ts';
import {keptLog, newFolder, storeIn} from '../bot/world.ts';

/** A shop that is up, an API that is down, a door that opens and shuts all the time, two tills of which one is gone, one channel that works and one that refuses. */
const configOf = (port: number) => `
channels: {ops: {type: console}, lead: {type: console}}
alerts: {to: [ops, lead], fallback: ops, group_wait: 0s}
defaults: {interval: 1s, timeout: 1s, fail_after: 1}
checks:
  shop: {type: http, url: 'http://127.0.0.1:${port}/ok', group: shops}
  api: {type: http, url: 'http://127.0.0.1:${port}/broken'}
  door: {type: http, url: 'http://127.0.0.1:${port}/door', recover_after: 1, flapping: false}
  tills: {type: terminals, addresses: [127.0.0.1, 127.0.0.2], tcp: ${port}}
  nightly: {type: http, url: 'http://127.0.0.1:${port}/ok', at: '0 3 29 2 *'}
`;

export interface World {
  readonly url: string;
  readonly metrics: Metrics;
  /** The content types that were served. */
  readonly served: string[];
}

/** The parts of the program as main joins them, with their metrics on a server of the test's own. */
export async function startWorld(context: TestContext): Promise<World> {
  const served: string[] = [];
  const world: {metrics?: Metrics} = {};
  let isOpen = true;
  const server = http.createServer((request, response) => {
    if (request.url === '/metrics' && world.metrics) return serve(world.metrics, request, response);
    if (request.url === '/door') isOpen = !isOpen;
    const isFine = request.url === '/ok' || (request.url === '/door' && isOpen);
    response.writeHead(isFine ? 200 : 503).end();
  });
  const serve = async (metrics: Metrics, request: http.IncomingMessage, response: http.ServerResponse) => {
    const page = metrics.page(request.headers.accept);
    served.push(page.contentType);
    response.writeHead(200, {'content-type': page.contentType}).end(await page.render());
  };
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const metrics = await startParts(context, configOf(address.port));
  world.metrics = metrics;
  return {url: `http://127.0.0.1:${address.port}/metrics`, metrics, served};
}

async function startParts(context: TestContext, text: string): Promise<Metrics> {
  const folder = newFolder();
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  const loaded = loadConfig(file, {}, 0);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const {config} = loaded;
  const {log} = keptLog();
  const store = storeIn(context, folder, clock);
  const wake = {outbox: () => {}};
  const pipeline = new Pipeline({config, clock, store, log, cron: cronStretch, onQueued: () => wake.outbox()});
  const metrics = await openMetrics({pipeline, store, clock, version: '0.1.0', server: 'shop "7"'});
  const outbox = createOutbox({
    ...{store, clock, log, random: Math.random, fallback: createFallback(config), ...metrics.listeners},
    channel: (name) => ({name, deliver: async () => outcomeOf(name)}),
    onBacklog: () => assert.fail('nothing is late here'),
    onGivenUp: () => {},
    onDead: () => {},
  });
  wake.outbox = outbox.wake;
  const jobs = createJobs(config, {pipeline, store, clock, log, redact: (reason) => reason, ...metrics.listeners});
  const scheduler = createScheduler({...config, clock, log, calendar: () => () => {}, ...metrics.listeners}, jobs);
  scheduler.start();
  context.after(async () => {
    await scheduler.stop();
    pipeline.stop();
    await outbox.stop(0);
    metrics.close();
  });
  return metrics;
}

function outcomeOf(channel: string): Outcome {
  return channel === 'lead' ? {kind: 'refused', reason: 'kicked', channelDead: true} : {kind: 'delivered'};
}
