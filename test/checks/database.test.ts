import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {describe, test} from 'node:test';
import {kinds} from '../../src/checks/index.ts';
import {eventually, openFiles} from './databases.ts';
import {closedPort, runOnce, serveTcp, stoppedServer, verdict} from './servers.ts';

const LOGIN = {host: '127.0.0.1', user: 'monitor', password: 'db-s3cret-pw', tls: 'off'};

/** What the servers say first, so that garbage comes where the library expects something else. */
const GREETINGS: Readonly<Record<string, string>> = {
  postgres: '5200000008000000 00'.replace(' ', ''),
  mysql:
    '4a0000000a352e352e352d31302e31312e31392d4d61726961444200080000003f7d5b5d3c2b3d2a00fef72d0200ff81150000000000001d000000213a5c2b2d5f3b2b5b3a5c5e006d7973716c5f6e61746976655f70617373776f726400',
  mssql: '0401002b000001000000000b000601001100 01ff1000000000000002'.replace(' ', ''),
};

for (const [kind, greeting] of Object.entries(GREETINGS)) {
  describe(kind, () => {
    const reasonOf = async (given: Record<string, unknown>, run?: {timeoutMs?: number}) =>
      (await verdict(kind, {...LOGIN, ...given}, run)).reason;

    test('what the network does is told in words', async (t) => {
      const closes = await serveTcp(t, (socket) => socket.end());
      const resets = await serveTcp(t, (socket) => socket.resetAndDestroy());
      assert.equal(await reasonOf({port: await closedPort()}), 'connection refused');
      assert.match(await reasonOf({port: closes}), /^the server closed the connection$|^connection reset$/);
      assert.match(await reasonOf({port: resets}), /^the server closed the connection$|^connection reset$/);
      assert.equal(await reasonOf({host: 'no-such-host.invalid'}), 'DNS: no such host no-such-host.invalid');
    });

    test('a server that accepts and never answers is a timeout, with TLS and without', async (t) => {
      const port = await serveTcp(t, (socket) => socket.resume());
      assert.equal(await reasonOf({port}, {timeoutMs: 100}), 'no answer within 0.1 s');
      assert.equal(await reasonOf({port, tls: 'on'}, {timeoutMs: 100}), 'no answer within 0.1 s');
    });

    test('200 timeouts on a hung server leave nothing behind', async (t) => {
      const hung = await serveTcp(t, (socket) => socket.resume());
      const stopped = await stoppedServer(t);
      for (const given of [{port: hung}, {port: hung, tls: 'on'}, {port: stopped}]) {
        const round = () =>
          Promise.all(Array.from({length: 50}, () => verdict(kind, {...LOGIN, ...given}, {timeoutMs: 60})));
        await round();
        const files = await openFiles();
        for (let i = 0; i < 4; i++) await round();
        await eventually(async () => (await openFiles()) <= files, 'a socket was left');
      }
    });

    test('a server that talks nonsense is a failure and no more', async (t) => {
      const start = Buffer.from(greeting, 'hex');
      const junk = [
        Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'),
        Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
        Buffer.alloc(2_000),
        Buffer.alloc(2_000, 0xff),
        ...Array.from({length: 12}, () => randomBytes(400)),
      ];
      const said = [...junk, ...junk.map((bytes) => Buffer.concat([start, bytes]))];
      for (const bytes of said) {
        const port = await serveTcp(t, (socket) => {
          socket.write(bytes);
          socket.on('data', () => socket.write(bytes));
        });
        const [observation] = await runOnce(kind, {...LOGIN, port}, {timeoutMs: 100});
        assert.equal(observation?.result, 'failed', bytes.toString('hex'));
        assert.doesNotMatch(observation.reason, /bug|s3cret/, bytes.toString('hex'));
      }
    });

    test('keys that exclude or need each other are refused', () => {
      const complaint = (given: Record<string, unknown>) => {
        const {error} = kinds.get(kind)?.options.safeParse({user: 'monitor', ...given}) ?? {};
        return error?.issues.map(({path, message}) => `${path.join('.')}: ${message}`).join('; ') ?? '';
      };
      assert.equal(complaint({}), '');
      assert.match(complaint({tls: 'off', ca: 'ca.pem'}), /^ca: expected tls: on or verify/);
      assert.match(complaint({tls: 'on', cert: 'cert.pem'}), /^cert: expected both cert and key/);
      assert.match(
        complaint({expect: ['row_cuont == 1']}),
        /^expect.0: .*rows \(list<dyn>\).*unknown variable: row_cuont/,
      );
      assert.match(
        complaint({expect: ['rows[0].a', 'row_count == "1"']}),
        /^expect.1: .*no such overload: int == string/,
      );
      if (kind === 'mssql') return;
      assert.match(
        complaint({preset: 'replication_lag', query: 'SELECT 1'}),
        /^query: expected either query or preset/,
      );
      assert.match(complaint({expect: ['lag_seconds < 1']}), /^expect: expected preset: replication_lag/);
    });
  });
}
