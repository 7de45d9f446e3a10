import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {CONSOLE_PERSON, CONSOLE_ROLE} from '../../../src/bot/desk.ts';
import {BORIS, CLARA, checkConfig, rowsOf} from '../world.ts';
import {startDesk} from './desk.ts';

const AUDIT = 'SELECT user_id, user_name, chat_id, order_text, outcome FROM audit ORDER BY at';

describe('/ack', () => {
  test('names who, and why', async (context) => {
    const {runs, ask, acknowledgement, clock} = startDesk(context);
    await runs('xxx');
    const at = clock.now();
    assert.deepEqual(ask('/ack billing-api looking into <it>'), ['Acknowledged: billing-api']);
    assert.deepEqual(acknowledgement(), {by: {id: BORIS, name: 'Boris'}, at, why: 'looking into <it>'});
  });

  for (const [text, minutes, why] of [
    ['billing-api 2h', 120, ''],
    ['billing-api 15m coffee first', 15, 'coffee first'],
    ['BILL 1d', 1_440, ''],
    ['billing-api 1h30m', 90, ''],
    ['billing-api 1D2H on it', 1_560, 'on it'],
    ['billing-api 0.5h', 30, ''],
    // No span, and nobody would take it for one: part of the reason.
    ['billing-api 2 of 3 disks', undefined, '2 of 3 disks'],
    ['billing-api 503 again', undefined, '503 again'],
    ['billing-api 5xx from 2FA', undefined, '5xx from 2FA'],
  ] as const) {
    test(`${text}: ${minutes === undefined ? 'until it ends' : `for ${minutes} minutes`}`, async (context) => {
      const {runs, ask, acknowledgement, clock} = startDesk(context);
      await runs('xxx');
      ask(`/ack ${text}`);
      const until = acknowledgement()?.until;
      assert.equal(until === undefined ? undefined : (until - clock.now()) / 60_000, minutes);
      assert.equal(acknowledgement()?.why, why);
    });
  }

  test('with a time says until when, also where it takes over and of several', async (context) => {
    const {runs, ask} = startDesk(context, {checks: [checkConfig('api'), checkConfig('mail')]});
    await runs('xxx', 'api');
    await runs('xxx', 'mail');
    assert.deepEqual(ask('/ack api 2h on it'), ['Acknowledged: api, until 08:13:06']);
    assert.deepEqual(ask('/ack api 1h', 'admin'), [
      'api is acknowledged by Boris already; now by you, until 07:13:06.',
    ]);
    assert.deepEqual(ask('/ack api,mail 1h30m'), ['Acknowledged: mail, until 07:43:06']);
  });

  for (const span of ['2h30', '90min', '2 h', '2 hours', '2horas', '0h', '30m1h', '2ч', '2小时']) {
    test(`asks for a time that it can read instead of ${span}`, async (context) => {
      const {runs, ask, acknowledgement} = startDesk(context);
      await runs('xxx');
      assert.deepEqual(ask(`/ack billing-api ${span} coffee first`), [
        `${span} is no time; write it as 30m, 2h, 1h30m or 1d.`,
        'Usage: /ack NAME [2h] [why]',
        'For example: /ack billing-api 2h looking into it',
      ]);
      assert.equal(acknowledgement(), undefined);
    });
  }

  test('of a beginning that several share means the only one that is down', async (context) => {
    const checks = [checkConfig('api-1'), checkConfig('api-2'), checkConfig('api-3')];
    const {runs, ask, acknowledgement} = startDesk(context, {checks});
    assert.deepEqual(ask('/ack api'), ['Which one?', '[api-1]', '[api-2]', '[api-3]']);
    await runs('xxx', 'api-2');
    assert.deepEqual(ask('/ack api'), ['Acknowledged: api-2']);
    await runs('xxx', 'api-3');
    assert.deepEqual(ask('/ack api'), ['Which one?', '[api-2]', '[api-3]']);
    assert.equal(acknowledgement('api-3'), undefined);
  });

  test('of a whole name means that check, though it begins another name', async (context) => {
    const {runs, ask} = startDesk(context, {checks: [checkConfig('api'), checkConfig('api-2')]});
    await runs('xxx', 'api-2');
    assert.deepEqual(ask('/ack api'), ['api is not down; there is nothing to acknowledge.']);
  });

  test('of nothing says how it is used and what is down', async (context) => {
    const {runs, ask} = startDesk(context);
    assert.deepEqual(ask('/ack'), ['Nothing is down.']);
    await runs('xxx');
    assert.deepEqual(ask('/ack'), [
      'Usage: /ack NAME [2h] [why]',
      'For example: /ack billing-api 2h looking into it',
      'Which one?',
      '[billing-api]',
    ]);
  });

  test('of several at once takes those that nobody is on, and /unack gives several back', async (context) => {
    const checks = ['api', 'mail', 'shop'].map((name) => checkConfig(name));
    const {runs, ask, acknowledgement} = startDesk(context, {checks});
    await runs('xxx', 'api');
    await runs('xxx', 'mail');
    ask('/ack mail', 'admin');
    assert.deepEqual(ask('/ack api,mail,shop,gone on it'), ['Acknowledged: api']);
    assert.equal(acknowledgement('api')?.why, 'on it');
    assert.equal(acknowledgement('mail')?.by.name, 'Anna');
    assert.deepEqual(ask('/ack api,mail'), ['None of these is left to acknowledge.']);
    assert.deepEqual(ask('/ack <x>,y'), ['No check is called <x>,y.']);
    assert.deepEqual(ask('/unack api,mail,shop'), ['No longer acknowledged: api, mail']);
    assert.deepEqual(ask('/unack api,mail'), ['api,mail is not acknowledged.']);
  });

  test('of an unknown name says so', (context) => {
    assert.deepEqual(startDesk(context).ask('/ack <x>'), ['No check is called <x>.']);
  });

  test('by another person takes over, and says from whom', async (context) => {
    const {runs, ask, acknowledgement} = startDesk(context);
    await runs('xxx');
    ask('/ack billing-api');
    assert.match(ask('/ack billing-api', 'admin')[0] ?? '', /acknowledged by Boris already; now by you/);
    assert.equal(acknowledgement()?.by.name, 'Anna');
  });
});

