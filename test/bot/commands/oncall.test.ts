import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {DutyOverride, Rotation} from '../../../src/state/rotation.ts';

import {START} from '../../support/hand-clock.ts';
import {ANNA, BORIS, checkConfig, rowsOf} from '../world.ts';
import {startDesk} from './desk.ts';

const DAY = 86_400_000;
const anna = {id: ANNA, name: 'Anna'};
const boris = {id: BORIS, name: 'Boris'};
const today = Math.floor(START / DAY);
/** Anna has today, Boris tomorrow; the nights are Boris's. */
const primary: Rotation = {name: 'primary', people: [anna, boris], days: 1, startDay: today, minute: 0, zone: 'UTC'};
const night: Rotation = {...primary, name: 'Night', people: [boris]};
const oncall = new Map([primary, night].map((rotation) => [rotation.name, rotation]));

describe('/oncall', () => {
  test('tells for each rotation who is on call, until when, and who is next', (context) => {
    const {ask} = startDesk(context, {oncall});
    const lines = ask('/oncall', 'viewer');
    assert.match(lines[0] ?? '', /^📟 primary: Anna until .*00:00:00, then Boris$/);
    assert.match(lines[1] ?? '', /^📟 Night: Boris until .*00:00:00, then Boris$/);
    assert.deepEqual(ask('/oncall night'), lines.slice(1));
  });

  test('says so where nobody takes turns', (context) => {
    const {ask} = startDesk(context);
    assert.match(ask('/oncall')[0] ?? '', /^Nobody is on call here/);
    assert.match(ask('/oncall me 4h')[0] ?? '', /^Nobody is on call here/);
  });

  // the order of Boris, what it answers, and who is on call then: in primary, and at night
  const table: [string, RegExp, string][] = [
    ['@Boris 4h', /^📟 On call in primary: Boris, until /, 'Boris Boris'],
    ['boris 4h', /^📟 On call in primary: Boris, until /, 'Boris Boris'],
    ['Bo 4h', /^📟 On call in primary: Boris, until /, 'Boris Boris'],
    [`${BORIS} 4h`, /^📟 On call in primary: Boris, until /, 'Boris Boris'],
    ['me 4h', /^📟 On call in primary: Boris, until /, 'Boris Boris'],
    ['night anna 30m', /^📟 On call in Night: Anna, until /, 'Anna Anna'],
    ['NIGHT @clara 1d', /^📟 On call in Night: Clara, until /, 'Anna Clara'],
    // Nobody of this name, no time, too long a time.
    ['@mallory 4h', /^No user is called @mallory\.$/, 'Anna Boris'],
    ['666 4h', /^No user is called 666\.$/, 'Anna Boris'],
    ['clara', /^For how long is Clara to be on call\?$/, 'Anna Boris'],
    ['4h', /^Usage: \/oncall /, 'Anna Boris'],
    ['clara 31d', /^At most 30d\.$/, 'Anna Boris'],
    // Nothing to take back, or not there.
    ['clear', /^Nobody stands in for anybody in primary\.$/, 'Anna Boris'],
    ['clear day', /^No rotation is called day\.$/, 'Anna Boris'],
  ];
  for (const [text, answer, people] of table) {
    test(`${text} leaves ${people} on call`, (context) => {
      const {ask, desk, pipeline} = startDesk(context, {oncall});
      assert.ok(desk);
      assert.match(ask(`/oncall ${text}`)[0] ?? '', answer);
      const {overrides} = pipeline.alerts;
      const on = [primary, night].map(({name, people: [first]}) => overrides.get(name)?.person.name ?? first?.name);
      assert.equal(on.join(' '), people);
    });
  }

  test('asks which one is meant, where a beginning fits several', (context) => {
    const users = new Map([7, 8].map((id) => [id, {id, name: `Olga ${id}`, role: 'operator' as const}]));
    const {ask, pipeline} = startDesk(context, {oncall, users});
    assert.deepEqual(ask('/oncall olga 4h'), ['Which one?', '[Olga 7]', '[Olga 8]']);
    assert.match(ask('/oncall olga 8 4h')[0] ?? '', /^📟 On call in primary: Olga 8, until /);
    assert.equal(pipeline.alerts.overrides.get('primary')?.person.id, 8);
  });

  test('knows people who came by an invite, also one of the same name', (context) => {
    const {ask, pipeline} = startDesk(context, {oncall});
    const invite = {id: 1, hash: 'h', role: 'operator', by: anna, at: START, expiresAt: START + 60_000} as const;
    const user = {id: 777, name: 'Clara', role: 'operator', by: anna, at: START} as const;
    pipeline.order({events: [], access: [{kind: 'invited', invite}]});
    pipeline.order({events: [], access: [{kind: 'joined', invite: 1, user}]});
    assert.deepEqual(ask('/oncall clara 4h'), ['Which one?', '[Clara 333]', '[Clara 777]']);
    assert.match(ask('/oncall 777 4h')[0] ?? '', /^📟 On call in primary: Clara, until /);
    assert.equal(pipeline.alerts.overrides.get('primary')?.person.id, 777);
  });

  test('names whoever stands in, for whom and by whose order, until that ends by itself', async (context) => {
    const {ask, clock} = startDesk(context, {oncall});
    ask('/oncall clara 4h');
    assert.match(ask('/oncall primary')[0] ?? '', /^📟 primary: Clara until .*, then Anna$/);
    assert.equal(ask('/oncall primary')[1], 'in place of Anna, as Boris said');
    await clock.advance(4 * 3_600_000);
    assert.match(ask('/oncall primary')[0] ?? '', /^📟 primary: Anna until /);
  });

  test('clear gives the turn back', (context) => {
    const {ask} = startDesk(context, {oncall});
    ask('/oncall clara 4h');
    ask('/oncall night anna 4h');
    assert.match(ask('/oncall clear')[0] ?? '', /^📟 The turns of primary hold again: Anna, until /);
    assert.match(ask('/oncall')[1] ?? '', /^📟 Night: Anna/);
    assert.match(ask('/oncall clear night')[0] ?? '', /^📟 The turns of Night hold again: Boris, until /);
    assert.match(ask('/oncall')[1] ?? '', /^📟 Night: Boris/);
  });

  test('is changed by operators only, and that is in the audit', (context) => {
    const {ask, dataDir, pipeline} = startDesk(context, {oncall});
    assert.deepEqual(ask('/oncall me 4h', 'viewer'), ['This needs the role operator.']);
    assert.equal(pipeline.alerts.overrides.size, 0);
    ask('/oncall me 4h');
    assert.deepEqual(rowsOf(dataDir, 'SELECT user_name AS who, order_text AS text, outcome FROM audit'), [
      {who: 'Clara', text: '/oncall me 4h', outcome: 'denied'},
      {who: 'Boris', text: '/oncall me 4h', outcome: 'done'},
    ]);
  });

  test('keeps its order on the disk, and forgets it when it is taken back', (context) => {
    const {ask, store} = startDesk(context, {oncall});
    ask('/oncall clara 4h');
    const kept: readonly DutyOverride[] = store.load().overrides;
    assert.deepEqual(
      kept.map(({rotation, person, by, until}) => [rotation, person.name, by.name, until]),
      [['primary', 'Clara', 'Boris', START + 4 * 3_600_000]],
    );
    ask('/oncall clear');
    assert.deepEqual(store.load().overrides, []);
  });

  test('warns of somebody who cannot be written to', (context) => {
    const {ask, store, clock} = startDesk(context, {oncall});
    store.telegram.markDead(`person:${ANNA}`, clock.now(), 'Forbidden');
    assert.match(ask('/oncall')[1] ?? '', /^⚠️ The bot cannot write to Anna, who has to press Start/);
  });

  test('an incident tells /why who will be called', async (context) => {
    const alerts = {to: ['ops'], missed: 'digest', groupWaitMs: 0} as const;
    const escalate = [{afterMs: 900_000, to: ['desk', 'oncall']}];
    const checks = [checkConfig('mail', {alerts: {...alerts, escalate}})];
    const {ask, runs} = startDesk(context, {oncall, checks});
    await runs('xxx', 'mail');
    assert.ok(ask('/why mail').some((line) => /^Next escalation at .*, to desk, 📟 Anna$/.test(line)));
  });
});
