/** The parts of a command's usage that stand for something; all else there is typed as it stands. */
type Placeholder =
  | 'NAME'
  | 'COMMAND'
  | 'GROUP'
  | 'N'
  | 'ID'
  | 'ROLE'
  | 'ROTATION'
  | 'WHO'
  | 'G'
  | 'glob'
  | 'why'
  | 'check'
  | 'group';

/** `NAME [2h] [why]` in other words: `ИМЯ [2h] [причина]`. A part that the language does not name stays. */
export function placeholdersIn(usage: string, names: Readonly<Record<Placeholder, string>>): string {
  const known: Readonly<Record<string, string>> = names;
  // What follows a slash is a command, and what a colon follows is a word of the grammar: group:G.
  return usage.replace(/(?<![/\p{L}])\p{L}+(?!:)\b/gu, (word) => known[word] ?? word);
}
