import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {createHandClock, START} from '../../support/hand-clock.ts';
import {notice} from '../world.ts';
import {acknowledged, card, desk, only, over, recovery, subjects} from './mail-desk.ts';
import {headerText, partsOf, startMailServer, type TakenMail} from './mail-server.ts';

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
    assert.match(html, /<b>billing-api<\/b> is down · shop-7<\/div>/);
    assert.match(html, /Uptime: 12d<br>/);
    assert.doesNotMatch(html, /<table|<style|background|#[\da-f]{3}/i, 'a dark screen keeps its own colours');
  });

  test('names who is on call without a link that only Telegram knows', async (context) => {
    const server = await startMailServer(context);
    const {send} = desk(context, server.port);
    const oncall = [{rotation: 'primary', person: {id: 111, name: 'Anna & Co'}, until: START + 60_000}];
    await send({...card, oncall});
    const parts = partsOf(only(server));
    assert.match(parts.get('text/plain') ?? '', /📟 Anna & Co until 06:14:00/);
    assert.match(parts.get('text/html') ?? '', /📟 Anna &amp; Co until 06:14:00/);
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
