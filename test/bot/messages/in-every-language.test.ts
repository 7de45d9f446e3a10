import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {dictionaries, locales} from '../../../src/bot/languages.ts';
import {TEXT_UNITS_MAX as MESSAGE_UNITS_MAX, plainText} from '../../../src/bot/messages/html.ts';
import {render} from '../../../src/bot/messages/render.ts';
import {createReader} from '../../../src/bot/readers.ts';
import {
  CARD_LISTED_MAX,
  type CardMessage,
  type Incident,
  type Message,
  type NoticeCode,
} from '../../../src/state/vocabulary.ts';
import {START} from '../../support/hand-clock.ts';
import {checkConfig, configWith} from '../world.ts';
import {flawsOf} from './flaws.ts';

/** A message that is late, and perhaps repeated, says so below. */
const MARKS = Object.values(dictionaries).map(({mark}) => `\n${mark.repeated} ${mark.late('99 мин 59 с')}`.length);
const TEXT_UNITS_MAX = MESSAGE_UNITS_MAX - Math.max(...MARKS);

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Right to left, an emoji of several parts, and what HTML and Markdown would take for their own. */
const AWKWARD = 'a<b>&amp;`*_ שלום 👨‍👩‍👧';
const LONG = '<&'.repeat(3_000);
const NAME = 'n'.repeat(64);

const config = configWith({
  checks: [checkConfig('api', {comment: AWKWARD}), checkConfig(NAME, {comment: 'c&'.repeat(500)})],
});

function incident(changes: Partial<Incident> = {}): Incident {
  return {id: 1, check: 'api', openedAt: START, reason: AWKWARD, errors: 3, cards: [1], ...changes};
}

function card(incidents: readonly Incident[], changes: Partial<CardMessage> = {}): CardMessage {
  const open = incidents.filter(({closedAt}) => closedAt === undefined).length;
  const base = {kind: 'card', channel: 'ops', reason: 'first', card: 1, missed: []} as const;
  return {...base, incidents, total: incidents.length, open, ...changes};
}

const by = {id: 222, name: AWKWARD};
const closed = incident({closedAt: START + 7 * MINUTE});
const largest = incident({
  check: NAME,
  reason: LONG,
  errors: 1_000_000,
  acknowledged: {by: {id: 1, name: NAME}, at: START, why: LONG, until: START + 40 * DAY},
  cutOff: true,
  falseTargets: {
    listed: Array.from({length: 20}, (_, index) => ({target: `10.0.0.${index}`, reason: LONG, since: START})),
    count: 10_000,
    of: 20_000,
  },
});
const many = Array.from({length: CARD_LISTED_MAX}, (_, index) => incident({...largest, id: index}));

function brief(kind: 'recovery' | 'reminder', incidents: readonly Incident[], more = 0): Message {
  return {kind, channel: 'ops', reason: kind === 'recovery' ? 'recovered' : 'repeat', card: 1, incidents, more};
}

function flapping(reason: 'flapping_started' | 'flapping_ended', isDown: boolean): Message {
  return {kind: 'flapping', channel: 'ops', reason, check: NAME, isDown, since: START};
}

const CODES = Object.keys(dictionaries.en.notice) as NoticeCode[];

/** Every kind of message, small and as large as it can be. */
const MESSAGES: readonly (readonly [string, Message])[] = [
  ['a card', card([incident()])],
  ['a card without a reason', card([incident({reason: ''})])],
  ['an acknowledged card', card([incident({acknowledged: {by, at: START, why: '', until: START + DAY}})])],
  ['a card of what is over', card([closed], {kind: 'edit', reason: 'recovered'})],
  ['a card of what was removed', card([incident({closedAt: START + DAY, removed: true})])],
  ['the largest card', card([largest])],
  ['a digest of one', card([incident()], {missed: [closed]})],
  ['a digest of what is over', card([closed, closed], {kind: 'edit'})],
  ['the largest digest', card(many, {total: 10_000, open: 10_000, missed: many, delayedSince: START - 400 * DAY})],
  ['a recovery', brief('recovery', [closed])],
  ['a removal', brief('recovery', [incident({closedAt: START + DAY, removed: true})])],
  ['the largest recovery', brief('recovery', many, 9_950)],
  ['a reminder', brief('reminder', [incident()])],
  ['the largest reminder', brief('reminder', many, 9_950)],
  ['the start of flapping', flapping('flapping_started', true)],
  ['the end of flapping, down', flapping('flapping_ended', true)],
  ['the end of flapping, up', flapping('flapping_ended', false)],
  ...CODES.map((code): [string, Message] => [
    `the notice ${code}`,
    {kind: 'notice', channel: 'ops', reason: 'notice', code, detail: LONG},
  ]),
];

for (const locale of locales) {
  describe(`a message in ${locale}`, () => {
    const reader = createReader(config, 'shop<7>', locale);
    for (const [what, message] of MESSAGES) {
      test(`${what} is whole, signed, and fits`, () => {
        // Later the same day, and on another one, whose times have dates.
        for (const now of [START + 10 * MINUTE, START + 40 * DAY]) {
          const html = render(message, reader, now);
          const text = plainText(html);
          assert.ok(text.length <= TEXT_UNITS_MAX, `${text.length}`);
          assert.deepEqual(flawsOf(html.replaceAll('… ', '…')), [], html.slice(0, 300));
          assert.ok(text.includes('shop<7>'), text.slice(0, 300));
        }
      });
    }

    test('keeps to the limit at every length of the text before it', () => {
      for (let length = TEXT_UNITS_MAX - 12; length <= TEXT_UNITS_MAX + 12; length++) {
        const wide = many.slice(0, 3).map((each) => incident({...each, check: 'w'.repeat(length / 3)}));
        const text = plainText(render(card(wide, {total: 12_345}), reader, START));
        assert.ok(text.length <= TEXT_UNITS_MAX, `${length}: ${text.length}`);
        // What does not fit is counted, in the language's own figures.
        assert.match(text, /12[.,\s]?34\d/);
      }
    });
  });
}
