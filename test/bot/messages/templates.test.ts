import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {describe, test} from 'node:test';
import {plainText, TEXT_UNITS_MAX} from '../../../src/bot/messages/html.ts';
import {render} from '../../../src/bot/messages/render.ts';
import {createReader} from '../../../src/bot/readers.ts';
import {TEMPLATE_LISTS, TEMPLATES, type TemplateName} from '../../../src/config/template-variables.ts';
import type {CardMessage, Incident, Message} from '../../../src/state/vocabulary.ts';
import {START} from '../../support/hand-clock.ts';
import {checkConfig, configWith} from '../world.ts';

const MINUTE = 60_000;
const HOSTILE = '<b>&"\u0000';

/** What is shown with this template in the place of that text. */
function shown(name: TemplateName, template: string, message: Message, comment?: string): string {
  const checks = [
    checkConfig('api', {group: 'shops', ...(comment !== undefined && {comment})}),
    checkConfig('tills', {targets: [{address: '10.0.0.1', label: 'Till <1>'}]}),
  ];
  const reader = createReader(configWith({checks, templates: {[name]: {en: template}}}), 'shop-7', 'en');
  return render(message, reader, START + 10 * MINUTE);
}

function incident(changes: Partial<Incident> = {}): Incident {
  return {id: 1, check: 'api', openedAt: START, reason: 'HTTP 503', errors: 3, cards: [1], ...changes};
}

function card(incidents: readonly Incident[], changes: Partial<CardMessage> = {}): CardMessage {
  const open = incidents.filter(({closedAt}) => closedAt === undefined).length;
  const base = {kind: 'card', channel: 'ops', reason: 'first', card: 1, missed: []} as const;
  return {...base, incidents, total: incidents.length, open, ...changes};
}

const closed = incident({closedAt: START + 7 * MINUTE});

function brief(kind: 'recovery' | 'reminder', incidents: readonly Incident[], more = 0): Message {
  return {kind, channel: 'ops', reason: kind === 'recovery' ? 'recovered' : 'repeat', card: 1, incidents, more};
}

const flapping: Message = {
  kind: 'flapping',
  channel: 'ops',
  reason: 'flapping_ended',
  check: 'api',
  isDown: true,
  since: START,
};

test('a text of the user is followed by who is called, whose phone must ring', () => {
  const message = card([incident()], {calls: {id: 111, name: 'Anna'}});
  const [first, last] = shown('down', 'down: {{check}}', message).split('\n');
  assert.equal(first, 'down: api');
  assert.match(last ?? '', /^📟 <a href="tg:\/\/user\?id=111">Anna<\/a>, you are on call/);
});

describe('a text of the user is said', () => {
  const table: [TemplateName, string, Message, string][] = [
    [
      'down',
      '{{check}}/{{group}}: {{reason}} ×{{errors}} {{since}}',
      card([incident()]),
      'api/shops: HTTP 503 ×3 06:13:00',
    ],
    ['down', '{{server}} {{duration}}{{^comment}}!{{/comment}}', card([incident()]), 'shop-7 10m!'],
    [
      'closed',
      '{{check}} {{since}}–{{until}} {{duration}}',
      card([closed], {kind: 'edit'}),
      'api 06:13:00–06:20:00 7m',
    ],
    ['recovered', '{{check}} {{duration}}', brief('recovery', [closed, closed]), 'api 7m\napi 7m'],
    ['recovered', '{{check}}', brief('recovery', [closed], 7), 'api\n… and 7 more'],
    ['reminder', '{{check}} {{duration}}', brief('reminder', [incident()]), 'api 10m'],
    ['flapping_ended', '{{check}} {{#down}}down{{/down}} {{duration}}', flapping, 'api down 10m'],
    [
      'digest',
      '{{open}}/{{total}} {{#incidents}}{{check}} {{reason}};{{/incidents}} {{#missed}}{{check}} {{duration}}{{/missed}} {{late}}',
      card([incident(), closed], {missed: [closed], delayedSince: START}),
      '1/2 api HTTP 503;api HTTP 503; api 7m 10m',
    ],
  ];
  for (const [name, template, message, expected] of table)
    test(`${name}: ${template}`, () => assert.equal(shown(name, template, message), expected));

  test('with who has acknowledged, until when, and why', () => {
    const acknowledged = {by: {id: 1, name: 'Boris'}, at: START, why: 'on it', until: START + 60 * MINUTE};
    const template =
      '{{#acknowledged_by}}{{acknowledged_by}} {{acknowledged_at}} {{acknowledged_until}} {{acknowledged_why}}{{/acknowledged_by}}';
    assert.equal(shown('down', template, card([incident({acknowledged})])), 'Boris 06:13:00 07:13:00 on it');
  });

  test('with its targets', () => {
    const falseTargets = {listed: [{target: '10.0.0.1', reason: 'no answer', since: START}], count: 5, of: 40};
    const template =
      '{{targets_down}}/{{targets_total}}{{#targets}} {{target}} {{label}} {{reason}}{{/targets}} +{{targets_more}}';
    const text = shown('down', template, card([incident({check: 'tills', falseTargets})]));
    assert.equal(text, '5/40 10.0.0.1 Till &lt;1&gt; no answer +4');
  });
});

