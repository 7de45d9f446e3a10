import type {Incident} from '../../state/vocabulary.ts';
import type {Words} from './en.ts';
import {clip} from './html.ts';
import {WHY_UNITS_MAX} from './limits.ts';

/** Who is on it, since when, until when and why, where somebody is. `text` makes what people typed fit for the line: HTML or not. */
export function acknowledged(
  {acknowledged: ack}: Pick<Incident, 'acknowledged'>,
  words: Words,
  write: {readonly time: (at: number) => string; readonly text: (typed: string) => string},
): string[] {
  if (!ack) return [];
  const until = ack.until === undefined ? '' : `, ${words.card.acknowledgedUntil(write.time(ack.until))}`;
  const why = ack.why === '' ? '' : `: ${write.text(clip(ack.why, WHY_UNITS_MAX))}`;
  return [`${words.card.acknowledgedBy(write.text(ack.by.name), write.time(ack.at))}${until}${why}`];
}
