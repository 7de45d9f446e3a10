import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {plainText} from '../../../src/bot/messages/html.ts';
import {checkConfig, failed, notice, ok} from '../world.ts';
import {startDesk} from './desk.ts';

const tills = (count: number) =>
  checkConfig('tills', {
    failAfter: 1,
    targets: Array.from({length: count}, (_, index) => ({address: `till-${index}`})),
  });

describe('/status', () => {
  test('says of a check that has not run that nothing is known', (context) => {
    assert.deepEqual(startDesk(context).ask('/status').slice(1), ['⚪️ billing-api · not run yet']);
  });

  test('says that all is well, with latencies', async (context) => {
    const {runs, ask} = startDesk(context);
    await runs('.');
    assert.deepEqual(ask('/status', 'viewer'), ['✅ The one check is fine · shop-7', '🟢 billing-api · 5 ms']);
  });

  test('shows a soft failure, which no message does', async (context) => {
    const {runs, ask} = startDesk(context);
    await runs('.xx');
    assert.equal(ask('/status')[1], '🟡 billing-api · failure 2 of 3: HTTP 503');
  });

  test('puts what is down first, with the reason, since when, and who is on it', async (context) => {
    const {runs, ask} = startDesk(context, {checks: [checkConfig('aaa'), checkConfig('billing-api')]});
    await runs('.', 'aaa');
    await runs('xxx');
    assert.deepEqual(ask('/status'), [
      '🔴 1 of 2 checks down · shop-7',
      '🔴 billing-api · HTTP 503 · since 06:13:04',
      '🟢 aaa · 5 ms',
    ]);
    ask('/ack billing-api');
    assert.equal(ask('/status')[1], '🟠 billing-api · HTTP 503 · since 06:13:04 · 👤 Boris');
  });

  test('counts targets', async (context) => {
    const {observe, ask, clock} = startDesk(context, {checks: [tills(3)]});
    const at = clock.now();
    await observe(failed('tills', at, 'till-0'), ok('tills', at, 'till-1'), ok('tills', at, 'till-2'));
    assert.equal(ask('/status')[1], '🔴 tills · 1 of 3 targets down · since 06:13:00');
  });

  test('says what keeps messages from people', async (context) => {
    const {store, clock, ask} = startDesk(context);
    store.commit({now: clock.now(), messages: [notice('1'), notice('2')], durable: true});
    store.telegram.markDead('ops', clock.now(), 'bot was <kicked>');
    await clock.advance(90_000);
    assert.deepEqual(ask('/status').slice(1, 3), [
      '⏳ 2 messages wait to be delivered, the oldest for 1m 30s',
      '🔇 Channel ops refuses messages: bot was <kicked>',
    ]);
  });

  test('of a name, or of the beginning of one, is about those checks, with their comments', async (context) => {
    const checks = [checkConfig('billing-api', {comment: 'Call Anna.'}), checkConfig('Billing-db'), checkConfig('x')];
    const {ask} = startDesk(context, {checks});
    assert.deepEqual(ask('/status billing-api'), ['⚪️ billing-api · not run yet', '💬 Call Anna.']);
    assert.equal(ask('/status BILL').length, 3);
    assert.deepEqual(ask('/status <nothing>'), ['No check is called <nothing>.']);
  });

  test('of 10,000 checks names those that are down, and counts the rest by group', async (context) => {
    const checks = Array.from({length: 10_000}, (_, index) => {
      return checkConfig(`c-${index}`, {failAfter: 1, ...(index % 2 === 0 && {group: 'shops'})});
    });
    const {observe, ask, clock} = startDesk(context, {checks});
    await observe(failed('c-5000', clock.now()));
    const [, down, ...rest] = ask('/status');
    assert.match(down ?? '', /c-5000/);
    assert.deepEqual(rest, ['🟡 shops: 4,999 of 5,000 fine', '🟢 without a group: 5,000 of 5,000 fine']);
  });

  test('has pages of 20, and stays on the last where there are no more', async (context) => {
    const checks = Array.from({length: 45}, (_, index) => checkConfig(`c-${index}`, {failAfter: 1}));
    const {observe, ask, clock} = startDesk(context, {checks});
    for (const {name} of checks) await observe(failed(name, clock.now()));
    const first = ask('/status');
    assert.deepEqual([first.length, first.at(-1)], [1 + 20 + 1, '[1/3] [›]']);
    assert.deepEqual(ask('/status #2').at(-1), '[‹] [2/3] [›]');
    assert.deepEqual(ask('/status #3').at(-1), '[‹] [3/3]');
    assert.deepEqual(ask('/status #99'), ask('/status #3'));
    assert.deepEqual(ask('/problems').at(-1), '[1/3] [›]');
  });

  test('of a group is about its checks, what is down first', async (context) => {
    const checks = ['a', 'b', 'c'].map((name) =>
      checkConfig(name, {group: name === 'a' ? 'office' : 'shops', failAfter: 1}),
    );
    const {observe, ask, clock} = startDesk(context, {checks});
    await observe(failed('c', clock.now()));
    const shops = ask('/status shops');
    assert.deepEqual([shops[0], shops.length], ['🔴 1 of 2 checks down · shops', 3]);
    assert.match(shops[1] ?? '', /^🔴 c · HTTP 503/);
    assert.deepEqual(ask('/status group:shops'), shops);
  });
});

describe('/problems', () => {
  test('names what is down and what begins to fail, with a button to each, and nothing else', async (context) => {
    const {runs, ask} = startDesk(context, {checks: ['a', 'b', 'c'].map((name) => checkConfig(name))});
    await runs('.', 'a');
    await runs('x', 'b');
    await runs('xxx', 'c');
    const [title, down, shaky, ...buttons] = ask('/problems');
    assert.equal(title, '🔴 1 of 3 checks down · shop-7');
    assert.match(down ?? '', /^🔴 c/);
    assert.match(shaky ?? '', /^🟡 b · failure 1 of 3/);
    assert.deepEqual(buttons, ['[c]', '[b]']);
  });

  test('are none where all is well', (context) => {
    assert.deepEqual(startDesk(context).ask('/problems'), ['✅ The one check is fine · shop-7']);
  });
});

describe('/json', () => {
  test('is the status map, and nothing else', async (context) => {
    const {runs, take, observe, clock} = startDesk(context, {checks: [checkConfig('a'), tills(2)]});
    await runs('xxx', 'a');
    await observe(failed('tills', clock.now(), 'till-1'));
    const {lines, preformatted} = take('/json');
    assert.equal(preformatted, true);
    assert.deepEqual(JSON.parse(plainText(lines.join('\n'))), {a: false, tills: {'till-0': true, 'till-1': false}});
  });

  test('that does not fit a message comes as a file', (context) => {
    const checks = Array.from({length: 500}, (_, index) => checkConfig(`check-${index}`));
    const {lines, file} = startDesk(context, {checks}).take('/json');
    assert.equal(lines.length, 1);
    assert.deepEqual([file?.as, file?.name], ['document', 'status-shop-7.json']);
    const map = JSON.parse(Buffer.from(file?.base64 ?? '', 'base64').toString());
    assert.equal(Object.keys(map).length, 500);
  });
});
