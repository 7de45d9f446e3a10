import type {OutboxRow} from '../../store/store.ts';
import type {Reader} from './render.ts';

/** A message that is this much older than its delivery says so. */
const LATE_MS = 60_000;

/** What a delivery says of itself: that it may have come before, and that it comes late. */
export function marksOf(
  {inDoubt, createdAt}: Pick<OutboxRow, 'inDoubt' | 'createdAt'>,
  {words, format}: Reader,
  now: number,
): readonly string[] {
  const late = now - createdAt;
  return [
    ...(inDoubt ? [words.mark.repeated] : []),
    ...(late > LATE_MS ? [words.mark.late(format.duration(late))] : []),
  ];
}
