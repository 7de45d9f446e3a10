import assert from 'node:assert/strict';
import net from 'node:net';
import {type TestContext, test} from 'node:test';
import {type Mocks, startMocks} from '../../mocks/index.ts';

async function start(t: TestContext): Promise<Mocks> {
  const mocks = await startMocks({apiPort: 0, port: 0, terminalPort: 0});
  t.after(() => mocks.stop());
  return mocks;
}

const post = (mocks: Mocks, path: string) => fetch(`${mocks.api.url}${path}`, {method: 'POST'});
const health = async (mocks: Mocks) => {
  const response = await fetch(`${mocks.api.url}/health`);
  return [response.status, (await response.json()) as Record<string, unknown>] as const;
};

test('the API is well until it is broken, and well again when mended', async (t) => {
  const mocks = await start(t);
  const [status, body] = await health(mocks);
  assert.equal(status, 200);
  assert.equal(body.status, 'ok');
  assert.equal(typeof body.queue, 'number');
  assert.equal((await post(mocks, '/break')).status, 200);
  assert.deepEqual(await health(mocks), [503, {status: 'down'}]);
  await post(mocks, '/mend');
  assert.equal((await health(mocks))[0], 200);
});

test('the API can also be silent, or slower than anybody waits', async (t) => {
  const mocks = await start(t);
  await post(mocks, '/silent');
  await assert.rejects(health(mocks));
  await post(mocks, '/slow');
  const impatient = {signal: AbortSignal.timeout(100)};
  await assert.rejects(fetch(`${mocks.api.url}/health`, impatient), {name: 'TimeoutError'});
  await post(mocks, '/mend');
  assert.equal((await health(mocks))[0], 200);
});

test('atto_socket counts its answers, and is broken and mended over HTTP', async (t) => {
  const mocks = await start(t);
  assert.match(await ask(mocks.socket.port, 'STATUS\n'), /^OK \d+ 1\n$/);
  assert.match(await ask(mocks.socket.port, 'STATUS\r\n'), /^OK \d+ 2\n$/);
  assert.equal(await ask(mocks.socket.port, 'HELLO\n'), 'ERR unknown command\n');
  await post(mocks, '/socket/break');
  assert.equal(await ask(mocks.socket.port, 'STATUS\n'), 'ERR terminal offline\n');
  await post(mocks, '/socket/mend');
  assert.match(await ask(mocks.socket.port, 'STATUS\n'), /^OK/);
});

test('a broken terminal refuses connections, and the others do not', async (t) => {
  const mocks = await start(t);
  const reached = () => Promise.all(mocks.socket.terminals.map((host) => reaches(host, mocks.socket.terminalPort)));
  assert.deepEqual(await reached(), [true, true, true]);
  assert.equal((await post(mocks, '/terminals/127.0.0.2/break')).status, 200);
  assert.deepEqual(await reached(), [true, false, true]);
  assert.equal((await post(mocks, '/terminals/127.0.0.2/break')).status, 200);
  assert.equal((await post(mocks, '/terminals/127.0.0.2/mend')).status, 200);
  assert.equal((await post(mocks, '/terminals/127.0.0.2/mend')).status, 200);
  assert.deepEqual(await reached(), [true, true, true]);
});

test('what it does not know is answered with what it knows', async (t) => {
  const mocks = await start(t);
  for (const path of ['/', '/terminals/10.0.0.1/break', '/socket', '/breaks']) {
    const response = await post(mocks, path);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /POST \/break/);
  }
});

function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('error', reject).once('data', (data) => {
      socket.destroy();
      resolve(String(data));
    });
  });
}

function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
