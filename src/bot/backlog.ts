import type {Backlog, Ending, Message} from '../state/vocabulary.ts';
import type {OutboxRow} from '../store/store.ts';

/** A channel whose first message is this late was out of reach. */
const LATE_MS = 60_000;
/** More rows than this are merged in several digests. */
export const BACKLOG_ROWS_MAX = 2_000;

export function isLate({createdAt}: OutboxRow, now: number): boolean {
  return now - createdAt >= LATE_MS;
}

/** What one digest can say instead of these rows; undefined when they may leave one by one. */
export function backlogOf(
  rows: readonly OutboxRow[],
  now: number,
): {rows: readonly number[]; backlog: Backlog} | undefined {
  const [first] = rows;
  if (!first || !isLate(first, now)) return undefined;
  // What was perhaps delivered must be sent again as it was, with its mark.
  const certain = rows.filter(({inDoubt}) => !inDoubt);
  const cards = new Set(certain.flatMap(({message}) => (message.kind === 'card' ? message.card : [])));
  const rings = certain.filter(({message}) => ['card', 'recovery', 'reminder'].includes(message.kind));
  if (rings.length < 2 || first.inDoubt) return undefined;
  const merged = certain.filter(
    (row) => rings.includes(row) || (row.message.kind === 'edit' && cards.has(row.message.card)),
  );
  // What people were told began comes first: a digest lists only so many, and they may wait for the end of that.
  const over = [
    ...merged.filter(({message}) => message.kind === 'recovery'),
    ...merged.filter(({message}) => message.kind !== 'recovery'),
  ].flatMap(({message}) => overIn(message));
  const overMore = merged.map(({message}) => uncounted(message, cards)).reduce((a, b) => a + b, 0);
  const backlog = {cards: [...cards], over, overMore, reminded: remindedIn(merged), since: sinceOf(certain)};
  return {rows: merged.map(({id}) => id), backlog};
}

/** What a reminder is of has a card there already, so that no merged card need show it. */
function remindedIn(merged: readonly OutboxRow[]): Backlog['reminded'] {
  const reminders = merged.flatMap(({message}) => (message.kind === 'reminder' ? message : []));
  if (reminders.some(({more}) => more > 0)) return 'all';
  return [...new Set(reminders.flatMap(({incidents}) => incidents.map(({id}) => id)))];
}

/** A digest that waited itself is as late as what it took the place of. */
function sinceOf(rows: readonly OutboxRow[]): number {
  const times = rows.map(({message, createdAt}) =>
    message.kind === 'card' ? (message.delayedSince ?? createdAt) : createdAt,
  );
  return times.reduce((a, b) => Math.min(a, b));
}

/** How many are over of which a message says no more than that. Those of a card that is merged too are counted there. */
function uncounted(message: Message, cards: ReadonlySet<number>): number {
  if (message.kind === 'card') return message.missedMore ?? 0;
  return message.kind === 'recovery' && !cards.has(message.card) ? message.more : 0;
}

/** What is over may be forgotten by now, as may an earlier digest that shows nothing else. */
function overIn(message: Message): readonly Ending[] {
  if (message.kind === 'recovery') return message.incidents;
  if (message.kind !== 'card' && message.kind !== 'edit') return [];
  return [...message.missed, ...message.incidents.filter(({closedAt}) => closedAt !== undefined)];
}
