import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {BORIS, checkConfig, rowsOf} from '../world.ts';
import {startDesk} from './desk.ts';

const checks = [
  checkConfig('billing-api', {group: 'shops'}),
  checkConfig('shop-api', {group: 'shops'}),
  checkConfig('mail', {group: 'office'}),
];

describe('/silence', () => {
  // the order, what it answers, how many checks stay quiet
  const table: [string, RegExp, number][] = [
    ['mail 2h', /^Silenced: mail \(1 check\), until /, 1],
    ['mail 2h new disk', /^Silenced: mail \(1 check\), until /, 1],
    ['*-api 30m', /^Silenced: \*-api \(2 checks\)/, 2],
    ['group:shops 1d', /^Silenced: group:shops \(2 checks\)/, 2],
    // Of everything only after a yes.
    ['all 2h', /^⚠️ Really \/silence all 2h/, 0],
    ['mail 1h30m', /^Silenced: mail \(1 check\), until .*07:43:00$/, 1],
    ['mail 2H', /^Silenced: mail \(1 check\), until /, 1],
    // A word that is no span, none at all, or nothing to silence: why not, or the usage.
    ['mail soon', /^soon is no time; write it as 30m, 2h, 1h30m or 1d\.$/, 0],
    ['mail 2 h', /^2 h is no time; /, 0],
    ['mail until noon', /^until noon is no time; /, 0],
    ['mail', /^For how long is mail to be silent\?/, 0],
    // The beginning of one name, and until the morning.
    ['ma until morning', /^Silenced: mail \(1 check\), until .*08:00:00$/, 1],
    ['', /^Usage: \/silence NAME/, 0],
    ['nothing 2h', /^No check is called nothing\.$/, 0],
    ['nothing* 2h', /^nothing\* matches no check\.$/, 0],
    ['group:none 2h', /^group:none matches no check\.$/, 0],
    // Of what is fine, `until recovered` would end at once.
    ['mail until recovered', /^Nothing of mail is down; give a time such as 2h\.$/, 0],
  ];
  for (const [text, answer, quiet] of table) {
    test(`${text || 'without words'} keeps ${quiet} checks quiet`, async (context) => {
      const {ask, runs, store} = startDesk(context, {checks});
      assert.match(ask(`/silence ${text}`)[0] ?? '', answer);
      for (const {name} of checks) await runs('xxx', name);
      const cards = store.outbox.waiting('ops', 100).filter(({message}) => message.kind === 'card');
      assert.equal(cards.length, 3 - quiet);
    });
  }

  test('until recovered lasts as long as what is down', async (context) => {
    const {ask, runs, pipeline} = startDesk(context, {checks});
    await runs('xxx', 'mail');
    assert.match(ask('/silence mail until recovered disk is full')[0] ?? '', /until it has recovered$/);
    assert.equal(pipeline.silences()[0]?.why, 'disk is full');
    await runs('..', 'mail');
    assert.deepEqual(pipeline.silences(), []);
  });

  test('is in the audit, in /silences and in /status, with who and why', async (context) => {
    const {ask, runs, dataDir} = startDesk(context, {checks});
    ask('/silence mail 2h new <disk>');
    await runs('xxx', 'mail');
    assert.match(ask('/silences')[0] ?? '', /^1 · silence · mail · .* · Boris: new <disk>$/);
    assert.match(ask('/status')[1] ?? '', /^🔴 mail · .* · 🔕 silenced$/);
    const [audited] = rowsOf(dataDir, 'SELECT user_id, order_text, outcome FROM audit');
    assert.deepEqual({...audited}, {user_id: BORIS, order_text: '/silence mail 2h new <disk>', outcome: 'done'});
  });

  test('is not for viewers', (context) => {
    const {ask, pipeline} = startDesk(context, {checks});
    assert.deepEqual(ask('/silence all 2h', 'viewer'), ['This needs the role operator.']);
    assert.deepEqual(pipeline.silences(), []);
  });

  test('ends at its time, and what is still down is told then', async (context) => {
    const {ask, runs, clock, store} = startDesk(context, {checks});
    ask('/silence mail 30m');
    await runs('xxx', 'mail');
    await clock.advance(31 * 60_000);
    const [row] = store.outbox.waiting('ops', 100);
    assert.ok(row?.message.kind === 'card');
    assert.deepEqual(
      row.message.incidents.map(({check}) => check),
      ['mail'],
    );
  });
});

describe('/unsilence', () => {
  for (const by of ['1', 'mail']) {
    test(`by ${by} ends the silence`, async (context) => {
      const {ask, pipeline} = startDesk(context, {checks});
      ask('/silence mail 2h');
      assert.deepEqual(ask(`/unsilence ${by}`), ['No longer silenced: mail']);
      assert.deepEqual(pipeline.silences(), []);
      assert.deepEqual(ask('/silences'), ['Nothing is silenced.']);
    });
  }

  test('of what is not silenced says so', (context) => {
    const {ask} = startDesk(context, {checks});
    assert.deepEqual(ask('/unsilence mail'), ['There is no silence mail; /silences lists them.']);
    assert.match(ask('/unsilence')[0] ?? '', /^Usage: \/unsilence/);
  });
});

test('/maintenance is a silence with its own word', async (context) => {
  const {ask, runs} = startDesk(context, {checks});
  assert.match(ask('/maintenance group:office 2h')[0] ?? '', /^In maintenance: group:office \(1 check\)/);
  await runs('xxx', 'mail');
  assert.match(ask('/status')[1] ?? '', /🔕 in maintenance$/);
});

describe('/unack', () => {
  test('takes an acknowledgement back', async (context) => {
    const {ask, runs, acknowledgement} = startDesk(context, {checks});
    await runs('xxx', 'mail');
    ask('/ack mail on it');
    assert.deepEqual(ask('/unack mail'), ['No longer acknowledged: mail']);
    assert.equal(acknowledgement('mail'), undefined);
  });

  test('of what is not acknowledged says so', (context) => {
    const {ask} = startDesk(context, {checks});
    assert.deepEqual(ask('/unack mail'), ['mail is not acknowledged.']);
    assert.deepEqual(ask('/unack'), ['Usage: /unack NAME', 'For example: /unack billing-api']);
  });
});
