import {createHash} from 'node:crypto';
import type {Address, EmailChannelConfig} from '../../config/config.ts';
import type {OutboxRow} from '../../store/store.ts';
import {clip, plainText, withoutMentions} from '../messages/html.ts';
import {systemLines} from '../messages/machine.ts';
import {marksOf} from '../messages/marks.ts';
import {render} from '../messages/render.ts';
import type {ChannelUse, Delivery} from './channel.ts';

/** A mail before it is put into the form that travels. */
export interface Mail {
  readonly from: Address;
  readonly to: readonly Address[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Without its angle brackets. The same whenever the same row of the outbox is sent: mail systems then show it once. */
  readonly messageId: string;
  /** The Message-ID of the mail that this one belongs under. */
  readonly thread: string | undefined;
  readonly at: number;
}

/** RFC 5322 §2.1.1 folds long lines, but phones show some 50 characters and lists of mails some 100. */
const SUBJECT_UNITS_MAX = 160;

export function composeMail({row, message}: Delivery, {reader, clock, machine, config, thread}: ComposeUse): Mail {
  const now = clock.now();
  const lines = withoutMentions(render(message, reader, now)).split('\n');
  const marks = marksOf(row, reader, now);
  const system = config.systemInfo ? systemLines(machine(), reader) : [];
  const title = lines.find((line) => plainText(line).trim() !== '') ?? '';
  const unsaid =
    message.kind === 'recovery' || message.kind === 'reminder' ? message.incidents.length + message.more - 1 : 0;
  const subject = [
    config.subjectPrefix,
    onOneLine(plainText(title)),
    ...(unsaid > 0 ? [reader.words.card.moreIncidents(unsaid)] : []),
    ...(row.inDoubt ? [reader.words.mark.repeated] : []),
  ];
  const parts = [lines, marks, system].filter((part) => part.length > 0);
  return {
    from: config.from,
    to: config.to,
    subject: clip(subject.filter((part) => part !== '').join(' '), SUBJECT_UNITS_MAX),
    text: parts.map((part) => plainText(part.join('\n'))).join('\n\n'),
    html: pageOf({lines, marks, system}, reader.words.locale),
    messageId: messageIdOf(row, config.from, reader.server),
    thread,
    at: now,
  };
}

type ComposeUse = Pick<ChannelUse, 'reader' | 'clock' | 'machine'> & {
  readonly config: EmailChannelConfig;
  readonly thread: string | undefined;
};

/**
 * The row's number and the time it was made, as a store that was lost begins to count anew; and the server, as several may
 * send as one address.
 */
export function messageIdOf(
  {id, createdAt}: Pick<OutboxRow, 'id' | 'createdAt'>,
  from: Address,
  server: string,
): string {
  const origin = createHash('sha256').update(server).digest('hex').slice(0, 12);
  return `${id}.${createdAt}.${origin}@${from.address.replace(/^.*@/, '')}`;
}

/** Names and reasons come from outside: a line break would begin another header. */
function onOneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

/**
 * One column without colours of its own, so that it is as readable on a phone and on a dark screen as any text. Styles stand
 * on the elements, since several mail programs drop a style sheet.
 */
function pageOf(
  parts: {readonly lines: readonly string[]; readonly marks: readonly string[]; readonly system: readonly string[]},
  locale: string,
): string {
  const [title = '', ...rest] = parts.lines;
  return [
    `<!DOCTYPE html><html lang="${locale}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></head>',
    `<body><div style="${BODY}">`,
    `<div style="${TITLE}">${title}</div>`,
    ...paragraph(rest, PLAIN),
    ...paragraph(parts.marks, `${PLAIN};font-style:italic`),
    ...paragraph(parts.system, SMALL),
    '</div></body></html>',
  ].join('\n');
}

const BODY = 'max-width:40em;font:16px/1.5 system-ui,-apple-system,Segoe UI,Roboto,sans-serif;overflow-wrap:anywhere';
const TITLE = 'margin:0 0 .5em;font-size:18px';
const PLAIN = 'margin:0 0 1em';
const SMALL = 'margin:0;padding-top:.75em;border-top:1px solid;font-size:13px;opacity:.75';

function paragraph(lines: readonly string[], style: string): string[] {
  return lines.length === 0 ? [] : [`<div style="${style}">${lines.join('<br>\n')}</div>`];
}
