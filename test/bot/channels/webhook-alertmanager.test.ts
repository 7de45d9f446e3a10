import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {fingerprintOf} from '../../../src/bot/channels/webhook-alertmanager.ts';
import type {Incident, Message} from '../../../src/state/vocabulary.ts';
import {bodyOf, card, closed, incident, messages, receiver, send} from './hook-desk.ts';

describe('in the form of Alertmanager', {concurrency: 4}, () => {
  const labels = {alertname: 'billing-api', group: 'shops', instance: 'shop-7', job: 'vakhta'};
  const firing = {
    status: 'firing',
    labels,
    annotations: {summary: 'billing-api on shop-7', description: 'HTTP 503', comment: 'Call Anna.'},
    startsAt: '2026-11-20T06:13:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: fingerprintOf(labels),
  };

  test('an alert fires', async (context) => {
    assert.deepEqual(await bodyOf(context, card, {format: 'alertmanager'}), {
      version: '4',
      groupKey: '{}/{card="1"}:{instance="shop-7"}',
      truncatedAlerts: 0,
      status: 'firing',
      receiver: 'hook',
      groupLabels: {instance: 'shop-7'},
      commonLabels: labels,
      commonAnnotations: firing.annotations,
      externalURL: '',
      alerts: [firing],
    });
  });

  test('a recovery resolves it, in the same group and under the same fingerprint', async (context) => {
    const edit: Message = {...card, kind: 'edit', reason: 'recovered', open: 0, incidents: [closed]};
    const body = await bodyOf(context, edit, {format: 'alertmanager'});
    assert.equal(body.status, 'resolved');
    assert.equal(body.groupKey, '{}/{card="1"}:{instance="shop-7"}');
    assert.deepEqual(body.alerts, [{...firing, status: 'resolved', endsAt: '2026-11-20T06:14:00Z'}]);
  });

  test('a storm fires until the last of it is over, and says how much it leaves out', async (context) => {
    const other: Incident = {...closed, id: 5, check: 'till'};
    const storm: Message = {
      ...card,
      kind: 'edit',
      reason: 'recovered',
      incidents: [incident, other],
      total: 60,
      open: 1,
    };
    const body = await bodyOf(context, storm, {format: 'alertmanager'});
    assert.equal(body.status, 'firing');
    assert.equal(body.truncatedAlerts, 58);
    assert.deepEqual(body.commonLabels, {instance: 'shop-7', job: 'vakhta'});
    assert.deepEqual(
      body.alerts.map(({status}: {status: string}) => status),
      ['firing', 'resolved'],
    );
  });

  for (const [what, message, isSent] of [
    ['a reminder fires again', messages[5], true],
    // The edit of the card has resolved it.
    ['a recovery is no request of its own', messages[4], false],
    ['an acknowledgement is none', messages[2], false],
    ['the end of flapping is none', messages[6], false],
    ['a notice is none', messages[7], false],
  ] as const) {
    test(what, async (context) => {
      const {taken, url} = await receiver(context);
      assert.ok(message);
      const {outcome} = await send(context, url, message, {format: 'alertmanager'});
      assert.equal(outcome.kind, isSent ? 'delivered' : 'needless');
      assert.equal(taken.length, isSent ? 1 : 0);
    });
  }

  test('the fingerprint is the one that Prometheus computes', () => {
    // The alert that kube-prometheus always fires; its fingerprint stands in many published examples.
    const watchdog = {severity: 'none', alertname: 'Watchdog', prometheus: 'monitoring/k8s'};
    assert.equal(fingerprintOf(watchdog), 'e1749c6acab64267');
    assert.equal(fingerprintOf({}), 'cbf29ce484222325');
  });
});
