import assert from 'node:assert/strict';
import net from 'node:net';
import {after, before, describe, type TestContext, test} from 'node:test';
import type {Channel, Outcome} from '../../../src/bot/channels/channel.ts';
import {createEmailChannel} from '../../../src/bot/channels/email.ts';
import {type Clock, systemClock} from '../../../src/clock.ts';
import type {EmailChannelConfig} from '../../../src/config/config.ts';
import type {CardMessage, Message} from '../../../src/state/vocabulary.ts';
import type {OutboxRow, Store} from '../../../src/store/store.ts';
import {type Authority, createAuthority} from '../../checks/certificates.ts';
import {createLife} from '../../checks/servers.ts';
import {createHandClock, START} from '../../support/hand-clock.ts';
import {needs} from '../../support/packages.ts';
import {keptLog, machine, newFolder, notice, readerOf, storeIn} from '../world.ts';
import {
  answer,
  certificate,
  headerText,
  type MailServer,
  partsOf,
  startMailServer,
  type TakenMail,
} from './mail-server.ts';

const card: CardMessage = {
  kind: 'card',
  channel: 'mail',
  reason: 'first',
  card: 1,
  incidents: [{id: 1, check: 'billing-api', openedAt: START, reason: 'HTTP 503', errors: 3, cards: [1]}],
  total: 1,
  open: 1,
  missed: [],
};
const by = {id: 222, name: 'Boris'};
const acknowledged = card.incidents.map((one) => ({...one, acknowledged: {by, at: START, why: 'on it'}}));
const over = card.incidents.map((one) => ({...one, closedAt: START + 60_000}));
const recovery: Message = {kind: 'recovery', channel: 'mail', reason: 'recovered', card: 1, incidents: over, more: 0};

interface Desk {
  readonly channel: Channel;
  readonly send: (message: Message, changes?: Partial<OutboxRow>) => Promise<Outcome>;
  /** As the outbox does it: queued, sent and marked. */
  readonly pass: (message: Message) => Promise<Outcome>;
  readonly lines: ReturnType<typeof keptLog>['lines'];
}

function desk(
  context: TestContext,
  port: number,
  {clock = systemClock, signal, ...changes}: Partial<EmailChannelConfig> & {clock?: Clock; signal?: AbortSignal} = {},
): Desk {
  const store: Store = storeIn(context, newFolder(), clock);
  const {log, lines} = keptLog();
  const config: EmailChannelConfig = {
    name: 'mail',
    type: 'email',
    host: '127.0.0.1',
    port,
    tls: 'none',
    from: {name: 'Vakhta', address: 'vakhta@shop.example'},
    to: [{address: 'anna@shop.example'}],
    subjectPrefix: '',
    systemInfo: false,
    timeoutMs: 5_000,
    ...changes,
  };
  const use = {reader: readerOf(), clock, log, store, machine, print: () => {}, telegram: undefined};
  const channel = createEmailChannel(use, config);
  const until = signal ?? new AbortController().signal;
  const send: Desk['send'] = (message, row) => {
    const usual = {id: 7, lane: 'mail', message, createdAt: clock.now(), dueAt: 0, attempts: 0, inDoubt: false};
    return channel.deliver({row: {...usual, ...row}, message}, until);
  };
  const pass = async (message: Message) => {
    store.commit({now: clock.now(), messages: [message], durable: true});
    const row = store.outbox.first('mail');
    assert.ok(row);
    const outcome = await channel.deliver({row, message: row.message}, until);
    assert.ok(outcome.kind === 'delivered' || outcome.kind === 'needless');
    store.outbox.sent(row.id, {now: clock.now(), ...outcome});
    return outcome;
  };
  return {channel, send, pass, lines};
}

function only(server: MailServer): TakenMail {
  assert.equal(server.taken.length, 1);
  const [mail] = server.taken;
  assert.ok(mail);
  return mail;
}

async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}

const subjects = (server: MailServer) => server.taken.map(({headers}) => headerText(headers.get('subject')));

