import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import {test} from 'node:test';
import tls from 'node:tls';
import type {Config, HttpConfig} from '../../src/config/config.ts';
import {createAuthority} from '../checks/certificates.ts';
import {freePort, startWorld, type World} from './world.ts';

const CHECKS = '  backup: {type: heartbeat}\n';

/** The same house under another `http` block. */
function under({house, door}: World, http: HttpConfig | undefined): Promise<void> {
  const {http: _, ...rest} = house.config;
  const config: Config = http ? {...rest, http} : rest;
  return door.use({...house, config});
}

test('another configuration at the same place refuses nobody, and a connection lives on', async (t) => {
  const world = await startWorld(t, {checks: CHECKS});
  const socket = net.connect(world.port, '127.0.0.1');
  t.after(() => socket.destroy());
  const ask = async () => {
    socket.write('GET /ping/backup HTTP/1.1\r\nhost: x\r\n\r\n');
    const [answer] = await once(socket, 'data');
    return String(answer).slice(9, 12);
  };
  assert.equal(await ask(), '200');
  await under(world, {host: '127.0.0.1', port: world.port, token: 'another-token-than-before'});
  assert.equal(await ask(), '200');
  assert.equal((await world.get('/json')).status, 401, 'what is new holds at once');
});

test('another place is listened at, and the former one is let go', async (t) => {
  const world = await startWorld(t, {checks: CHECKS});
  const port = await freePort();
  await under(world, {host: '127.0.0.1', port});
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
  await assert.rejects(world.get('/healthz'));
  await under(world, undefined);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
});

test('a place that is taken is told of, and does not keep the program from its work', async (t) => {
  const other = net.createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const world = await startWorld(t, {checks: CHECKS, port});
  assert.deepEqual(world.failures, [`http://127.0.0.1:${port}: another program listens there`]);
});

test('over TLS it shows its certificate, and the renewed one after the configuration was read again', async (t) => {
  const authority = await createAuthority(t);
  const [first, second] = [authority.issue('first'), authority.issue('second')];
  const world = await startWorld(t, {checks: CHECKS, http: `, tls: {cert: '${first.cert}', key: '${first.key}'}`});
  const subject = async () => {
    const socket = tls.connect({port: world.port, host: '127.0.0.1', ca: readFileSync(authority.cert)});
    await once(socket, 'secureConnect');
    const name = socket.getPeerCertificate().subject.CN;
    socket.destroy();
    return name;
  };
  const request = https.get(`${world.url}/ping/backup`, {ca: readFileSync(authority.cert)});
  const [answer] = await once(request, 'response');
  assert.equal(answer.statusCode, 200);
  answer.resume();
  assert.equal(await subject(), 'first');
  const [cert, key] = [readFileSync(second.cert, 'utf8'), readFileSync(second.key, 'utf8')];
  await under(world, {host: '127.0.0.1', port: world.port, tls: {cert, key, files: []}});
  assert.equal(await subject(), 'second');
});
