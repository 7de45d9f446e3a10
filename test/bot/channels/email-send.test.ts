import assert from 'node:assert/strict';
import net from 'node:net';
import {after, before, describe, test} from 'node:test';
import type {Outcome} from '../../../src/bot/channels/channel.ts';
import {type Authority, createAuthority} from '../../checks/certificates.ts';
import {createLife} from '../../checks/servers.ts';
import {createHandClock} from '../../support/hand-clock.ts';
import {needs} from '../../support/packages.ts';
import {card, desk, only} from './mail-desk.ts';
import {answer, certificate, startMailServer} from './mail-server.ts';

async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}

describe('what a mail server may do', {concurrency: 6}, () => {
  const refusals: readonly [string, Parameters<typeof startMailServer>[1], Outcome][] = [
    [
      'greylists every recipient: again later',
      {onRcptTo: (_address, _session, done) => done(answer(450, '4.2.0 Greylisted, try again'))},
      {kind: 'retry', reason: 'RCPT TO: 450 4.2.0 Greylisted, try again'},
    ],
    [
      'knows none of the recipients: refused, and the channel is sick',
      {onRcptTo: (_address, _session, done) => done(answer(550, '5.1.1 No such user'))},
      {kind: 'refused', reason: 'RCPT TO: 550 5.1.1 No such user', channelDead: true},
    ],
    [
      'refuses the sender: refused, and the channel is sick',
      {onMailFrom: (_address, _session, done) => done(answer(553, '5.7.1 Not yours'))},
      {kind: 'refused', reason: 'MAIL FROM: 553 5.7.1 Not yours', channelDead: true},
    ],
    [
      'takes nobody in now: again later',
      {onConnect: (_session, done) => done(answer(421, '4.3.2 Shutting down'))},
      {kind: 'retry', reason: 'CONN: 421 4.3.2 Shutting down'},
    ],
    [
      'refuses the text for now: again later, and without a doubt',
      {onText: () => answer(452, '4.3.1 Disk full')},
      {kind: 'retry', reason: 'DATA: 452 4.3.1 Disk full'},
    ],
    [
      'refuses this one text: refused, and the channel stays well',
      {onText: () => answer(554, '5.6.0 Looks like spam')},
      {kind: 'refused', reason: 'DATA: 554 5.6.0 Looks like spam', channelDead: false},
    ],
  ];
  for (const pipelining of [true, false]) {
    for (const [what, given, expected] of refusals) {
      test(`${what}${pipelining ? '' : ' (no pipelining)'}`, async (context) => {
        const server = await startMailServer(context, {...given, hidePIPELINING: !pipelining});
        const {send} = desk(context, server.port);
        assert.deepEqual(await send(card), expected);
        assert.equal(server.taken.length, 0);
      });
    }
  }

  test('greylisting ends, and the mail is taken', async (context) => {
    let tries = 0;
    const onRcptTo: Parameters<typeof startMailServer>[1] = {
      onRcptTo: (_address, _session, done) => done(++tries === 1 ? answer(451, '4.7.1 Greylisted') : null),
    };
    const server = await startMailServer(context, onRcptTo);
    const {send} = desk(context, server.port);
    assert.equal((await send(card)).kind, 'retry');
    assert.equal((await send(card)).kind, 'delivered');
  });

  test('one recipient of three is refused: the others get it, and the log names the one', async (context) => {
    const server = await startMailServer(context, {
      onRcptTo: ({address}, _session, done) => done(address.startsWith('gone') ? answer(550, '5.1.1 Gone') : null),
    });
    const to = ['anna', 'gone', 'boris'].map((name) => ({address: `${name}@shop.example`}));
    const {send, lines} = desk(context, server.port, {to});
    assert.equal((await send(card)).kind, 'delivered');
    assert.deepEqual(only(server).to, ['anna@shop.example', 'boris@shop.example']);
    const line = lines.find(({msg}) => msg === 'a recipient was refused');
    assert.equal(line?.address, 'gone@shop.example');
    assert.equal(line?.reason, 'RCPT TO: 550 5.1.1 Gone');
  });

  test('it cuts the connection once it has the text: in doubt', async (context) => {
    const server = await startMailServer(context, {onText: () => 'cut'});
    const {send} = desk(context, server.port);
    assert.equal((await send(card)).kind, 'doubt');
    assert.equal(server.dropped.length, 1);
  });

  test('it has the text and says nothing: in doubt, after the time of a server that looks for viruses', async (context) => {
    const clock = createHandClock();
    const server = await startMailServer(context, {onText: () => 'hang'});
    const {send} = desk(context, server.port, {clock});
    const sending = send(card);
    while (server.dropped.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(120_000);
    const early = await Promise.race([sending, Promise.resolve('still waiting')]);
    assert.equal(early, 'still waiting');
    await clock.advance(5_000);
    assert.deepEqual(await sending, {kind: 'doubt', reason: 'no answer within 125000 ms'});
  });

  test('nobody listens: again later', async (context) => {
    const {send} = desk(context, 1);
    assert.deepEqual(await send(card), {kind: 'retry', reason: 'ECONNREFUSED'});
  });

  test('it says nothing at all: again later, once its time is over', async (context) => {
    const clock = createHandClock();
    const silent = net.createServer();
    const sockets: net.Socket[] = [];
    silent.on('connection', (socket) => void sockets.push(socket));
    context.after(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const {send} = desk(context, await listen(silent), {clock});
    const sending = send(card);
    while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(5_000);
    assert.deepEqual(await sending, {kind: 'retry', reason: 'no answer within 5000 ms'});
  });

  test('it speaks another protocol: again later', async (context) => {
    const odd = net.createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    context.after(() => odd.close());
    const {send} = desk(context, await listen(odd));
    assert.equal((await send(card)).kind, 'retry');
  });

  test('the program ends meanwhile: the connection is gone at once', async (context) => {
    const stopping = new AbortController();
    const server = await startMailServer(context, {onText: () => 'hang'});
    const {send} = desk(context, server.port, {signal: stopping.signal});
    const sending = send(card);
    while (server.dropped.length === 0) await new Promise((resolve) => setImmediate(resolve));
    stopping.abort();
    assert.equal((await sending).kind, 'doubt');
  });
});

describe('a mail server that wants a login, or TLS', {...needs('openssl'), concurrency: 4}, () => {
  const life = createLife();
  let authority: Authority;
  before(async () => {
    authority = await createAuthority(life);
  });
  after(() => life.end());
  const login = {user: 'vakhta', password: 'correct horse battery'};
  const onAuth: NonNullable<Parameters<typeof startMailServer>[1]>['onAuth'] = (
    {username, password},
    _session,
    done,
  ) =>
    username === login.user && password === login.password
      ? done(null, {user: username})
      : done(answer(535, `5.7.8 Wrong: ${password}`));
  const secured = (name: string) => certificate(authority.issue(name));

  for (const tls of ['tls', 'starttls'] as const) {
    test(`${tls}: the mail leaves under encryption and its login`, async (context) => {
      const server = await startMailServer(context, {
        ...secured(tls),
        secure: tls === 'tls',
        onAuth,
        authOptional: false,
      });
      const {send} = desk(context, server.port, {tls, host: 'localhost', family: 4, ca: authority.cert, login});
      assert.equal((await send(card)).kind, 'delivered');
      assert.equal(only(server).secure, true);
      assert.equal(only(server).user, 'vakhta');
    });

    test(`${tls}: a certificate that nobody vouches for gets neither the login nor the mail`, async (context) => {
      let logins = 0;
      const server = await startMailServer(context, {
        ...secured(`${tls}-strange`),
        secure: tls === 'tls',
        onAuth: (_auth, _session, done) => {
          logins++;
          done(null, {user: 'x'});
        },
      });
      const {send} = desk(context, server.port, {tls, host: 'localhost', family: 4, login});
      const outcome = await send(card);
      assert.equal(outcome.kind, 'retry');
      assert.match('reason' in outcome ? outcome.reason : '', /UNABLE_TO|SELF_SIGNED/);
      assert.equal(logins + server.taken.length, 0);
    });
  }

  test('starttls is asked for also where it is not offered: nothing leaves in the clear', async (context) => {
    const server = await startMailServer(context, {onAuth});
    const {send} = desk(context, server.port, {tls: 'starttls', login});
    const outcome = await send(card);
    assert.equal(outcome.kind, 'refused');
    assert.equal(server.taken.length, 0);
  });

  test('a wrong password: refused, the channel is sick, and nobody reads the password', async (context) => {
    const server = await startMailServer(context, {onAuth, allowInsecureAuth: true});
    const {send} = desk(context, server.port, {login: {user: 'vakhta', password: 'wrong horse'}});
    const outcome = await send(card);
    assert.deepEqual(outcome, {kind: 'refused', reason: 'login failed (535 5.7.8)', channelDead: true});
  });

  test('a login that cannot be checked now: again later', async (context) => {
    const server = await startMailServer(context, {
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(answer(454, '4.7.0 Temporary authentication failure')),
    });
    const {send} = desk(context, server.port, {login});
    assert.deepEqual(await send(card), {kind: 'retry', reason: 'login failed (454 4.7.0)'});
  });

  test('a login that the server does not offer is no reason to send without it', async (context) => {
    const server = await startMailServer(context, {disabledCommands: ['AUTH', 'STARTTLS']});
    const {send} = desk(context, server.port, {login});
    const outcome = await send(card);
    assert.deepEqual(outcome, {kind: 'refused', reason: 'the server offers no login', channelDead: true});
    assert.equal(server.taken.length, 0);
  });

  test('a CA file that is not there: again later, as it may come back', async (context) => {
    const server = await startMailServer(context);
    const {send} = desk(context, server.port, {ca: '/nowhere/ca.pem'});
    assert.deepEqual(await send(card), {kind: 'retry', reason: 'ca: ENOENT'});
  });
});