describe('who may give which order', () => {
  test('a viewer may look, and is told what the rest needs', async (context) => {
    const {runs, ask, acknowledgement} = startDesk(context);
    await runs('xxx');
    assert.deepEqual(ask('/ack billing-api', 'viewer'), ['This needs the role operator.']);
    assert.equal(acknowledgement(), undefined);
    for (const order of ['/status', '/json', '/help', '/whoami', '/version']) {
      assert.doesNotMatch(ask(order, 'viewer').join(), /needs the role/);
    }
  });

  test('/help lists what the person may do, and nothing else', (context) => {
    const {ask} = startDesk(context);
    const commands = (role: 'viewer' | 'operator' | 'admin') =>
      ask('/help', role)
        .slice(1)
        .map((line) => line.split(' ')[0]);
    const questions = [
      '/check',
      '/graph',
      '/help',
      '/history',
      '/json',
      '/language',
      '/oncall',
      '/problems',
      '/report',
      '/silences',
      '/status',
      '/terminals',
    ];
    const viewer = [...questions, '/version', '/whoami', '/why', '/window'].sort();
    const operator = ['/ack', '/maintenance', '/run', '/silence', '/unack', '/unsilence'];
    assert.deepEqual(commands('viewer'), viewer);
    assert.deepEqual(commands('operator'), [...viewer, ...operator].sort());
    const admin = ['/audit', '/invite', '/log', '/recover', '/reload', '/revoke', '/users'];
    assert.deepEqual(commands('admin'), [...viewer, ...operator, ...admin].sort());
    assert.ok(ask('/help').some((line) => line.startsWith('/ack NAME [2h] [why] – ')));
  });

  test('/whoami and /version say who asks, and what runs', (context) => {
    const {ask, desk, clock} = startDesk(context);
    assert.deepEqual(ask('/whoami', 'viewer'), [`Clara, id ${CLARA}, role viewer`, 'This chat: -5']);
    assert.deepEqual(ask('/version'), [`Vakhta 0.1.0 · shop-7 · Node ${process.versions.node}`]);
    const call = {person: CONSOLE_PERSON, role: CONSOLE_ROLE, text: '', now: clock.now()};
    assert.deepEqual(desk.take('whoami', call).lines, ['You sit at the console: role admin']);
  });

  test('an unknown command is told so, however odd its name', (context) => {
    const {ask} = startDesk(context);
    assert.deepEqual(ask('/<b>'), ['There is no command /<b>. /help lists them.']);
    assert.match(ask(`/${'x'.repeat(5_000)}`)[0] ?? '', /^There is no command \/x{31}…/);
  });
});

describe('the audit', () => {
  test('has every order, in the same commit as what it causes, and every denied one', async (context) => {
    const {runs, ask, dataDir} = startDesk(context);
    await runs('xxx');
    ask('/status');
    ask('/ack billing-api on it', 'viewer');
    ask('/ack billing-api on it');
    assert.deepEqual(rowsOf(dataDir, AUDIT), [
      {user_id: CLARA, user_name: 'Clara', chat_id: -5, order_text: '/ack billing-api on it', outcome: 'denied'},
      {user_id: BORIS, user_name: 'Boris', chat_id: -5, order_text: '/ack billing-api on it', outcome: 'done'},
    ]);
    const edits = rowsOf(dataDir, "SELECT kind FROM outbox WHERE kind = 'edit'");
    assert.equal(edits.length, 1);
  });

  test('an order, its answer and the mark of its update are one commit', async (context) => {
    const {runs, desk, store, dataDir, clock} = startDesk(context);
    await runs('xxx');
    const call = {person: {id: BORIS, name: 'Boris'}, role: 'operator', text: 'billing-api', now: clock.now()} as const;
    const reply = {kind: 'reply', channel: '', reason: 'reply', to: {chatId: 5}, html: 'done'} as const;
    desk.take('ack', call, () => ({messages: [reply], handledUpdate: 77}));
    assert.equal(store.telegram.isHandled(77), true);
    assert.deepEqual(
      rowsOf(dataDir, "SELECT kind FROM outbox WHERE kind IN ('edit', 'reply') ORDER BY id").map(({kind}) => kind),
      ['edit', 'reply'],
    );
    assert.equal(rowsOf(dataDir, AUDIT).length, 1);
  });
});
