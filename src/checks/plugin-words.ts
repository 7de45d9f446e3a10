/**
 * Divides a command line into words without a shell: blanks part words, single quotes keep everything, double quotes keep
 * everything but `\"` and `\\`, and a backslash outside of quotes keeps the next character. Nothing is expanded. What
 * only a shell could do (`|`, `>`, `<`, `&`, `;`) is a problem rather than a surprise.
 */
export function splitCommand(text: string): {readonly words: readonly string[]} | {readonly problem: string} {
  const words: string[] = [];
  const parts = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)|(.)/gsy;
  let word: string | undefined;
  for (const [whole, single, double, escaped, plain, stray] of text.matchAll(parts)) {
    if (stray !== undefined) return {problem: `expected a closing ${stray} in the command; add it`};
    const operator = /[|<>&;]/.exec(plain ?? '')?.[0];
    if (operator !== undefined)
      return {problem: `expected a command without ${operator}, as no shell reads it; quote it, or add shell: true`};
    const piece = single ?? double?.replaceAll(/\\(["\\])/g, '$1') ?? escaped ?? plain;
    if (piece !== undefined) word = (word ?? '') + piece;
    else if (word !== undefined && /^\s/.test(whole)) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  return words[0] ? {words} : {problem: 'expected a program and its arguments, found none'};
}
