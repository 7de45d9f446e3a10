/** `; did you mean timeout?` for the nearest of the known words, or nothing when none is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const found = nearest(word, known);
  return found === undefined ? '' : `; did you mean ${found}?`;
}

/** The nearest known word: the same but for case, `-` and `_`, or at most a third of its letters away. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > WORD_CHARS_MAX) return undefined;
  const plain = simplify(word);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1;
  let looked = 0;
  for (const candidate of known) {
    if (++looked > CANDIDATES_MAX) break;
    if (Math.abs(candidate.length - word.length) > bestDistance + 2) continue;
    const away = distance(plain, simplify(candidate));
    if (away < bestDistance) [best, bestDistance] = [candidate, away];
  }
  return best;
}

const WORD_CHARS_MAX = 64;
const CANDIDATES_MAX = 2_000;

const simplify = (word: string) => word.toLowerCase().replaceAll(/[-_\s]/g, '');

/** Damerau-Levenshtein (optimal string alignment): insertions, deletions, replacements and swaps of neighbours. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({length: b.length + 1}, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = (above[column - 1] ?? 0) + Number(a[row - 1] !== b[column - 1]);
      const step = Math.min((above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1, change);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      line.push(swapped ? Math.min(step, (before[column - 2] ?? 0) + 1) : step);
    }
    [before, above] = [above, line];
  }
  return above[b.length] ?? 0;
}
