import type {CardMessage} from '../../state/vocabulary.ts';
import {mention} from './html.ts';
import type {Reader} from './render.ts';

/** At most so many rotations are named: a check calls one, and a digest is of many checks. */
const DUTIES_MAX = 5;

/** Who is on call, below whatever words the card has; the mention rings that one person, also where the chat is muted. */
export function onCallLines({calls, oncall = []}: CardMessage, {words, format}: Reader, now: number): string[] {
  if (calls) return [`📟 ${words.oncall.calls(mention(calls))}`];
  const duties = oncall.slice(0, DUTIES_MAX);
  return duties.map(({person, until}) => `📟 ${words.oncall.until(mention(person), format.time(until, now))}`);
}