test('what comes from outside is escaped, in an attribute too, and is no markup', () => {
  const text = shown('down', '<a href="https://wiki/{{reason}}">{{reason}}</a>', card([incident({reason: HOSTILE})]));
  assert.equal(text, '<a href="https://wiki/&lt;b&gt;&amp;&quot; ">&lt;b&gt;&amp;&quot; </a>');
  assert.equal(plainText(text), '<b>&" ');
});

test('three braces leave it as it is, but for what Telegram would stop reading at', () => {
  assert.equal(shown('down', '{{{reason}}}!', card([incident({reason: HOSTILE})])), '<b>&" !');
});

test('a text that comes out empty gives way to the usual words, and so does one for another kind of message', () => {
  const usual = /^🔴 <b>api<\/b> is down/;
  assert.match(shown('down', '{{#acknowledged_by}}x{{/acknowledged_by}}', card([incident()])), usual);
  assert.match(shown('down', '<b> </b>', card([incident()])), usual);
  assert.match(shown('digest', 'x', card([incident()])), usual);
  assert.match(
    shown('recovered', '{{group}}', brief('recovery', [closed, incident({check: 'tills'})])),
    /is back after/,
  );
});

test('in another language the text of that language is said, or the usual one', () => {
  const config = configWith({templates: {down: {en: 'EN', ru: 'RU'}}});
  const said = (locale: 'ru' | 'es') => render(card([incident()]), createReader(config, 'shop-7', locale), START);
  assert.equal(said('ru'), 'RU');
  assert.match(said('es'), /no funciona/);
});

describe('a text that is too long', () => {
  test('is cut between letters, without markup that would stay open', () => {
    const comment = '👍&'.repeat(330);
    for (let pad = 0; pad < 4; pad++) {
      const text = shown('down', `${'x'.repeat(pad)}<b>${'{{comment}}'.repeat(9)}</b>`, card([incident()]), comment);
      assert.ok(plainText(text).length <= TEXT_UNITS_MAX);
      assert.doesNotMatch(text, /<|\p{Cs}|&(?!amp;)/u);
      assert.match(text, /…$/);
    }
  });

  test('lists fewer incidents in a digest, and knows how many are left', () => {
    const incidents = Array.from({length: 50}, (_, id) => incident({id, reason: 'r'.repeat(300)}));
    const template = '{{#incidents}}<i>{{reason}}</i>\n{{/incidents}}+{{more}}';
    const text = shown('digest', template, card(incidents, {total: 10_000, open: 10_000}));
    const listed = text.split('<i>').length - 1;
    assert.ok(listed > 5 && listed < 14, `${listed}`);
    assert.ok(text.endsWith(`+${10_000 - listed}`));
    assert.ok(plainText(text).length <= TEXT_UNITS_MAX);
  });

  test('has recoveries that do not fit counted', () => {
    const many = Array.from({length: 50}, (_, id) => incident({...closed, id, reason: 'r'.repeat(300)}));
    const text = shown('recovered', '{{check}} {{reason}}', brief('recovery', many));
    assert.match(text, /… and \d+ more$/);
    assert.ok(text.length <= TEXT_UNITS_MAX);
  });
});

test('every text and every variable is in the documentation, and no others', () => {
  const doc = readFileSync(new URL('../../../docs/templates.md', import.meta.url), 'utf8');
  const tables = doc.slice(doc.indexOf('| text |'));
  const named = new Set([...tables.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  const known = [
    ...Object.keys(TEMPLATES),
    ...Object.values(TEMPLATES).flat(),
    ...Object.values(TEMPLATE_LISTS).flat(),
  ];
  const keys = ['templates', 'repeat_every'];
  assert.deepEqual([...named].filter((name) => !keys.includes(name ?? '')).sort(), [...new Set(known)].sort());
});