describe('a mail', {concurrency: 4}, () => {
  test('says in its subject what is how on which server, and all the rest as text and as HTML', async (context) => {
    const server = await startMailServer(context);
    const given = {subjectPrefix: '[shops]', systemInfo: true, clock: createHandClock()};
    const {send} = desk(context, server.port, given);
    assert.equal((await send(card)).kind, 'delivered');
    const mail = only(server);
    assert.equal(headerText(mail.headers.get('subject')), '[shops] 🔴 billing-api is down · shop-7');
    assert.equal(mail.headers.get('date'), 'Fri, 20 Nov 2026 06:13:00 +0000');
    assert.equal(mail.headers.get('from'), 'Vakhta <vakhta@shop.example>');
    assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
    const parts = partsOf(mail);
    assert.equal(
      parts.get('text/plain')?.replace(/\r\n/g, '\n'),
      [
        '🔴 billing-api is down · shop-7',
        'HTTP 503',
        '3 failures, down since 06:13:00',
        '',
        'System info',
        'Server: shop-7',
        'Address: 192.0.2.7',
        'OS: Debian GNU/Linux 13 (trixie), Linux 6.12',
        'Uptime: 12d',
        'Load (1, 5, 15 min): 0.50 · 0.25 · 0.13',
      ].join('\n'),
    );
    const html = parts.get('text/html') ?? '';
    assert.match(html, /<b>billing-api<\/b> is down · shop-7<\/p>/);
    assert.match(html, /Uptime: 12d<br>/);
    assert.doesNotMatch(html, /<table|<style|background|#[\da-f]{3}/i, 'a dark screen keeps its own colours');
  });

  test('takes nothing from a hostile name or reason but its text', async (context) => {
    const server = await startMailServer(context);
    const {send} = desk(context, server.port, {
      to: [{name: 'Anna\r\nBcc: evil@x.example', address: 'anna@shop.example'}],
    });
    const hostile = 'HTTP\r\nBcc: evil@x.example\r\n\r\n<script>alert(1)</script>';
    const incidents = card.incidents.map((one) => ({...one, check: `api\r\nX-Evil: 1`, reason: hostile}));
    await send({...card, incidents});
    await send(notice('first\r\nX-Evil: 1\r\n.\r\nMAIL FROM:<evil@x.example>', 'mail'));
    assert.equal(server.taken.length, 2);
    for (const mail of server.taken) {
      assert.deepEqual(mail.to, ['anna@shop.example']);
      assert.ok(!mail.headers.has('bcc') && !mail.headers.has('x-evil'), mail.raw);
      assert.doesNotMatch(partsOf(mail).get('text/html') ?? '', /<script/);
    }
  });

  test('of a card and what follows on it make one thread, also after a restart', async (context) => {
    const server = await startMailServer(context);
    const {pass} = desk(context, server.port);
    await pass(card);
    await pass({...card, kind: 'edit', reason: 'acknowledged', incidents: acknowledged});
    await pass(recovery);
    assert.deepEqual(subjects(server), [
      '🔴 billing-api is down · shop-7',
      '🟠 billing-api is down · shop-7',
      '🟢 billing-api is back after 1m · shop-7',
    ]);
    const [first, ...later] = server.taken;
    const id = first?.headers.get('message-id') ?? '';
    assert.match(id, /^<[\w.]+@shop\.example>$/);
    assert.equal(first?.headers.has('references'), false);
    for (const {headers} of later) {
      assert.equal(headers.get('references'), id);
      assert.equal(headers.get('in-reply-to'), id);
      assert.notEqual(headers.get('message-id'), id);
    }
  });

  test('that is sent again keeps its Message-ID and says that it is repeated', async (context) => {
    const server = await startMailServer(context);
    const {send} = desk(context, server.port);
    await send(card, {createdAt: START});
    await send(card, {createdAt: START, inDoubt: true});
    const [first, second] = server.taken.map(({headers}) => headers.get('message-id'));
    assert.equal(first, second);
    assert.match(subjects(server)[1] ?? '', /\(repeated\)$/);
    assert.match(partsOf(server.taken[1] as TakenMail).get('text/plain') ?? '', /\(sent .* late\)/);
  });

  test('of several recoveries counts in its subject those that it does not name', async (context) => {
    const server = await startMailServer(context);
    const {send} = desk(context, server.port);
    await send({...recovery, incidents: [...over, ...over], more: 3});
    assert.deepEqual(subjects(server), ['🟢 billing-api is back after 1m · shop-7 … and 4 more']);
  });
});

describe('an edit of a card', () => {
  for (const [reason, incidents, isSent] of [
    ['acknowledged', acknowledged, true],
    ['acknowledgement_ended', card.incidents, true],
    // The message of the recovery tells it.
    ['recovered', over, false],
    ['acknowledged', over, false],
    // As targets come and go all the time.
    ['targets_changed', card.incidents, false],
    ['removed', over, false],
  ] as const) {
    const closed = incidents === over ? ' of what is over' : '';
    test(`because of ${reason}${closed} is ${isSent ? 'a mail' : 'none'}`, async (context) => {
      const server = await startMailServer(context);
      const {send} = desk(context, server.port);
      const outcome = await send({...card, kind: 'edit', reason, incidents});
      assert.equal(outcome.kind, isSent ? 'delivered' : 'needless');
      assert.equal(server.taken.length, isSent ? 1 : 0);
      assert.ok(!('messageId' in outcome), 'the thread keeps its beginning');
    });
  }
});

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
